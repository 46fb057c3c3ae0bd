"""Validation of typed days and moments."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

FIRST_YEAR, LAST_YEAR = 1900, 2199


def is_plausible(day: date) -> None:
    """Raise ValidationError for a day (or moment) outside 1900 to 2199.

    Beyond them a mistyped year is likely, and at the ends of the calendar adding a day or
    changing the time zone fails.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(
            _("Enter a year from %(first)d to %(last)d."),
            params={"first": FIRST_YEAR, "last": LAST_YEAR},
            code="year",
        )
