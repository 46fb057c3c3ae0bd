"""Which backups are kept: the last seven days, the last of five weeks and of twelve months."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

DAYS, WEEKS, MONTHS = 7, 5, 12

# The names that we give, and nobody else's files.
NAME = re.compile(r"clinic-(\d{4}-\d\d-\d\d)\.tar\.gz(?:\.gpg)?")


def name_of(day: date) -> str:
    """The name of the backup of this day."""
    return f"clinic-{day.isoformat()}.tar.gz"


def superfluous(names: Iterable[str]) -> set[str]:
    """Those of these files that the rule does not keep. Others than ours are never among them."""
    days = {name: day for name in names if (day := _day(name))}
    kept = (
        _newest(days.values(), DAYS, lambda day: day)
        | _newest(days.values(), WEEKS, lambda day: day.isocalendar()[:2])
        | _newest(days.values(), MONTHS, lambda day: (day.year, day.month))
    )
    return {name for name, day in days.items() if day not in kept}


def _newest(days: Iterable[date], most: int, period: Callable[[date], Any]) -> set[date]:
    """The newest of each period, of the last so many periods that have one."""
    newest: dict[Any, date] = {}
    for day in sorted(days):
        newest[period(day)] = day
    return set(sorted(newest.values())[-most:])


def _day(name: str) -> date | None:
    match = NAME.fullmatch(name)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
