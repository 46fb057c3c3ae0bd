"""How dates and times are written, one module per locale of a clinic (`Clinic.locale`).

`date_format(value, NAME)` and `{{ value|date:"NAME" }}` look a name up in the active locale; no
other place spells a format out. The conventions are those of the Unicode CLDR (version 46, English
of Canada, the United States, the United Kingdom and Australia), with a no-break space before a.m.
and p.m. Amounts of money are texts that the clinic writes itself.

Django's FORMAT_MODULE_PATH names this package. It must not know a model.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

# The same with the year.
_WITH_YEAR = {
    "WEEKDAY_FORMAT": "WEEKDAY_DATE_FORMAT",
    "WEEKDAY_TIME_FORMAT": "WEEKDAY_DATETIME_FORMAT",
    "SHORT_DAY_TIME_FORMAT": "DATETIME_FORMAT",
}


def dated(moment: datetime, at: datetime, name: str = "WEEKDAY_TIME_FORMAT") -> str:
    """Return a moment in a format without a year, or with it if that is another than the year of
    `at`. Both are read in the current time zone."""
    there, here = timezone.localtime(moment), timezone.localtime(at)
    return date_format(there, name if there.year == here.year else _WITH_YEAR[name])
