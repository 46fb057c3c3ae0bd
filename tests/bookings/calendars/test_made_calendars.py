"""Calendars made at random: what the reader finds busy, a slow oracle and two libraries find too.

EXAMPLES=thorough reads 2,000.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import icalendar
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from bookings.calendars import busy
from bookings.rosters.open_times import Place, Roster, open_times
from bookings.rosters.working_hours import Hours
from tests.bookings.calendars.made_calendars import HOME, MINUTE, Made, make

COUNT = 2 * settings.default.max_examples
LENGTH = timedelta(minutes=45)
ALL_DAY = [Hours(day, time(0, 15), time(23, 45), 1) for day in range(7)]


def minutes(made: Made, spans: Iterable[tuple[datetime, datetime]]) -> set[int]:
    """The minutes of the window in these spans, counted from its beginning."""
    found: set[int] = set()
    for start, end in spans:
        start, end = max(start, made.first), min(end, made.last)
        found |= set(range((start - made.first) // MINUTE, -((made.first - end) // MINUTE)))
    return found


def read(made: Made) -> list[tuple[datetime, datetime]]:
    return busy.spans(made.text.encode(), first=made.first, last=made.last, zone=HOME)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=COUNT)
def test_every_minute_is_busy_or_free_as_the_oracle_says(seed: int) -> None:
    made = make(seed)
    spans, busy_minutes = read(made), made.busy()
    assert minutes(made, spans) == busy_minutes, made.text
    roster = Roster(1, ALL_DAY, horizon=timedelta(days=14), busy=spans)
    at = made.first + timedelta(days=2)
    offered = open_times([roster], {1: Place()}, zone=HOME, length=LENGTH, at=at)
    for time_ in offered:
        begins = (time_.starts_at - made.first) // MINUTE
        assert busy_minutes.isdisjoint(range(begins, begins + 45)), made.text


def by_ical(made: Made) -> set[int]:
    calendar = IcsCalendarStream.calendar_from_ics(made.text)
    found = []
    for event in calendar.timeline_tz(HOME).overlapping(made.first, made.last):
        if event.transparency != "TRANSPARENT" and event.status != "CANCELLED":
            found.append((event.start_datetime, event.end_datetime))
    return minutes(made, [(_moment(start), _moment(end)) for start, end in found])


def by_recurring_ical_events(made: Made) -> set[int]:
    query = recurring_ical_events.of(icalendar.Calendar.from_ical(made.text))
    found = []
    for event in query.between(made.first - timedelta(days=3), made.last + timedelta(days=3)):
        if event.get("TRANSP") != "TRANSPARENT" and event.get("STATUS") != "CANCELLED":
            found.append((_moment(event.start), _moment(event.end)))
    return minutes(made, found)


def _moment(value: Any) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return (value if value.tzinfo else value.replace(tzinfo=HOME)).astimezone(UTC)


def test_other_readers_agree_and_where_they_do_not_the_oracle_decides() -> None:
    agreed: Counter[str] = Counter()
    for seed in range(COUNT):
        made = make(seed)
        ours = minutes(made, read(made))
        assert ours == made.busy(), made.text
        for other in (by_ical, by_recurring_ical_events):
            agreed[other.__name__] += other(made) == ours
    print(agreed)
    assert agreed["by_recurring_ical_events"] >= 0.99 * COUNT, agreed
    assert agreed["by_ical"] >= 0.6 * COUNT, agreed
