"""Times that are held for whoever chooses them until the clinic says yes, and who loses a race."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from bookings import workflow
from bookings.intake import red_flag_gate
from bookings.models import CloseReason, Enquiry, Event, Offer, Roster, State
from bookings.patient import private_links
from bookings.rosters import reading
from bookings.rosters.wishes import Wish
from bookings.workflow import duties, undo
from clinic.mail import outbox
from clinic.models import ContentVersion, Practitioner, Service
from tests.at_once import at_once

pytestmark = pytest.mark.django_db

MONDAY = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
TUESDAY = datetime(2027, 3, 2, 10, 0, tzinfo=UTC)
BEGUN = timedelta(minutes=5)  # how long ago the form was opened


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def roster(practitioner: Any, location: Any) -> Roster:
    roster = Roster.objects.create(practitioner=practitioner)
    for weekday in range(5):
        roster.hours.create(weekday=weekday, starts=time(9), ends=time(16), location=location)
    return roster


@pytest.fixture
def held_service(service: Any, roster: Any) -> Service:
    Service.objects.update(booking_way="held")
    service.refresh_from_db()
    return service


@pytest.fixture
def send(held_service: Any, roster: Any, location: Any) -> Callable[..., Any]:
    """`send(start, email=…)`: the form with this time chosen, begun a minute ago."""

    def post(*starts: datetime, gate: str = "", **values: Any) -> Any:
        began = MONDAY - timedelta(minutes=5)
        names = [Wish(start, roster.practitioner_id, location.pk).name for start in starts]
        typed = {
            "gate": gate or red_flag_gate.new_marker(held_service, at=began),
            "returning": "no",
            "name": "Margaret Ellery",
            "email": "m.ellery@patients.example",
            "wishes": names,
        }
        return Client().post("/book/", typed | values)

    return post


def test_choosing_a_time_holds_it(send: Any, visitor: Client) -> None:
    response = send(TUESDAY)
    assert response.status_code == 302
    offer = Offer.objects.get()
    assert (offer.state, offer.starts_at, offer.released_at) == ("asked", TUESDAY, None)
    assert MONDAY < offer.held_until < TUESDAY
    assert offer.held_until >= offer.enquiry.answer_by
    assert offer.enquiry.state == State.NEEDS_REPLY
    text = visitor.get(response["Location"]).content.decode()
    assert "we’re holding this time for you. It is booked once we confirm it." in text
    assert "Book this time" not in text
    # The patient cannot confirm it themselves.
    answer = {"do": "accept", "offer": offer.pk}
    assert visitor.post(private_links.path(offer.enquiry), answer).status_code == 409


def test_the_loser_of_a_race_keeps_what_was_typed(send: Any) -> None:
    send(TUESDAY)
    response = send(TUESDAY, email="other@patients.example", message="My back hurts.")
    text = response.content.decode()
    assert response.status_code in (409, 422)
    assert Enquiry.objects.count() == Offer.objects.count() == 1
    assert "My back hurts." in text
    assert "other@patients.example" in text
    assert "has-error" in text.split('data-group="when"')[1].split("</section>")[0]


def test_who_loses_between_check_and_hold_is_told_too(send: Any, monkeypatch: Any) -> None:
    """Both saw the time open: the guard of the database decides."""
    send(TUESDAY)
    monkeypatch.setattr(reading, "_held", lambda *_args: defaultdict(list))
    response = send(TUESDAY, email="other@patients.example", message="My back hurts.")
    text = response.content.decode()
    assert response.status_code == 409
    assert "Someone else has just taken that time. Choose another." in text
    assert "My back hurts." in text
    assert Enquiry.objects.count() == Offer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_person_who_sends_at_once_holds_two(held_service: Any, location: Any) -> None:
    """For times of several practitioners, so that no guard keeps them apart."""
    people = [
        Practitioner.objects.create(name=f"Practitioner {n}", slug=f"practitioner-{n}", role="x")
        for n in range(4)
    ]
    for each in people:
        each.services.add(held_service)
        each.locations.add(location)
        hours = {"weekday": 1, "starts": time(9), "ends": time(16), "location": location}
        Roster.objects.create(practitioner=each).hours.create(**hours)
    gates = [red_flag_gate.new_marker(held_service, at=MONDAY - BEGUN) for _each in people]

    def act(number: int) -> int:
        typed = {
            "gate": gates[number],
            "returning": "no",
            "name": "Margaret Ellery",
            "email": "m.ellery@patients.example",
            "wishes": [Wish(TUESDAY, people[number].pk, location.pk).name],
        }
        return Client().post("/book/", typed).status_code

    assert sorted(at_once(act, len(people))) == [302, 302, 409, 409]
    assert Offer.objects.held().count() == 2


def test_sending_again_holds_nothing_more(send: Any, held_service: Any) -> None:
    gate = red_flag_gate.new_marker(held_service, at=MONDAY - timedelta(minutes=5))
    send(TUESDAY, gate=gate)
    send(TUESDAY, gate=gate)
    assert Offer.objects.count() == 1


def test_sending_with_another_time_gives_the_first_back(send: Any, held_service: Any) -> None:
    gate = red_flag_gate.new_marker(held_service, at=MONDAY - timedelta(minutes=5))
    later = TUESDAY + timedelta(hours=3)
    send(TUESDAY, gate=gate)
    assert send(later, gate=gate).status_code == 302
    assert Offer.objects.held().get().starts_at == later


def test_only_one_time_in_a_request(send: Any) -> None:
    response = send(TUESDAY, TUESDAY + timedelta(hours=2))
    assert response.status_code == 422
    assert "Choose one time: we’ll hold it for you." in response.content.decode()


def test_at_most_two_for_one_person(send: Any) -> None:
    """By email address or phone number, however they are written."""
    send(TUESDAY)
    send(TUESDAY + timedelta(hours=1), email="M.Ellery@patients.example", phone="613 555 0188")
    for values in ({}, {"email": "", "phone": "+1 (613) 555-0188"}):
        response = send(TUESDAY + timedelta(hours=2), **values)
        expected = 409 if not values else 302
        assert response.status_code == expected
    third = send(TUESDAY + timedelta(hours=4), email="", phone="613-555-0188")
    assert third.status_code == 409
    assert "We’re already holding two times for you." in third.content.decode()


def test_giving_it_back(send: Any, visitor: Client) -> None:
    path = send(TUESDAY)["Location"].partition("?")[0]
    text = visitor.post(path, {"do": "give_back"}, follow=True).content.decode()
    assert "We’re no longer holding that time for you." in text
    assert not Offer.objects.held().exists()
    assert Enquiry.objects.get().state == State.NEEDS_REPLY
    assert send(TUESDAY, email="other@patients.example").status_code == 302


def test_a_hold_that_is_over_is_given_to_the_next(send: Any) -> None:
    send(TUESDAY)
    until = Offer.objects.get().held_until
    with time_machine.travel(until, tick=False):
        assert duties.expire(until) == 0  # it was our turn all the time
    assert not Offer.objects.held().exists()
    assert Enquiry.objects.get().state == State.NEEDS_REPLY
    [told] = _released(until)
    assert "your request" in told.body
    assert "is still open, and we’ll contact you" in " ".join(told.body.split())


def _released(at: datetime) -> list[Any]:
    """The emails, sent by then, that a time is no longer held."""
    mail.outbox.clear()
    outbox.run_once(at)
    return [each for each in mail.outbox if "no longer holding your time" in each.subject]


def test_staff_confirm_and_can_undo(client: Client, receptionist: Any, send: Any) -> None:
    send(TUESDAY)
    offer = Offer.objects.get()
    client.force_login(receptionist)
    page = f"/admin/bookings/enquiry/{offer.enquiry_id}/change/"
    assert "Confirm and notify the patient" in client.get(page).content.decode()
    assert client.post(page, {"do": "confirm", "confirm-offer_id": offer.pk}).status_code == 302
    offer.refresh_from_db()
    assert (offer.state, offer.enquiry.state) == ("accepted", State.BOOKED)
    undo.undo(offer.enquiry, by=receptionist, at=MONDAY)
    offer.refresh_from_db()
    assert (offer.state, offer.enquiry.state) == ("asked", State.NEEDS_REPLY)


def test_staff_decline_by_releasing_and_the_patient_is_told(
    visitor: Client, receptionist: Any, send: Any
) -> None:
    path = send(TUESDAY)["Location"].partition("?")[0]
    offer = Offer.objects.get()
    workflow.release(offer.enquiry, offer_id=offer.pk, by=receptionist, at=MONDAY)
    assert not Offer.objects.held().exists()
    assert Enquiry.objects.get().state == State.NEEDS_REPLY
    said = "We’re no longer holding a time for you: Tuesday, March 2 at 10:00"
    assert said in " ".join(visitor.get(path).content.decode().split())
    assert _released(MONDAY) == [], "it can be undone"
    [told] = _released(MONDAY + undo.WITHIN)
    assert "Tuesday, March 2" in told.subject


def test_a_release_that_is_undone_tells_nobody(receptionist: Any, send: Any) -> None:
    send(TUESDAY)
    offer = Offer.objects.get()
    workflow.release(offer.enquiry, offer_id=offer.pk, by=receptionist, at=MONDAY)
    undo.undo(offer.enquiry, by=receptionist, at=MONDAY)
    assert _released(MONDAY + undo.WITHIN) == []
    assert Offer.objects.held().exists()


@pytest.mark.parametrize(("reason", "count"), [("declined", 1), ("withdrawn", 0), ("spam", 0)])
def test_closing_tells_who_chose_a_time(
    receptionist: Any, send: Any, reason: str, count: int
) -> None:
    send(TUESDAY)
    workflow.close(Enquiry.objects.get(), reason=CloseReason(reason), by=receptionist, at=MONDAY)
    told = _released(MONDAY + undo.WITHIN)
    assert len(told) == count
    assert all("We’ve closed your request" in each.body for each in told)


def test_what_a_machine_may_have_sent_holds_nothing(send: Any, held_service: Any) -> None:
    gate = red_flag_gate.new_marker(held_service, at=MONDAY)
    send(TUESDAY, gate=gate, message="see https://spam.example https://spam.example")
    assert Enquiry.objects.get().suspected
    assert not Offer.objects.exists()


def test_times_with_a_calendar_that_is_not_known_are_only_asked_for(
    send: Any, roster: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(reading, "only_asked_for", lambda _at: {roster.practitioner_id})
    assert send(TUESDAY).status_code == 302
    assert Enquiry.objects.get().wishes
    assert not Offer.objects.exists()


def test_nothing_of_it_raises_the_content_version(send: Any, visitor: Client) -> None:
    before = ContentVersion.objects.values_list("epoch", "n").get()
    path = send(TUESDAY)["Location"]
    visitor.get(path)
    visitor.post(path.partition("?")[0], {"do": "give_back"})
    assert ContentVersion.objects.values_list("epoch", "n").get() == before
    assert Event.objects.filter(kind=Event.Kind.GIVEN_BACK).count() == 1
