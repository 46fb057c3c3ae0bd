"""Editions can be looked at, never changed."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Max, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Edition
from clinic.admin.lists import BoundedList


class YearFilter(admin.SimpleListFilter):
    """The year in the clinic's time zone. Django's date hierarchy would ask the database, which has
    time zone data of its own."""

    title = _("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        ends = Edition.objects.aggregate(first=Min("goes_live_at"), last=Max("goes_live_at"))
        if not ends["first"]:
            return []
        first, last = (timezone.localtime(ends[end]).year for end in ("first", "last"))
        return [(str(year), str(year)) for year in range(last, first - 1, -1)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Edition]) -> QuerySet[Edition]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        year, zone = int(self.value() or 0), timezone.get_current_timezone()
        return queryset.filter(
            goes_live_at__gte=datetime(year, 1, 1, tzinfo=zone),
            goes_live_at__lt=datetime(year + 1, 1, 1, tzinfo=zone),
        )


@admin.register(Edition)
class EditionAdmin(BoundedList, admin.ModelAdmin):
    list_display = ["title", "number", "goes_live_at", "withdrawn_at", "published_by_name"]
    list_filter = ["kind", "goes_live_at", YearFilter]
    search_fields = ["title", "slug"]
    ordering = ["-goes_live_at", "-id"]
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
            _("Published with it"),
            {"fields": ["author_name", "topic_list", "service_list", "hero_alt", "certainty"]},
        ),
        (
            _("Publication details"),
            {
                "fields": [
                    "goes_live_at",
                    "first_live_at",
                    "withdrawn_at",
                    "withdrawal_note",
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

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, the whole of it for a date at the end of the calendar."""
        try:
            response = super().changelist_view(request, extra_context)
            # The links to other dates are worked out while the page is rendered.
            return response.render() if isinstance(response, TemplateResponse) else response
        except (OverflowError, ValueError):
            return redirect(request.path)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
