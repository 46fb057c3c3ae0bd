"""The order in which readers see the rows of a list: moved by buttons or by dragging, saved at
once. Rows inside a form have a number, which a script replaces by the same buttons; a new row
without a number comes last."""

import hashlib
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.forms import BaseInlineFormSet, Media
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields.numbers import whole_number

SEEN = "order_seen"
SCRIPT = Script(
    "js/admin/order.js",
    type="module",
    id="order-script",
    **cast(
        Any,
        {
            "data-up": _("Move up"),
            "data-down": _("Move down"),
            "data-said": _("Now number {place} of {count}."),
        },
    ),
)

MEDIA = Media(js=cast(Any, [SCRIPT]))


def digest(keys: list[int]) -> str:
    """Tells the orders of a list apart: what its form names as the one that it shows."""
    return hashlib.sha256(repr(keys).encode()).hexdigest()[:12]


def asked(request: HttpRequest, keys: list[int]) -> tuple[int, int] | None:
    """Return the place of the row that is to be moved, and the place where it should go, both
    counted from 0: `move` is "key:place". None, with a message, if the order is another one than
    the form showed."""
    row, _colon, to = request.POST.get("move", "").partition(":")
    key, place = whole_number(row), whole_number(to)
    if key is None or key not in keys or place is None or request.POST.get(SEEN) != digest(keys):
        words = _t(
            "The order has changed since you opened the list, so nothing was moved. "
            "Check it and move again."
        )
        messages.error(request, words)
        return None
    return keys.index(key), min(place, len(keys) - 1)


def said(name: object, place: int, count: int) -> str:
    """Where a row is now; `place` from 0."""
    words = _t("“%(name)s” is now number %(place)d of %(count)d.")
    return words % {"name": name, "place": place + 1, "count": count}


def next_button(key: int, before: int, place: int, count: int) -> str:
    """Return the id of the button that moves a row on: the focus returns to it."""
    goes_up = place < before if 0 < place < count - 1 else place > 0
    return f"move-{key}-{'up' if goes_up else 'down'}"


class NumberedFormSet(BaseInlineFormSet):
    """Rows with an `order`: where no script numbers them, new ones are put at the end."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["order"].help_text = _(
            "Lower numbers come first. Enter 0 to put a new entry last."
        )

    def save_new(self, form: Any, commit: bool = True) -> Any:
        """Save a new row, at the end if it has no number. Scripts count from 1."""
        if not form.instance.order:
            rows = type(form.instance)._base_manager.filter(**{self.fk.name: self.instance})
            form.instance.order = (rows.aggregate(last=Max("order"))["last"] or 0) + 1
        return super().save_new(form, commit)


class PlacesList(ChangeList):
    """Tells each row its place while the whole list is shown in its own order."""

    order_seen = ""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.params:  # searched, filtered or sorted: its neighbours are others
            return
        if self.multi_page:
            pks = list(self.queryset.values_list("pk", flat=True))
        else:
            self.result_list = list(self.result_list)
            pks = [row.pk for row in self.result_list]
        self.order_seen = digest(pks)
        for row in self.result_list:
            row.index_in_order, row.count_in_order = pks.index(row.pk), len(pks)


class Ordered:
    """For admin classes of models with an `order`: a column with buttons in place of numbers."""

    model: Any
    admin_site: Any

    class Media:
        js = [SCRIPT]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PlacesList

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = super().get_list_display(request)  # type: ignore[misc]
        is_whole = set(request.GET) <= {PAGE_VAR}
        if is_whole and self.has_change_permission(request):  # type: ignore[attr-defined]
            return [*columns, "moves"]
        return columns

    @admin.display(description=_("order"))
    def moves(self, obj: Any) -> SafeString:
        """The buttons of a row."""
        return render_to_string("admin/moves.html", {"row": obj})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Put what is new at the end."""
        if not change:
            last = self.model._base_manager.aggregate(last=Max("order"))["last"]
            obj.order = 1 if last is None else last + 1
        super().save_model(request, obj, form, change)  # type: ignore[misc]

    def get_urls(self) -> list[URLPattern]:
        options = self.model._meta
        view = self.admin_site.admin_view(self.move_view)
        name = f"{options.app_label}_{options.model_name}_move"
        return [path("move/", view, name=name), *super().get_urls()]  # type: ignore[misc]

    def move_view(self, request: HttpRequest) -> HttpResponse:
        """Move one row to a place, counted from 0: `move` is "key:place". The others keep their
        order."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        answer: HttpResponse = self._raising(request, self._move)  # type: ignore[attr-defined]
        return answer

    def _move(self, request: HttpRequest) -> HttpResponse:
        options = self.model._meta
        address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
        in_order = self.model._base_manager.order_by(*options.ordering)
        rows = list(in_order.select_for_update(of=("self",)))
        places = asked(request, [row.pk for row in rows])
        if places is None:
            return HttpResponseRedirect(address)
        before, place = places
        row = rows.pop(before)
        rows.insert(place, row)
        for number, each in enumerate(rows, 1):
            if each.order != number:
                type(each)._base_manager.filter(pk=each.pk).update(order=number)
        words = said(row, place, len(rows))
        self.log_change(request, row, words)  # type: ignore[attr-defined]
        messages.success(request, words)
        page = place // self.list_per_page + 1  # type: ignore[attr-defined]
        return HttpResponseRedirect(
            f"{address}{f'?{PAGE_VAR}={page}' if page > 1 else ''}"
            f"#{next_button(row.pk, before, place, len(rows))}"
        )
