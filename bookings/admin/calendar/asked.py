"""What the address of the calendar asks for: which days, whose, and where."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.formats import get_format

from clinic.lib.fields.days import is_plausible
from clinic.lib.fields.numbers import whole_number

DAY, WEEK = "day", "week"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """`practitioner` and `location` are keys, or None for all."""

    day: date
    view: str
    practitioner: int | None
    location: int | None

    @property
    def days(self) -> list[date]:
        """The days that are shown; a week begins as the clinic's locale does."""
        if self.view == DAY:
            return [self.day]
        begin = get_format("FIRST_DAY_OF_WEEK")  # 0 is Sunday
        first = self.day - ONE_DAY * ((self.day.isoweekday() - begin) % 7)
        return [first + ONE_DAY * n for n in range(7)]

    @property
    def step(self) -> timedelta:
        return ONE_DAY * (7 if self.view == WEEK else 1)

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return when the days begin, and when they have ended."""
        first, last = self.days[0], self.days[-1]
        return (
            datetime.combine(first, time(), zone),
            datetime.combine(last + ONE_DAY, time(), zone),
        )


def read(query: QueryDict, today: date) -> Asked:
    """Return what is asked for; what makes no sense is left out. `to` is the day of a button."""
    return Asked(
        day=parse(query.get("to")) or parse(query.get("day")) or today,
        view=WEEK if query.get("view") == WEEK else DAY,
        practitioner=whole_number(query.get("practitioner", "")),
        location=whole_number(query.get("location", "")),
    )


def parse(text: str | None) -> date | None:
    """Return the day of an address (2027-03-01); None for anything else."""
    try:
        day = parse_date(text or "")
        if day:
            is_plausible(day)
    except (ValueError, ValidationError):
        return None
    return day
