"""When the owner of a calendar is busy, by RFC 5545: pure, given its window.

docs/decisions/0023-calendars.md lists the rules. What cannot be understood is busy, or the file is
refused as a whole; nothing of it is silently free. No text of a calendar gets out of here.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from bookings.calendars.content import Component, Unreadable, calendars
from bookings.calendars.counts import USUAL, Counts
from bookings.calendars.moments import DAY, Length, Moment, Zones, length
from bookings.rosters.working_hours import Span, joined

MOST_REPEATS = 400_000  # looked at in one file
MOST_SPANS = 20_000
OUTLOOK_BUSY = {"BUSY", "TENTATIVE", "OOF"}  # [MS-OXCICAL] 2.1.3.1.1.20.31
SEVERAL_A_DAY = {"HOURLY", "MINUTELY", "SECONDLY"}
# An address as Outlook keeps it that came with an entry from elsewhere: [MS-OXOCAL] 2.2.1.27.
OUTLOOK_UID, FOREIGN_UID = "040000008200E00074C5B7101A82E008", b"vCal-Uid\x01\x00\x00\x00"
Key = datetime | date


@dataclass(frozen=True)
class Owner:
    """Whose calendar it is: their addresses, in lower case, and what of it is busy for them."""

    addresses: Collection[str]
    counts: Counts


@dataclass
class Window:
    """What is looked at. left: how many repetitions may still be."""

    first: datetime
    last: datetime
    left: int = MOST_REPEATS

    def spend(self) -> None:
        """Count one repetition. Raises Unreadable when there were too many."""
        self.left -= 1
        if self.left < 0:
            raise Unreadable("many")


def spans(
    data: bytes,
    *,
    first: datetime,
    last: datetime,
    zone: ZoneInfo,
    addresses: Collection[str] = (),
    ours: Collection[str] = (),
    counts: Counts = USUAL,
) -> list[Span]:
    """Return when the owner is busy between two moments, in order; spans that touch are one.

    zone: of times and days without one. addresses: the owner's, in lower case; what they declined
    is free. ours: UIDs of entries that come from us. counts: what is busy where people differ.
    Raises Unreadable.
    """
    window, owner = Window(first, last), Owner(addresses, counts)
    found: list[Span] = []
    for calendar in calendars(data):
        if calendar.word("CALSCALE") not in ("", "GREGORIAN"):
            raise Unreadable("format")
        zones = Zones.of(calendar, zone)
        for start, end in _in_calendar(calendar, zones, window, owner, frozenset(ours)):
            start, end = max(min(start, end), first), min(max(start, end), last)
            if start < end:
                found.append((start, end))
        found = joined(found)
    if len(found) > MOST_SPANS:
        raise Unreadable("many")
    return found


def _in_calendar(
    calendar: Component,
    zones: Zones,
    window: Window,
    owner: Owner,
    ours: Collection[str],
) -> Iterator[Span]:
    series: dict[str, list[Component]] = {}
    for number, part in enumerate(calendar.parts):
        match part.name:
            case "VEVENT":
                uid = part.one("UID")
                name = uid.value.strip() if uid else ""
                if _original(name) not in ours:
                    series.setdefault(name or f" {number}", []).append(part)
            case "VFREEBUSY":
                yield from _reported(part, zones, owner)
            case "VAVAILABILITY":
                raise Unreadable("availability")
    for parts in series.values():
        try:
            yield from _in_series(parts, zones, window, owner)
        except (OverflowError, ValueError):  # a year that no calendar has
            raise Unreadable("time") from None


def _original(uid: str) -> str:
    """Return the UID that an entry had before Outlook took it in."""
    if uid.upper().startswith(OUTLOOK_UID):
        try:
            kept = bytes.fromhex(uid).partition(FOREIGN_UID)[2]
        except ValueError:
            return uid
        return kept.rstrip(b"\x00").decode("ascii", errors="replace") or uid
    return uid


def _reported(part: Component, zones: Zones, owner: Owner) -> Iterator[Span]:
    """The busy times of a VFREEBUSY: every type but FREE, also one that we do not know."""
    free = {"FREE", "BUSY-TENTATIVE"} if owner.counts.tentative_is_free else {"FREE"}
    for prop in part.all("FREEBUSY"):
        if prop.params.get("FBTYPE", "BUSY").upper() not in free:
            for start, end in zones.periods(prop):
                yield start.instant, end


def _in_series(
    parts: Iterable[Component], zones: Zones, window: Window, owner: Owner
) -> Iterator[Span]:
    """The busy times of entries with one UID: what repeats, and what replaces a repetition."""
    mains: list[Component] = []
    replaced: dict[Key, list[Component]] = {}
    later: list[tuple[Component, Moment]] = []
    for part in parts:
        prop = part.one("RECURRENCE-ID")
        if prop is None:
            mains.append(part)
            continue
        [recurrence] = _moments(part, "RECURRENCE-ID", zones)
        replaced.setdefault(recurrence.key, []).append(part)
        if prop.params.get("RANGE", "").upper() == "THISANDFUTURE" and _is_busy(part, owner):
            later.append((part, recurrence))
    for part, recurrence in later:  # busy is both, what was and what it shall be
        for main in mains:
            yield from _moved(main, part, recurrence, zones, window)
    for main in mains:
        if _is_busy(main, owner):
            yield from _times(main, zones, window, replaced)
    for several in replaced.values():
        newest = max(map(_sequence, several))
        for part in several:
            if _sequence(part) == newest and _is_busy(part, owner):
                yield from _times(part, zones, window)


def _moved(
    main: Component, part: Component, recurrence: Moment, zones: Zones, window: Window
) -> Iterator[Span]:
    """The repetitions after one, as its replacement moves them."""
    [start] = _moments(part, "DTSTART", zones)
    shift, lasting = start.wall - recurrence.wall, _length(part, start, zones)
    for each in _starts(main, zones, window):
        if each.wall > recurrence.wall:
            moved = start._replace(wall=each.wall + shift)
            yield moved.instant, lasting.end(moved)


def _sequence(part: Component) -> int:
    text = part.word("SEQUENCE")
    return int(text) if text.isascii() and text.isdigit() else 0


def _is_busy(part: Component, owner: Owner) -> bool:
    """Whether an entry takes time: not one that is cancelled, shown as free, or declined; nor, for
    some owners, one that is tentative."""
    status, shown_as = part.word("STATUS"), part.word("X-MICROSOFT-CDO-BUSYSTATUS")
    if status == "CANCELLED":
        return False
    answers = {
        each.params.get("PARTSTAT", "").upper()
        for each in part.all("ATTENDEE")
        if each.value.strip().lower().removeprefix("mailto:") in owner.addresses
    }
    is_tentative = "TENTATIVE" in (status, shown_as) or answers == {"TENTATIVE"}
    is_certain = shown_as in OUTLOOK_BUSY - {"TENTATIVE"}
    if owner.counts.tentative_is_free and is_tentative and not is_certain:
        return False
    if part.word("TRANSP") == "TRANSPARENT":
        return shown_as in OUTLOOK_BUSY
    return answers != {"DECLINED"} or owner.counts.declined_is_busy


def _times(
    part: Component, zones: Zones, window: Window, replaced: Collection[Key] = ()
) -> Iterator[Span]:
    """Beginning and end of each repetition, without those that something replaces."""
    [start] = _moments(part, "DTSTART", zones)
    lasting = _length(part, start, zones)
    gone = {each.key for each in _moments(part, "EXDATE", zones)} | set(replaced)
    for each in _starts(part, zones, window):
        if each.key not in gone:
            yield each.instant, lasting.end(each)
    for prop in part.all("RDATE"):
        if "/" in prop.value:
            for begins, ends in zones.periods(prop):
                if begins.key not in gone:
                    yield begins.instant, ends
        else:
            for each in zones.moments(prop):
                if each.key not in gone:
                    whole_day = each.is_day and not start.is_day
                    yield each.instant, (Length(1, timedelta()) if whole_day else lasting).end(each)


def _moments(part: Component, name: str, zones: Zones) -> list[Moment]:
    """The moments of a property. DTSTART is needed: raises Unreadable."""
    found = [each for prop in part.all(name) for each in zones.moments(prop)]
    if (name == "DTSTART" or found) and name != "EXDATE" and len(found) != 1:
        raise Unreadable("time")
    return found


def _length(part: Component, start: Moment, zones: Zones) -> Length:
    """How long each repetition lasts: an end gives exact time, a duration that of its days."""
    if prop := part.one("DURATION"):
        found = length(prop.value)
    elif ends := _moments(part, "DTEND", zones):
        if start.is_day and ends[0].is_day:
            found = Length((ends[0].wall - start.wall).days, timedelta())
        else:
            found = Length(0, ends[0].instant - start.instant)
    else:
        found = Length(0, timedelta())
    return Length(1, timedelta()) if start.is_day and found == Length(0, timedelta()) else found


def _starts(part: Component, zones: Zones, window: Window) -> Iterator[Moment]:
    """The beginnings by DTSTART and the rules; some may come twice."""
    [start] = _moments(part, "DTSTART", zones)
    yield start
    for prop in part.all("RRULE"):
        rule = dict(_rule_part(each) for each in prop.value.upper().split(";") if each)
        until = zones.moment(rule.pop("UNTIL"), start.zone) if "UNTIL" in rule else None
        if rule.get("COUNT", "").startswith("-"):
            del rule["COUNT"]  # as some programs write “without end”
        if "COUNT" in rule and until:
            del rule["COUNT"]
        yield from _by_rule(start, rule, until, window)
        if rule.get("FREQ") in SEVERAL_A_DAY and not start.is_day:
            # Where the clocks change: by the clock, both times that it shows twice, and by the
            # time that passes.
            again = (each._replace(fold=1) for each in _by_rule(start, rule, until, window))
            yield from again
            if not any(name.startswith("BY") for name in rule):
                passing = Moment(start.instant.replace(tzinfo=None), UTC)
                yield from _by_rule(passing, rule, until, window)


def _rule_part(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Unreadable("rule")
    return name.strip(), value.strip()


def _by_rule(
    start: Moment, rule: dict[str, str], until: Moment | None, window: Window
) -> Iterator[Moment]:
    if rule.get("INTERVAL", "1").strip("0") == "":
        raise Unreadable("rule")
    text = ";".join(f"{name}={value}" for name, value in rule.items())
    try:
        repeated = rrulestr(text, dtstart=start.wall)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise Unreadable("rule") from None
    latest = window.last.replace(tzinfo=None) + 2 * DAY
    for wall in repeated:
        window.spend()
        if wall > latest or (until and wall > until.wall + 2 * DAY):
            return
        midnight = datetime.combine(wall, time())
        each = start._replace(wall=midnight if start.is_day else wall)
        if until is None or _is_within(each, until):
            yield each


def _is_within(each: Moment, until: Moment) -> bool:
    """Whether a repetition is not after the end of a rule; the end may be a whole day."""
    if until.is_day:
        return each.wall.date() <= until.wall.date()
    if each.is_day:
        there = until.instant.astimezone(each.zone)
        return each.wall.date() <= max(until.wall.date(), there.date())
    return each.instant <= until.instant
