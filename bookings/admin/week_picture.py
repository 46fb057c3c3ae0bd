"""A roster as a picture of the week: what is drawn, and the same in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from bookings.models import WorkingHours

EARLIEST, LATEST = 8, 18  # the hours of the day that are always drawn
MOST = 2  # weeks that are drawn: how it is now, and how it will be


@dataclass(frozen=True)
class Block:
    """Hours as they are drawn: minutes from the top of the picture, and which of the places.

    row: the key of the hours. upper, lower: the fields that its edges show.
    """

    top: int
    height: int
    place: int
    row: int
    upper: str
    lower: str


@dataclass(frozen=True)
class Day:
    name: Any
    short: Any
    blocks: list[Block]
    words: list[str]


@dataclass(frozen=True)
class Week:
    """title: from when these hours hold. clock: the full hours beside it. height: in minutes."""

    title: str
    clock: list[str]
    first_minute: int
    height: int
    lines: list[int]
    days: list[Day]
    places: list[tuple[int, str]]


def weeks(hours: Iterable[WorkingHours], today: date) -> list[Week]:
    """Return the week as it is now and, if hours begin or end later, as it will be next."""
    rows = list(hours)
    changes = {row.first_on for row in rows if row.first_on and row.first_on > today}
    changes |= {
        row.last_on + timedelta(days=1) for row in rows if row.last_on and row.last_on >= today
    }
    names = {row.location_id: row.location.name for row in rows}
    places = {key: n for n, key in enumerate(sorted(names, key=lambda key: names[key]))}
    legend = [(places[key], names[key]) for key in sorted(names, key=lambda key: names[key])]
    starts = [today, *sorted(changes)][:MOST]
    return [_week(rows, start, today, places, legend) for start in starts]


def _week(
    rows: Sequence[WorkingHours],
    on: date,
    today: date,
    places: dict[int, int],
    legend: list[tuple[int, str]],
) -> Week:
    worked = [
        row
        for row in rows
        if not (row.first_on and row.first_on > on) and not (row.last_on and row.last_on < on)
    ]
    first = min([EARLIEST, *(row.starts.hour for row in worked)])
    last = max([LATEST, *(row.ends.hour + bool(row.ends.minute) for row in worked)])
    days = []
    for number, name in WEEKDAYS.items():
        of_day = [row for row in worked if row.weekday == number]
        blocks = [
            _block(row, upper, lower, first * 60, places[row.location_id])
            for row in of_day
            for upper, lower in _edges(row)
        ]
        days.append(Day(name, WEEKDAYS_ABBR[number], blocks, [_words(row) for row in of_day]))
    title = _("Current working hours")
    if on > today:
        title = _("Working hours from %(day)s") % {"day": date_format(on, "WEEKDAY_DATE_FORMAT")}
    return Week(
        title=title,
        clock=[time_format(time(hour % 24)) for hour in range(first, last + 1)],
        first_minute=first * 60,
        height=(last - first) * 60,
        lines=[60 * n for n in range(1, last - first)],
        days=days,
        places=legend,
    )


def _edges(row: WorkingHours) -> list[tuple[str, str]]:
    """The fields between which somebody works."""
    if row.break_starts and row.break_ends:
        return [("starts", "break_starts"), ("break_ends", "ends")]
    return [("starts", "ends")]


def _block(row: WorkingHours, upper: str, lower: str, above: int, place: int) -> Block:
    start, end = _minutes(getattr(row, upper)), _minutes(getattr(row, lower))
    return Block(start - above, end - start, place, row.pk, upper, lower)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _words(row: WorkingHours) -> str:
    names = {
        "from": time_format(row.starts),
        "until": time_format(row.ends),
        "place": row.location.name,
    }
    if row.break_starts and row.break_ends:
        names |= {"begin": time_format(row.break_starts), "end": time_format(row.break_ends)}
        return _("%(from)s–%(until)s, %(place)s; break %(begin)s–%(end)s") % names
    return _("%(from)s–%(until)s, %(place)s") % names
