"""Calendars made at random, and when each is busy: by days that are counted one by one and by
minutes that are marked one by one, with no library."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

ZONES = [
    ZoneInfo(name)
    for name in (
        *("America/Toronto", "Europe/Berlin", "Australia/Lord_Howe"),
        *("Pacific/Auckland", "Asia/Kolkata", "America/Sao_Paulo"),
    )
]
HOME = ZONES[0]  # the clinic's zone
# Before nights of 2027 in which clocks change: Toronto, Berlin, Auckland and Lord Howe; both ways.
CHANGES = [date(2027, *day) for day in ((3, 14), (3, 28), (4, 4), (9, 26), (10, 31), (11, 7))]
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WINDOW = timedelta(days=21)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Find the moment by trial: the first at which the clock shows this, else what would have been
    by the offset before."""
    guesses = []
    for near in (wall - DAY, wall + DAY):
        offset = near.replace(tzinfo=zone).utcoffset() or timedelta()
        guesses.append((wall - offset).replace(tzinfo=UTC))
    right = [each for each in guesses if each.astimezone(zone).replace(tzinfo=None) == wall]
    return min(right) if right else guesses[0]


@dataclass
class Change:
    """What replaces one repetition."""

    start: datetime
    minutes: int
    status: str
    transp: str


@dataclass
class Entry:
    """`zone`: None for floating times. `days`: of a whole-day entry; 0 for one with a time."""

    uid: str
    start: datetime
    zone: ZoneInfo | None
    in_utc: bool = False
    days: int = 0
    minutes: int = 0
    by_duration: bool = False
    rule: dict[str, Any] = field(default_factory=dict)
    gone: list[datetime] = field(default_factory=list)
    changes: dict[datetime, Change] = field(default_factory=dict)
    more: list[datetime] = field(default_factory=list)
    status: str = ""
    transp: str = ""

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo("UTC") if self.in_utc else self.zone or HOME

    # -- when it is busy -------------------------------------------------------------------------

    def occurrences(self, last: datetime) -> list[datetime]:
        """The repetitions on the wall, until a moment on the wall."""
        if not self.rule:
            return [self.start]
        found, day = [], self.start.date()
        while day <= last.date():
            wall = datetime.combine(day, self.start.time())
            if self.rule.get("until") and wall > self.rule["until"]:
                break
            if self.is_on(day):
                found.append(wall)
                if len(found) == self.rule.get("count"):
                    break
            day += DAY
        return found

    def is_on(self, day: date) -> bool:
        first, every = self.start.date(), self.rule["interval"]
        match self.rule["freq"]:
            case "DAILY":
                return (day - first).days % every == 0
            case "WEEKLY":
                mondays = [each - each.weekday() * DAY for each in (first, day)]
                weeks = (mondays[1] - mondays[0]).days // 7
                return weeks % every == 0 and day.weekday() in self.rule["weekdays"]
            case "MONTHLY":
                months = (day.year - first.year) * 12 + day.month - first.month
                if months % every:
                    return False
                if "nth" not in self.rule:
                    return day.day == first.day
                nth = self.rule["nth"]
                is_nth = (
                    (day.day - 1) // 7 + 1 == nth if nth > 0 else (day + 7 * DAY).month != day.month
                )
                return day.weekday() == first.weekday() and is_nth
        return (day.month, day.day) == (first.month, first.day) and (
            day.year - first.year
        ) % every == 0

    def spans(self, last: datetime) -> list[tuple[datetime, datetime]]:
        found = []
        if self.status != "CANCELLED" and self.transp != "TRANSPARENT":
            walls = [*self.occurrences(last), *self.more]
            found += [
                self.span(wall, self.minutes, self.start)
                for wall in walls
                if wall not in self.gone and wall not in self.changes
            ]
        for change in self.changes.values():
            if change.status != "CANCELLED" and change.transp != "TRANSPARENT":
                found.append(self.span(change.start, change.minutes))
        return found

    def span(
        self, wall: datetime, minutes: int, first: datetime | None = None
    ) -> tuple[datetime, datetime]:
        """From when until when one repetition is; it lasts as long as the `first` of them."""
        start = instant(wall, self.clock)
        if self.days:
            return start, instant(wall + self.days * DAY, self.clock)
        if self.by_duration:  # days of the calendar, and then time
            days, rest = divmod(minutes, 24 * 60)
            return start, instant(wall + days * DAY, self.clock) + rest * MINUTE
        if first is None:
            return start, instant(wall + minutes * MINUTE, self.clock)
        lasts = instant(first + minutes * MINUTE, self.clock) - instant(first, self.clock)
        return start, start + lasts

    # -- as a file -------------------------------------------------------------------------------

    def at(self, name: str, *walls: datetime) -> str:
        if self.days:
            return f"{name};VALUE=DATE:" + ",".join(f"{wall:%Y%m%d}" for wall in walls)
        values = ",".join(f"{wall:%Y%m%dT%H%M%S}" + "Z" * self.in_utc for wall in walls)
        zone = f";TZID={self.zone.key}" if self.zone and not self.in_utc else ""
        return f"{name}{zone}:{values}"

    def length(self, wall: datetime, minutes: int) -> str:
        if self.by_duration:
            if self.days:
                return f"DURATION:P{self.days}D"
            days, rest = divmod(minutes, 24 * 60)
            return f"DURATION:P{days}DT{rest}M"
        return self.at("DTEND", wall + (self.days * DAY or minutes * MINUTE))

    def lines(self) -> list[str]:
        found = [self.at("DTSTART", self.start), self.length(self.start, self.minutes)]
        if self.rule:
            found.append(f"RRULE:{self.rule_text()}")
        found += [self.at("EXDATE", wall) for wall in self.gone]
        if self.more:
            found.append(self.at("RDATE", *self.more))
        found += _marks(self.status, self.transp)
        main = _event(self.uid, found)
        for wall, change in self.changes.items():
            lines = [self.at("RECURRENCE-ID", wall), self.at("DTSTART", change.start)]
            lines.append(self.length(change.start, change.minutes))
            main += _event(self.uid, [*lines, *_marks(change.status, change.transp)])
        return main

    def rule_text(self) -> str:
        text = f"FREQ={self.rule['freq']};INTERVAL={self.rule['interval']}"
        if "weekdays" in self.rule:
            text += ";BYDAY=" + ",".join(WEEKDAYS[each] for each in self.rule["weekdays"])
        if "nth" in self.rule:
            text += f";BYDAY={self.rule['nth']}{WEEKDAYS[self.start.weekday()]}"
        if "count" in self.rule:
            text += f";COUNT={self.rule['count']}"
        if "until" in self.rule:
            until = self.rule["until"]
            if self.days:
                text += f";UNTIL={until:%Y%m%d}"
            elif self.zone is None and not self.in_utc:
                text += f";UNTIL={until:%Y%m%dT%H%M%S}"
            else:
                text += f";UNTIL={instant(until, self.clock):%Y%m%dT%H%M%S}Z"
        return text


def _marks(status: str, transp: str) -> list[str]:
    return [*([f"STATUS:{status}"] if status else []), *([f"TRANSP:{transp}"] if transp else [])]


def _event(uid: str, lines: list[str]) -> list[str]:
    head = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20270101T000000Z", "SUMMARY:Private"]
    return [*head, *lines, "END:VEVENT"]


@dataclass
class Made:
    first: datetime
    entries: list[Entry]

    @property
    def last(self) -> datetime:
        return self.first + WINDOW

    @property
    def text(self) -> str:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//made//EN"]
        lines += [line for entry in self.entries for line in entry.lines()]
        return "\r\n".join([*lines, "END:VCALENDAR", ""])

    def busy(self) -> set[int]:
        """The busy minutes of the window, counted from its beginning."""
        marked: set[int] = set()
        for entry in self.entries:
            for start, end in entry.spans(self.last.replace(tzinfo=None) + 2 * DAY):
                minute = max(start, self.first)
                while minute < min(end, self.last):
                    marked.add((minute - self.first) // MINUTE)
                    minute += MINUTE
        return marked


def make(seed: int) -> Made:
    """A calendar for this number, of one to six entries."""
    random = Random(seed)
    change = random.choice(CHANGES)
    first = datetime.combine(change, datetime.min.time(), UTC) - random.randint(2, 15) * DAY
    return Made(first, [_entry(random, first, n) for n in range(random.randint(1, 6))])


def _entry(random: Random, first: datetime, number: int) -> Entry:
    back = random.choice([random.randint(0, 20), random.randint(0, 420)])
    day = (first + (20 - back) * DAY).replace(tzinfo=None)
    # Often in the hours in which clocks change.
    hour = random.choice([0, 1, 2, 3, *range(7, 19), 23])
    entry = Entry(
        f"{number}@made.example",
        day.replace(hour=hour, minute=random.choice([0, 15, 30, 45])),
        random.choice([*ZONES, None]),
        in_utc=random.random() < 0.1,
        minutes=random.choice([15, 30, 45, 60, 90, 240, 600, 24 * 60, 40 * 60]),
        by_duration=random.random() < 0.4,
        status=random.choice(["", "", "CONFIRMED", "TENTATIVE", "CANCELLED"]),
        transp=random.choice(["", "", "OPAQUE", "TRANSPARENT"]),
    )
    if random.random() < 0.2:
        entry.days, entry.in_utc, entry.zone = random.randint(1, 4), False, None
        entry.start = entry.start.replace(hour=0, minute=0)
    if random.random() < 0.65:
        _repeat(random, entry, first)
    return entry


def _repeat(random: Random, entry: Entry, first: datetime) -> None:
    freq = random.choice(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "YEARLY"])
    entry.rule = {"freq": freq, "interval": random.choice([1, 1, 2, 3])}
    if freq == "WEEKLY":
        also = random.sample(range(7), random.randint(0, 3))
        entry.rule["weekdays"] = sorted({entry.start.weekday(), *also})
    if freq == "MONTHLY" and random.random() < 0.5:
        nth = (entry.start.day - 1) // 7 + 1
        is_last = (entry.start + 7 * DAY).month != entry.start.month
        entry.rule["nth"] = -1 if is_last else nth
    match random.randint(0, 3):
        case 0:
            entry.rule["count"] = random.randint(1, 30)
        case 1:
            entry.rule["until"] = entry.start + random.randint(0, 60) * DAY
    walls = entry.occurrences(first.replace(tzinfo=None) + WINDOW)
    near = [wall for wall in walls if wall >= first.replace(tzinfo=None) - 2 * DAY] or walls
    entry.gone = random.sample(near, min(len(near), random.choice([0, 0, 1, 2])))
    for wall in random.sample(near, min(len(near), random.choice([0, 0, 1, 2]))):
        if wall in entry.gone:
            continue
        shift = random.choice([0, 1, 25, -30]) * timedelta(hours=1)
        if entry.days:
            shift = shift // DAY * DAY
        status, transp = random.choice(["", "", "CANCELLED"]), random.choice(["", "TRANSPARENT"])
        minutes = random.choice([30, 60])
        entry.changes[wall] = Change(wall + shift, minutes, status, transp)
    if random.random() < 0.15:
        more = entry.start + random.randint(1, 40) * DAY + timedelta(minutes=0 if entry.days else 7)
        if more not in entry.occurrences(more):
            entry.more = [more]
