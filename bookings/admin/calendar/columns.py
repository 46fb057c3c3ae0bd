"""The calendar as it is drawn: columns of entries, each with its place by the clock on the wall.

The same entries are a list on phones, for screen readers and on paper.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from bookings.admin.calendar.asked import Asked
from bookings.admin.calendar.reading import Book
from bookings.models import CloseReason, DayOff, Offer
from bookings.rosters.day_plan import DayPlan
from bookings.rosters.working_hours import Span, joined
from clinic import formats
from clinic.models import Practitioner

EARLIEST, LATEST = 8, 18  # the hours of the day that are always drawn
FIVE = 5  # minutes of a row
SATURDAY = 5
SHORT = timedelta(minutes=15)  # no appointment fits into less


@dataclass(frozen=True)
class Entry:
    """Something between two moments.

    hour, minute (in fives): where it begins by the clock on the wall; until_…: where it ends, 24 at
    midnight. state: what holds it, or how it ended. url: of the request, if its patient may be
    named. name: what a choice of this time is called (bookings.rosters.wishes), else empty.
    """

    kind: str
    starts_at: datetime
    ends_at: datetime
    begins: str
    ends: str
    title: str
    state: str
    place: str
    hour: int
    minute: int
    until_hour: int
    until_minute: int
    url: str = ""
    number: str = ""
    phone: str = ""
    name: str = ""
    is_chosen: bool = False
    is_wished: bool = False


@dataclass(frozen=True)
class Column:
    """One day of one practitioner. hours: when they work, in words; notices: days off, closures.

    absence: the days off that were marked on the calendar. now: hour and row of the present.
    """

    practitioner: Practitioner
    day: date
    hours: list[str]
    notices: list[str]
    entries: list[Entry]
    free: timedelta
    has_roster: bool
    is_off: bool
    absence: DayOff | None
    now: tuple[int, int] | None

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to show: no hours on this day, nothing held or busy."""
        return not self.hours and not self.entries

    @property
    def free_words(self) -> str:
        """How much is free, in hours and minutes."""
        hours, minutes = divmod(self.free // timedelta(minutes=1), 60)
        if not hours:
            return _("%(minutes)d min") % {"minutes": minutes}
        if not minutes:
            return _("%(hours)d h") % {"hours": hours}
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}

    @property
    def taken(self) -> list[Entry]:
        """What is not free: for narrow cells."""
        return [each for each in self.entries if each.kind in ("booked", "held", "busy", "missed")]


# More entries of a column, for the key of its practitioner: free times that can be chosen.
Extra = Callable[["Drawer", DayPlan, int], Iterable[Entry]]


def columns(
    book: Book,
    asked: Asked,
    at: datetime,
    *,
    extra: Extra | None = None,
    besides: int | None = None,
) -> list[Column]:
    """Return a column for each practitioner and day that is asked for, without practitioners who
    have nothing on these days (unless one was asked for), and without empty weekends."""
    found: list[Column] = []
    for person in book.people:
        if asked.practitioner in (None, person.pk):
            theirs = [_column(book, asked, person, day, at, extra, besides) for day in asked.days]
            if asked.practitioner or not all(each.is_idle for each in theirs):
                found += theirs
    used = {each.day for each in found if not each.is_idle}
    return [
        each
        for each in found
        if len(asked.days) == 1 or each.day in used or each.day.weekday() < SATURDAY
    ]


def hours_drawn(of: Sequence[Column]) -> tuple[int, int]:
    """Return the first hour that is drawn, and the one at which the picture ends."""
    entries = [each for column in of for each in column.entries]
    first = min([EARLIEST, *(each.hour for each in entries)])
    last = max([LATEST, *(each.until_hour + bool(each.until_minute) for each in entries)])
    return first, last


def _column(
    book: Book,
    asked: Asked,
    person: Practitioner,
    day: date,
    at: datetime,
    extra: Extra | None,
    besides: int | None,
) -> Column:
    plan = book.plan(person.pk, day, besides=besides)
    drawer = Drawer(book, asked.location, day, at, several=bool(plan and len(plan.worked) > 1))
    entries = [*drawer.held(person.pk), *drawer.busy(person.pk, plan)]
    if plan:
        entries += drawer.roster(plan)
        entries += extra(drawer, plan, person.pk) if extra else ()
    if asked.location and not drawer.is_there:
        entries = []
    absences = book.absences.get(person.pk, ())
    local = at.astimezone(book.zone)
    return Column(
        practitioner=person,
        day=day,
        hours=drawer.hours(plan) if plan and entries else [],
        notices=drawer.notices(plan) if plan and entries else [],
        entries=sorted(entries, key=_in_order),
        free=drawer.free,
        has_roster=plan is not None,
        is_off=bool(plan and plan.is_off),
        absence=next((each for each in absences if each.starts_on <= day <= each.ends_on), None),
        now=(local.hour, local.minute // FIVE) if local.date() == day else None,
    )


def _in_order(entry: Entry) -> tuple[datetime, bool, datetime]:
    """By time; what can be chosen within free time comes after that."""
    return entry.starts_at, entry.kind == "slot", entry.ends_at


class Drawer:
    """Makes the entries of one day; of a location, if one is asked for."""

    def __init__(
        self, book: Book, location: int | None, day: date, at: datetime, *, several: bool
    ) -> None:
        self.book, self.location, self.day, self.at = book, location, day, at
        self.several = several or location is not None
        self.is_there = False  # whether anything is at the location
        self.free = timedelta()

    def roster(self, plan: DayPlan) -> Iterator[Entry]:
        """What the roster says, unless it is a whole day on which nobody is there."""
        self.is_there |= self.location in plan.worked
        if plan.is_off:
            for span in _hull(plan):
                yield self.entry("off", span, _("Off"))
            return
        for location, reason in plan.closures.items():
            for span in plan.worked[location]:
                title = _("Closed: %(reason)s") % {"reason": reason} if reason else _("Closed")
                yield self.entry("off", span, title, place=self.place(location))
        for span in plan.breaks:
            yield self.entry("break", span, _("Break"))
        for span in plan.shut:
            yield self.entry("break", span, _("Outside opening hours"))
        for location, spans in plan.free.items():
            for span in spans:
                if span[1] - span[0] < SHORT:
                    continue
                if self.location not in (None, location):
                    yield self.entry("away", span, self.book.locations[location].name)
                    continue
                self.free += max(span[1] - max(span[0], self.at), timedelta())
                yield self.entry("free", span, _("Free"), place=self.place(location))

    def held(self, person: int) -> Iterator[Entry]:
        """What is offered and booked on this day."""
        for offer in self.book.held.get(person, ()):
            if self._is_today((offer.starts_at, offer.ends_at)):
                self.is_there |= offer.location_id == self.location
                yield self._offer(offer)

    def busy(self, person: int, plan: DayPlan | None) -> Iterator[Entry]:
        """What is busy in working hours and the usual hours: not the nights of a whole day."""
        first, last = (
            datetime.combine(self.day, time(hour), self.book.zone) for hour in (EARLIEST, LATEST)
        )
        for start, end in _hull(plan) if plan else ():
            first, last = min(first, start), max(last, end)
        for start, end in joined(self.book.busy.get(person, ())):
            span = max(start, first), min(end, last)
            if span[0] < span[1]:
                yield self.entry("busy", span, _("Busy"))

    def hours(self, plan: DayPlan) -> list[str]:
        """When somebody works, a line for each location."""
        lines = []
        for location, spans in plan.worked.items():
            times = ", ".join(
                _between(*_clocks(span, self.book.zone)) for span in _whole(spans, plan)
            )
            lines.append(f"{times}, {self.book.locations[location].name}")
        return lines

    def notices(self, plan: DayPlan) -> list[str]:
        """What keeps the whole day free of appointments."""
        return [_("Off")] if plan.is_off else sorted(set(plan.closures.values()))

    def place(self, location: int) -> str:
        return self.book.locations[location].name if self.several else ""

    def is_public(self, location: int) -> bool:
        return self.book.locations[location].is_public

    def entry(
        self, kind: str, span: Span, title: str, state: str = "", place: str = "", **more: Any
    ) -> Entry:
        """Return it with its place on the wall; where clocks go back, at least one row high."""
        begins, ends = (_wall(moment, self.day, self.book.zone) for moment in span)
        row = begins[0] * 60 + begins[1] // FIVE * FIVE
        last = max(row + FIVE, ends[0] * 60 + -(-ends[1] // FIVE) * FIVE)
        clocks = _clocks(span, self.book.zone)
        rows = (*_hour_and_row(row), *_hour_and_row(last))
        return Entry(kind, *span, *clocks, title, state, place, *rows, **more)

    def _offer(self, offer: Offer) -> Entry:
        enquiry, is_named = offer.enquiry, offer.enquiry_id in self.book.named
        kind, unnamed, state = "booked", _("Booked"), ""
        if offer.state in (Offer.State.OFFERED, Offer.State.ASKED):
            until = formats.dated(offer.held_until, self.at, "SHORT_DAY_TIME_FORMAT")
            kind, unnamed = "held", _("Held")
            state = _("Held until %(time)s") % {"time": until}
        elif enquiry.close_reason == CloseReason.NO_SHOW:
            kind, unnamed, state = "missed", _("Booked"), _("Did not attend")
        named = {
            "url": reverse("admin:bookings_enquiry_change", args=[offer.enquiry_id]),
            "number": enquiry.number,
            "phone": enquiry.phone,
        }
        return self.entry(
            kind,
            (offer.starts_at, offer.ends_at),
            enquiry.name if is_named else unnamed,
            state,
            self.place(offer.location_id),
            **(named if is_named else {}),
        )

    def _is_today(self, span: Span) -> bool:
        first, last = (moment.astimezone(self.book.zone) for moment in span)
        return first.date() <= self.day <= (last - timedelta(microseconds=1)).date()


def _hull(plan: DayPlan) -> list[Span]:
    spans = [span for of in plan.worked.values() for span in of]
    return [(min(spans)[0], max(end for _start, end in spans))] if spans else []


def _whole(spans: Sequence[Span], plan: DayPlan) -> list[Span]:
    """The hours as they were entered, breaks included."""
    around = [each for each in plan.breaks if any(each[0] == end for _start, end in spans)]
    return joined([*spans, *around])


def _wall(moment: datetime, day: date, zone: ZoneInfo) -> tuple[int, int]:
    local = moment.astimezone(zone)
    if local.date() == day:
        return local.hour, local.minute
    return (0, 0) if local.date() < day else (24, 0)


def _hour_and_row(minutes: int) -> tuple[int, int]:
    return minutes // 60, minutes % 60 // FIVE


def _clocks(span: Span, zone: ZoneInfo) -> tuple[str, str]:
    start, end = (time_format(moment.astimezone(zone)) for moment in span)
    return start, end


def _between(begins: str, ends: str) -> str:
    return _("%(from)s–%(until)s") % {"from": begins, "until": ends}
