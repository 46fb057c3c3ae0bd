"""Search over every list that one may see. It asks the lists: there is no other index."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import lookup_field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic import dashboard, hooks
from clinic.admin.lists import LONGEST_SEARCH
from clinic.lib.fields.visible_text import visible_line

SHORTEST = 2  # characters: a single one is in nearly everything
SHOWN = 5  # of a list


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what was found for `q`, list by list."""
    query = visible_line(request.GET.get("q", "")[:LONGEST_SEARCH]).strip()
    is_short = 0 < len(query) < SHORTEST
    found = [] if is_short or not query else _found(request, query)
    context = admin.site.each_context(request) | {
        "title": _("Search"),
        "query": query,
        "is_short": is_short,
        "longest": LONGEST_SEARCH,
        "panels": found,
    }
    return render(request, "admin/search.html", context)


def _found(request: HttpRequest, query: str) -> list[hooks.DeskPanel]:
    """The lists that hold what is searched for, in the order of the navigation."""
    headings = list(dashboard.HEADINGS)
    entries = sorted(hooks.navigation, key=lambda e: (headings.index(e.heading), e.order))
    panels = []
    for order, entry in enumerate(entries):
        is_list = entry.page == "changelist"
        if not (is_list and dashboard.may_see(admin.site, request, entry.model)):
            continue
        model_admin: Any = admin.site.get_model_admin(apps.get_model(entry.model))
        if model_admin.get_search_fields(request):
            panels.append(_panel(request, order, entry, model_admin, query))
    return [panel for panel in panels if panel.rows]


def _panel(
    request: HttpRequest, order: int, entry: hooks.NavigationEntry, model_admin: Any, query: str
) -> hooks.DeskPanel:
    narrowed = parse_qsl(entry.query)
    rows, has_doubles = model_admin.get_search_results(
        request, model_admin.get_queryset(request).filter(**dict(narrowed)), query
    )
    found = list((rows.distinct() if has_doubles else rows)[: SHOWN + 1])
    name = f"admin:{entry.model.replace('.', '_')}"
    label = str(entry.label)
    everything = f"{reverse(f'{name}_changelist')}?{urlencode([*narrowed, ('q', query)])}"
    return hooks.DeskPanel(
        order=order,
        title=label,
        rows=[
            hooks.PanelRow(
                str(row), _fact(model_admin, row), reverse(f"{name}_change", args=[row.pk])
            )
            for row in found[:SHOWN]
        ],
        action=hooks.PanelRow(_("All results in %(list)s") % {"list": label}, url=everything)
        if len(found) > SHOWN
        else None,
    )


def _fact(model_admin: Any, row: Any) -> str:
    """What the list says about a row, of that which tells rows apart."""
    name = model_admin.search_fact
    if not name:
        return ""
    _field, _attribute, value = lookup_field(name, row, model_admin)
    return str(value or "")
