"""Requests that machines make, and people whose requests come among them."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings.intake import red_flag_gate, spam_score
from bookings.models import Enquiry, Event, State
from clinic.models import Message

pytestmark = pytest.mark.django_db

INBOX = "/admin/bookings/enquiry/"
EMPTY = {"do": "close-suspected"}
MESSAGE = "It began when I lifted a box."


def _send(client: Client, service: Any, seconds: int, address: str = "", **values: Any) -> Any:
    """A request by somebody who took so many seconds."""
    begun = timezone.now() - timedelta(seconds=seconds)
    typed = {
        "gate": red_flag_gate.new_marker(service, at=begun),
        "practitioner": "ines-okafor",
        "location": "millbrook",
        "returning": "no",
        "name": "Margaret Ellery",
        "email": "m.ellery@patients.example",
        "phone": "",
        "message": MESSAGE,
    }
    headers = {"X-Forwarded-For": address} if address else {}
    return client.post("/book/", typed | values, headers=headers)


def _suspected() -> bool:
    return Enquiry.objects.latest("id").suspected


@pytest.mark.parametrize(
    ("seconds", "message", "suspected"),
    [
        (60, MESSAGE, False),
        (1, MESSAGE, False),  # a fast typist
        (60, "See https://clinic.example for the findings.", False),
        (1, "See https://clinic.example", True),
        (60, "Buy: http://a.example and www.b.example", True),
    ],
)
def test_one_sign_is_no_reason(
    client: Client, practitioner: Any, service: Any, seconds: int, message: str, suspected: bool
) -> None:
    response = _send(client, service, seconds, message=message)
    assert response.status_code == 302
    assert _suspected() == suspected
    assert response.headers.get("X-Count") == (None if suspected else "sent")
    # The patient gets page and receipt in any case; the clinic no mail about what it may doubt.
    assert client.get(response["Location"]).status_code == 200
    kinds = set(Message.objects.values_list("kind", flat=True))
    assert kinds == {"enquiry-received"} | (set() if suspected else {"enquiry-new"})


def test_many_from_one_address(
    client: Client, practitioner: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spam_score, "FROM_ONE", 2)
    for suspected in (False, False, True):
        _send(client, service, 1)
        assert _suspected() == suspected
    _send(client, service, 60)  # one sign alone
    assert not _suspected()


def test_an_attack_leaves_the_inbox_usable(
    client: Client, client_as: Any, practitioner: Any, service: Any
) -> None:
    """`make attack` sends 5,000 of them."""
    desk = client_as("Receptionist")
    size = int(os.environ.get("ATTACK_SIZE", "60"))
    real = size // 2
    few = spam_score.FROM_ALL // 3
    for number in range(size):
        if number == real:
            _send(client, service, 90, name="Real Patient")
        _send(
            client,
            service,
            1,
            address=f"198.51.100.{number % 250}",
            name=f"Fake {number}",
            message="Cheap www.pills.example" if number > few else MESSAGE,
        )
    assert Enquiry.objects.count() > few
    kept = Enquiry.objects.filter(suspected=False)
    assert kept.filter(name="Real Patient").exists()
    assert kept.count() <= spam_score.FROM_ALL
    page = desk.get(INBOX).content.decode()
    assert "Real Patient" in page
    assert "Fake 59" not in page
    assert "Fake 59" in desk.get(INBOX, {"tab": "suspected", "q": "Fake 59"}).content.decode()


# -- the box of the suspected ones -----------------------------------------------------------------


@pytest.fixture
def suspect(make_enquiry: Any) -> Any:
    enquiry = make_enquiry(when=timezone.now())
    Enquiry.objects.update(suspected=True)
    return enquiry


def test_the_box_stands_apart(suspect: Any, make_enquiry: Any, client_as: Any) -> None:
    desk = client_as("Receptionist")
    real = make_enquiry(when=timezone.now(), name="Oskar Brandt")
    first = desk.get(INBOX).content.decode()
    assert real.number in first
    assert suspect.number not in first
    box = desk.get(INBOX, {"tab": "suspected"}).content.decode()
    assert suspect.number in box
    assert real.number not in box
    assert Enquiry.objects.for_reply().get() == real


def test_a_real_one_is_taken_out_of_it(suspect: Any, client_as: Any) -> None:
    desk = client_as("Receptionist")
    address = f"{INBOX}{suspect.pk}/change/"
    assert "This request may be spam" in desk.get(address).content.decode()
    desk.post(address, {"do": "genuine"})
    assert Enquiry.objects.for_reply().get() == suspect
    assert suspect.events.filter(kind=Event.Kind.GENUINE).exists()


def test_the_box_is_emptied_as_spam(suspect: Any, make_enquiry: Any, client_as: Any) -> None:
    real = make_enquiry(when=timezone.now())
    assert client_as("Practitioner").post(INBOX, EMPTY).status_code == 403
    assert client_as("Receptionist").post(INBOX, EMPTY).status_code == 302
    suspect.refresh_from_db()
    real.refresh_from_db()
    assert (suspect.state, suspect.close_reason) == (State.CLOSED, "spam")
    assert real.state == State.NEEDS_REPLY


# -- misspelt addresses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a@gmial.com", "a@gmail.com"),
        ("a@gmial.con", "a@gmail.com"),
        ("a@clinic.con", "a@clinic.com"),
        ("a@clinic.cmo", "a@clinic.com"),
        ("a@telus.nte", "a@telus.net"),
        ("a@start.up.co", ""),
        ("a@firm.cm", ""),
        ("a@gmail.con", "a@gmail.com"),
        ("a@gmal.com", "a@gmail.com"),
        ("a@gmaill.com", "a@gmail.com"),
        ("a@hotmial.com", "a@hotmail.com"),
        ("a@Outlok.com", "a@outlook.com"),
        ("a@gmail.com", ""),
        ("a@mail.com", ""),
        ("a@larkspur.example", ""),
        ("", ""),
    ],
)
def test_what_an_address_was_meant_to_be(typed: str, meant: str) -> None:
    from bookings.intake.email_typos import suggestion

    assert suggestion(typed) == meant


def test_a_misspelt_address_is_asked_about_and_not_refused(
    client: Client, practitioner: Any, service: Any
) -> None:
    asked = _send(client, service, 60, email="margaret@gmial.com")
    assert asked.status_code == 422
    text = asked.content.decode()
    assert "Did you mean margaret@gmail.com?" in text
    assert 'name="email_is_right"' in text
    assert MESSAGE in text
    sent = _send(client, service, 60, email="margaret@gmial.com", email_is_right="on")
    assert sent.status_code == 302
    assert Enquiry.objects.get().email == "margaret@gmial.com"
    assert 'name="email_is_right"' not in client.get("/book/").content.decode()
