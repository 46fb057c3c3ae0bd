"""What open times are computed from, read from the database: a fixed number of queries, whatever
the clinic's size."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bookings.models import Offer, Roster, WorkingHours
from bookings.rosters import open_times
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
    them. `busy`: what is known beside the times that are held, by the key of the practitioner.
    `length`: that of the appointment, if it is not the usual one of the service. `besides`: the key
    of a request whose held times do not count.
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
    held = _held(at, [roster.practitioner_id for roster in rosters], besides)
    return open_times.open_times(
        [as_value(each, held[each.practitioner_id], busy or {}) for each in rosters],
        places,
        zone=Clinic.objects.only("time_zone").get().zone,
        length=length or length_of(service, is_first=is_first),
        at=at,
        is_first=is_first,
    )


def only_asked_for(at: datetime) -> set[int]:
    """Return the keys of practitioners whose times are not promised, because what is busy beside
    their appointments is not known well enough at this moment: nothing is held with them."""
    return set()


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


def _bound(service: Service | None, things: Any) -> set[int]:
    """The keys of those that are bound to the service; of all where none is."""
    if service is None:
        return set(things.values_list("pk", flat=True))
    keys = things.values_list("pk", "services__pk")
    bound = {pk for pk, of in keys if of == service.pk}
    return bound or {pk for pk, _of in keys}


def _held(at: datetime, practitioners: Sequence[int], besides: int | None) -> dict[int, list[Held]]:
    """What is held from about this moment on, by practitioner, but for the request `besides`. Times
    that nobody answered until their hold was over do not count: the next who wants one gets it."""
    rows = (
        Offer.objects.held()
        .filter(practitioner__in=practitioners, ends_at__gt=at - BEFORE)
        .exclude(pk__in=Offer.objects.expired(at))
        .exclude(enquiry=besides)
        .values_list("practitioner", "starts_at", "ends_at", "enquiry", "enquiry__returning")
    )
    found: dict[int, list[Held]] = defaultdict(list)
    for practitioner, starts_at, ends_at, enquiry, returning in rows:
        found[practitioner].append(Held(starts_at, ends_at, enquiry, not returning))
    return found
