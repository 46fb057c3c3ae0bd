"""Open times agree with a slow oracle that looks at every minute by itself."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.rosters.open_times import Held, OpenTime, Place, Roster, open_times
from bookings.rosters.working_hours import Hours, spans
from clinic.lib.calendar import opening_hours
from clinic.lib.calendar.opening_hours import Closure, Period

TORONTO = ZoneInfo("America/Toronto")
HERE, THERE = 1, 2
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
AT = datetime(2027, 3, 8, 12, tzinfo=UTC)  # a Monday, 07:00 in Toronto
NINE_TO_FIVE = Hours(0, time(9), time(17), HERE)


def times(*hours: Hours, at: datetime = AT, minutes: int = 60, **rules: Any) -> list[str]:
    """The open times of one week, as `weekday hour:minute` on the wall in Toronto."""
    places = rules.pop("places", {HERE: Place(), THERE: Place()})
    is_first = rules.pop("is_first", True)
    roster = Roster(1, hours, **{"horizon": timedelta(days=6)} | rules)
    found = open_times(
        [roster],
        places,
        zone=TORONTO,
        length=timedelta(minutes=minutes),
        at=at,
        is_first=is_first,
    )
    return [each.starts_at.astimezone(TORONTO).strftime("%a %H:%M") for each in found]


def moment(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=TORONTO)


def test_on_the_quarter_hour_and_never_beyond_the_end() -> None:
    hours = Hours(0, time(9, 5), time(10, 20), HERE)
    assert times(hours) == ["Mon 09:15"]
    assert times(hours, minutes=15) == ["Mon 09:15", "Mon 09:30", "Mon 09:45", "Mon 10:00"]


def test_without_hours_there_is_nothing() -> None:
    assert times() == []


def test_a_break_is_no_working_time() -> None:
    hours = Hours(0, time(9), time(12), HERE, break_starts=time(10), break_ends=time(11))
    assert times(hours) == ["Mon 09:00", "Mon 11:00"]


def test_hours_that_touch_are_one_but_not_at_two_places() -> None:
    morning, later = Hours(0, time(9), time(9, 30), HERE), Hours(0, time(9, 30), time(10), HERE)
    assert times(morning, later) == ["Mon 09:00"]
    assert times(morning, later._replace(location=THERE)) == []


@pytest.mark.parametrize(
    ("first", "last", "worked"),
    [
        (None, None, True),
        (date(2027, 3, 8), date(2027, 3, 8), True),
        (date(2027, 3, 9), None, False),
        (None, date(2027, 3, 7), False),
    ],
)
def test_first_and_last_day_count(first: date | None, last: date | None, worked: bool) -> None:
    hours = NINE_TO_FIVE._replace(first_on=first, last_on=last)
    assert bool(times(hours)) is worked


def test_days_off_and_closures() -> None:
    tuesday = NINE_TO_FIVE._replace(weekday=1)
    off = [(date(2027, 3, 8), date(2027, 3, 8))]
    assert {each[:3] for each in times(NINE_TO_FIVE, tuesday, days_off=off)} == {"Tue"}
    closed = {HERE: Place(closures=[Closure(date(2027, 3, 8), date(2027, 3, 8), "Training")])}
    assert {each[:3] for each in times(NINE_TO_FIVE, tuesday, places=closed)} == {"Tue"}


def test_only_while_the_place_is_open() -> None:
    opened = {HERE: Place(periods=[Period(0, time(10), time(12))])}
    assert times(NINE_TO_FIVE, places=opened) == [
        *("Mon 10:00", "Mon 10:15", "Mon 10:30", "Mon 10:45", "Mon 11:00")
    ]


def test_only_at_the_places_that_were_asked_for() -> None:
    there = Hours(1, time(9), time(10), THERE)
    assert times(NINE_TO_FIVE, there, places={THERE: Place()}) == ["Tue 09:00"]


def test_buffer_around_what_is_held_but_not_around_what_is_busy() -> None:
    hours = Hours(0, time(9), time(13), HERE)
    held = [Held(moment(8, 10, 30), moment(8, 11), 1, True)]
    buffer = {"buffer": timedelta(minutes=15)}
    assert times(hours, held=held, **buffer) == [
        *("Mon 09:00", "Mon 09:15"),
        *("Mon 11:15", "Mon 11:30", "Mon 11:45", "Mon 12:00"),
    ]
    busy = [(moment(8, 10), moment(8, 12))]
    assert times(hours, busy=busy, **buffer) == ["Mon 09:00", "Mon 12:00"]


def test_notice_and_horizon() -> None:
    hours = Hours(0, time(7), time(12), HERE)
    assert times(hours, notice=timedelta(hours=4)) == ["Mon 11:00"]
    near = times(hours, horizon=timedelta(hours=1))
    assert near == ["Mon 07:00", "Mon 07:15", "Mon 07:30", "Mon 07:45", "Mon 08:00"]


def test_most_first_appointments_in_a_day() -> None:
    held = [
        Held(moment(8, 9), moment(8, 10), 1, True),
        Held(moment(8, 10), moment(8, 11), 1, True),  # offered to the same person
        Held(moment(8, 11), moment(8, 12), 2, False),
    ]
    assert times(NINE_TO_FIVE, held=held, most_first=2)
    assert times(NINE_TO_FIVE, held=held, most_first=1) == []
    assert times(NINE_TO_FIVE, held=held, most_first=1, is_first=False)
    assert times(NINE_TO_FIVE, most_first=0) == []


def test_the_next_time_is_first_whoever_has_it() -> None:
    rosters = [Roster(2, [NINE_TO_FIVE]), Roster(1, [NINE_TO_FIVE._replace(starts=time(8))])]
    found = open_times(rosters, {HERE: Place()}, zone=TORONTO, length=timedelta(hours=1), at=AT)
    assert [each.practitioner for each in found[:6]] == [1, 1, 1, 1, 1, 2]
    assert found == sorted(found)


# -- the nights in which clocks change ------------------------------------------------------------

SUNDAY = Hours(6, time(1, 30), time(2, 30), HERE)


def test_hours_that_the_clocks_skip() -> None:
    """On 14 March 2027 in Toronto, 02:00 is 03:00: of 01:30 to 02:30 half an hour is left."""
    worked = spans([SUNDAY], [], TORONTO, date(2027, 3, 14), 1)
    half_past_one = datetime(2027, 3, 14, 6, 30, tzinfo=UTC)
    assert worked == {HERE: [(half_past_one, half_past_one + timedelta(minutes=30))]}
    inside = SUNDAY._replace(starts=time(2), ends=time(2, 45))
    assert spans([inside], [], TORONTO, date(2027, 3, 14), 1) == {HERE: []}


def test_hours_that_the_clocks_repeat() -> None:
    """On 7 November 2027 in Toronto, 02:00 is 01:00 again: 01:30 to 02:30 is half an hour, then,
    an hour later, an hour. 01:00 to 01:30 is worked once."""
    worked = spans([SUNDAY], [], TORONTO, date(2027, 11, 7), 1)
    half_past_one = datetime(2027, 11, 7, 5, 30, tzinfo=UTC)
    hour, half = timedelta(hours=1), timedelta(minutes=30)
    assert worked == {
        HERE: [
            (half_past_one, half_past_one + half),
            (half_past_one + hour, half_past_one + 2 * hour),
        ]
    }
    early = SUNDAY._replace(starts=time(1), ends=time(1, 30))
    assert spans([early], [], TORONTO, date(2027, 11, 7), 1) == {
        HERE: [(half_past_one - half, half_past_one)]
    }


# -- the oracle -----------------------------------------------------------------------------------


def oracle(
    roster: Roster,
    places: dict[int, Place],
    zone: ZoneInfo,
    length: timedelta,
    at: datetime,
    is_first: bool,
) -> list[OpenTime]:
    """The same, by asking every minute whether it is free."""
    found = []
    minutes = int((roster.horizon + length) / MINUTE) + 2
    first = at.replace(second=0, microsecond=0)
    for location, place in places.items():
        opens = list(
            opening_hours.spans(
                place.periods, place.closures, zone, at.astimezone(zone).date() - 2 * DAY, 12
            )
        )
        free = [
            _is_free(first + n * MINUTE, roster, location, place, opens, zone)
            for n in range(minutes)
        ]
        size = length // MINUTE
        for n in range(minutes - size + 1):
            start = first + n * MINUTE
            local = start.astimezone(zone)
            if not at + roster.notice <= start <= at + roster.horizon or local.minute % 15:
                continue
            new = {
                held.enquiry
                for held in roster.held
                if held.is_first and held.starts_at.astimezone(zone).date() == local.date()
            }
            if is_first and roster.most_first is not None and len(new) >= roster.most_first:
                continue
            if all(free[n : n + size]):
                found.append(OpenTime(start, start + length, roster.practitioner, location))
    return sorted(found)


def _is_free(
    minute: datetime,
    roster: Roster,
    location: int,
    place: Place,
    opens: list[tuple[datetime, datetime]],
    zone: ZoneInfo,
) -> bool:
    local = minute.astimezone(zone)
    day, clock = local.date(), local.time()
    days = [*roster.days_off, *((each.starts_on, each.ends_on) for each in place.closures)]
    return (
        any(_works(each, location, minute, day, clock, zone) for each in roster.hours)
        and not any(first <= day <= last for first, last in days)
        and (not place.periods or any(start <= minute < end for start, end in opens))
        and not any(start <= minute < end for start, end in roster.busy)
        and not any(
            each.starts_at - roster.buffer <= minute < each.ends_at + roster.buffer
            for each in roster.held
        )
    )


def _works(
    hours: Hours, location: int, minute: datetime, day: date, clock: time, zone: ZoneInfo
) -> bool:
    if hours.location != location or hours.weekday != day.weekday():
        return False
    if (hours.first_on and day < hours.first_on) or (hours.last_on and day > hours.last_on):
        return False
    return any(
        start <= clock < end
        and datetime.combine(day, start, zone).astimezone(UTC) <= minute
        and minute < datetime.combine(day, end, zone).astimezone(UTC)
        for start, end in hours.stretches()
    )


# Clocks change at two in the morning, at midnight in both directions, by half an hour, and not.
NIGHTS = [
    ("America/Toronto", datetime(2027, 3, 13, 20, tzinfo=UTC)),
    ("America/Toronto", datetime(2027, 11, 6, 20, tzinfo=UTC)),
    ("Europe/Lisbon", datetime(2027, 10, 30, 20, tzinfo=UTC)),
    ("America/Havana", datetime(2027, 3, 13, 20, tzinfo=UTC)),
    ("America/Havana", datetime(2027, 11, 6, 20, tzinfo=UTC)),
    ("Asia/Beirut", datetime(2027, 3, 27, 15, tzinfo=UTC)),
    ("Asia/Beirut", datetime(2027, 10, 30, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2027, 4, 3, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2027, 10, 2, 6, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2027, 6, 5, 6, tzinfo=UTC)),
]
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 5, 15, 30, 59]))


@st.composite
def some_hours(draw: Any, today: date) -> Hours:
    early, begins, ends, late = sorted(draw(st.lists(clocks, min_size=4, max_size=4, unique=True)))
    pause = draw(st.sampled_from([(None, None), (begins, ends)]))
    near = st.none() | st.integers(-2, 3).map(lambda n: today + n * DAY)
    weekday = (today.weekday() + draw(st.integers(-1, 2))) % 7
    place = draw(st.sampled_from([HERE, THERE]))
    return Hours(weekday, early, late, place, draw(near), draw(near), *pause)


@st.composite
def some_spans(draw: Any, at: datetime, most: int) -> list[tuple[datetime, datetime]]:
    starts = draw(st.lists(st.integers(-600, 3600), max_size=most))
    return [(at + n * MINUTE, at + (n + draw(st.integers(1, 200))) * MINUTE) for n in starts]


@st.composite
def questions(draw: Any) -> tuple[Any, ...]:
    name, at = draw(st.sampled_from(NIGHTS))
    zone, at = ZoneInfo(name), at + draw(st.integers(0, 900)) * MINUTE
    today = at.astimezone(zone).date()
    held = [
        Held(start, end, draw(st.integers(1, 2)), draw(st.booleans()))
        for start, end in draw(some_spans(at, 3))
    ]
    days = st.integers(-1, 3).map(lambda n: today + n * DAY)
    roster = Roster(
        1,
        draw(st.lists(some_hours(today), min_size=1, max_size=5)),
        days_off=draw(st.lists(days.map(lambda day: (day, day)), max_size=1)),
        buffer=draw(st.sampled_from([timedelta(), 10 * MINUTE])),
        notice=draw(st.sampled_from([timedelta(), 240 * MINUTE])),
        horizon=draw(st.sampled_from([DAY, 60 * MINUTE * 50])),
        most_first=draw(st.sampled_from([None, None, 1, 2])),
        held=held,
        busy=draw(some_spans(at, 3)),
    )
    period = st.builds(Period, st.integers(0, 6), clocks, clocks)
    closure = days.map(lambda day: Closure(day, day))
    place = st.builds(Place, st.lists(period, max_size=9), st.lists(closure, max_size=1)) | st.just(
        Place()
    )
    length = draw(st.sampled_from([15, 30, 45, 50])) * MINUTE
    return roster, {HERE: draw(place), THERE: draw(place)}, zone, length, at, draw(st.booleans())


@given(questions())
@settings(max_examples=2 * settings.default.max_examples)
def test_the_same_as_asking_every_minute(question: tuple[Any, ...]) -> None:
    roster, places, zone, length, at, is_first = question
    found = open_times([roster], places, zone=zone, length=length, at=at, is_first=is_first)
    assert found == oracle(roster, places, zone, length, at, is_first)
