"""Open times from the database: what counts, and that the number of queries does not grow."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bookings import workflow
from bookings.models import CloseReason, Roster
from bookings.rosters import reading
from clinic.models import Closure, Location, Practitioner, Service

pytestmark = pytest.mark.django_db

QUERIES = 11


def starts(at: datetime, **chosen: Any) -> list[str]:
    """The open times of the first day that has any, in London."""
    found = reading.find(at, **chosen)
    first = [each for each in found if each.starts_at.date() == found[0].starts_at.date()]
    return [f"{each.starts_at:%a %H:%M}" for each in first]


def test_none_without_rosters(practitioner: Any, at: datetime) -> None:
    assert reading.find(at) == []


def test_from_the_roster_with_its_rules(roster: Any, service: Any, at: datetime) -> None:
    """It is Monday, ten o'clock: four hours' notice, and a first appointment of 45 minutes."""
    assert starts(at, service=service)[:2] == ["Mon 14:00", "Mon 14:15"]
    assert starts(at, service=service)[-1] == "Mon 16:15"
    service.first_minutes = 60
    assert starts(at, service=service)[-1] == "Mon 16:00"
    assert max(each.starts_at for each in reading.find(at)) <= at + timedelta(weeks=8)
    roster.notice_hours = 200
    roster.save()
    assert reading.find(at)[0].starts_at > at + timedelta(hours=200)


def test_days_off_and_closures(roster: Any, at: datetime) -> None:
    roster.days_off.create(starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 1))
    assert starts(at)[0] == "Tue 09:00"
    Closure.objects.create(starts_on=date(2027, 3, 2), ends_on=date(2027, 3, 8), reason="Training")
    assert reading.find(at)[0].starts_at == datetime(2027, 3, 9, 9, tzinfo=UTC)


def test_what_is_held_is_not_open_until_nobody_answers(
    roster: Any, enquiry: Any, practitioner: Any, location: Any, receptionist: Any, at: datetime
) -> None:
    start = datetime(2027, 3, 2, 9, tzinfo=UTC)
    workflow.offer(
        enquiry,
        practitioner=practitioner,
        location=location,
        starts=[start],
        minutes=45,
        by=receptionist,
        at=at,
    )
    tuesday = [each.starts_at for each in reading.find(at) if each.starts_at.date() == start.date()]
    assert tuesday[0] == start + timedelta(minutes=45)
    monday_night = datetime(2027, 3, 2, 4, tzinfo=UTC)
    enquiry.offers.update(held_until=monday_night)
    assert reading.find(monday_night)[0].starts_at == start


def test_first_appointments_of_a_day_are_counted(
    roster: Any, enquiry: Any, practitioner: Any, location: Any, receptionist: Any, at: datetime
) -> None:
    roster.most_first = 1
    roster.save()
    start = datetime(2027, 3, 1, 16, tzinfo=UTC)
    offered = {"practitioner": practitioner, "location": location, "minutes": 45}
    workflow.offer(enquiry, starts=[start], by=receptionist, at=at, **offered)
    assert starts(at)[0] == "Tue 09:00"
    assert starts(at, is_first=False)[0] == "Mon 14:00"
    enquiry.returning = True
    enquiry.save()
    assert starts(at)[0] == "Mon 14:00"


def test_who_came_for_the_first_time_today_is_counted_when_they_have_left(
    roster: Any, enquiry: Any, practitioner: Any, location: Any, receptionist: Any, at: datetime
) -> None:
    """Closed as attended at noon, a visit is no longer held; it was a first one all the same, and
    the time to clean up after it is kept."""
    roster.most_first, roster.buffer_minutes, roster.notice_hours = 1, 60, 0
    roster.save()
    offered = {"practitioner": practitioner, "location": location, "minutes": 45}
    start = at + timedelta(hours=3)
    workflow.offer(enquiry, starts=[start], by=receptionist, at=at, agreed=True, **offered)
    later = start + timedelta(minutes=45)
    assert starts(later)[0] == "Tue 09:00"
    workflow.close(enquiry, reason=CloseReason.VISITED, by=receptionist, at=later)
    assert starts(later)[0] == "Tue 09:00"
    assert starts(later, is_first=False)[0] == "Mon 14:45"


def test_only_who_gives_the_service_where_it_is_available(
    roster: Any, service: Any, location: Any, at: datetime
) -> None:
    other = Service.objects.create(name="Knee", slug="knee", summary="Knees.")
    assert starts(at, service=other)  # nobody is bound to it
    Practitioner.objects.create(name="Tomas", slug="tomas", role="x").services.add(other)
    assert reading.find(at, service=other) == []
    harbour = Location.objects.create(name="Harbour", slug="harbour", street="1 Quay", city="H")
    service.locations.add(harbour)
    assert reading.find(at, service=service) == []
    assert reading.find(at, location=harbour) == []
    assert reading.find(at, location=location)


def test_nobody_else_where_all_who_give_it_are_gone(
    roster: Any, service: Any, practitioner: Any, location: Any, at: datetime
) -> None:
    """What is bound to somebody who takes no requests now is not open with everybody."""
    tomas = Practitioner.objects.create(name="Tomas", slug="tomas", role="x")
    Roster.objects.create(practitioner=tomas).hours.create(
        weekday=2, starts=time(9), ends=time(17), location=location
    )
    assert {each.practitioner for each in reading.find(at, service=service)} == {practitioner.pk}
    Practitioner.objects.filter(pk=practitioner.pk).update(takes_bookings=False)
    assert reading.find(at, service=service) == []
    Practitioner.objects.filter(pk=practitioner.pk).update(takes_bookings=True)
    harbour = Location.objects.create(
        name="Harbour", slug="harbour", street="1 Quay", city="H", is_public=False
    )
    service.locations.add(harbour)
    assert reading.find(at, service=service) == [], "only at a place that is not shown"


@pytest.mark.parametrize(
    "values",
    [{"is_public": False}, {"takes_bookings": False}, {"booking_url": "https://x.example/"}],
)
def test_never_with_those_who_take_no_requests(
    roster: Any, practitioner: Any, at: datetime, values: dict[str, Any]
) -> None:
    Practitioner.objects.filter(pk=practitioner.pk).update(**values)
    assert reading.find(at) == []


def test_busy_times_are_taken_as_they_come(roster: Any, practitioner: Any, at: datetime) -> None:
    busy = {practitioner.pk: [(at, datetime(2027, 3, 1, 15, tzinfo=UTC))]}
    assert starts(at, busy=busy)[0] == "Mon 15:00"


def test_the_same_number_of_queries_for_any_clinic(
    roster: Any, service: Any, location: Any, at: datetime, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(QUERIES):
        reading.find(at, service=service)
    for n in range(3):
        place = Location.objects.create(name=f"L{n}", slug=f"l{n}", street="1 Quay", city="H")
        place.periods.create(weekday=n, opens=time(8), closes=time(18))
        person = Practitioner.objects.create(name=f"P{n}", slug=f"p{n}", role="x")
        person.services.add(service)
        new = Roster.objects.create(practitioner=person)
        new.hours.create(weekday=n, starts=time(9), ends=time(17), location=place)
        new.days_off.create(starts_on=at.date(), ends_on=at.date())
    with django_assert_num_queries(QUERIES):
        assert {each.practitioner for each in reading.find(at, service=service)}
