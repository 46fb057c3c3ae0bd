"""A practitioner calls in sick: reception marks the days and writes to the patients."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client

from bookings import workflow
from bookings.models import DayOff, Roster
from bookings.rosters import reading

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic")]

ABSENCE = "/admin/bookings/enquiry/calendar/absence/"
CALENDAR = "/admin/bookings/enquiry/calendar/?day=2027-03-01"
MONDAY, TUESDAY = date(2027, 3, 1), date(2027, 3, 2)


@pytest.fixture
def desk(client_as: Callable[[str], Client], at: datetime) -> Any:
    """Reception on a Monday, ten o'clock."""
    with time_machine.travel(at, tick=False):
        yield client_as("Receptionist")


def mark(desk: Client, roster: Roster, first: str, last: str) -> Any:
    values = {"practitioner": roster.practitioner_id, "first_on": first, "last_on": last}
    return desk.post(ABSENCE, values)


def days(roster: Roster) -> list[tuple[date, date, str]]:
    return [(each.starts_on, each.ends_on, each.reason) for each in roster.days_off.all()]


def test_marking_leads_to_the_patients_and_closes_the_open_times(
    desk: Client, roster: Roster, enquiry: Any, location: Any, receptionist: Any, at: datetime
):
    link = f"{ABSENCE}?practitioner={roster.practitioner_id}&amp;day=2027-03-01"
    assert link in desk.get(CALENDAR).content.decode()
    form = desk.get(link.replace("&amp;", "&")).context["form"]
    assert form["first_on"].value() == MONDAY
    workflow.offer(
        enquiry,
        practitioner=roster.practitioner,
        location=location,
        starts=[datetime(2027, 3, 2, 9, tzinfo=UTC)],
        minutes=45,
        by=receptionist,
        at=at,
    )
    answer = mark(desk, roster, "2027-03-01", "2027-03-02")
    assert days(roster) == [(MONDAY, TUESDAY, "")]
    assert reading.find(at)[0].starts_at.date() == date(2027, 3, 8)
    page = desk.get(answer["Location"])
    assert page.context["title"] == "Email a practitioner’s patients"
    values = {name: page.context["form"][name].value() for name in page.context["form"].GIVEN}
    assert values == {
        "practitioner": str(roster.practitioner_id),
        "first_on": "2027-03-01",
        "last_on": "2027-03-02",
    }
    assert "is marked as absent" in page.content.decode()
    assert enquiry.offers.held().count() == 1  # nothing is taken from a patient


def test_marking_twice_is_one_absence_and_a_free_day_needs_no_email(desk: Client, roster: Roster):
    for _twice in range(2):
        answer = mark(desk, roster, "2027-03-01", "2027-03-01")
        assert answer["Location"] == CALENDAR
    assert days(roster) == [(MONDAY, MONDAY, "")]


def test_back_at_work_ends_it_from_that_day_on(desk: Client, roster: Roster):
    mark(desk, roster, "2027-03-01", "2027-03-02")
    [absent] = roster.days_off.all()
    page = desk.get("/admin/bookings/enquiry/calendar/?day=2027-03-02").content.decode()
    assert f'name="absence" value="{absent.pk}"' in page
    back = {"do": "back", "absence": absent.pk}
    assert desk.post(ABSENCE, back | {"day": "2027-03-02"}).status_code == 302
    assert days(roster) == [(MONDAY, MONDAY, "")]
    desk.post(ABSENCE, back | {"day": "2027-03-01"})
    assert days(roster) == []
    assert desk.post(ABSENCE, back | {"day": "2027-03-01"}).status_code == 404


def test_days_off_of_the_roster_are_not_taken_away_here(desk: Client, roster: Roster):
    entered = roster.days_off.create(starts_on=MONDAY, ends_on=MONDAY, reason="Course")
    page = desk.get(CALENDAR).content.decode()
    assert "Back at work" not in page
    assert "Mark as absent" not in page
    answer = desk.post(ABSENCE, {"do": "back", "absence": entered.pk, "day": "2027-03-01"})
    assert answer.status_code == 404
    assert days(roster) == [(MONDAY, MONDAY, "Course")]
    # The same days, entered by hand: still those of the roster.
    mark(desk, roster, "2027-03-01", "2027-03-01")
    assert desk.post(ABSENCE, {"do": "back", "absence": entered.pk, "day": ""}).status_code == 404


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2027-03-02", "2027-03-01", "The last day is before the first."),
        ("", "2027-03-01", "This field is required."),
        ("0001-01-01", "2027-03-01", "Enter a year from 1900"),
    ],
)
def test_days_that_cannot_be_are_explained(
    desk: Client, roster: Roster, first: str, last: str, words: str
):
    answer = mark(desk, roster, first, last)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert days(roster) == []


def test_who_may_mark(client_as: Callable[[str], Client], roster: Roster):
    for role in ("Practitioner", "Editor", "Author"):
        client = client_as(role)
        assert client.get(ABSENCE).status_code == 403, role
        assert mark(client, roster, "2027-03-01", "2027-03-01").status_code == 403, role
    page = client_as("Clinical reviewer").get(CALENDAR)
    assert page.status_code == 403
    assert not DayOff.objects.exists()
    assert mark(client_as("Manager"), roster, "2027-03-01", "2027-03-01").status_code == 302
    [line] = LogEntry.objects.all()
    assert str(line.user) == "client-manager"
