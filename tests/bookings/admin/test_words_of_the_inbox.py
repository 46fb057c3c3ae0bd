"""What reception reads of a request: the same words for the same thing, in whole words."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bookings import workflow
from bookings.templatetags.bookings import waited

INBOX = "/admin/bookings/enquiry/"


@pytest.fixture
def desk(client_as: Callable[[str], Client]) -> Client:
    return client_as("Receptionist")


def words_of(response: Any) -> str:
    """Return the page as one line of words, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ({"minutes": -5}, "0 minutes"),
        ({"minutes": 1}, "1 minute"),
        ({"minutes": 59}, "59 minutes"),
        ({"minutes": 60}, "1 hour"),
        ({"hours": 26}, "26 hours"),
        ({"hours": 48}, "2 days"),
        ({"days": 5}, "5 days"),
    ],
)
def test_waiting_is_told_in_whole_words(at: Any, since: dict[str, int], words: str) -> None:
    assert waited(at - timedelta(**since), at) == words


def test_no_wish_is_called_no_preference(desk: Client, make_enquiry: Any) -> None:
    enquiry = make_enquiry(practitioner=None, location=None)
    shown = words_of(desk.get(f"{INBOX}{enquiry.pk}/change/"))
    assert "Location: No preference" in shown
    assert "Practitioner: No preference" in shown
    assert "has needed our reply for" in shown
    found = words_of(desk.get(INBOX, {"location": "none"}))
    assert enquiry.number in found
    assert found.count("No preference") == 3  # the choices of two filters, and the row
    assert "Any location" not in found
    assert "Not stated" not in found


def test_a_booked_time_is_no_held_time(
    desk: Client, enquiry: Any, practitioner: Any, location: Any, receptionist: Any, at: Any
) -> None:
    workflow.offer(
        enquiry,
        starts=[at + timedelta(days=2)],
        practitioner=practitioner,
        location=location,
        minutes=45,
        by=receptionist,
        at=at,
    )
    address = f"{INBOX}{enquiry.pk}/change/"
    offered = words_of(desk.get(address))
    assert "Held times" in offered
    assert "Patient accepted by phone" in offered
    workflow.accept(enquiry, offer_id=enquiry.offers.held().get().pk, by=receptionist, at=at)
    booked = words_of(desk.get(address))
    assert "Booked time" in booked
    assert "Cancel this appointment" in booked
    assert "Held times" not in booked
    assert "Accepted" not in booked


def test_the_form_for_a_patient_speaks_of_the_patient(desk: Client, service: Any) -> None:
    page = words_of(desk.get(f"{INBOX}add/"))
    assert "No, first appointment" in page
    assert "my first appointment" not in page
