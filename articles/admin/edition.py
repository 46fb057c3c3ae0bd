"""Editions can be looked at, never changed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from articles.models import Edition


@admin.register(Edition)
class EditionAdmin(admin.ModelAdmin):
    list_display = ["title", "number", "goes_live_at", "withdrawn_at", "published_by_name"]
    list_filter = ["kind", "goes_live_at"]
    search_fields = ["title", "slug"]
    ordering = ["-goes_live_at", "-id"]
    date_hierarchy = "goes_live_at"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "article",
                    "number",
                    "title",
                    "slug",
                    "summary",
                    "takeaways",
                    "body",
                    "faq",
                ]
            },
        ),
        (
            _("Shown with it"),
            {"fields": ["author_name", "topic_list", "service_list", "hero_alt", "certainty"]},
        ),
        (
            _("When and by whom"),
            {
                "fields": [
                    "goes_live_at",
                    "first_live_at",
                    "withdrawn_at",
                    "created_at",
                    "published_by_name",
                    "change_note",
                    "unreviewed_reason",
                    "checks_passed",
                    "checks_reason",
                    "content_hash",
                ]
            },
        ),
    ]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
