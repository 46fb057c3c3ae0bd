"""Filters that write a moment without its year, or with it where that is not this year.

`{{ offer.starts_at|dated:at }}`: `at` is the moment for which the page or email is made.
"""

from datetime import datetime

from django import template

from clinic import formats

register = template.Library()


@register.filter
def dated(moment: datetime | None, at: datetime) -> str:
    """Return the weekday, the day and the time."""
    return formats.dated(moment, at) if moment else ""


@register.filter
def dated_day(moment: datetime | None, at: datetime) -> str:
    """Return the weekday and the day."""
    return formats.dated(moment, at, "WEEKDAY_FORMAT") if moment else ""


@register.filter
def dated_short(moment: datetime | None, at: datetime) -> str:
    """Return the day and the time, for a narrow list."""
    return formats.dated(moment, at, "SHORT_DAY_TIME_FORMAT") if moment else ""
