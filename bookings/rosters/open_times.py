"""The times at which a practitioner can still see somebody: one pure function.

It is given all that it needs, its moment too, asks no clock and reads no database
(bookings.rosters.reading does). What is busy for other reasons comes as spans.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bookings.rosters import working_hours
from bookings.rosters.working_hours import Days, Hours, Span
from clinic.lib.calendar import opening_hours

EVERY = timedelta(minutes=15)  # open times begin on the quarter-hour
DAY = timedelta(days=1)


class Held(NamedTuple):
    """A time that is held for a request, offered or booked."""

    starts_at: datetime
    ends_at: datetime
    enquiry: int
    is_first: bool


@dataclass(frozen=True)
class Roster:
    """One practitioner: when they work, what they hold already, and their rules.

    notice: how long before a time it may still be asked for. horizon: how far ahead. most_first:
    people who come for the first time on one day; None for any number. busy: anything else.
    """

    practitioner: int
    hours: Sequence[Hours]
    days_off: Sequence[Days] = ()
    buffer: timedelta = timedelta()
    notice: timedelta = timedelta()
    horizon: timedelta = timedelta(weeks=8)
    most_first: int | None = None
    held: Sequence[Held] = ()
    busy: Sequence[Span] = ()


@dataclass(frozen=True)
class Place:
    """When a location is open; one without opening hours is not narrowed by them."""

    periods: Sequence[opening_hours.Period] = ()
    closures: Sequence[opening_hours.Closure] = ()


class OpenTime(NamedTuple):
    """Moments in UTC, and keys. Open times overlap: taking one may take several."""

    starts_at: datetime
    ends_at: datetime
    practitioner: int
    location: int


def open_times(
    rosters: Iterable[Roster],
    places: Mapping[int, Place],
    *,
    zone: ZoneInfo,
    length: timedelta,
    at: datetime,
    is_first: bool = True,
) -> list[OpenTime]:
    """Return the open times for an appointment of this length, the next one first.

    Only at the `places` given. The whole appointment lies in the working hours at one of them,
    while that is open, outside breaks, days off, closures and what is held or busy; the buffer is
    kept before and after what is held. `is_first`: for somebody who comes for the first time.
    """
    at = at.astimezone(UTC)
    rosters = list(rosters)
    days = _days(max((roster.horizon for roster in rosters), default=DAY))
    today = at.astimezone(zone).date()
    opened = {key: opened_at(place, zone, today, days) for key, place in places.items()}
    found: list[OpenTime] = []
    for roster in rosters:
        if is_first and roster.most_first == 0:
            continue
        full = full_days(roster, zone) if is_first else []
        off = [*roster.days_off, *full]
        worked = working_hours.spans(roster.hours, off, zone, today, _days(roster.horizon))
        taken = blocked(roster)
        earliest, latest = at + roster.notice, at + roster.horizon
        for location, spans in worked.items():
            if location not in places:
                continue
            closed = [(each.starts_on, each.ends_on) for each in places[location].closures]
            if closed:  # also where no opening hours are known
                spans = [span for span in spans if not _is_within(span, closed, zone)]
            if (opens := opened[location]) is not None:
                spans = both(spans, opens)
            for start, end in without(spans, taken):
                last = min(end - length, latest)
                begins = next_quarter(max(start, earliest), zone)
                while begins <= last:
                    found.append(OpenTime(begins, begins + length, roster.practitioner, location))
                    begins += EVERY
    found.sort()
    return found


def _days(horizon: timedelta) -> int:
    """The days on which a time within the horizon may begin, today included."""
    return horizon // DAY + 2


def opened_at(place: Place, zone: ZoneInfo, today: date, days: int) -> list[Span] | None:
    """When a location is open on these days, closures left out; None without opening hours."""
    if not place.periods:
        return None
    # From the day before: hours that run past midnight.
    spans = opening_hours.spans(place.periods, place.closures, zone, today - DAY, days + 1)
    return list(spans)


def full_days(roster: Roster, zone: ZoneInfo) -> list[Days]:
    """Return the days on which as many people come for the first time as may. Several times that
    are held for one person count once."""
    if roster.most_first is None:
        return []
    people: dict[date, set[int]] = {}
    for each in roster.held:
        if each.is_first:
            day = each.starts_at.astimezone(zone).date()
            people.setdefault(day, set()).add(each.enquiry)
    return [(day, day) for day, them in people.items() if len(them) >= roster.most_first]


def blocked(roster: Roster) -> list[Span]:
    """When somebody can't be booked: what they hold, with the buffer, and what is busy."""
    buffer = roster.buffer
    held = [(each.starts_at - buffer, each.ends_at + buffer) for each in roster.held]
    return working_hours.joined([*held, *roster.busy])


def _is_within(span: Span, closed: Iterable[Days], zone: ZoneInfo) -> bool:
    """Whether the day of the span is one of these days. Working hours never run past midnight."""
    day = span[0].astimezone(zone).date()
    return any(first <= day <= last for first, last in closed)


def both(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What lies in both; each is in order and does not overlap itself."""
    found = []
    first = 0
    for start, end in some:
        while first < len(others) and others[first][1] <= start:
            first += 1
        for opens, closes in others[first:]:
            if opens >= end:
                break
            found.append((max(start, opens), min(end, closes)))
    return found


def without(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What of the first lies in none of the others; each is in order."""
    found = []
    first = 0
    for start, end in some:
        while first < len(others) and others[first][1] <= start:
            first += 1
        for taken, free in others[first:]:
            if taken >= end:
                break
            if start < taken:
                found.append((start, taken))
            start = max(start, free)
        if start < end:
            found.append((start, end))
    return found


def next_quarter(moment: datetime, zone: ZoneInfo) -> datetime:
    """The first moment from this one at which the clock on the wall shows a quarter-hour."""
    local = moment.astimezone(zone)
    since = (
        timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        % EVERY
    )
    return moment + (EVERY - since) if since else moment
