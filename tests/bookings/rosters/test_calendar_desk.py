"""The calendar of the desk: what it draws, who sees which names, and that it stays cheap."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from bookings import workflow
from bookings.models import CloseReason, Event, Offer, PractitionerCalendar, Roster
from bookings.rosters import busy
from clinic.models import Closure, Location, Practitioner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic")]

CALENDAR = "/admin/bookings/enquiry/calendar/"
MONDAY = "?day=2027-03-01"
QUERIES = 19


@pytest.fixture
def desk(client_as: Callable[[str], Client], at: datetime) -> Any:
    """Reception on a Monday, ten o'clock."""
    with time_machine.travel(at, tick=False):
        yield client_as("Receptionist")


@pytest.fixture
def hold(
    make_enquiry: Callable[..., Any], practitioner: Any, location: Any, receptionist: Any, at: Any
) -> Callable[..., Any]:
    """`hold(14, agreed=True)`: a request with a time on Monday at that hour."""

    def make(hour: int, *, agreed: bool = False, name: str = "Anna Berg", **values: Any) -> Any:
        given = {"practitioner": practitioner, "location": location, "minutes": 45} | values
        starts = given.pop("starts", [datetime(2027, 3, 1, hour, tzinfo=UTC)])
        enquiry = make_enquiry(name=name)
        return workflow.offer(
            enquiry, starts=starts, agreed=agreed, by=receptionist, at=at, **given
        )

    return make


def drawn(answer: Any) -> list[str]:
    """The entries of the page, in order: kind, times, title."""
    return [
        f"{each.kind} {each.hour}:{each.minute * 5:02}-{each.until_hour}:{each.until_minute * 5:02}"
        f" {each.title}"
        for column in answer.context["columns"]
        for each in column.entries
    ]


def test_a_day_as_it_is(desk: Client, roster: Roster, hold: Callable[..., Any]):
    hold(10, agreed=True, name="Early Bird", starts=[datetime(2027, 3, 1, 11, tzinfo=UTC)])
    held = hold(14)
    answer = desk.get(CALENDAR + MONDAY)
    assert drawn(answer) == [
        "free 9:00-11:00 Free",
        "booked 11:00-11:45 Early Bird",
        "free 11:45-12:00 Free",
        "break 12:00-13:00 Break",
        "free 13:00-14:00 Free",
        "held 14:00-14:45 Anna Berg",
        "free 14:45-17:00 Free",
    ]
    page = answer.content.decode()
    assert "Ines Okafor" in page
    assert "9:00\xa0a.m.–5:00\xa0p.m., Millbrook" in page
    assert f'href="/admin/bookings/enquiry/{held.pk}/change/"' in page
    assert "Held until" in page
    assert not Event.objects.filter(kind=Event.Kind.SEEN).exists()


def test_a_time_that_a_patient_chose_is_held_and_not_booked(
    desk: Client, roster: Roster, hold: Callable[..., Any], at: datetime
):
    chosen = hold(14).offers.get()
    Offer.objects.update(state=Offer.State.ASKED)
    answer = desk.get(CALENDAR + MONDAY)
    assert "held 14:00-14:45 Anna Berg" in drawn(answer)
    assert "Held until" in answer.content.decode()
    with time_machine.travel(chosen.held_until, tick=False):
        assert "Anna Berg" not in desk.get(CALENDAR + MONDAY).content.decode()


def test_days_off_closures_and_opening_hours(desk: Client, roster: Roster, location: Location):
    roster.days_off.create(starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 1), reason="Course")
    answer = desk.get(CALENDAR + MONDAY)
    assert drawn(answer) == ["off 9:00-17:00 Off"]
    assert "Course" not in answer.content.decode()
    Closure.objects.create(
        starts_on=date(2027, 3, 2), ends_on=date(2027, 3, 2), reason="Staff training"
    )
    closed = desk.get(f"{CALENDAR}?day=2027-03-02")
    assert drawn(closed) == [
        "off 9:00-12:00 Closed: Staff training",
        "break 12:00-13:00 Break",
        "off 13:00-17:00 Closed: Staff training",
    ]
    location.periods.filter(weekday=0).update(opens=time(10))
    assert drawn(desk.get(f"{CALENDAR}?day=2027-03-08"))[0] == (
        "break 9:00-10:00 Outside opening hours"
    )


def test_when_calendars_were_last_read(desk: Client, roster: Roster, enquiry: Any, at: datetime):
    calendar = PractitionerCalendar.objects.create(practitioner=roster.practitioner, entered_at=at)
    pages = [CALENDAR + MONDAY, f"/admin/bookings/enquiry/{enquiry.pk}/change/"]
    pages.append(f"/admin/bookings/enquiry/{enquiry.pk}/calendar/")
    for page in pages:
        said = "<b>Ines Okafor’s calendar has not been read yet.</b>"
        assert said in desk.get(page).content.decode()
    calendar.read_at = at - timedelta(minutes=3)
    calendar.save()
    for page in pages:
        said = "Ines Okafor’s calendar was read 3\xa0minutes ago."
        text = desk.get(page).content.decode()
        assert said in text
        assert f"<b>{said}" not in text
    Roster.objects.all().delete()
    calendar.delete()
    assert "calendar was read" not in desk.get(pages[1]).content.decode()


def test_busy_spans_take_their_time(desk: Client, roster: Roster, monkeypatch: Any):
    span = (datetime(2027, 3, 1, 9, tzinfo=UTC), datetime(2027, 3, 1, 12, tzinfo=UTC))
    monkeypatch.setattr(busy, "spans", lambda *_args: {roster.practitioner_id: [span]})
    assert drawn(desk.get(CALENDAR + MONDAY))[:2] == [
        "busy 9:00-12:00 Busy",
        "break 12:00-13:00 Break",
    ]
    whole_day = (datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 3, 2, tzinfo=UTC))
    monkeypatch.setattr(busy, "spans", lambda *_args: {roster.practitioner_id: [whole_day]})
    answer = desk.get(CALENDAR + MONDAY)
    assert drawn(answer) == ["busy 8:00-18:00 Busy", "break 12:00-13:00 Break"]
    assert (answer.context["first"], answer.context["last"]) == (8, 18)


def test_what_nobody_answered_is_free_and_what_is_over_stays(
    desk: Client,
    roster: Roster,
    hold: Callable[..., Any],
    receptionist: Any,
    at: datetime,
):
    unanswered = hold(14)
    unanswered.offers.update(held_until=at)
    missed = hold(11, agreed=True, name="No Body")
    later = at + timedelta(hours=2)
    workflow.close(missed, reason=CloseReason.NO_SHOW, by=receptionist, at=later)
    found = drawn(desk.get(CALENDAR + MONDAY))
    assert "missed 11:00-11:45 No Body" in found
    assert "free 13:00-17:00 Free" in found


def test_weeks_of_one_and_of_all(desk: Client, roster: Roster, hold: Callable[..., Any]):
    hold(14, agreed=True)
    one = desk.get(f"{CALENDAR}{MONDAY}&view=week&practitioner={roster.practitioner_id}")
    days = [column.day.isoformat() for column in one.context["columns"]]
    assert days == [f"2027-03-0{n}" for n in range(1, 6)]  # an empty weekend is left out
    assert one.context["title"] == "Week of March 1, 2027"
    everybody = desk.get(f"{CALENDAR}{MONDAY}&view=week")
    page = everybody.content.decode()
    assert everybody.context["columns"] == []
    assert "Anna Berg" in page
    assert "5 h 15 min free" in page  # from ten o'clock on


def test_a_location_shows_who_is_there(
    desk: Client,
    roster: Roster,
    hold: Callable[..., Any],
):
    other = Location.objects.create(name="Harbour", slug="harbour", street="1 Quay", city="X")
    roster.hours.create(weekday=2, starts=time(9), ends=time(12), location=other)
    roster.hours.create(
        weekday=2, starts=time(13), ends=time(15), location_id=roster.hours.first().location_id
    )
    assert drawn(desk.get(f"{CALENDAR}?day=2027-03-01&location={other.pk}")) == []
    wednesday = desk.get(f"{CALENDAR}?day=2027-03-03&location={other.pk}")
    assert drawn(wednesday) == ["free 9:00-12:00 Free", "away 13:00-15:00 Millbrook"]


def test_names_are_for_those_who_see_the_request(
    desk: Client,
    roster: Roster,
    hold: Callable[..., Any],
    client_as: Any,
    practitioner: Any,
    at: Any,
):
    mine = hold(14, agreed=True, name="My Patient")
    tomas = Practitioner.objects.create(name="Tomas Lindqvist", slug="tomas", role="x")
    hold(15, agreed=True, name="Their Patient", practitioner=tomas)
    hold(16, name="Offered Only")
    client = client_as("Practitioner")
    practitioner.user_id = client.session["_auth_user_id"]
    practitioner.save()
    page = client.get(CALENDAR + MONDAY).content.decode()
    assert "My Patient" in page
    assert mine.number in page
    assert "Their Patient" not in page
    assert "Offered Only" not in page
    assert ("<b>Booked</b>" in page, "<b>Held</b>" in page) == (True, True)
    with time_machine.travel(at, tick=False):
        assert client_as("Editor").get(CALENDAR).status_code == 403
    assert client.post(CALENDAR).status_code == 405


def test_the_number_of_queries_does_not_grow(
    desk: Client,
    roster: Roster,
    hold: Callable[..., Any],
    location: Any,
    django_assert_max_num_queries: Any,
):
    desk.get(CALENDAR + MONDAY)
    for number in range(4):
        person = Practitioner.objects.create(name=f"P{number}", slug=f"p{number}", role="x")
        other = Roster.objects.create(practitioner=person)
        other.hours.create(weekday=0, starts=time(9), ends=time(17), location=location)
        other.days_off.create(starts_on=date(2027, 3, 3), ends_on=date(2027, 3, 3))
        hold(11 + number, practitioner=person, agreed=True)
    for view in ("day", "week"):
        with django_assert_max_num_queries(QUERIES):
            desk.get(f"{CALENDAR}{MONDAY}&view={view}")


@pytest.mark.parametrize(
    "query",
    ["day=x", "day=0001-01-01", "day=9999-12-31", "practitioner=9999999999999999999999", "view=x",
     "location=-1", "day=2027-02-30", "to=&day="],
)  # fmt: skip
def test_what_makes_no_sense_is_left_out(desk: Client, roster: Roster, query: str):
    answer = desk.get(f"{CALENDAR}?{query}")
    assert answer.status_code == 200
    assert answer.context["asked"].day == date(2027, 3, 1)


def test_before_the_first_roster_it_says_where_to_enter_one(
    desk: Client, hold: Callable[..., Any], client_as: Any
):
    hold(14, agreed=True)
    page = desk.get(CALENDAR).content.decode()
    assert "No working hours have been entered" in page
    assert "Anna Berg" in page
    assert "Managers enter them under Schedules" in page
    assert 'href="/admin/bookings/roster/"' in client_as("Manager").get(CALENDAR).content.decode()


def test_an_empty_day_says_so(desk: Client, roster: Roster):
    assert b"Nobody works on this day." in desk.get(f"{CALENDAR}?day=2027-03-06").content


def test_days_on_which_the_clocks_change(
    desk: Client,
    roster: Roster,
    hold: Callable[..., Any],
    location: Any,
):
    """By the clock on the wall; an hour that comes twice still has a height."""
    roster.hours.create(weekday=6, starts=time(0), ends=time(4), location=location)
    location.periods.create(weekday=6, opens=time(0), closes=time(5))
    first = datetime(2027, 10, 31, 0, 45, tzinfo=UTC)  # 1:45 in summer, until 1:15 in winter
    hold(0, starts=[first], minutes=30, agreed=True)
    assert drawn(desk.get(f"{CALENDAR}?day=2027-10-31")) == [
        "free 0:00-1:45 Free",
        "booked 1:45-1:50 Anna Berg",
        "free 1:15-4:00 Free",
    ]
    assert drawn(desk.get(f"{CALENDAR}?day=2027-03-28")) == ["free 0:00-4:00 Free"]


def test_it_is_in_the_navigation_beside_requests(desk: Client, roster: Roster):
    page = desk.get(CALENDAR).content.decode()
    assert f'<a href="{CALENDAR}" aria-current="page">Calendar</a>' in page
    assert page.count('aria-current="page"') == 2  # and the view
    inbox = desk.get("/admin/bookings/enquiry/").content.decode()
    assert f'<a href="{CALENDAR}">Calendar</a>' in inbox
