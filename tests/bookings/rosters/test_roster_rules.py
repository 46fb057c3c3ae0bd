"""The database itself keeps the rules of rosters."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from bookings.models import Roster, WorkingHours
from clinic.models import Practitioner

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MARCH, APRIL, MAY = date(2027, 3, 1), date(2027, 4, 1), date(2027, 5, 1)


@pytest.fixture
def add(roster: Any, location: Any) -> Any:
    """`add(starts=…)`: hours on Wednesday from nine to twelve, with these values in place."""

    def add(**values: Any) -> WorkingHours:
        usual = {"weekday": 2, "starts": time(9), "ends": time(12), "location": location}
        return WorkingHours.objects.create(**{"roster": roster} | usual | values)

    return add


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(IntegrityError), transaction.atomic():
        yield


@pytest.mark.parametrize(
    "values",
    [
        {"weekday": 7},
        {"ends": time(9)},
        {"ends": time(0)},
        {"break_starts": time(10)},
        {"break_ends": time(10)},
        {"break_starts": time(11), "break_ends": time(10)},
        {"break_starts": time(9), "break_ends": time(10)},
        {"break_starts": time(11), "break_ends": time(13)},
        {"first_on": APRIL, "last_on": MARCH},
    ],
)
def test_hours_that_make_no_sense(add: Any, values: dict[str, Any]) -> None:
    with refused():
        add(**values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"starts": time(11, 59), "ends": time(13)},
        {"starts": time(8), "ends": time(18)},
        {"first_on": MAY},
        {"last_on": APRIL},
        {"first_on": APRIL, "last_on": APRIL},
    ],
)
@pytest.mark.parametrize("before", [{}, {"first_on": MARCH, "last_on": MAY}])
def test_hours_of_one_person_do_not_overlap(
    add: Any, values: dict[str, Any], before: dict[str, Any]
) -> None:
    add(**before)
    with refused():
        add(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"starts": time(12), "ends": time(13)},
        {"starts": time(8), "ends": time(9)},
        {"weekday": 3},
        {"first_on": MAY},
        {"last_on": date(2027, 2, 28)},
    ],
)
def test_hours_that_touch_or_are_of_other_days(add: Any, values: dict[str, Any]) -> None:
    add(first_on=MARCH, last_on=APRIL)
    add(**values)


def test_other_people_do_not_count(add: Any) -> None:
    add()
    other = Practitioner.objects.create(name="Tomas Lindqvist", slug="tomas", role="x")
    add(roster=Roster.objects.create(practitioner=other))


def test_a_change_must_not_lead_into_an_overlap(add: Any) -> None:
    add()
    later = add(starts=time(13), ends=time(15))
    later.starts = time(11)
    with refused():
        later.save()


def test_days_off_end_after_they_start(roster: Any) -> None:
    with refused():
        roster.days_off.create(starts_on=APRIL, ends_on=MARCH)


@pytest.mark.parametrize(
    "values",
    [{"horizon_weeks": 0}, {"horizon_weeks": 53}, {"buffer_minutes": 121}, {"notice_hours": 721}],
)
def test_rules_that_make_no_sense(roster: Any, values: dict[str, int]) -> None:
    with refused():
        Roster.objects.filter(pk=roster.pk).update(**values)


def test_one_roster_for_each(roster: Any) -> None:
    with refused():
        Roster.objects.create(practitioner=roster.practitioner)
