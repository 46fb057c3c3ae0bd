"""What the desk says before requests go, and when the clinic's own mail is refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings import workflow
from bookings.models import CloseReason, Enquiry, Event, State
from bookings.patient import correspondence
from bookings.privacy import retention
from bookings.workflow import duties
from clinic.mail import outbox
from clinic.models import Clinic, Message

pytestmark = pytest.mark.django_db

INBOX = "/admin/bookings/enquiry/"


@pytest.fixture
def desk(client_as: Callable[[str], Client]) -> Client:
    return client_as("Receptionist")


@pytest.fixture
def suspected(enquiry: Any) -> Any:
    """Due on Monday at 18:00, eight open hours after it came."""
    Enquiry.objects.update(suspected=True)
    enquiry.refresh_from_db()
    assert enquiry.answer_by == enquiry.created_at + timedelta(hours=8)
    return enquiry


def text_of(client: Client, address: str = "/admin/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


# -- unanswered spam ------------------------------------------------------------------------------


def test_what_nobody_takes_up_is_closed_and_later_erased(suspected: Any) -> None:
    due = suspected.answer_by
    assert duties.close_suspected(due + timedelta(days=3, seconds=-1)) == 0
    closed_at = due + timedelta(days=3)
    assert duties.close_suspected(closed_at) == 1
    suspected.refresh_from_db()
    assert (suspected.state, suspected.close_reason) == (State.CLOSED, CloseReason.SPAM)
    assert suspected.events.filter(kind=Event.Kind.CLOSED, by=None).exists()
    assert not Message.objects.filter(kind="enquiry-cancelled").exists()
    assert duties.close_suspected(closed_at) == 0
    assert retention.purge(closed_at + timedelta(days=3, seconds=-1)) == 0
    assert retention.purge(closed_at + timedelta(days=3)) == 1


def test_days_on_which_the_clinic_is_closed_do_not_count(
    make_enquiry: Any, location: Any, at: datetime
) -> None:
    """A request of Monday whose answer is due after two weeks of holidays."""
    location.closures.create(
        starts_on=at.date(), ends_on=at.date() + timedelta(days=13), reason="Holidays"
    )
    make_enquiry()
    Enquiry.objects.update(suspected=True)
    assert duties.close_suspected(at + timedelta(days=14)) == 0
    assert duties.close_suspected(at + timedelta(days=18)) == 1


@pytest.mark.parametrize("taken_up", ["genuine", "given", "contacted"])
def test_what_staff_took_up_stays(suspected: Any, receptionist: Any, taken_up: str) -> None:
    by = {"by": receptionist, "at": suspected.created_at}
    match taken_up:
        case "genuine":
            correspondence.genuine(suspected, **by)
        case "given":
            workflow.assign(suspected, to=receptionist, **by)
        case "contacted":
            workflow.contacted(suspected, reached=True, **by)
    assert duties.close_suspected(suspected.answer_by + timedelta(days=100)) == 0


def test_requests_of_people_stay(enquiry: Any) -> None:
    assert duties.close_suspected(enquiry.answer_by + timedelta(days=100)) == 0


# -- the warning ----------------------------------------------------------------------------------


def closed_ago(enquiry: Any, days: float, reason: CloseReason, by: Any) -> None:
    at = timezone.now() - timedelta(days=days)
    workflow.close(enquiry, reason=reason, by=by, at=at)


def test_the_desk_warns_a_week_before_and_leads_to_the_list(
    make_enquiry: Any, receptionist: Any, desk: Client
) -> None:
    going, later = make_enquiry(name="Goes Soon"), make_enquiry(name="Goes Later")
    closed_ago(going, 53.5, CloseReason.DECLINED, receptionist)
    closed_ago(later, 52.5, CloseReason.DECLINED, receptionist)
    page = text_of(desk)
    assert "1 closed request will be deleted" in page
    assert "Goes Soon" not in page
    assert f'href="{INBOX}?tab=going"' in page
    listed = text_of(desk, f"{INBOX}?tab=going")
    assert "Goes Soon" in listed
    assert "Goes Later" not in listed
    assert "will be deleted on" in listed
    assert "will be deleted on" not in text_of(desk, f"{INBOX}?tab=closed")
    assert desk.get(f"{INBOX}counts/").json()["going"] == 1


def test_the_desk_warns_of_what_may_be_spam(make_enquiry: Any, location: Any, desk: Client) -> None:
    assert "possible spam request" not in text_of(desk)
    make_enquiry(when=timezone.now())
    Enquiry.objects.update(suspected=True, answer_by=timezone.now())
    assert "1 possible spam request will be closed" in text_of(desk)
    box = text_of(desk, f"{INBOX}?tab=suspected")
    assert "closed as spam 3 days after a reply was due" in box


def test_only_those_who_see_requests_are_warned(
    make_enquiry: Any, receptionist: Any, client_as: Any
) -> None:
    closed_ago(make_enquiry(), 59, CloseReason.DECLINED, receptionist)
    assert "closed request will be deleted" in text_of(client_as("Manager"))
    for role in ("Author", "Editor", "Practitioner"):
        assert "closed request" not in text_of(client_as(role))


def test_what_goes_is_what_is_purged(make_enquiry: Any, receptionist: Any, at: datetime) -> None:
    for reason in CloseReason:
        enquiry = make_enquiry()
        workflow.close(enquiry, reason=CloseReason.DECLINED, by=receptionist, at=at)
        Enquiry.objects.filter(pk=enquiry.pk).update(close_reason=reason)
    for days in (2, 3, 59, 60, 179, 180):
        moment = at + timedelta(days=days)
        going = retention.over(moment).count()
        assert retention.purge(moment) == going
    assert not Enquiry.objects.exists()


# -- the clinic's own mail ------------------------------------------------------------------------


REFUSED = "The mail server refused the recipient (550 5.1.1)."


@pytest.fixture
def refused(enquiry: Any, at: datetime) -> Message:
    """The mail that announces the request was refused for good."""
    message = Message.objects.get(kind="enquiry-new")
    Message.objects.filter(pk=message.pk).update(failed_at=at, error=REFUSED)
    return message


def test_the_desk_says_that_the_clinics_address_is_refused(
    refused: Message, client_as: Any, desk: Client
) -> None:
    for client, link in (
        (desk, "/admin/clinic/message/?state=given-up"),
        (client_as("Manager"), "/admin/clinic/clinic/1/change/"),
    ):
        page = text_of(client)
        assert "Notifications of new requests can’t be delivered to desk@larkspur.example" in page
        assert REFUSED in page
        assert f'href="{link}"' in page
    assert "be delivered" not in text_of(client_as("Editor"))


def test_it_is_silent_again_once_a_mail_has_left(
    refused: Message, make_enquiry: Any, desk: Client, at: datetime
) -> None:
    make_enquiry()
    later = Message.objects.filter(kind="enquiry-new").exclude(pk=refused.pk)
    later.update(sent_at=at + timedelta(hours=1), error=outbox.NOT_NEEDED)
    assert "can’t be delivered" in text_of(desk)  # nothing was sent
    later.update(error="")
    assert "can’t be delivered" not in text_of(desk)


def test_what_patients_do_not_get_is_another_matter(
    enquiry: Any, desk: Client, at: datetime
) -> None:
    Message.objects.filter(kind="enquiry-received").update(failed_at=at, error=REFUSED)
    assert "can’t be delivered" not in text_of(desk)


def test_a_setting_of_no_days_closes_when_the_answer_was_due(suspected: Any) -> None:
    Clinic.objects.update(keep_spam_days=0)
    assert duties.close_suspected(suspected.answer_by) == 1
