"""The order in which readers see the rows of a list: moved by buttons or by dragging, saved at
once. Rows inside a form have a number, which a script replaces by the same buttons."""

import hashlib
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Max
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


def _digest(pks: list[int]) -> str:
    return hashlib.sha256(repr(pks).encode()).hexdigest()[:12]


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
        self.order_seen = _digest(pks)
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
        pks = [row.pk for row in rows]
        asked, _colon, to = request.POST.get("move", "").partition(":")
        pk, place = whole_number(asked), whole_number(to)
        if pk is None or pk not in pks or place is None or request.POST.get(SEEN) != _digest(pks):
            words = _t(
                "The order has changed since you opened the list, so nothing was moved. "
                "Check it and move again."
            )
            messages.error(request, words)
            return HttpResponseRedirect(address)
        before = pks.index(pk)
        row = rows.pop(before)
        place = min(place, len(rows))
        rows.insert(place, row)
        for number, each in enumerate(rows, 1):
            if each.order != number:
                type(each)._base_manager.filter(pk=each.pk).update(order=number)
        words = _t("“%(name)s” is now number %(place)d of %(count)d.")
        said = words % {"name": row, "place": place + 1, "count": len(rows)}
        self.log_change(request, row, said)  # type: ignore[attr-defined]
        messages.success(request, said)
        page = place // self.list_per_page + 1  # type: ignore[attr-defined]
        return HttpResponseRedirect(
            f"{address}{f'?{PAGE_VAR}={page}' if page > 1 else ''}"
            f"#{_next_button(pk, before, place, len(rows))}"
        )


def _next_button(pk: int, before: int, place: int, count: int) -> str:
    """The button that moves a row on: the focus returns to it."""
    goes_up = place < before if 0 < place < count - 1 else place > 0
    return f"move-{pk}-{'up' if goes_up else 'down'}"
