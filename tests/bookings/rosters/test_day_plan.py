"""One day of a practitioner as the calendar draws it: hours, breaks, closures, and what is free."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bookings.rosters import day_plan
from bookings.rosters.open_times import Held, Place, Roster
from bookings.rosters.working_hours import Hours
from clinic.lib.calendar.opening_hours import Closure, Period

LONDON = ZoneInfo("Europe/London")
MONDAY = date(2027, 3, 1)
HERE, THERE = 1, 2
MORNING = Hours(0, time(9), time(13), HERE, break_starts=time(11), break_ends=time(11, 15))
AFTERNOON = Hours(0, time(14), time(18), THERE)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 3, 1, hour, minute, tzinfo=UTC)


def plan(roster: Roster, places: dict[int, Place] | None = None, day: date = MONDAY):
    return day_plan.plan(roster, places or {}, zone=LONDON, day=day)


def test_hours_breaks_and_what_is_left():
    held = [Held(at(9), at(9, 45), 1, False)]
    busy = [(at(15), at(16))]
    roster = Roster(1, [MORNING, AFTERNOON], buffer=timedelta(minutes=10), held=held, busy=busy)
    found = plan(roster)
    assert found.worked == {
        HERE: [(at(9), at(11)), (at(11, 15), at(13))],
        THERE: [(at(14), at(18))],
    }
    assert found.breaks == [(at(11), at(11, 15))]
    assert found.free == {
        HERE: [(at(9, 55), at(11)), (at(11, 15), at(13))],
        THERE: [(at(14), at(15)), (at(16), at(18))],
    }


def test_opening_hours_and_closures():
    opens_late = Place([Period(0, time(10), time(17))])
    closed = Place(closures=[Closure(MONDAY, MONDAY, "Training")])
    found = plan(Roster(1, [MORNING, AFTERNOON]), {HERE: opens_late, THERE: closed})
    assert found.shut == [(at(9), at(10))]
    assert found.closures == {THERE: "Training"}
    assert found.free == {HERE: [(at(10), at(11)), (at(11, 15), at(13))]}


def test_nothing_is_free_on_a_day_off_or_on_another_weekday():
    off = plan(Roster(1, [MORNING], days_off=[(MONDAY, MONDAY)]))
    assert off.is_off
    assert off.worked
    assert (off.free, off.breaks) == ({}, [])
    assert plan(Roster(1, [MORNING]), day=date(2027, 3, 2)) == day_plan.DayPlan()


def test_starts_on_the_quarter_hour_that_fit_and_are_still_to_come():
    spans = [(at(9, 5), at(10, 20))]
    found = day_plan.starts(spans, zone=LONDON, length=timedelta(minutes=45), after=at(8))
    assert [start for start, _end in found] == [at(9, 15), at(9, 30)]
    later = day_plan.starts(spans, zone=LONDON, length=timedelta(minutes=45), after=at(9, 15))
    assert [start for start, _end in later] == [at(9, 30)]


def test_days_on_which_the_clocks_change():
    """The night has an hour less, and an hour more."""
    night = Hours(6, time(0), time(4), HERE)
    spring = plan(Roster(1, [night]), day=date(2027, 3, 28)).free[HERE]
    autumn = plan(Roster(1, [night]), day=date(2027, 10, 31)).free[HERE]
    assert sum((end - start for start, end in spring), timedelta()) == timedelta(hours=3)
    assert sum((end - start for start, end in autumn), timedelta()) == timedelta(hours=5)
