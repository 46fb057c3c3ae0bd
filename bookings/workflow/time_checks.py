"""What speaks against a time before it is offered: a slip, or an exception that staff know of."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import Enquiry, Roster
from bookings.rosters import reading, working_hours
from clinic import formats
from clinic.lib.calendar import opening_hours
from clinic.models import Closure, Location, Practitioner

FAR = timedelta(days=180)  # a date further away is more often a slip than meant


def warnings(
    enquiry: Enquiry,
    *,
    practitioner: Practitioner,
    location: Location,
    starts: Sequence[datetime],
    minutes: int,
    at: datetime,
) -> list[str]:
    """Return a sentence for each thing that is unusual. What the clinic has not entered (where and
    when somebody works, the opening hours) is never held against a time."""
    found = [*_about_place(enquiry, practitioner, location)]
    rosters = Roster.objects.filter(practitioner=practitioner)
    roster = rosters.prefetch_related("hours", "days_off").first()
    if roster:
        found += _about_first(enquiry, roster, practitioner, starts, at)
        found += _about_gaps(enquiry, roster, practitioner, starts, minutes, at)
    for start in starts:
        end = start + timedelta(minutes=minutes)
        found += _about_time(location, start, end, at)
        if roster:
            found += _about_hours(roster, practitioner, location, start, end, at)
        if reading.is_busy(practitioner, start, end):
            names = {"practitioner": practitioner.name, "time": formats.dated(start, at)}
            found.append(_("%(practitioner)s’s calendar is busy on %(time)s.") % names)
    return found


def _about_place(enquiry: Enquiry, practitioner: Practitioner, location: Location) -> Iterable[str]:
    names = {"practitioner": practitioner.name, "location": location.name}
    if not _is_among(location, practitioner.locations.all()):
        yield _("%(practitioner)s doesn’t work at %(location)s.") % names
    service = enquiry.service
    if service is None:
        return
    names["service"] = service.name
    if not _is_among(service, practitioner.services.all()):
        line = _("%(practitioner)s doesn’t offer “%(service)s”, which the patient asked for.")
        yield line % names
    if not _is_among(location, service.locations.all()):
        line = _("“%(service)s”, which the patient asked for, isn’t available at %(location)s.")
        yield line % names


def _is_among(thing: object, known: Iterable[object]) -> bool:
    """Whether it is one of those that were entered, or none were."""
    entered = list(known)
    return not entered or thing in entered


def _about_first(
    enquiry: Enquiry,
    roster: Roster,
    practitioner: Practitioner,
    starts: Sequence[datetime],
    at: datetime,
) -> Iterable[str]:
    """For somebody who comes for the first time, or did not say."""
    if enquiry.returning or roster.most_first is None:
        return
    names = {"practitioner": practitioner.name}
    if roster.most_first == 0:
        yield _("%(practitioner)s takes no new patients.") % names
        return
    zone = timezone.get_current_timezone()
    full = reading.full_days(roster, at=at, zone=zone, besides=enquiry.pk)
    days = {timezone.localdate(start, zone): start for start in starts}
    for day, start in days.items():
        if (day, day) not in full:
            continue
        names["day"] = formats.dated(start, at, "WEEKDAY_FORMAT")
        yield ngettext(
            "%(practitioner)s already has %(count)d first appointment on %(day)s, the maximum for "
            "one day.",
            "%(practitioner)s already has %(count)d first appointments on %(day)s, the maximum for "
            "one day.",
            roster.most_first,
        ) % {**names, "count": roster.most_first}


def _about_gaps(
    enquiry: Enquiry,
    roster: Roster,
    practitioner: Practitioner,
    starts: Sequence[datetime],
    minutes: int,
    at: datetime,
) -> Iterable[str]:
    spans = [(start, start + timedelta(minutes=minutes)) for start in starts]
    for start, _end in reading.too_close(roster, spans, at=at, besides=enquiry.pk):
        line = ngettext(
            "%(name)s has another appointment less than %(count)d minute before or after %(time)s.",
            "%(name)s has another appointment less than %(count)d minutes before or after "
            "%(time)s.",
            roster.buffer_minutes,
        )
        time = formats.dated(start, at)
        yield line % {"name": practitioner.name, "count": roster.buffer_minutes, "time": time}


def _about_time(location: Location, start: datetime, end: datetime, at: datetime) -> Iterable[str]:
    names = {"time": formats.dated(start, at), "location": location.name}
    zone = timezone.get_current_timezone()
    day = timezone.localdate(start, zone)
    if start > at + FAR:
        yield _("%(time)s is more than six months away.") % names
    closed = location.closed_days(Closure.objects.order_by("id"))
    closure = next((each for each in closed if each.starts_on <= day <= each.ends_on), None)
    if closure:
        names["reason"] = closure.reason
        yield _("%(location)s is closed on %(time)s: %(reason)s.") % names
        return
    periods = location.weekly_hours()
    # From the day before: hours that run past midnight.
    spans = opening_hours.spans(periods, closed, zone, day - timedelta(days=1), 3)
    if periods and not any(opens <= start and end <= closes for opens, closes in spans):
        yield _("%(time)s is outside the opening hours of %(location)s.") % names


def _about_hours(
    roster: Roster,
    practitioner: Practitioner,
    location: Location,
    start: datetime,
    end: datetime,
    at: datetime,
) -> Iterable[str]:
    names = {"practitioner": practitioner.name, "location": location.name}
    names["time"] = formats.dated(start, at)
    zone = timezone.get_current_timezone()
    day = timezone.localdate(start, zone)
    if any(first <= day <= last for first, last in reading.days_off_of(roster)):
        yield _("%(practitioner)s is off on %(time)s.") % names
        return
    hours = reading.hours_of(roster)
    worked = working_hours.spans(hours, [], zone, day, 1).get(location.pk, [])
    if hours and not any(starts <= start and end <= ends for starts, ends in worked):
        line = _("%(time)s is outside %(practitioner)s’s working hours at %(location)s.")
        yield line % names
