"""Requests that nobody finishes: the patient is asked, then they are closed, then erased."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from bookings import workflow
from bookings.models import CloseReason, Enquiry, State
from bookings.patient import private_links
from bookings.privacy import retention, unfinished
from clinic.mail import outbox
from clinic.models import Clinic, Message

pytestmark = pytest.mark.django_db


def _sent(at: datetime) -> list[str]:
    mail.outbox.clear()
    outbox.run_once(at)
    return [message.subject for message in mail.outbox]


@pytest.fixture(params=["needs_reply", "waiting"])
def idle(request: Any, make_enquiry: Any, receptionist: Any, at: datetime) -> Any:
    """A request in which nothing happens after `at`."""
    enquiry = make_enquiry()
    if request.param == "waiting":
        workflow.contacted(enquiry, reached=True, by=receptionist, at=at)
    _sent(at)
    return enquiry


def test_the_patient_is_asked_then_it_is_closed_then_erased(idle: Any, at: datetime) -> None:
    asked_at = at + timedelta(days=30)
    assert unfinished.ask(asked_at - timedelta(seconds=1)) == 0
    assert unfinished.ask(asked_at) == 1
    assert unfinished.ask(asked_at + timedelta(days=1)) == 0
    assert _sent(asked_at) == ["Do you still need an appointment? (Larkspur)"]
    ended_at = asked_at + timedelta(days=14)
    assert unfinished.end(ended_at - timedelta(seconds=1)) == 0
    assert unfinished.end(ended_at) == 1
    idle.refresh_from_db()
    assert (idle.state, idle.close_reason) == (State.CLOSED, CloseReason.NO_ANSWER)
    assert retention.purge(ended_at + timedelta(days=60)) == 1


@pytest.mark.parametrize("who", ["staff", "patient"])
def test_whatever_happens_begins_the_time_anew(
    idle: Any, receptionist: Any, visitor: Client, at: datetime, who: str
) -> None:
    asked_at = at + timedelta(days=30)
    unfinished.ask(asked_at)
    later = asked_at + timedelta(days=13)
    if who == "staff":
        workflow.note(idle, text="Away until May.", by=receptionist, at=later)
    else:
        workflow.correct(idle, name="Margaret", email="moss@patients.example", phone="", at=later)
    assert unfinished.end(later + timedelta(days=14)) == 0
    assert unfinished.ask(later + timedelta(days=29)) == 0
    assert unfinished.ask(later + timedelta(days=30)) == 1


@pytest.mark.parametrize("what", ["offered", "booked", "suspected", "closed"])
def test_what_is_not_idle_is_not_asked_about(
    make_enquiry: Any,
    practitioner: Any,
    location: Any,
    receptionist: Any,
    at: datetime,
    what: str,
) -> None:
    enquiry = make_enquiry()
    if what == "suspected":
        Enquiry.objects.update(suspected=True)
    elif what == "closed":
        workflow.close(enquiry, reason=CloseReason.DECLINED, by=receptionist, at=at)
    else:
        times = {"practitioner": practitioner, "location": location, "minutes": 45}
        starts = [at + timedelta(days=100)]
        agreed = what == "booked"
        workflow.offer(enquiry, starts=starts, by=receptionist, at=at, agreed=agreed, **times)
    assert unfinished.ask(at + timedelta(days=90)) == 0


def test_the_patient_says_that_it_is_still_needed(make_enquiry: Any, visitor: Client) -> None:
    now = timezone.now()
    enquiry = make_enquiry(when=now - timedelta(days=31))
    assert "Yes, I still need one" not in visitor.get(private_links.path(enquiry)).content.decode()
    unfinished.ask(now)
    page = visitor.get(private_links.path(enquiry)).content.decode()
    assert "Do you still need an appointment?" in page
    sent = visitor.post(private_links.path(enquiry), {"do": "keep"}, follow=True)
    assert "We’ll contact you to arrange a time." in sent.content.decode()
    enquiry.refresh_from_db()
    assert enquiry.state == State.NEEDS_REPLY
    assert enquiry.answer_by is None or enquiry.answer_by > now
    assert unfinished.end(now + timedelta(days=14)) == 0
    # What was asked is not asked by an email that is still queued.
    assert "Do you still need an appointment?" not in _sent(timezone.now())


def test_one_answer_is_one_email_to_the_clinic(make_enquiry: Any, visitor: Client) -> None:
    now = timezone.now()
    enquiry = make_enquiry(when=now - timedelta(days=31))
    news = Message.objects.filter(kind="enquiry-news")
    path = private_links.path(enquiry)
    visitor.post(path, {"do": "keep"})  # before anybody asked
    assert news.count() == 0
    unfinished.ask(now)
    for _press in range(5):
        visitor.post(path, {"do": "keep"})
    assert news.count() == 1


def test_the_link_in_the_email_works(make_enquiry: Any, visitor: Client) -> None:
    Clinic.objects.update(link_days=7)
    now = timezone.now()
    enquiry = make_enquiry(when=now - timedelta(days=31))
    assert visitor.get(private_links.path(enquiry)).status_code == 410
    unfinished.ask(now)
    enquiry.refresh_from_db()
    assert visitor.get(private_links.path(enquiry)).status_code == 200


def test_who_has_no_email_address_is_to_be_called(make_enquiry: Any, client_as: Any) -> None:
    now = timezone.now()
    silent = make_enquiry(when=now - timedelta(days=40), email="")
    asked = make_enquiry(when=now - timedelta(days=40))
    unfinished.ask(now - timedelta(days=8))
    desk = client_as("Receptionist")
    page = desk.get("/admin/").content.decode()
    assert f"{silent.number} will be closed" in page
    assert f"{asked.number} will be closed" in page
    assert "There is no email address. Call the patient." in page
    timeline = desk.get(f"/admin/bookings/enquiry/{silent.pk}/change/").content.decode()
    assert "call and ask if it is still needed" in timeline
