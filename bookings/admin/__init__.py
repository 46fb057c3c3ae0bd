"""The inbox: the list of requests, the page of one, the calendar, exports, the report; rosters.

The admin site and templates call it. It must not know the public form's views.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from bookings.admin import broadcast, entry, exports, inbox, page
from bookings.admin.calendar import absence, choosing, views
from bookings.admin.report import TallyAdmin
from bookings.admin.rosters import RosterAdmin
from bookings.models import AnswerTemplate, Enquiry
from bookings.models.enquiry import EnquiryQuerySet
from bookings.privacy import retention
from bookings.workflow import stale_pages
from clinic.admin.lists import BoundedList
from clinic.admin.stale import NamesState, NamesStateToDelete

__all__ = ["AnswerTemplateAdmin", "EnquiryAdmin", "RosterAdmin", "TallyAdmin"]


def _with_admin(
    view: Callable[..., HttpResponse], model_admin: Any, request: HttpRequest, **values: Any
) -> HttpResponse:
    return view(request, model_admin, **values)


@admin.register(Enquiry)
class EnquiryAdmin(BoundedList, NamesStateToDelete, admin.ModelAdmin):
    """List, page and form are our own; permissions and deletion are those of the admin.

    Receptionists and managers see all, practitioners what was given to them and their appointments.
    """

    actions = None
    # Of the search over all lists: by number alone, never by a name or words of a patient.
    search_fields = ("number",)
    search_fact = "get_state_display"

    def get_urls(self) -> list[URLPattern]:
        """Our own, before those of Django."""

        def own(address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            wrapped = self.admin_site.admin_view(partial(_with_admin, view, self))
            return path(address, wrapped, name=f"bookings_enquiry_{name}")

        return [
            own("counts/", inbox.counts, "counts"),
            own("calendar/", views.calendar, "calendar"),
            own("calendar/absence/", absence.absence, "absence"),
            own("write/", broadcast.write_to_all, "write"),
            own("export/", exports.as_csv, "export"),
            own("<int:object_id>/calendar/", choosing.choose, "choose"),
            own("<int:object_id>/person/", exports.about_person, "person"),
            own("<int:object_id>/erase-person/", exports.erase_person, "erase_person"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> EnquiryQuerySet:
        return Enquiry.objects.seen_by(request.user)  # type: ignore[arg-type]

    def has_view_permission(self, request: HttpRequest, obj: Enquiry | None = None) -> bool:
        if super().has_view_permission(request, obj):
            return True
        given = request.user.has_perm("bookings.view_given_enquiry")
        return given and (obj is None or self.get_queryset(request).filter(pk=obj.pk).exists())

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return inbox.inbox(request, self)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return entry.enter(request, self)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return page.enquiry(request, self, object_id)

    def seen_of(self, obj: Enquiry) -> str:
        """The last line of its timeline: notes count too."""
        return str(stale_pages.version(obj.pk))

    def delete_model(self, request: HttpRequest, obj: Enquiry) -> None:
        retention.erase([obj.pk])
        exports.log_erased(1, request, timezone.now())


@admin.register(AnswerTemplate)
class AnswerTemplateAdmin(BoundedList, NamesState, admin.ModelAdmin):
    """Words that reception writes often."""

    list_display = ("title",)
    search_fields = ("title", "text")
