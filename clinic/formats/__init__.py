"""How dates and times are written, one module per locale of a clinic (`Clinic.locale`).

`date_format(value, NAME)` and `{{ value|date:"NAME" }}` look a name up in the active locale; no
other place spells a format out. The conventions are those of the Unicode CLDR (version 46, English
of Canada, the United States, the United Kingdom and Australia), with a no-break space before a.m.
and p.m. Amounts of money are texts that the clinic writes itself.

Django's FORMAT_MODULE_PATH names this package. It must not know a model.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, time_format

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
    return moment_format(moment, name if there.year == here.year else _WITH_YEAR[name])


def moment_format(moment: datetime, name: str) -> str:
    """Return a moment in a format, as it is in the current time zone."""
    zone = _zone_if_needed(moment) if "TIME" in name else ""
    return date_format(timezone.localtime(moment), name) + zone


def clock_time(moment: datetime) -> str:
    """Return the time of the day of a moment, as it is in the current time zone."""
    return time_format(timezone.localtime(moment)) + _zone_if_needed(moment)


def is_doubled(moment: datetime) -> bool:
    """Whether the clock on the wall shows the time of this moment twice, an hour apart or so."""
    local = timezone.localtime(moment)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _zone_if_needed(moment: datetime) -> str:
    """Return a space and the zone's abbreviation, such as EST, where the time alone says two."""
    if not is_doubled(moment):
        return ""
    name = timezone.localtime(moment).tzname() or ""
    return f"\xa0UTC{name}" if name[:1] in "+-" else f"\xa0{name}"
