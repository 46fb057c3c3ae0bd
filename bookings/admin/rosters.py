"""Rosters at the desk: when somebody works, as rows for each weekday and as a picture."""

from datetime import date
from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from bookings.admin import calendars, week_picture
from bookings.admin.roster_forms import HoursForm, HoursFormSet, RosterForm, save_hours
from bookings.models import DayOff, Roster, WorkingHours
from bookings.models.roster import RosterQuerySet
from clinic.admin.base import FIELDS
from clinic.admin.history import KeepsVersions
from clinic.admin.lists import BoundedList
from clinic.admin.stale import NamesState
from clinic.models import Location, User

RULES = ("buffer_minutes", "notice_hours", "horizon_weeks", "most_first")


class PartOfRoster:
    """For rows of a roster: who may see or edit the roster may see or edit them."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = cast(User, request.user)
        return user.has_perm("bookings.change_roster" if obj else "bookings.add_roster")

    has_add_permission = has_delete_permission = has_change_permission


class HoursInline(PartOfRoster, admin.StackedInline):
    model = WorkingHours
    form = HoursForm
    formset = HoursFormSet
    formfield_overrides = FIELDS
    template = "admin/bookings/roster/hours.html"
    extra = 7  # one for each weekday


class DayOffInline(PartOfRoster, admin.StackedInline):
    model = DayOff
    formfield_overrides = FIELDS
    extra = 1

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return all but the reason for those who do not edit rosters."""
        may_edit = self.has_change_permission(request, obj)
        return [("starts_on", "ends_on"), *(["reason"] if may_edit else [])]


@admin.register(Roster)
class RosterAdmin(KeepsVersions, BoundedList, NamesState, admin.ModelAdmin):
    """Nothing of a roster is on a public page: saving one does not raise the content version.

    Managers edit rosters, reception sees all of them, and practitioners their own.
    """

    form = RosterForm
    inlines = [HoursInline, DayOffInline]
    list_display = ["practitioner", "worked_days", "next_day_off", "calendar"]
    list_select_related = ["practitioner__calendar"]
    search_fields = ["practitioner__name"]
    show_full_result_count = False
    formfield_overrides = FIELDS

    def get_queryset(self, request: HttpRequest) -> RosterQuerySet:
        rows = Roster.objects.seen_by(cast(User, request.user))
        return rows.select_related("practitioner__calendar").prefetch_related(
            "hours__location", "days_off"
        )

    def has_view_permission(self, request: HttpRequest, obj: Roster | None = None) -> bool:
        if super().has_view_permission(request, obj):
            return True
        own = request.user.has_perm("bookings.view_own_roster")
        return own and (obj is None or obj.practitioner.user_id == request.user.pk)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(partial(calendars.calendar_page, model_admin=self))
        route = path("<int:object_id>/calendar/", view, name="bookings_roster_calendar")
        return [route, *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The person is chosen once; copying is for those who may save."""
        fields = ("copy_from", "copy_day", "copy_to")
        copy = (_("Copy hours"), {"fields": fields, "classes": ["hours-copy"]})
        return [
            *([] if obj else [(None, {"fields": ("practitioner",)})]),
            (_("Rules"), {"fields": RULES}),
            *([copy] if obj is None or self.has_change_permission(request, obj) else []),
        ]

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        """The new rows are those of the weekdays, at the only place that is known."""
        values = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, HoursInline):
            known = obj.practitioner.locations.all() if obj and obj.pk else Location.objects.all()
            places = list(known[:2])
            usual = {"location": places[0].pk} if len(places) == 1 else {}
            values["initial"] = [{"weekday": n, **usual} for n in range(HoursInline.extra)]
        return values

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not WorkingHours:
            super().save_formset(request, form, formset, change)
            return
        save_hours(formset)
        form.copy()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the hours that are saved as a picture, too; an empty one to draw hours in."""
        roster = context.get("original")
        rows = roster.hours.select_related("location") if roster else ()
        if roster:
            calendar = getattr(roster.practitioner, "calendar", None)
            context["calendar_state"] = calendars.state(calendar, timezone.now())
        context["weeks"] = week_picture.weeks(rows, timezone.localdate())
        return super().render_change_form(request, context, *args, **kwargs)

    def _raising(self, request: HttpRequest, view: Any, *args: Any) -> HttpResponse:
        with transaction.atomic():
            return cast(HttpResponse, view(request, *args))

    def after_save(self, obj: Roster) -> None:
        """Nothing follows: open times are found anew for each page."""

    @admin.display(description=_("works on"))
    def worked_days(self, roster: Roster) -> str:
        today = timezone.localdate()
        days = {row.weekday for row in roster.hours.all() if not _is_over(row, today)}
        return ", ".join(str(WEEKDAYS_ABBR[day]) for day in sorted(days)) or _t("No hours yet")

    @admin.display(description=_("next days off"))
    def next_day_off(self, roster: Roster) -> str:
        today = timezone.localdate()
        coming = (str(each) for each in roster.days_off.all() if each.ends_on >= today)
        return next(coming, "–")

    @admin.display(description=_("calendar"))
    def calendar(self, roster: Roster) -> str:
        calendar = getattr(roster.practitioner, "calendar", None)
        return calendars.state(calendar, timezone.now()) if calendar else "–"


def _is_over(row: WorkingHours, today: date) -> bool:
    return row.last_on is not None and row.last_on < today
