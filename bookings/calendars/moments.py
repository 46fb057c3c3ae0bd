"""Moments, lengths and time zones of a calendar file (RFC 5545, section 3.3).

The zone of a time is the one of its name (IANA's, or that of Windows), also where the file comes
with rules of its own for it: those often know one year only. A name that nobody knows is read by
the rules in the file. Without either, the file is refused.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil import tz
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from bookings.calendars.content import Component, Property, Unreadable

DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
TIME = re.compile(DATE.pattern + r"T(\d{2})(\d{2})(\d{2})(Z?)")
DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?"
)
# What a zone's rules are read from; dateutil refuses anything else.
RULE_LINES = re.compile(r"(BEGIN|END|TZID|DTSTART|RRULE|RDATE|TZOFFSETFROM|TZOFFSETTO)[;:]", re.I)
DAY = timedelta(days=1)


class Moment(NamedTuple):
    """A time of a clock on the wall, and the zone of that clock; a whole day is its midnight."""

    wall: datetime
    zone: tzinfo
    is_day: bool = False
    fold: int = 0

    @property
    def instant(self) -> datetime:
        """When that is, in UTC. A time that the clock skips is read with the offset before, one
        that it shows twice is the first (section 3.3.5)."""
        return self.wall.replace(tzinfo=self.zone, fold=self.fold).astimezone(UTC)

    @property
    def key(self) -> datetime | date:
        """What tells one repetition from another: a day, or an instant."""
        return self.wall.date() if self.is_day else self.instant


class Length(NamedTuple):
    """Days by the calendar, and then time that passes."""

    days: int
    rest: timedelta

    def end(self, start: Moment) -> datetime:
        """Return the end, in UTC, of what begins then."""
        wall = start.wall + self.days * DAY
        return start._replace(wall=wall).instant + self.rest


@dataclass
class Zones:
    """The zones that a file names. usual: of times without any (floating ones), and of days."""

    usual: tzinfo
    own: dict[str, str]  # the text of the file's own rules, by name

    @classmethod
    def of(cls, calendar: Component, usual: ZoneInfo) -> "Zones":
        """Return those of a calendar; its X-WR-TIMEZONE is the usual one if there is such a zone"""
        named = [each.value for each in calendar.all("X-WR-TIMEZONE")]
        own = {
            _tzid(part.text): "\r\n".join(filter(RULE_LINES.match, part.text))
            for part in calendar.parts
            if part.name == "VTIMEZONE"
        }
        return cls((known(named[0]) if named else None) or usual, own)

    def get(self, name: str) -> tzinfo:
        """Return the zone of this name. Raises Unreadable."""
        if found := known(name):
            return found
        if name not in self.own:
            raise Unreadable("zone")
        try:
            found = tz.tzical(io.StringIO(self.own[name])).get()
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):
            found = None
        if found is None:
            raise Unreadable("zone")
        return found

    def moments(self, prop: Property) -> Iterator[Moment]:
        """Yield the dates and times of a property. Raises Unreadable."""
        zone = self.get(prop.params["TZID"]) if "TZID" in prop.params else self.usual
        for text in prop.value.split(","):
            yield self.moment(text.strip(), zone)

    def moment(self, text: str, zone: tzinfo | None = None) -> Moment:
        """Return the date or time of this text. Raises Unreadable."""
        try:
            if found := TIME.fullmatch(text):
                year, month, day, hour, minute, second = map(int, found.groups()[:-1])
                wall = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001
                return Moment(wall, UTC if found[7] else zone or self.usual)
            if found := DATE.fullmatch(text):
                year, month, day = map(int, found.groups())
                return Moment(datetime(year, month, day), self.usual, True)  # noqa: DTZ001
        except ValueError:
            pass
        raise Unreadable("time")

    def periods(self, prop: Property) -> Iterator[tuple[Moment, datetime]]:
        """Yield beginning and end of each period of a property. Raises Unreadable."""
        zone = self.get(prop.params["TZID"]) if "TZID" in prop.params else self.usual
        for text in prop.value.split(","):
            begins, slash, ends = text.strip().partition("/")
            if not slash:
                raise Unreadable("time")
            start = self.moment(begins, zone)
            if ends.lstrip("+-").startswith("P"):
                yield start, length(ends).end(start)
            else:
                yield start, self.moment(ends, zone).instant


def known(name: str) -> ZoneInfo | None:
    """Return the zone that the world or Windows knows by this name, which may follow others:
    `/citadel.org/20190914_1/Europe/Berlin`."""
    name = WINDOWS_TO_OLSON.get(name.strip(), name.strip())
    parts = name.strip("/").split("/")
    tails = ["/".join(parts[-n:]) for n in (3, 2)] if name.startswith("/") else [name]
    for tail in tails:
        try:
            return ZoneInfo(tail)
        except (ValueError, OSError, KeyError):  # unknown, or no name of a zone at all
            continue
    return None


def length(text: str) -> Length:
    """Return the length of a duration. Raises Unreadable."""
    found = DURATION.fullmatch(text.strip())
    if not found or text.strip()[-1] in "PT":
        raise Unreadable("time")
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    sign = -1 if found[1] == "-" else 1
    rest = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return Length(sign * (weeks * 7 + days), sign * rest)


def _tzid(lines: Iterable[str]) -> str:
    return next((line.partition(":")[2] for line in lines if line.upper().startswith("TZID")), "")
