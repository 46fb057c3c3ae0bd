"""Opening hours: past midnight, split days, closures, the turn of the year, and clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from clinic.lib.calendar.opening_hours import (
    HORIZON,
    Closure,
    Period,
    State,
    WeekLine,
    add_open_time,
    next_change,
    of_week,
    spans,
    state_at,
    state_words,
    week_lines,
)

NEW_YORK = ZoneInfo("America/New_York")
MADRID = ZoneInfo("Europe/Madrid")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # moves its clocks by half an hour
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
HOUR = timedelta(hours=1)
DAYS_OF_CHANGE = [
    (NEW_YORK, date(2026, 3, 8), 23.0),
    (NEW_YORK, date(2026, 11, 1), 25.0),
    (MADRID, date(2026, 3, 29), 23.0),
    (MADRID, date(2026, 10, 25), 25.0),
    (LORD_HOWE, date(2026, 10, 4), 23.5),
    (LORD_HOWE, date(2026, 4, 5), 24.5),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str, tz: ZoneInfo, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=tz, fold=fold)


def daily(opens: str, closes: str) -> list[Period]:
    return [Period(day, time.fromisoformat(opens), time.fromisoformat(closes)) for day in range(7)]


def on(day: int, opens: str, closes: str) -> Period:
    return Period(day, time.fromisoformat(opens), time.fromisoformat(closes))


# -- stretches of open time -----------------------------------------------------------------------


def test_a_split_day_has_two_stretches():
    day = [on(MONDAY, "14:00", "18:00"), on(MONDAY, "08:00", "12:00")]
    assert list(spans(day, [], MADRID, date(2026, 1, 5), 1)) == [
        (utc("2026-01-05 07:00"), utc("2026-01-05 11:00")),
        (utc("2026-01-05 13:00"), utc("2026-01-05 17:00")),
    ]


def test_overlapping_touching_and_contained_stretches_are_one():
    day = [
        on(MONDAY, "08:00", "12:00"),
        on(MONDAY, "09:00", "10:00"),
        on(MONDAY, "11:00", "14:00"),
        on(MONDAY, "14:00", "15:00"),
    ]
    assert list(spans(day, [], ZoneInfo("UTC"), date(2026, 1, 5), 1)) == [
        (utc("2026-01-05 08:00"), utc("2026-01-05 15:00"))
    ]


def test_a_night_runs_past_midnight_and_the_turn_of_the_year():
    night = [on(THURSDAY, "20:00", "02:00")]
    assert list(spans(night, [], ZoneInfo("UTC"), date(2026, 12, 31), 1)) == [
        (utc("2026-12-31 20:00"), utc("2027-01-01 02:00"))
    ]


def test_whole_days_make_one_stretch():
    week = list(spans(daily("00:00", "00:00"), [], ZoneInfo("UTC"), date(2026, 12, 28), 7))
    assert week == [(utc("2026-12-28 00:00"), utc("2027-01-04 00:00"))]


def test_no_periods_no_stretches():
    assert list(spans([], [], MADRID, date(2026, 1, 1), 400)) == []


def test_a_closure_takes_the_periods_that_begin_on_its_days():
    nights = daily("20:00", "02:00")
    closures = [(date(2026, 12, 25), date(2026, 12, 26), "Christmas")]
    assert list(spans(nights, closures, ZoneInfo("UTC"), date(2026, 12, 24), 4)) == [
        (utc("2026-12-24 20:00"), utc("2026-12-25 02:00")),
        (utc("2026-12-27 20:00"), utc("2026-12-28 02:00")),
    ]


# -- nights in which clocks change ----------------------------------------------------------------


@pytest.mark.parametrize(("tz", "day", "length"), DAYS_OF_CHANGE)
def test_a_whole_day_is_as_long_as_it_really_is(tz: ZoneInfo, day: date, length: float):
    ((start, end),) = spans(daily("00:00", "00:00"), [], tz, day, 1)
    assert (end - start) / HOUR == length
    assert start.astimezone(tz).date() == day


@pytest.mark.parametrize(("tz", "day", "length"), DAYS_OF_CHANGE)
def test_a_night_shift_is_as_long_as_it_really_is(tz: ZoneInfo, day: date, length: float):
    ((start, end),) = spans(daily("22:00", "06:00"), [], tz, day - timedelta(days=1), 1)
    assert (end - start) / HOUR == length - 24 + 8
    assert end.astimezone(tz).time() == time(6)


@pytest.mark.parametrize(("tz", "day", "length"), DAYS_OF_CHANGE)
@pytest.mark.parametrize("change", ["01:15", "01:45", "02:00", "02:15", "02:45", "03:00"])
def test_shifts_that_meet_in_the_night_leave_no_hole(
    tz: ZoneInfo, day: date, length: float, change: str
):
    shifts = daily("00:00", change) + daily(change, "00:00")
    ((start, end),) = spans(shifts, [], tz, day, 1)
    assert (end - start) / HOUR == length


def test_ordinary_hours_follow_the_wall_clock_across_the_change():
    friday_and_monday = [on(FRIDAY, "09:00", "17:00"), on(MONDAY, "09:00", "17:00")]
    assert list(spans(friday_and_monday, [], NEW_YORK, date(2026, 3, 6), 4)) == [
        (utc("2026-03-06 14:00"), utc("2026-03-06 22:00")),
        (utc("2026-03-09 13:00"), utc("2026-03-09 21:00")),
    ]


def test_a_time_that_is_skipped_is_read_with_the_offset_before():
    """02:30 does not occur: it is 01:30 and one hour, 03:30 on the clocks."""
    ((start, end),) = spans(daily("02:30", "06:00"), [], NEW_YORK, date(2026, 3, 8), 1)
    assert start.astimezone(NEW_YORK) == wall("2026-03-08 03:30", NEW_YORK)
    assert end.astimezone(NEW_YORK) == wall("2026-03-08 06:00", NEW_YORK)


def test_a_period_that_the_clocks_go_over_is_left_out():
    assert list(spans(daily("02:30", "03:00"), [], NEW_YORK, date(2026, 3, 8), 1)) == []


def test_a_time_that_comes_twice_is_the_first():
    ((start, end),) = spans(daily("01:15", "01:30"), [], NEW_YORK, date(2026, 11, 1), 1)
    assert (start, end) == (utc("2026-11-01 05:15"), utc("2026-11-01 05:30"))


# -- open now? ------------------------------------------------------------------------------------


def test_open_from_the_first_moment_to_before_the_last():
    day = [on(MONDAY, "09:00", "17:00")]
    opens, closes = utc("2026-01-05 09:00"), utc("2026-01-05 17:00")
    moment = timedelta(microseconds=1)
    zone = ZoneInfo("UTC")
    assert state_at(day, [], zone, opens - moment) == State(is_open=False, opens_at=opens)
    assert state_at(day, [], zone, opens) == State(is_open=True, until=closes)
    assert state_at(day, [], zone, closes - moment) == State(is_open=True, until=closes)
    assert state_at(day, [], zone, closes) == State(
        is_open=False, opens_at=opens + timedelta(days=7)
    )


def test_the_night_of_yesterday_counts():
    state = state_at([on(SUNDAY, "20:00", "02:00")], [], MADRID, wall("2026-01-05 01:59", MADRID))
    assert state == State(is_open=True, until=utc("2026-01-05 01:00"))


def test_the_moment_may_come_in_any_zone():
    at = wall("2026-01-05 10:00", MADRID).astimezone(LORD_HOWE)
    assert state_at([on(MONDAY, "09:00", "17:00")], [], MADRID, at).is_open


def test_both_hours_that_come_twice_are_told_apart():
    night = daily("22:00", "01:30")
    first = wall("2026-11-01 01:10", NEW_YORK)
    second = wall("2026-11-01 01:10", NEW_YORK, fold=1)
    assert state_at(night, [], NEW_YORK, first).is_open
    assert not state_at(night, [], NEW_YORK, second).is_open


def test_a_closure_is_looked_past():
    closures = [Closure(date(2026, 8, 1), date(2026, 10, 31), "Building works")]
    state = state_at(daily("09:00", "17:00"), closures, MADRID, utc("2026-08-15 12:00"))
    assert state == State(is_open=False, opens_at=wall("2026-11-01 09:00", MADRID))


def test_closed_for_good_and_open_for_good_have_no_next_moment():
    at = utc("2026-01-05 12:00")
    assert state_at([], [], MADRID, at) == State(is_open=False)
    for always in (daily("00:00", "00:00"), daily("09:00", "09:00")):
        assert state_at(always, [], MADRID, at) == State(is_open=True)
        assert next_change(always, [], MADRID, at) is None


def test_round_the_clock_ends_at_the_next_closure():
    christmas = [Closure(date(2026, 12, 25), date(2026, 12, 25), "Christmas")]
    at = utc("2026-01-05 12:00")
    assert (date(2026, 12, 25) - at.date()).days < HORIZON
    state = state_at(daily("00:00", "00:00"), christmas, MADRID, at)
    assert state == State(is_open=True, until=wall("2026-12-25 00:00", MADRID))


def test_the_next_change_is_the_closing_then_the_opening():
    day = [on(MONDAY, "09:00", "17:00"), on(TUESDAY, "08:00", "12:00")]
    closing = next_change(day, [], MADRID, wall("2026-01-05 10:00", MADRID))
    assert closing == wall("2026-01-05 17:00", MADRID)
    assert next_change(day, [], MADRID, closing) == wall("2026-01-06 08:00", MADRID)


# -- answers within open hours --------------------------------------------------------------------


def promise(start: str, hours: float) -> datetime | None:
    """On weekdays from nine to five in Madrid, from a wall-clock time there."""
    week = [on(day, "09:00", "17:00") for day in range(5)]
    moment = wall(start, MADRID)
    return add_open_time(
        spans(week, [], MADRID, moment.date() - timedelta(days=1), 14), moment, hours * HOUR
    )


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-01-05 10:00", 4, "2026-01-05 14:00"),
        ("2026-01-05 15:00", 4, "2026-01-06 11:00"),
        ("2026-01-05 13:00", 4, "2026-01-05 17:00"),
        ("2026-01-09 16:00", 8, "2026-01-12 16:00"),
        ("2026-01-10 03:00", 1, "2026-01-12 10:00"),
        ("2026-01-05 20:00", 0, "2026-01-06 09:00"),
        ("2026-01-05 10:00", 0, "2026-01-05 10:00"),
        ("2026-03-27 16:00", 2, "2026-03-30 10:00"),
    ],
)
def test_open_time_is_counted_in_open_hours(start: str, hours: float, end: str):
    assert promise(start, hours) == wall(end, MADRID)


def test_open_time_in_the_night_of_the_change_is_real_time():
    opened = spans(daily("22:00", "06:00"), [], NEW_YORK, date(2026, 3, 7), 2)
    start = wall("2026-03-08 01:00", NEW_YORK)
    assert add_open_time(opened, start, 2 * HOUR) == wall("2026-03-08 04:00", NEW_YORK)


def test_more_open_time_than_there_is():
    assert promise("2026-01-05 10:00", 1000) is None


# -- the week in lines ----------------------------------------------------------------------------


def test_neighbours_with_equal_hours_share_a_line():
    week = [on(day, "07:30", "18:00") for day in range(4)]
    week += [on(FRIDAY, "13:00", "16:00"), on(FRIDAY, "08:00", "12:00")]
    assert week_lines(week) == [
        WeekLine("Monday to Thursday", ((time(7, 30), time(18)),)),
        WeekLine("Friday", ((time(8), time(12)), (time(13), time(16)))),
        WeekLine("Saturday and Sunday", ()),
    ]


def test_days_apart_keep_their_own_lines():
    lines = week_lines([on(MONDAY, "09:00", "12:00"), on(WEDNESDAY, "09:00", "12:00")])
    assert [line.days for line in lines] == [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday to Sunday",
    ]


def test_a_week_without_hours_is_one_line():
    assert week_lines([]) == [WeekLine("Monday to Sunday", ())]


def test_days_are_named_in_the_readers_language():
    with translation.override("es"):
        assert week_lines([on(MONDAY, "09:00", "12:00")])[0].days == "lunes"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-01-05T09:00", "Open now, until 12:00 p.m."),
        ("2026-01-05T07:00", "Closed now, opens today at 8:00 a.m."),
        ("2026-01-04T23:59", "Closed now, opens tomorrow at 8:00 a.m."),
        ("2026-01-05T13:00", "Closed now, opens on Thursday at 10:00 p.m."),
        ("2026-01-09T01:30", "Open now, until 2:00 a.m."),
        ("2025-12-20T09:00", "Closed now, opens on January 5 at 8:00 a.m."),
    ],
)
def test_words_of_a_state(at: str, words: str):
    """Open on Mondays, and on Thursdays past midnight; closed over the turn of the year."""
    week = [Period(0, time(8), time(12)), Period(3, time(22), time(2))]
    closed = [(date(2025, 12, 18), date(2026, 1, 3), "Holidays")]
    moment = datetime.fromisoformat(at).replace(tzinfo=MADRID)
    said = state_words(state_at(week, closed, MADRID, moment), MADRID, moment)
    assert said.replace("\xa0", " ") == words


def test_words_of_what_never_changes():
    always = [Period(day, time(0), time(0)) for day in range(7)]
    moment = datetime(2026, 1, 5, tzinfo=MADRID)
    for periods, words in ((always, "Open now"), ([], "Closed now")):
        state = state_at(periods, [], MADRID, moment)
        assert state_words(state, MADRID, moment) == words


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Period(0, time(8), time(10)), {(0, 8), (0, 9)}),
        (Period(0, time(8, 30), time(10, 15)), {(0, 8), (0, 9), (0, 10)}),
        (Period(6, time(22), time(1, 30)), {(6, 22), (6, 23), (0, 0), (0, 1)}),
        (Period(3, time(0), time(0)), {(3, hour) for hour in range(24)}),
    ],
)
def test_hours_of_a_week(period: Period, expected: set[tuple[int, int]]):
    assert of_week([period]) == expected
    assert of_week([]) == set()
