"""Addresses that are not there, and the way to lead them somewhere."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clinic.admin.lists import BoundedList
from clinic.models import Missing


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
