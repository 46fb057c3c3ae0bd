"""Patients say in words which other time would suit them."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from bookings import workflow
from bookings.models import Enquiry, Event, Offer, Roster
from bookings.workflow import stale_pages
from clinic.mail import outbox

pytestmark = pytest.mark.django_db

MONDAY = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


def test_asking_in_words_alone(
    client: Client, receptionist: Any, visitor: Client, path: str, visit: Offer
) -> None:
    Roster.objects.all().delete()
    page = visitor.get(path + "?move=any").content.decode()
    assert "There are no open times for these choices." in page
    said = "Any evening & not before the 14th"
    for _time in range(2):
        response = visitor.post(path + "?move=any", {"do": "ask_move", "text": said}, follow=True)
    text = response.content.decode()
    assert "You asked for another time" in text
    assert "Any evening &amp; not before the 14th" in text
    enquiry = Enquiry.objects.get()
    assert list(Enquiry.objects.for_reply()) == [enquiry]
    asked = Event.objects.get(kind=Event.Kind.MOVE_ASKED)
    assert asked.text == said
    assert said not in str(Event.objects.values_list("data")) + str(enquiry.moves)
    outbox.run_once(MONDAY)
    [sent] = [each for each in mail.outbox if "asks to reschedule" in each.subject]
    assert sent.subject.endswith(": asks to reschedule")
    client.force_login(receptionist)
    desk = f"/admin/bookings/enquiry/{enquiry.pk}/change/"
    shown = client.get(desk).content.decode()
    assert "The patient asks to reschedule" in shown
    assert "Any evening &amp; not before the 14th" in shown
    assert client.post(desk, {"do": "refuse_move"}).status_code == 302
    assert "Any evening" not in visitor.get(path).content.decode()


def test_words_are_kept_when_something_is_refused(
    visitor: Client, path: str, visit: Offer, receptionist: Any
) -> None:
    version = stale_pages.version(visit.enquiry_id, stale_pages.FOR_STAFF)
    sent = {"do": "ask_move", "text": "Any evening", "seen": version}
    response = visitor.post(path + "?move=same", sent | {"chosen": ["1-2-3"]})
    assert response.status_code == 422
    assert "Any evening</textarea>" in response.content.decode()
    browser = Client(enforce_csrf_checks=True, headers={"Origin": "http://testserver"})
    strict = browser.post(path + "?move=same", sent)
    assert strict.status_code == 403
    assert "Any evening</textarea>" in strict.content.decode()
    workflow.release(visit.enquiry, offer_id=visit.pk, by=receptionist, at=MONDAY)
    late = visitor.post(path + "?move=same", sent)
    assert late.status_code in (409, 422)
    assert "Any evening" in late.content.decode()
