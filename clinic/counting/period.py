"""A span of days, and the steps in which its figures are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

DAY = timedelta(days=1)
MOST_BY_DAY, MOST_BY_WEEK = 14, 26 * 7  # days


@dataclass(frozen=True)
class Step:
    """The days from `first` to `last`, both included, under one label."""

    label: str
    first: date
    last: date


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both included, in the clinic's time."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def starts_at(self) -> datetime:
        """Return the first moment in it."""
        return datetime.combine(self.first, time(), self.zone)

    @property
    def ends_at(self) -> datetime:
        """Return the first moment after it."""
        return datetime.combine(self.last + DAY, time(), self.zone)

    def steps(self) -> list[Step]:
        """Return its days, weeks (from Monday) or months, so that there are a few dozen at most.
        The first and the last are cut to the period."""
        length = (self.last - self.first).days + 1
        found, first = [], self.first
        while first <= self.last:
            if length <= MOST_BY_DAY:
                last, label = first, date_format(first, "MONTH_DAY_FORMAT")
            elif length <= MOST_BY_WEEK:
                last = first + DAY * (6 - first.weekday())
                label = _("Week of %(day)s") % {"day": date_format(first, "MONTH_DAY_FORMAT")}
            else:
                last = (first.replace(day=1) + 31 * DAY).replace(day=1) - DAY
                label = date_format(first, "YEAR_MONTH_FORMAT")
            found.append(Step(label, first, min(last, self.last)))
            first = last + DAY
        return found

    def sums(self, by_day: Mapping[date, int]) -> list[int]:
        """Return what these numbers of days add up to in each step."""
        return [
            sum(number for day, number in by_day.items() if step.first <= day <= step.last)
            for step in self.steps()
        ]
