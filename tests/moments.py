"""Moments at which the date-bound tests run, and the zones of the clinic there.

Each is a wall time in a zone; of one that occurs twice, fold 1 is the second. Nothing here depends
on the day of the run. `TEN` are tried by `make test`: they are on all seven weekdays, so a fault of
one weekday is found on any day. `EVERY_DAY` and `FORTY` are for `make test-calendar`.
"""

from datetime import date, datetime, time, timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

HOME = "America/New_York"  # of the demo clinic
ZONES = (
    *(HOME, "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland", "UTC", "America/St_Johns"),
    *("America/Santiago", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Pago_Pago"),
    *("Africa/Cairo",),
)
TIMES = (time(0, 5), time(12), time(23, 55))
FIRST_DAY, DAYS = date(2027, 1, 1), 426  # to 1 March 2028


def _at(zone: str, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


TEN = (
    _at(HOME, "2026-11-30T12:00"),  # Monday
    _at(HOME, "2026-12-01T00:05"),  # Tuesday
    _at("Asia/Kolkata", "2026-12-02T23:55"),  # Wednesday
    _at(HOME, "2026-12-03T12:00"),  # Thursday
    _at(HOME, "2027-12-31T23:55"),  # Friday
    _at("Pacific/Auckland", "2027-02-20T12:00"),  # Saturday
    _at(HOME, "2027-03-14T01:59"),  # Sunday; the clocks go forward a minute later
    _at("Europe/Berlin", "2027-10-31T02:30", fold=1),  # Sunday; an hour that occurs twice
    _at(HOME, "2028-02-29T23:30"),  # Tuesday
    _at("America/Santiago", "2027-09-05T00:05"),  # Sunday; the clocks skipped this hour
)

# Just before, within and after the hours that clocks skip or repeat.
CHANGES_OF_CLOCKS = tuple(
    _at(zone, f"{day}T{hour}", fold)
    for zone, day, hours in (
        (HOME, "2027-03-14", ("01:59", "02:30", "03:00")),
        (HOME, "2027-11-07", ("00:59", "01:30", "02:00")),
        ("Europe/Berlin", "2027-03-28", ("01:59", "02:30", "03:00")),
        ("Europe/Berlin", "2027-10-31", ("01:59", "02:30", "03:00")),
        ("Australia/Lord_Howe", "2027-04-04", ("01:29", "01:45", "02:00")),
        ("America/Santiago", "2027-09-05", ("00:00", "00:30", "01:00")),
    )
    for hour in hours
    for fold in (0, 1)
)


def _every_day() -> tuple[datetime, ...]:
    """Each day of fourteen months; the zone and the time change from one to the next."""
    days = (FIRST_DAY + timedelta(days=n) for n in range(DAYS))
    return tuple(
        datetime.combine(day, clock, ZoneInfo(zone))
        for day, clock, zone in zip(days, cycle(TIMES), cycle(ZONES))
    )


def _once_each(*found: datetime) -> tuple[datetime, ...]:
    """Without those that are named twice: a fold means nothing where the clocks do not change."""
    return tuple({(at.isoformat(), str(at.tzinfo)): at for at in found}.values())


EVERY_DAY = _once_each(*TEN, *CHANGES_OF_CLOCKS, *_every_day())
FORTY = _once_each(*TEN, *CHANGES_OF_CLOCKS[2::6], *_every_day()[7::17])[:40]
