"""One day of one practitioner: working hours, breaks, and what is still free. Pure functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.rosters import working_hours
from bookings.rosters.open_times import (
    EVERY,
    Place,
    Roster,
    blocked,
    both,
    next_quarter,
    opened_at,
    without,
)
from bookings.rosters.working_hours import Hours, Span


@dataclass(frozen=True)
class DayPlan:
    """Spans are in UTC; locations are keys.

    worked: the hours of the roster without breaks, also on a day off or during a closure. shut:
    those of them in which the location is not open. closures: the reasons. free: where nothing
    speaks against an appointment.
    """

    worked: Mapping[int, list[Span]] = field(default_factory=dict)
    breaks: list[Span] = field(default_factory=list)
    shut: list[Span] = field(default_factory=list)
    closures: Mapping[int, str] = field(default_factory=dict)
    is_off: bool = False
    free: Mapping[int, list[Span]] = field(default_factory=dict)


def plan(roster: Roster, places: Mapping[int, Place], *, zone: ZoneInfo, day: date) -> DayPlan:
    """Return what the roster, the opening hours and closures of its locations, and what is held or
    busy make of a day. A location that is not among `places` has no opening hours."""
    worked = working_hours.spans(roster.hours, (), zone, day, 1)
    is_off = any(first <= day <= last for first, last in roster.days_off)
    taken = blocked(roster)
    shut: list[Span] = []
    closures: dict[int, str] = {}
    free: dict[int, list[Span]] = {}
    for location, spans in worked.items():
        place = places.get(location, Place())
        closure = next((each for each in place.closures if each[0] <= day <= each[1]), None)
        if closure:
            closures[location] = closure[2]
            continue
        open_spans = spans
        if (opens := opened_at(place, zone, day, 1)) is not None:
            open_spans = both(spans, opens)
            shut += without(spans, opens)
        if not is_off:
            free[location] = without(open_spans, taken)
    breaks = [] if is_off else list(_breaks(roster, zone, day))
    return DayPlan(worked, breaks, sorted(shut), closures, is_off, free)


def starts(spans: list[Span], *, zone: ZoneInfo, length: timedelta, after: datetime) -> list[Span]:
    """Return the appointments of this length that fit in, one each quarter-hour, later than a
    moment. They overlap."""
    found = []
    for start, end in spans:
        begins = next_quarter(max(start, after), zone)
        while begins + length <= end:
            if begins > after:
                found.append((begins, begins + length))
            begins += EVERY
    return found


def _breaks(roster: Roster, zone: ZoneInfo, day: date) -> Iterator[Span]:
    for each in roster.hours:
        if each.is_worked(day) and each.break_starts and each.break_ends:
            of_break = Hours(each.weekday, each.break_starts, each.break_ends, each.location)
            for spans in working_hours.spans([of_break], (), zone, day, 1).values():
                yield from spans
