from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
import time_machine
from django.core import mail

from bookings import workflow
from bookings.models import Enquiry
from bookings.patient import correspondence
from bookings.rosters.wishes import Wish
from bookings.workflow import holds, rescheduling, undo, wall_times
from clinic import hooks
from clinic.mail import outbox
from clinic.models import Clinic, Message

pytestmark = pytest.mark.django_db

# One token in every field that a patient fills and in all that tells of a body.
HEALTH_TOKENS = ("HURTS-HERE", "NEEDS-HELP", "SPINE-SERVICE", "SPINE-SUMMARY", "SPINE-EXPERT")


@pytest.fixture
def told(content: Any, make_enquiry: Any, service: Any, practitioner: Any) -> Any:
    """A request in which everything of the class health is a token."""
    type(service).objects.update(name="SPINE-SERVICE", summary="SPINE-SUMMARY")
    type(practitioner).objects.update(role="SPINE-EXPERT")
    enquiry = make_enquiry(message="HURTS-HERE")
    Enquiry.objects.filter(pk=enquiry.pk).update(access_needs="NEEDS-HELP")
    return enquiry


@pytest.fixture
def every_mail(
    told: Any, practitioner: Any, location: Any, receptionist: Any, at: Any
) -> list[Any]:
    """Every kind of mail, sent while it is still true."""
    sent: list[Any] = []
    start = at + timedelta(days=2)

    def send(when: Any = at) -> None:
        outbox.run_once(when + undo.WITHIN)
        sent.extend(mail.outbox)
        mail.outbox.clear()

    def last_offer() -> Any:
        return told.offers.latest("id").pk

    by = {"by": receptionist, "at": at}
    where: dict[str, Any] = {"practitioner": practitioner, "location": location}
    send()
    workflow.correct(told, name="X", email="new@patients.example", phone="", at=at)
    send()
    correspondence.answer(told, text="HURTS-HERE", **by)
    send()
    workflow.offer(told, **where, starts=[start], minutes=45, **by)
    send()
    workflow.accept(told, offer_id=last_offer(), at=at)
    send()
    workflow.move(told, **where, starts_at=start + timedelta(days=1), minutes=45, **by)
    send()
    chosen = [Wish(start + timedelta(days=2), practitioner.pk, location.pk)]
    rescheduling.ask(told, chosen=chosen, at=at)
    rescheduling.refuse(told, **by)
    send()
    with time_machine.travel(start, tick=False):
        send(start)
    # As if the visit had been agreed under other rules of the zone.
    told.offers.filter(pk=last_offer()).update(
        starts_at=start + timedelta(hours=23),
        starts_agreed="2027-03-04T10:00:00+01:00[Europe/London]",
    )
    wall_times.keep_visits(at)
    send()
    correspondence.new_link(told, at=at)
    workflow.release(told, offer_id=last_offer(), **by)
    send()
    times = {"start": start, "length": timedelta(minutes=45)}
    chosen_time = holds.ask(told, **where, **times, at=at)
    workflow.release(told, offer_id=chosen_time.pk, **by)
    send()
    correspondence.ask_if_needed(told, at=at)
    send()
    assert set(Message.objects.values_list("kind", flat=True)) == {
        kind for kind in hooks.message_kinds if kind.startswith("enquiry-")
    }
    return sent


def _parts(sent: Any) -> list[str]:
    """Header and all texts of a mail, decoded."""
    message = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
    heads = [f"{name}: {value}" for name, value in message.items()]
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    return heads + [part.decode() if isinstance(part, bytes) else part for part in parts]


def test_no_mail_carries_health(every_mail: list[Any]) -> None:
    assert len(every_mail) >= 6
    for sent in every_mail:
        for part in _parts(sent):
            assert not [token for token in HEALTH_TOKENS if token in part]


def test_mails_to_the_clinic_name_nobody(every_mail: list[Any], told: Any) -> None:
    to_clinic = [sent for sent in every_mail if sent.to == ["desk@larkspur.example"]]
    assert to_clinic
    for sent in to_clinic:
        text = "\n".join(_parts(sent))
        assert told.number in text
        assert f"/admin/bookings/enquiry/{told.pk}/change/" in text
        assert "Ellery" not in text
        assert "patients.example" not in text
        assert "/book/r/" not in text


def test_mails_to_patients(every_mail: list[Any], told: Any) -> None:
    subjects = [sent.subject for sent in every_mail if sent.to != ["desk@larkspur.example"]]
    assert subjects == [
        "We’ve received your request (Larkspur)",
        "We’ve received your changes (Larkspur)",
        "Your email address was changed",
        "We’ve replied to your request (Larkspur)",
        "Choose a time for your appointment (Larkspur)",
        "Your appointment is booked: Wednesday, March 3 (Larkspur)",
        "Your appointment has been rescheduled: Thursday, March 4 (Larkspur)",
        "We couldn’t reschedule your appointment: Thursday, March 4 (Larkspur)",
        "Reminder of your appointment: Thursday, March 4 (Larkspur)",
        "A new calendar entry for your appointment: Thursday, March 4 (Larkspur)",
        "Your new private link (Larkspur)",
        "Your appointment is cancelled: Thursday, March 4 (Larkspur)",
        "We’re no longer holding your time: Wednesday, March 3 (Larkspur)",
        "Do you still need an appointment? (Larkspur)",
    ]
    for sent in every_mail:
        assert sent.from_email == '"Larkspur" <desk@larkspur.example>'
        if sent.subject == "Your email address was changed":
            assert sent.to == ["m.ellery@patients.example"]
            for part in (sent.body, sent.alternatives[0][0]):
                assert told.number in part
                assert "/book/r/" not in part, "it may be somebody else's address"
        elif sent.to != ["desk@larkspur.example"]:
            told.refresh_from_db()
            for part in (sent.body, sent.alternatives[0][0]):
                assert "/book/r/" in part
                assert "(613) 555-0142" in part
        assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_times_are_those_of_the_clinic(every_mail: list[Any]) -> None:
    Clinic.objects.get()
    booked = next(sent for sent in every_mail if "is booked" in sent.subject)
    assert "Wednesday, March 3 at 10:00\xa0a.m." in booked.body
    assert "14 Mill Lane" in booked.body


def test_the_text_is_not_escaped(make_enquiry: Any, clinic: Any, at: Any) -> None:
    clinic.name, clinic.kind = 'Tom & "Jo"', "Physio's"
    clinic.save()
    make_enquiry()
    outbox.run_once(at)
    sent = next(m for m in mail.outbox if m.subject.startswith("We’ve received your request"))
    assert 'Tom & "Jo" Physio\'s' in sent.body
    assert sent.from_email == '"Tom & Jo" <desk@larkspur.example>'
    assert "Tom &amp; &quot;Jo&quot;" in sent.alternatives[0][0]


def _nothing(case: str, enquiry: Any, at: Any) -> None:
    match case:
        case "erased":
            enquiry.delete()
        case "no address":
            Enquiry.objects.update(email="")
            Clinic.objects.update(email="")


@pytest.mark.parametrize("case", ["erased", "no address"])
def test_there_may_be_nothing_to_send_any_more(enquiry: Any, at: Any, case: str) -> None:
    _nothing(case, enquiry, at)
    assert outbox.run_once(at) == 2
    assert not mail.outbox


def test_times_that_are_gone_are_not_offered(
    enquiry: Any, practitioner: Any, location: Any, receptionist: Any, at: Any
) -> None:
    start = at + timedelta(days=2)
    where: dict[str, Any] = {"practitioner": practitioner, "location": location}
    workflow.offer(enquiry, **where, starts=[start], minutes=45, by=receptionist, at=at)
    workflow.withdraw(enquiry, at=at)
    outbox.run_once(at)
    assert not [sent for sent in mail.outbox if "Choose a time" in sent.subject]


def test_a_repeat_has_the_same_link(enquiry: Any) -> None:
    make: Callable[..., Any] = hooks.message_kinds["enquiry-received"]
    message = Message.objects.get(kind="enquiry-received")
    message.written_at = message.created_at
    assert make(message).body == make(message).body
