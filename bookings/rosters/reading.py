"""What open times are computed from, read from the database: a fixed number of queries, whatever
the clinic's size."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from bookings.models import Offer, PractitionerCalendar, Roster, WorkingHours
from bookings.rosters import open_times
from bookings.rosters.busy import spans as busy_spans
from bookings.rosters.open_times import Held, OpenTime, Place
from bookings.rosters.working_hours import Days, Hours, Span
from clinic.models import Clinic, Closure, Location, Practitioner, Service

USUAL_LENGTH = timedelta(minutes=45)
BEFORE = timedelta(days=2)  # what is held on the day on which open times begin, in any zone


def length_of(service: Service | None, *, is_first: bool) -> timedelta:
    """Return how long an appointment takes."""
    if service is None:
        return USUAL_LENGTH
    minutes = service.first_minutes if is_first else service.follow_minutes
    return timedelta(minutes=minutes) if minutes else USUAL_LENGTH


def knows_first(service: Service) -> bool:
    """Whether it makes a difference to open times that somebody comes for the first time."""
    lengths = {length_of(service, is_first=is_first) for is_first in (True, False)}
    return len(lengths) > 1 or Roster.objects.exclude(most_first=None).exists()


def find(
    at: datetime,
    *,
    service: Service | None = None,
    practitioner: Practitioner | None = None,
    location: Location | None = None,
    is_first: bool = True,
    busy: Mapping[int, Sequence[Span]] | None = None,
    length: timedelta | None = None,
    besides: int | None = None,
) -> list[OpenTime]:
    """Return the open times for what was chosen, the next one first; none without rosters.

    Practitioners who give the service, at locations where it is available, as the form offers
    them. `busy`: what is known beside times that are held and calendars, by the key of the
    practitioner. `length`: that of the appointment, if it is not the usual one of the service.
    `besides`: the key of a request whose held times do not count.
    """
    people = _bound(
        service, Practitioner.objects.filter(is_public=True, takes_bookings=True, booking_url="")
    )
    if practitioner:
        people &= {practitioner.pk}
    rosters = list(
        Roster.objects.filter(practitioner__in=people).prefetch_related("hours", "days_off")
    )
    places = places_of(service, location)
    keys = [roster.practitioner_id for roster in rosters]
    last = at + max((roster.horizon for roster in rosters), default=timedelta()) + BEFORE
    held = _held(at, keys, besides)
    taken: dict[int, Sequence[Span]] = {**busy_spans(keys, at - BEFORE, last + BEFORE)}
    for key, spans in (busy or {}).items():
        taken[key] = [*taken.get(key, ()), *spans]
    return open_times.open_times(
        [as_value(each, held[each.practitioner_id], taken) for each in rosters],
        places,
        zone=Clinic.objects.only("time_zone").get().zone,
        length=length or length_of(service, is_first=is_first),
        at=at,
        is_first=is_first,
    )


def only_asked_for(at: datetime) -> set[int]:
    """Return the keys of practitioners whose times are not promised, because what is busy beside
    their appointments is not known well enough at this moment: nothing is held with them."""
    calendars = PractitionerCalendar.objects.only("practitioner", "read_at")
    return {each.practitioner_id for each in calendars if not each.is_fresh(at)}


def places_of(service: Service | None, location: Location | None = None) -> dict[int, Place]:
    """Return when the public locations are open at which the service is available."""
    known = _bound(service, Location.objects.filter(is_public=True, booking_url=""))
    if location:
        known &= {location.pk}
    closures = list(Closure.objects.all())
    found = Location.objects.filter(pk__in=known).prefetch_related("periods")
    return {each.pk: Place(each.weekly_hours(), each.closed_days(closures)) for each in found}


def as_value(
    roster: Roster, held: Iterable[Held] = (), busy: Mapping[int, Sequence[Span]] | None = None
) -> open_times.Roster:
    """Return a roster as what open times are computed with; prefetch hours and days off."""
    return open_times.Roster(
        practitioner=roster.practitioner_id,
        hours=hours_of(roster),
        days_off=days_off_of(roster),
        buffer=timedelta(minutes=roster.buffer_minutes),
        notice=timedelta(hours=roster.notice_hours),
        horizon=roster.horizon,
        most_first=roster.most_first,
        held=tuple(held),
        busy=(busy or {}).get(roster.practitioner_id, ()),
    )


def is_busy(practitioner: Practitioner, start: datetime, end: datetime) -> bool:
    """Whether their calendar says that they are busy between two moments."""
    calendars = PractitionerCalendar.objects.filter(practitioner=practitioner).only("spans")
    return any(each.busy(start, end) for each in calendars)


def full_days(roster: Roster, *, at: datetime, zone: ZoneInfo, besides: int | None) -> list[Days]:
    """Return the days from about this moment on for which as many people as may are coming for the
    first time, without the request `besides`."""
    key = roster.practitioner_id
    return open_times.full_days(as_value(roster, _held(at, [key], besides)[key]), zone)


def too_close(
    roster: Roster, spans: Iterable[Span], *, at: datetime, besides: int | None
) -> list[Span]:
    """Return those that leave less than the time between appointments before or after another one,
    without the request `besides`. Those at the same time are left to whoever takes one of them."""
    key = roster.practitioner_id
    held, between = _held(at, [key], besides)[key], timedelta(minutes=roster.buffer_minutes)
    return [
        (start, end)
        for start, end in spans
        if any(
            each.ends_at <= start < each.ends_at + between
            or each.starts_at - between < end <= each.starts_at
            for each in held
        )
    ]


def hours_of(roster: Roster) -> list[Hours]:
    """Return the working hours as plain values."""
    return [hours_value(row) for row in roster.hours.all()]


def hours_value(row: WorkingHours) -> Hours:
    """Return working hours as plain values."""
    return Hours(
        row.weekday,
        row.starts,
        row.ends,
        row.location_id,
        row.first_on,
        row.last_on,
        row.break_starts,
        row.break_ends,
    )


def days_off_of(roster: Roster) -> list[Days]:
    """Return the days off as plain values, without their reasons."""
    return [(each.starts_on, each.ends_on) for each in roster.days_off.all()]


def bound(service: Service, things: Any) -> Any:
    """Return those that are bound to the service; all where nothing of their kind is, be it among
    them or not."""
    all_bound = things.model.objects.filter(services=service)
    return things.filter(services=service) if all_bound.exists() else things


def _bound(service: Service | None, things: Any) -> set[int]:
    """The keys of what `bound` returns, by one query."""
    if service is None:
        return set(things.values_list("pk", flat=True))
    there = Exists(things.filter(pk=OuterRef("pk")))
    rows = list(things.model.objects.values_list("pk", "services__pk", there))
    all_there = {pk for pk, _of, is_there in rows if is_there}
    all_bound = {pk for pk, of, _is_there in rows if of == service.pk}
    return all_there & all_bound if all_bound else all_there


def _held(at: datetime, practitioners: Sequence[int], besides: int | None) -> dict[int, list[Held]]:
    """What is held from about this moment on, by practitioner, and visits that were closed as
    attended, but for the request `besides`. Times that nobody answered until their hold was over do
    not count: the next who wants one gets it."""
    rows = (
        Offer.objects.filter(Q(released_at=None) | Q(state=Offer.State.ACCEPTED))
        .filter(practitioner__in=practitioners, ends_at__gt=at - BEFORE)
        .exclude(pk__in=Offer.objects.expired(at))
        .exclude(enquiry=besides)
        .values_list("practitioner", "starts_at", "ends_at", "enquiry", "enquiry__returning")
    )
    found: dict[int, list[Held]] = defaultdict(list)
    for practitioner, starts_at, ends_at, enquiry, returning in rows:
        found[practitioner].append(Held(starts_at, ends_at, enquiry, not returning))
    return found
