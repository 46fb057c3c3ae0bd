"""The patient's own page: what it tells, what can be done there, and links that end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings import workflow
from bookings.models import CloseReason, Enquiry, Event, State
from bookings.patient import private_links
from clinic.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def now_enquiry(make_enquiry: Any) -> Any:
    return make_enquiry(when=timezone.now())


def _text(response: Any) -> str:
    return response.content.decode()


def test_the_page_tells_what_happens_next(visitor: Client, now_enquiry: Any) -> None:
    response = visitor.get(private_links.path(now_enquiry) + "?sent")
    page = _text(response)
    assert response.status_code == 200
    assert now_enquiry.number in page
    assert "We’ve received your request." in page
    assert "(613) 555-0188" in page
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer, same-origin"
    assert response["X-Robots-Tag"] == "noindex"
    assert not response.cookies.keys() - {"csrftoken"}


def test_getting_changes_nothing(visitor: Client, now_enquiry: Any) -> None:
    lines = Event.objects.count()
    for query in ("", "?do=withdraw", "?do=accept&offer=1", "?sent=changed"):
        assert visitor.get(private_links.path(now_enquiry) + query).status_code == 200
    now_enquiry.refresh_from_db()
    assert now_enquiry.state == State.NEEDS_REPLY
    assert Event.objects.count() == lines


def test_withdrawing(visitor: Client, now_enquiry: Any) -> None:
    response = visitor.post(private_links.path(now_enquiry), {"do": "withdraw"}, follow=True)
    now_enquiry.refresh_from_db()
    assert now_enquiry.close_reason == CloseReason.WITHDRAWN
    assert "You cancelled this request." in _text(response)
    again = visitor.post(private_links.path(now_enquiry), {"do": "withdraw"})
    assert again.status_code == 409
    assert "You can’t do this now" in _text(again)


def test_correcting_contact_details(visitor: Client, now_enquiry: Any) -> None:
    address = private_links.path(now_enquiry)
    wrong = {"do": "correct", "name": "M. Ellery", "email": "", "phone": "12"}
    response = visitor.post(address, wrong)
    assert response.status_code == 422
    assert 'value="M. Ellery"' in _text(response)
    right = wrong | {"phone": "613 555 0199"}
    assert visitor.post(address, right).status_code == 302
    now_enquiry.refresh_from_db()
    assert (now_enquiry.name, now_enquiry.phone) == ("M. Ellery", "+16135550199")


@pytest.mark.parametrize("do", ["", "close", "delete"])
def test_unknown_acts_do_nothing(visitor: Client, now_enquiry: Any, do: str) -> None:
    assert visitor.post(private_links.path(now_enquiry), {"do": do}).status_code == 400


def test_choosing_an_offered_time(
    visitor: Client, now_enquiry: Any, practitioner: Any, location: Any, receptionist: Any
) -> None:
    now = timezone.now()
    starts = [now + timedelta(days=2), now + timedelta(days=3)]
    workflow.offer(
        now_enquiry,
        practitioner=practitioner,
        location=location,
        starts=starts,
        minutes=45,
        by=receptionist,
        at=now,
    )
    address = private_links.path(now_enquiry)
    first, second = now_enquiry.offers.order_by("starts_at")
    assert _text(visitor.get(address)).count("Book this time") == 2
    assert visitor.post(address, {"do": "accept", "offer": "x"}).status_code == 409
    visitor.post(address, {"do": "accept", "offer": str(second.pk)})
    now_enquiry.refresh_from_db()
    first.refresh_from_db()
    assert now_enquiry.state == State.BOOKED
    assert first.released_at is not None
    assert "Your appointment is booked." in _text(visitor.get(address))


def test_false_links_are_404(visitor: Client, now_enquiry: Any) -> None:
    good = private_links.token(now_enquiry)
    for token in ("x", "1-1-x", good[:-1], good[:-1] + ("A" if good[-1] != "A" else "B"), "é-1-1"):
        response = visitor.get(reverse("bookings:request", args=[token]))
        assert response.status_code == 404, token
        assert "This link does not work" in _text(response)
        assert response["Cache-Control"] == "no-store"


def test_revoked_links_are_410(visitor: Client, now_enquiry: Any) -> None:
    address = private_links.path(now_enquiry)
    Enquiry.objects.update(link_serial=2)
    assert visitor.get(address).status_code == 410
    assert visitor.post(address, {"do": "withdraw"}).status_code == 410


def test_old_links_are_410(visitor: Client, make_enquiry: Any, at: datetime) -> None:
    enquiry = make_enquiry(when=timezone.now() - timedelta(days=61))
    assert visitor.get(private_links.path(enquiry)).status_code == 410


def test_the_page_is_no_way_to_mail_many(visitor: Client, now_enquiry: Any) -> None:
    """Each correction mails the new address, the earlier one and the clinic."""
    address = private_links.path(now_enquiry)
    for number in range(20):
        typed = {"do": "correct", "name": "X", "phone": "", "email": f"a{number}@example.net"}
        response = visitor.post(address, typed)
    assert response.status_code == 429
    assert "a19@example.net" in _text(response)
    assert "changed too often today" in _text(response)
    assert Message.objects.filter(kind="enquiry-changed").count() == 10
    now_enquiry.refresh_from_db()
    assert now_enquiry.email == "a9@example.net"
