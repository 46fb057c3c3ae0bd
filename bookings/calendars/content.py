"""The lines of a calendar file (RFC 5545, section 3.1), as far as they say when somebody is busy.

Titles, places and descriptions are skipped before anything is made of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from icalendar.parser import Contentline

# What says when something is, and whether it counts.
KEPT = frozenset(
    (
        *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"),
        *("UID", "SEQUENCE", "STATUS", "TRANSP", "ATTENDEE", "FREEBUSY", "X-WR-TIMEZONE"),
        *("CALSCALE", "X-MICROSOFT-CDO-BUSYSTATUS"),
    )
)
COLLECTED = ("VCALENDAR", "VEVENT", "VFREEBUSY", "VAVAILABILITY")
NAME = re.compile(r"([A-Za-z0-9-]+)[;:]")
FOLD = re.compile(r"\r?\n[ \t]")
MOST_COMPONENTS = 50_000
DEEPEST = 8


class Unreadable(Exception):
    """A calendar is refused. `reason`: a key of bookings.calendars.reader.WHY, never its text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Property(NamedTuple):
    value: str
    params: dict[str, str]


@dataclass
class Component:
    """A part of a calendar with what is kept of it. text: all lines, of a time zone alone."""

    name: str
    properties: dict[str, list[Property]] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        """Return the properties of this name."""
        return self.properties.get(name, [])

    def one(self, name: str) -> Property | None:
        """Return the property of this name. Raises Unreadable where there are several."""
        found = self.all(name)
        if len(found) > 1:
            raise Unreadable("damaged")
        return found[0] if found else None

    def word(self, name: str) -> str:
        """Return a property that is one word, in capitals; empty where it is missing or not one."""
        words = {each.value.strip().upper() for each in self.all(name)}
        return words.pop() if len(words) == 1 else ""


def calendars(data: bytes) -> list[Component]:
    """Return the calendars of a file. Raises Unreadable, also where its end is missing."""
    found: list[Component] = []
    stack: list[Component] = []
    count = 0
    for line in _lines(data):
        matched = NAME.match(line)
        name = matched[1].upper() if matched else ""
        zone = next((each for each in stack if each.name == "VTIMEZONE"), None)
        if name == "BEGIN":
            count += 1
            if count > MOST_COMPONENTS or len(stack) >= DEEPEST:
                raise Unreadable("many")
            part = Component(line[6:].strip().upper())
            if not stack and part.name != "VCALENDAR":
                raise Unreadable("format")
            (stack[-1].parts if stack else found).append(part)
            stack.append(part)
            zone = zone or (part if part.name == "VTIMEZONE" else None)
        elif not stack:
            raise Unreadable("format" if not found else "damaged")
        if zone:
            zone.text.append(line)
        elif name in KEPT and stack[-1].name in COLLECTED:
            stack[-1].properties.setdefault(name, []).append(_property(line))
        if name == "END" and stack.pop().name != line[4:].strip().upper():
            raise Unreadable("damaged")
    if stack:
        raise Unreadable("cut")
    if not found:
        raise Unreadable("format")
    return found


def _lines(data: bytes) -> Iterator[str]:
    """Unfolded lines, without empty ones."""
    text = FOLD.sub("", data.decode("utf-8-sig", errors="replace"))
    return (line for each in text.split("\n") if (line := each.removesuffix("\r")).strip())


def _property(line: str) -> Property:
    try:
        _name, params, value = Contentline(line).parts()
    except ValueError:
        raise Unreadable("damaged") from None
    return Property(value, {key.upper(): _text(each) for key, each in params.items()})


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ",".join(value)
