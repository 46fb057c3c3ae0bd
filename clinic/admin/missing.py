"""What visitors looked for in vain, and the ways to lead them somewhere: addresses that are not
there, searches without results, search synonyms."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clinic.admin.base import PublicAdmin
from clinic.admin.lists import BoundedList
from clinic.finding import empty_searches
from clinic.models import EmptySearch, Missing, SynonymGroup


@admin.register(Missing)
class MissingAdmin(BoundedList, admin.ModelAdmin):
    """Only shown: each can be led to a page of the site, or dismissed."""

    list_display = ["path", "hits", "last_seen_at", "redirect"]
    list_display_links = None
    list_per_page = 50
    search_fields = ["path"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("action"))
    def redirect(self, missing: Missing) -> SafeString:
        return format_html(
            '<a href="{}" aria-label="{}">{}</a>',
            address_of_redirect(missing.path),
            _t("Add a redirect from %(path)s") % {"path": missing.path},
            _t("Add a redirect"),
        )


def address_of_redirect(path: str) -> str:
    """The form for a new redirect, filled in for this path."""
    return reverse("admin:clinic_redirect_add") + "?" + urlencode({"path": path})


@admin.register(EmptySearch)
class EmptySearchAdmin(BoundedList, admin.ModelAdmin):
    """Only shown, and only what many searched for: each can get synonyms, or be dismissed."""

    list_display = ["words", "hits", "last_seen_at", "synonyms"]
    list_display_links = None
    list_per_page = 50
    search_fields = ["words"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[EmptySearch]:
        return super().get_queryset(request).filter(hits__gte=empty_searches.SHOWN_FROM)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("action"))
    def synonyms(self, search: EmptySearch) -> SafeString:
        address = reverse("admin:clinic_synonymgroup_add")
        return format_html(
            '<a href="{}?{}" aria-label="{}">{}</a>',
            address,
            urlencode({"words": f"{search.words}, "}),
            _t("Add synonyms for %(words)s") % {"words": search.words},
            _t("Add synonyms"),
        )


@admin.register(SynonymGroup)
class SynonymGroupAdmin(PublicAdmin):
    help_sections = {"words": "Search"}
    list_display = ["words", "page"]
    list_per_page = 50
    search_fields = ["words", "page"]
