"""The calendar: days and weeks of the practitioners, for everybody who sees requests."""

from collections.abc import Sequence
from datetime import datetime, time
from itertools import groupby
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.admin.calendar import reading
from bookings.admin.calendar.asked import DAY, WEEK, Asked, read
from bookings.admin.calendar.columns import Column, columns, hours_drawn
from bookings.admin.calendar.reading import Book
from bookings.admin.calendars import last_read
from clinic.models import User


@require_safe
def calendar(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """A day or a week. The number of queries does not depend on what is on it."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    at = timezone.now()
    asked = read(request.GET, timezone.localdate(at))
    book = book_of(request, asked, at)
    shown = columns(book, asked, at)
    context = {
        **common(model_admin, request, book, asked, shown, at),
        "may_mark": model_admin.has_change_permission(request),
        "may_edit_rosters": request.user.has_perm("bookings.add_roster"),
    }
    return render(request, "admin/bookings/calendar/page.html", context)


def book_of(request: HttpRequest, asked: Asked, at: datetime) -> Book:
    """Return what is on the days that are asked for."""
    zone = timezone.get_current_timezone()
    user = cast(User, request.user)
    return reading.read(*asked.moments(zone), zone=zone, user=user, at=at)


def common(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    book: Book,
    asked: Asked,
    shown: Sequence[Column],
    at: datetime,
) -> dict[str, Any]:
    """Return what every page with a calendar shows."""
    first, last = hours_drawn(shown)
    is_grid = asked.view == DAY or asked.practitioner is not None
    return {
        **admin.site.each_context(request),
        "title": _title(asked, shown),
        "opts": model_admin.opts,
        "asked": asked,
        "book": book,
        "today": timezone.localdate(at),
        "views": [(DAY, _("Day")), (WEEK, _("Week"))],
        "earlier": asked.day - asked.step,
        "later": asked.day + asked.step,
        "columns": shown if is_grid else [],
        "shown_first": _shown_first(asked, shown),
        "rows": [] if is_grid else _rows(shown),
        "first": first,
        "last": last,
        "last_read": last_read({column.practitioner.pk for column in shown}, at),
        "clock": [(hour, time_format(time(hour % 24))) for hour in range(first, last)],
    }


def _shown_first(asked: Asked, shown: Sequence[Column]) -> int:
    """Return the number of the column that phones show at first: of a week, the day asked for."""
    days = [each.day for each in shown]
    return days.index(asked.day) + 1 if asked.day in days else 1


def _title(asked: Asked, shown: Sequence[Column]) -> str:
    if asked.view == DAY:
        return date_format(asked.day, "WEEKDAY_DATE_FORMAT")
    first = min([each.day for each in shown], default=asked.days[0])
    return _("Week of %(day)s") % {"day": date_format(first, "DATE_FORMAT")}


def _rows(shown: Sequence[Column]) -> list[tuple[Any, list[Column]]]:
    """Return the days of each practitioner."""
    return [(person, list(of)) for person, of in groupby(shown, lambda each: each.practitioner)]
