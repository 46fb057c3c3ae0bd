"""What all lists and forms share: their titles, and what a list's address may ask of the database.

Django's own lists take any look-up of any field and any number of words: `?body__regex=…` keeps a
process busy for minutes, `?to_address__startswith=…` tells what the list does not show, and a
thousand words make a query that never ends.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

COMPARISONS = {"exact", "gte", "id", "isnull", "lt"}  # what Django's filters ask
MOST_WORDS = 8  # of a search
LONGEST_SEARCH = 200


class BoundedList:
    """For admin classes: a list is narrowed by its own filters alone, and searched for a few
    words. Its title and those of its forms are the site's, not Django's “Select … to change”."""

    list_title: Any = ""  # as in the menu, where that is not the plural of the model
    form_title: Any = ""  # where it is not “Edit …”

    def title_of_list(self, request: HttpRequest) -> str:
        """Return the title of the list, as the menu names it."""
        return str(self.list_title or capfirst(self.opts.verbose_name_plural))  # type: ignore[attr-defined]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show the list under its title."""
        context = {"title": self.title_of_list(request), **(extra_context or {})}
        return super().changelist_view(request, context)  # type: ignore[misc]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Show the form under its title: “Edit …”, where the person may edit."""
        context["list_title"] = self.title_of_list(request)
        if change and self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            name = self.opts.verbose_name  # type: ignore[attr-defined]
            context["title"] = self.form_title or _("Edit %(name)s") % {"name": name}
        return super().render_change_form(request, context, add, change, form_url, obj)  # type: ignore[misc]

    @admin.display(description="")
    def action_checkbox(self, obj: Any) -> SafeString:
        """Draw the box that selects a row. Its accessible name is the row's."""
        name = _("Select %(name)s") % {"name": obj}
        box = forms.CheckboxInput({"class": "action-select", "aria-label": name}, lambda _on: False)
        return box.render(ACTION_CHECKBOX_NAME, str(obj.pk))

    # The field or method that tells rows apart where the search shows them without their list.
    search_fact = ""

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Allow what one of the filters beside the list asks, compared as filters compare."""
        field, *comparisons = lookup.split(LOOKUP_SEP)
        filters = self.get_list_filter(request)  # type: ignore[attr-defined]
        return (
            field in {_name(each) for each in filters}
            and COMPARISONS.issuperset(comparisons)
            and super().lookup_allowed(lookup, value, request)  # type: ignore[misc]
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> Any:
        """Search for the first MOST_WORDS words; for lists and for fields that search as one
        types."""
        words = " ".join(search_term[:LONGEST_SEARCH].split()[:MOST_WORDS])
        return super().get_search_results(request, queryset, words)  # type: ignore[misc]


def _name(list_filter: Any) -> str:
    """The name in the address of a filter: its field's, or its own."""
    if isinstance(list_filter, tuple):  # a field, and the class of its filter
        return str(list_filter[0])
    if isinstance(list_filter, str):
        return list_filter
    return str(list_filter.parameter_name)


class ReadOnly:
    """Rows that the site writes: staff with the right to view them read them, and no more."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReportAdmin(ReadOnly, BoundedList, admin.ModelAdmin):
    """A report in place of a model's list and forms: a row of its own may hold a number that is too
    small to be shown. `report` gets requests to read, of those who may see it."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_changelist"
        return [path("", self.admin_site.admin_view(self.changelist_view), name=name)]

    @method_decorator(require_safe)
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Answer with the report. Raises PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.report(request)

    def report(self, request: HttpRequest) -> HttpResponse:
        """Return the page or one of its files."""
        raise NotImplementedError
