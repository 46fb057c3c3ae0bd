"""When somebody works: pure functions over weekly hours, days off and a time zone.

Moments are aware and come back in UTC. Hours are of the clock on the wall: where the clocks change,
a moment counts only if that clock shows a time within the hours, and if it lies between their
beginning and end as clinic.lib.calendar.opening_hours reads them. No reading of the hours is wider.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]
Days = tuple[date, date]  # the first and the last of them
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class Hours(NamedTuple):
    """Hours at one location on a weekday (0 is Monday), all within that day, with a break or none.

    They are worked from the first to the last day; None: since ever, and for good.
    """

    weekday: int
    starts: time
    ends: time
    location: int
    first_on: date | None = None
    last_on: date | None = None
    break_starts: time | None = None
    break_ends: time | None = None

    def is_worked(self, day: date) -> bool:
        """Whether these are hours of this day."""
        return (
            self.weekday == day.weekday()
            and (self.first_on is None or self.first_on <= day)
            and (self.last_on is None or day <= self.last_on)
        )

    def stretches(self) -> list[tuple[time, time]]:
        """Return the hours without their break."""
        if self.break_starts is None or self.break_ends is None:
            return [(self.starts, self.ends)]
        pairs = [(self.starts, self.break_starts), (self.break_ends, self.ends)]
        return [(start, end) for start, end in pairs if start < end]


def spans(
    hours: Iterable[Hours], days_off: Sequence[Days], zone: ZoneInfo, first_day: date, days: int
) -> dict[int, list[Span]]:
    """Return by location when somebody works there on `days` days from the first, in order. Those
    that touch are one."""
    by_weekday: dict[int, list[Hours]] = {}
    for each in hours:
        by_weekday.setdefault(each.weekday, []).append(each)
    found: dict[int, list[Span]] = {}
    for day in (first_day + timedelta(days=n) for n in range(days)):
        worked = [each for each in by_weekday.get(day.weekday(), ()) if each.is_worked(day)]
        if not worked or any(first <= day <= last for first, last in days_off):
            continue
        clock = _Clock(day, zone)
        for each in worked:
            at_place = found.setdefault(each.location, [])
            for start, end in each.stretches():
                at_place += clock.spans(start, end)
    return {location: joined(at_place) for location, at_place in found.items()}


def joined(of: Iterable[Span]) -> list[Span]:
    """Return spans in order; those that touch or overlap are one."""
    found: list[Span] = []
    for start, end in sorted(of):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


class _Clock:
    """The clock on the wall on one day."""

    def __init__(self, day: date, zone: ZoneInfo) -> None:
        self.day, self.zone = day, zone
        self.before = _offset(datetime.combine(day, time(), zone))
        self.after = _offset(datetime.combine(day + DAY, time(), zone))

    def spans(self, starts: time, ends: time) -> list[Span]:
        """Return the moments between two times of the day: one span but where clocks change."""
        first, last = (datetime.combine(self.day, each, UTC) for each in (starts, ends))
        if self.before == self.after:
            return [(first - self.before, last - self.before)]
        change = self._change()
        begins, ends_at = (
            datetime.combine(self.day, each, self.zone).astimezone(UTC) for each in (starts, ends)
        )
        pieces = [
            (first - self.before, min(last - self.before, change)),
            (max(first - self.after, change), last - self.after),
        ]
        cut = [(max(start, begins), min(end, ends_at)) for start, end in pieces]
        return joined((start, end) for start, end in cut if start < end)

    def _change(self) -> datetime:
        """Return the first minute of the day with the new offset."""
        low = datetime.combine(self.day, time(), UTC) - self.before
        high = datetime.combine(self.day + DAY, time(), UTC) - self.after
        while low < high:
            middle = low + (high - low) // 2 // MINUTE * MINUTE
            if _offset(middle.astimezone(self.zone)) == self.after:
                high = middle
            else:
                low = middle + MINUTE
        return low


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()
