"""Free times of the calendar that staff choose for a request: to offer them, or to reschedule."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from bookings import workflow
from bookings.models import Enquiry, Event, Offer, Roster, State
from bookings.rosters import wishes
from bookings.rosters.wishes import Wish
from clinic.models import Practitioner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clinic")]


@pytest.fixture
def desk(client_as: Callable[[str], Client], at: datetime) -> Any:
    """Reception on a Monday, ten o'clock."""
    with time_machine.travel(at, tick=False):
        yield client_as("Receptionist")


def tuesday(hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 3, 2, hour, minute, tzinfo=UTC)


def calendar(enquiry: Enquiry) -> str:
    return f"/admin/bookings/enquiry/{enquiry.pk}/calendar/"


def page(enquiry: Enquiry) -> str:
    return f"/admin/bookings/enquiry/{enquiry.pk}/change/"


def name(start: datetime, roster: Roster, location: Any) -> str:
    return Wish(start, roster.practitioner_id, location.pk).name


def offered(answer: Any, day: date = date(2027, 3, 2)) -> list[str]:
    """The starts that can be chosen on a day."""
    return [
        f"{each.hour}:{each.minute * 5:02}"
        for column in answer.context["columns"]
        for each in column.entries
        if each.name and column.day == day
    ]


def send(desk: Client, address: str, verb: str, **more: Any) -> Any:
    """Send a form of the request's page as it is shown there."""
    shown = desk.get(address)
    form = shown.context["forms"][verb]
    values = {
        field.html_name: field.field.widget.format_value(value)
        for field in form
        if (value := field.value()) not in (None, "", False)
    }
    return desk.post(address, values | {"do": verb, "seen": shown.context["seen"]} | more)


def test_times_that_fit_are_chosen_and_offered_together(
    desk: Client, roster: Roster, enquiry: Enquiry, location: Any
):
    """First the week of the practitioner the patient wants; nothing is held before the form is
    sent, and offering can be undone as ever."""
    shown = desk.get(calendar(enquiry))
    assert (shown.context["asked"].view, len(shown.context["columns"])) == ("week", 5)
    assert offered(shown)[:3] == ["9:00", "9:15", "9:30"]
    assert offered(shown)[9:12] == ["11:15", "13:00", "13:15"]  # 45 minutes fit before the break
    assert offered(shown, date(2027, 3, 1))[0] == "10:15"  # it is ten o'clock
    assert not Event.objects.filter(kind=Event.Kind.SEEN).exists()

    slots = [name(tuesday(hour), roster, location) for hour in (9, 14)]
    answer = desk.get(calendar(enquiry), {"slot": slots, "use": "1", "minutes": "30"})
    assert answer.status_code == 302
    assert not Offer.objects.exists()
    form = desk.get(answer["Location"]).context["forms"]["offer"]
    starts = [form[f"start_{n}"].value().isoformat() for n in (0, 1)]
    assert starts == ["2027-03-02T09:00:00", "2027-03-02T14:00:00"]
    assert (form["minutes"].value(), form["start_2"].value()) == (30, None)

    assert send(desk, answer["Location"], "offer").status_code == 302
    held = [(each.starts_at, each.ends_at) for each in enquiry.offers.held()]
    assert held == [(tuesday(9), tuesday(9, 30)), (tuesday(14), tuesday(14, 30))]
    assert "undo" in desk.get(page(enquiry)).context["forms"]


def test_of_two_who_choose_one_time_the_second_is_told_and_keeps_it(
    desk: Client, roster: Roster, make_enquiry: Callable[..., Any], location: Any
):
    first, second = make_enquiry(name="Anna Berg"), make_enquiry(name="Bea Carr")
    slots = [name(tuesday(9), roster, location), name(tuesday(15), roster, location)]
    pages = {
        each.pk: desk.get(calendar(each), {"slot": slots, "use": "1"})["Location"]
        for each in (first, second)
    }
    assert send(desk, pages[first.pk], "offer").status_code == 302
    lost = send(desk, pages[second.pk], "offer")
    assert lost.status_code == 422
    assert "is already held for Anna Berg" in lost.content.decode()
    kept = lost.context["forms"]["offer"]
    assert (kept["start_0"].value(), kept["start_1"].value()) == (
        "2027-03-02T09:00",
        "2027-03-02T15:00",
    )
    assert second.offers.count() == 0
    assert "9:00" not in offered(desk.get(calendar(second)))


def test_an_appointment_is_moved_to_a_time_that_its_own_time_does_not_block(
    desk: Client, roster: Roster, enquiry: Enquiry, location: Any, receptionist: Any, at: datetime
):
    workflow.offer(
        enquiry,
        practitioner=roster.practitioner,
        location=location,
        starts=[tuesday(14)],
        minutes=60,
        agreed=True,
        by=receptionist,
        at=at,
    )
    shown = desk.get(calendar(enquiry))
    assert "14:15" in offered(shown)
    assert 'type="radio" name="slot"' in shown.content.decode()
    answer = desk.get(
        calendar(enquiry), {"slot": name(tuesday(14, 15), roster, location), "use": "1"}
    )
    assert send(desk, answer["Location"], "move").status_code == 302
    visit = enquiry.offers.held().get()
    assert (visit.starts_at, visit.ends_at) == (tuesday(14, 15), tuesday(15, 15))
    assert "undo" in desk.get(page(enquiry)).context["forms"]


def test_choices_are_kept_from_day_to_day(
    desk: Client, roster: Roster, enquiry: Enquiry, location: Any
):
    slot = name(tuesday(9), roster, location)
    query = {"slot": slot, "view": "day", "day": "2027-03-02"}
    assert f'value="{slot}"' in desk.get(calendar(enquiry), query).content.decode()
    later = desk.get(calendar(enquiry), query | {"to": "2027-03-08"})
    [(kept, words)] = later.context["elsewhere"]
    assert kept == slot
    assert "Tuesday, March 2" in words
    assert offered(later) == []


def test_what_cannot_be_offered_together_is_refused_with_the_choice_kept(
    desk: Client, roster: Roster, enquiry: Enquiry, location: Any
):
    other = Wish(tuesday(9), 999, location.pk).name
    slot = name(tuesday(9), roster, location)
    four = [name(tuesday(hour), roster, location) for hour in (9, 10, 11, 13)]
    for slots, words in (
        ([], "Choose a time first."),
        (["nonsense"], "Choose a time first."),
        ([slot, other], "Choose times with the same practitioner"),
        (four, "Choose no more than 3 times."),
    ):
        answer = desk.get(calendar(enquiry), {"slot": slots, "use": "1", "day": "2027-03-02"})
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
        assert answer.content.decode().count("checked") == len(set(slots) - {"nonsense"})


def test_only_those_who_give_the_service(
    desk: Client, roster: Roster, enquiry: Enquiry, location: Any
):
    tomas = Practitioner.objects.create(name="Tomas Lindqvist", slug="tomas", role="x")
    Roster.objects.create(practitioner=tomas)
    assert [each.name for each in desk.get(calendar(enquiry)).context["book"].people] == [
        "Ines Okafor"
    ]


def test_times_asked_for_are_marked(
    desk: Client, roster: Roster, make_enquiry: Callable[..., Any], location: Any
):
    wish = Wish(datetime(2027, 3, 9, 9, 15, tzinfo=UTC), roster.practitioner_id, location.pk)
    rows = wishes.kept([wish], ZoneInfo("Europe/London"))
    enquiry = make_enquiry()
    Enquiry.objects.filter(pk=enquiry.pk).update(wishes=rows)
    shown = desk.get(calendar(enquiry))
    assert shown.context["asked"].day == date(2027, 3, 9)
    assert shown.content.decode().count("asked for") == 1


def test_a_closed_request_goes_back_to_its_page(
    desk: Client, enquiry: Enquiry, receptionist: Any, at: datetime
):
    workflow.withdraw(enquiry, by=receptionist, at=at)
    enquiry.refresh_from_db()
    assert enquiry.state == State.CLOSED
    answer = desk.get(calendar(enquiry), follow=True)
    assert answer.redirect_chain == [(page(enquiry), 302)]
    assert "This request is closed." in answer.content.decode()


def test_who_may_choose(client_as: Callable[[str], Client], enquiry: Enquiry, roster: Roster):
    for role, status in (
        ("Receptionist", 200), ("Manager", 200), ("Practitioner", 404), ("Editor", 403),
    ):  # fmt: skip
        assert client_as(role).get(calendar(enquiry)).status_code == status, role


def test_a_practitioner_sees_their_request_but_does_not_offer(
    client_as: Callable[[str], Client], enquiry: Enquiry, roster: Roster
):
    client = client_as("Practitioner")
    Enquiry.objects.filter(pk=enquiry.pk).update(given_to=client.session["_auth_user_id"])
    assert client.get(page(enquiry)).status_code == 200
    assert client.get(calendar(enquiry)).status_code == 403
    assert client.get("/admin/bookings/enquiry/999/calendar/").status_code == 404
