from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings import workflow
from bookings.intake import red_flag_gate
from bookings.models import Enquiry
from bookings.patient import correspondence, private_links
from clinic.models import Message

pytestmark = pytest.mark.django_db


def test_a_link_opens_its_own_enquiry(make_enquiry: Any, at: Any) -> None:
    first, second = make_enquiry(), make_enquiry()
    assert private_links.resolve(private_links.token(first), at=at) == first
    assert private_links.resolve(private_links.token(second), at=at) == second


def test_the_database_alone_opens_none(enquiry: Any, at: Any, settings: Any) -> None:
    token = private_links.token(enquiry)
    settings.SECRET_KEY = "another installation's key, which is not ours at all"
    with pytest.raises(private_links.NoSuchLink):
        private_links.resolve(token, at=at)


@pytest.mark.parametrize("change", ["enquiry", "serial", "mac", "cut", "longer"])
def test_what_was_tampered_with_opens_none(make_enquiry: Any, at: Any, change: str) -> None:
    first, second = make_enquiry(), make_enquiry()
    number, serial, mac = private_links.token(first).split("-", 2)
    other = private_links.token(second).split("-", 2)
    token = {
        "enquiry": f"{other[0]}-{serial}-{mac}",
        "serial": f"{number}-2-{mac}",
        "mac": f"{number}-{serial}-{other[2]}",
        "cut": f"{number}-{serial}-{mac[:-1]}",
        "longer": f"{number}-{serial}-{mac}A",
    }[change]
    with pytest.raises(private_links.NoSuchLink):
        private_links.resolve(token, at=at)


def test_raising_the_serial_revokes(enquiry: Any, at: Any) -> None:
    old = private_links.token(enquiry)
    Enquiry.objects.update(link_serial=2)
    with pytest.raises(private_links.LinkIsOver):
        private_links.resolve(old, at=at)
    enquiry.refresh_from_db()
    assert private_links.resolve(private_links.token(enquiry), at=at) == enquiry


def test_a_link_runs_out(enquiry: Any, at: Any) -> None:
    token = private_links.token(enquiry)
    assert private_links.resolve(token, at=at + timedelta(days=60)) == enquiry
    with pytest.raises(private_links.LinkIsOver):
        private_links.resolve(token, at=at + timedelta(days=60, seconds=1))


def test_an_erased_request_has_no_page(enquiry: Any, at: Any) -> None:
    token = private_links.token(enquiry)
    enquiry.delete()
    with pytest.raises(private_links.LinkIsOver):
        private_links.resolve(token, at=at)


def test_a_token_is_long_enough(enquiry: Any) -> None:
    assert len(private_links.token(enquiry).split("-", 2)[2]) * 6 >= 128


# -- a link that was revoked ----------------------------------------------------------------------


@pytest.fixture
def revoked(make_enquiry: Any, receptionist: Any, practitioner: Any, location: Any) -> Any:
    """A booked request whose first link was revoked by reception; `.old` is that link."""
    now = timezone.now()
    enquiry = make_enquiry(when=now)
    workflow.offer(
        enquiry,
        practitioner=practitioner,
        location=location,
        starts=[now + timedelta(days=2)],
        minutes=45,
        agreed=True,
        by=receptionist,
        at=now,
    )
    old = private_links.path(enquiry)
    enquiry = correspondence.new_link(enquiry, by=receptionist, at=now)
    enquiry.old = old
    return enquiry


def _history(enquiry: Any) -> list[tuple[int, str]]:
    return list(enquiry.events.order_by("id").values_list("pk", "kind"))


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "withdraw"},
        {"do": "decline", "text": "Mornings."},
        {"do": "accept", "offer": "1"},
        {"do": "correct", "name": "X", "email": "x@patients.example", "phone": ""},
        {"do": "", "offer": "1"},
    ],
)
def test_a_revoked_link_does_nothing(revoked: Any, client: Any, sent: dict[str, str]) -> None:
    before = _history(revoked)
    assert client.post(revoked.old, sent).status_code == 410
    assert _history(revoked) == before


@pytest.mark.parametrize(("more", "status"), [("", 410), ("?sent", 410), ("visit.ics", 404)])
def test_a_revoked_link_shows_nothing(revoked: Any, client: Any, more: str, status: int) -> None:
    response = client.get(revoked.old + more)
    assert response.status_code == status
    assert revoked.number not in response.content.decode()
    assert "Okafor" not in response.content.decode()


def test_a_revoked_link_does_not_revoke_the_one_that_replaced_it(revoked: Any, client: Any) -> None:
    current = private_links.path(revoked)
    mails = Message.objects.filter(kind="enquiry-link").count()
    response = client.post(revoked.old, {"do": "renew"})
    assert response.status_code == 200
    assert current not in response.content.decode()
    revoked.refresh_from_db()
    assert private_links.path(revoked) == current
    assert client.get(current).status_code == 200
    # Its owner gets the link that works once more, and staff can see that.
    assert Message.objects.filter(kind="enquiry-link").count() == mails + 1
    assert revoked.events.order_by("-id").first().kind == "mailed"


def test_a_revoked_link_replaces_one_that_has_run_out(revoked: Any, client: Any, at: Any) -> None:
    long_ago = timezone.now() - timedelta(days=61)
    Enquiry.objects.update(state_since=long_ago, link_since=long_ago)
    over = private_links.path(revoked)
    assert client.post(revoked.old, {"do": "renew"}).status_code == 200
    revoked.refresh_from_db()
    assert private_links.path(revoked) != over
    assert client.get(over).status_code == 410


def test_a_form_sent_again_after_its_link_was_revoked_gets_no_link(
    content: Any, receptionist: Any, client: Any, service: Any
) -> None:
    now = timezone.now()
    sent = {
        "gate": red_flag_gate.new_marker(service, at=now - timedelta(minutes=5)),
        "name": content["name"],
        "email": content["email"],
        "message": content["message"],
        "returning": "no",
    }
    first = client.post("/book/", sent)
    assert first.status_code == 302
    enquiry = Enquiry.objects.get()
    correspondence.new_link(enquiry, by=receptionist, at=now)
    again = client.post("/book/", sent)
    assert again.status_code == 200
    enquiry.refresh_from_db()
    assert private_links.token(enquiry) not in again.content.decode()
    # Other words make a request of their own, and leave this one as it is.
    other = client.post("/book/", sent | {"email": "thief@patients.example"})
    assert other.status_code == 302
    assert private_links.token(enquiry) not in other["Location"]
    enquiry.refresh_from_db()
    assert enquiry.email == content["email"]
