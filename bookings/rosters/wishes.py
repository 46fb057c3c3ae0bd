"""Open times that a patient asks for: how the form names them, how a request keeps them.

Nothing is held for a wish: staff offer one of them, or another time.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.rosters.open_times import OpenTime
from clinic import formats
from clinic.lib.calendar import wall_time
from clinic.models import Location, Practitioner

MOST = 3  # that are asked for at once
IN_WORDS = {"in_words": True}  # in place of times, where a patient says what would suit them
MINUTE = 60
DIGITS = 18  # of a number in a name: more than any moment or key has


class Wish(NamedTuple):
    """A moment, and keys."""

    start: datetime
    practitioner: int
    location: int

    @property
    def name(self) -> str:
        """What the form calls it: the minute of the moment, and the keys."""
        minute = int(self.start.timestamp()) // MINUTE
        return f"{minute}-{self.practitioner}-{self.location}"


def of(time: OpenTime) -> Wish:
    """Return the wish for an open time."""
    return Wish(time.starts_at, time.practitioner, time.location)


def named(text: str) -> Wish | None:
    """Return the wish of this name; None for anything else."""
    parts = text.split("-")
    if len(parts) != 3 or not all(_is_number(each) for each in parts):
        return None
    minute, practitioner, location = map(int, parts)
    try:
        return Wish(datetime.fromtimestamp(minute * MINUTE, UTC), practitioner, location)
    except (OverflowError, ValueError, OSError):
        return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS


def kept(wishes: Iterable[Wish], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return wishes as a request keeps them, the first choice first."""
    return [
        {
            "start": wall_time.written(wish.start, zone),
            "practitioner": wish.practitioner,
            "location": wish.location,
        }
        for wish in wishes
    ]


def read(rows: Iterable[Mapping[str, Any]]) -> list[Wish]:
    """Return the wishes of a request, without those in words."""
    return [
        Wish(wall_time.instant(row["start"]), row["practitioner"], row["location"])
        for row in rows
        if row != IN_WORDS
    ]


def words(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the wishes of a request for people: when, with whom, and where."""
    return in_words(read(rows))


def in_words(wishes: Sequence[Wish]) -> list[str]:
    """Return wishes for people: when, with whom, and where."""
    if not wishes:
        return []
    people = Practitioner.objects.in_bulk({wish.practitioner for wish in wishes})
    places = Location.objects.in_bulk({wish.location for wish in wishes})
    return [
        _words(wish, [people.get(wish.practitioner), places.get(wish.location)]) for wish in wishes
    ]


def _words(wish: Wish, things: Iterable[Practitioner | Location | None]) -> str:
    time = formats.moment_format(wish.start, "WEEKDAY_DATETIME_FORMAT")
    names = ", ".join(each.name for each in things if each)
    return _("%(time)s (%(names)s)") % {"time": time, "names": names} if names else time
