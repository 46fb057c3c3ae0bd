"""When a place is open: pure functions over weekly periods, closures and a time zone.

Moments are aware and come back in UTC, so that the time between two of them is real time, also
when clocks change. A wall-clock time that such a night skips or repeats is read as in RFC 5545
(3.3.5): with the offset before the gap, and as the first of the two.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

Span = tuple[datetime, datetime]
HORIZON = 400  # days that are looked ahead


@dataclass(frozen=True)
class Period:
    """Open on a weekday (0 is Monday) from `opens` to `closes`, by the clock on the wall there.

    One that closes at or before it opens runs past midnight: 00:00 to 00:00 is the whole day.
    """

    weekday: int
    opens: time
    closes: time


class Closure(NamedTuple):
    """Days, first and last included, on which no period begins. One that began before runs out."""

    starts_on: date
    ends_on: date
    reason: str = ""


@dataclass(frozen=True)
class State:
    """Open `until` a moment, or closed until it `opens_at` one; None: not within HORIZON days."""

    is_open: bool
    until: datetime | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True)
class WeekLine:
    """Days that share their hours: a name such as "Monday to Thursday", and (opens, closes)
    pairs; none means closed. `weekdays`: which days these are (0 is Monday)."""

    days: str
    hours: tuple[tuple[time, time], ...]
    weekdays: tuple[int, ...] = field(default=(), compare=False)


def spans(
    periods: Iterable[Period],
    closures: Iterable[tuple[date, date, str]],
    tz: ZoneInfo,
    start_date: date,
    days: int,
) -> Iterator[Span]:
    """The stretches of open time, in order, of the periods that begin on `days` days from a date.

    Those that touch or overlap are one. What began earlier is left out: to know about a moment,
    start on the day before it.
    """
    by_weekday: dict[int, list[Period]] = {}
    for period in periods:
        by_weekday.setdefault(period.weekday, []).append(period)
    closed = list(closures)
    begun: Span | None = None
    for day in (start_date + timedelta(days=n) for n in range(days)):
        if any(first <= day <= last for first, last, _reason in closed):
            continue
        for start, end in sorted(_span(p, day, tz) for p in by_weekday.get(day.weekday(), [])):
            if end <= start:  # the clocks went over it
                continue
            if begun and start <= begun[1]:
                begun = (begun[0], max(begun[1], end))
                continue
            if begun:
                yield begun
            begun = (start, end)
    if begun:
        yield begun


def of_week(periods: Iterable[Period]) -> set[tuple[int, int]]:
    """The hours of a week, (weekday, hour of the day), in some part of which it is open."""
    found = set()
    for period in periods:
        end = period.closes.hour + bool(period.closes.minute)
        if period.closes <= period.opens:
            end += 24
        for hour in range(period.opens.hour, end):
            found.add(((period.weekday + hour // 24) % 7, hour % 24))
    return found


def state_at(
    periods: Iterable[Period],
    closures: Iterable[tuple[date, date, str]],
    tz: ZoneInfo,
    at: datetime,
) -> State:
    """Whether it is open at an aware moment, and when that changes."""
    at = at.astimezone(UTC)
    first_day = at.astimezone(tz).date() - timedelta(days=1)
    edge = datetime.combine(first_day + timedelta(days=HORIZON), time(0), tz).astimezone(UTC)
    for start, end in spans(periods, closures, tz, first_day, HORIZON):
        if at < start:
            return State(is_open=False, opens_at=start)
        if at < end:
            return State(is_open=True, until=end if end < edge else None)
    return State(is_open=False)


def next_change(
    periods: Iterable[Period],
    closures: Iterable[tuple[date, date, str]],
    tz: ZoneInfo,
    at: datetime,
) -> datetime | None:
    """The next moment at which it opens or closes; None if not within HORIZON days."""
    state = state_at(periods, closures, tz, at)
    return state.until if state.is_open else state.opens_at


def add_open_time(
    open_spans: Iterable[Span], start: datetime, amount: timedelta
) -> datetime | None:
    """The moment when `amount` of open time has passed since `start`; None if the spans end before.

    No amount at all is the first open moment.
    """
    start = start.astimezone(UTC)
    for opens, closes in open_spans:
        if closes <= start:
            continue
        begin = max(opens, start)
        if amount <= closes - begin:
            return begin + amount
        amount -= closes - begin
    return None


def week_lines(periods: Iterable[Period]) -> list[WeekLine]:
    """The week from Monday on, in the reader's language; neighbours with equal hours share one."""
    hours: list[list[tuple[time, time]]] = [[] for _day in range(7)]
    for period in sorted(periods, key=lambda period: (period.weekday, period.opens)):
        hours[period.weekday].append((period.opens, period.closes))
    groups = [list(group) for _hours, group in groupby(range(7), key=lambda day: hours[day])]
    return [WeekLine(_days_name(group), tuple(hours[group[0]]), tuple(group)) for group in groups]


def state_words(state: State, tz: ZoneInfo, at: datetime) -> str:
    """A state as a sentence for a page made `at` this moment, in the reader's language."""
    if state.is_open:
        if state.until is None:
            return _("Open now")
        return _("Open now, until %(time)s") % {"time": _clock(state.until, tz)}
    if state.opens_at is None:
        return _("Closed now")
    opens_on, today = state.opens_at.astimezone(tz).date(), at.astimezone(tz).date()
    days = (opens_on - today).days
    names = {"time": _clock(state.opens_at, tz), "day": str(WEEKDAYS[opens_on.weekday()])}
    if days == 0:
        return _("Closed now, opens today at %(time)s") % names
    if days == 1:
        return _("Closed now, opens tomorrow at %(time)s") % names
    if days < 7:
        return _("Closed now, opens on %(day)s at %(time)s") % names
    names["day"] = date_format(opens_on, "MONTH_DAY_FORMAT")
    return _("Closed now, opens on %(day)s at %(time)s") % names


def _clock(moment: datetime, tz: ZoneInfo) -> str:
    return time_format(moment.astimezone(tz).time())


def _span(period: Period, day: date, tz: ZoneInfo) -> Span:
    last_day = day if period.opens < period.closes else day + timedelta(days=1)
    return (
        datetime.combine(day, period.opens, tz).astimezone(UTC),
        datetime.combine(last_day, period.closes, tz).astimezone(UTC),
    )


def _days_name(days: Sequence[int]) -> str:
    first, last = str(WEEKDAYS[days[0]]), str(WEEKDAYS[days[-1]])
    if len(days) == 1:
        return first
    names = {"first": first, "last": last}
    if len(days) == 2:
        return _("%(first)s and %(last)s") % names
    return _("%(first)s to %(last)s") % names
