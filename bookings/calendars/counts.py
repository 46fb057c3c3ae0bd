"""What of a calendar is busy where people and clinics differ."""

from typing import NamedTuple


class Counts(NamedTuple):
    """What differs from docs/decisions/0023-calendars.md for one calendar."""

    tentative_is_free: bool = False
    declined_is_busy: bool = False


USUAL = Counts()
