"""Topics: the subject headings of the site."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from articles.models import Topic
from clinic.admin.base import PublicAdmin
from clinic.admin.ordering import Ordered


@admin.register(Topic)
class TopicAdmin(Ordered, PublicAdmin):
    address_kind = "topic"
    help_sections = {"introduction": "The writing format"}
    prose_fields = ("introduction",)
    list_display = ["name", "place", "hint"]
    search_fields = ["name", "hint"]
    autocomplete_fields = ["services"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "hint", "place", "introduction"]}),
        (_("Related"), {"fields": ["services"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A topic of a published edition stays: editions do not change."""
        if obj is not None and obj.editions.exists():
            return False
        return super().has_delete_permission(request, obj)
