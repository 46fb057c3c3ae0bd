import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from bookings import workflow
from bookings.intake import submission
from bookings.intake.submission import Outcome, submit
from bookings.models import Enquiry, Event
from clinic.models import Message

pytestmark = pytest.mark.django_db

KEY = uuid.UUID(int=7)


def test_one_sending_is_one_enquiry_with_its_line_and_mails(content: Any, at: Any) -> None:
    sent = submit(content, form_key=KEY, at=at, privacy_edition=3)
    assert sent.outcome == Outcome.RECEIVED
    enquiry = Enquiry.objects.get()
    assert enquiry.number.startswith("RQ ")
    assert len(enquiry.number) == len("RQ 482716")
    assert enquiry.privacy_edition == 3
    # 8 open hours from Monday 10:00, open 8 to 18
    assert enquiry.answer_by == at + timedelta(hours=8)
    assert enquiry.events.get().kind == Event.Kind.RECEIVED
    assert set(Message.objects.values_list("kind", "object_id")) == {
        ("enquiry-received", enquiry.pk),
        ("enquiry-new", enquiry.pk),
    }


def test_without_e_mail_only_the_clinic_is_told(content: Any, at: Any) -> None:
    submit(content | {"email": ""}, form_key=KEY, at=at)
    assert Message.objects.get().kind == "enquiry-new"


def test_the_same_again_changes_nothing(content: Any, at: Any) -> None:
    first = submit(content, form_key=KEY, at=at)
    again = submit(content, form_key=KEY, at=at + timedelta(minutes=1))
    assert again.outcome == Outcome.REPEATED
    assert again.enquiry == first.enquiry
    assert Event.objects.count() == 1
    assert Message.objects.count() == 2


def test_other_content_changes_the_enquiry_and_keeps_the_old(content: Any, at: Any) -> None:
    submit(content, form_key=KEY, at=at)
    other = content | {"message": "Better words.", "location": None, "days": []}
    sent = submit(other, form_key=KEY, at=at)
    assert sent.outcome == Outcome.CHANGED
    enquiry = Enquiry.objects.get()
    assert (enquiry.message, enquiry.location, enquiry.days) == ("Better words.", None, [])
    line = enquiry.events.get(kind=Event.Kind.CHANGED)
    assert content["message"] in line.text
    assert "location: Millbrook" in line.text
    assert line.data == {"fields": ["location", "days", "message"]}
    assert Message.objects.filter(kind="enquiry-changed").count() == 1
    assert Message.objects.filter(kind="enquiry-news").count() == 1
    assert submit(other, form_key=KEY, at=at).outcome == Outcome.REPEATED


def test_another_address_is_told_to_the_earlier_one(content: Any, at: Any) -> None:
    enquiry = submit(content, form_key=KEY, at=at).enquiry
    submit(content | {"email": "new@patients.example"}, form_key=KEY, at=at)
    message = Message.objects.get(kind="enquiry-address")
    assert (message.object_id, message.to_address) == (enquiry.pk, content["email"])
    submit(content | {"email": ""}, form_key=KEY, at=at)
    addresses = Message.objects.filter(kind="enquiry-address").values_list("to_address", flat=True)
    assert set(addresses) == {content["email"], "new@patients.example"}


def test_after_staff_acted_a_change_is_a_new_enquiry(
    content: Any, at: Any, receptionist: Any
) -> None:
    first = submit(content, form_key=KEY, at=at).enquiry
    workflow.contacted(first, reached=False, by=receptionist, at=at)
    other = content | {"message": "Better words."}
    sent = submit(other, form_key=KEY, at=at)
    assert sent.outcome == Outcome.FOLLOWED
    assert sent.enquiry.previous == first
    again = submit(other, form_key=KEY, at=at)
    assert again == submission.Submitted(sent.enquiry, Outcome.REPEATED)
    first.refresh_from_db()
    assert first.message == content["message"]
    assert submit(content, form_key=KEY, at=at).enquiry == first
    assert Enquiry.objects.count() == 2


def test_reading_and_notes_are_no_acts(content: Any, at: Any, receptionist: Any) -> None:
    first = submit(content, form_key=KEY, at=at).enquiry
    workflow.note(first, text="Old patient of ours.", by=receptionist, at=at)
    sent = submit(content | {"name": "M. Ellery"}, form_key=KEY, at=at)
    assert sent.outcome == Outcome.CHANGED


def test_a_number_that_is_taken_is_drawn_again(
    content: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([1, 1, 1, 2])
    monkeypatch.setattr(submission.secrets, "randbelow", lambda below: next(drawn))
    first = submit(content, form_key=KEY, at=at).enquiry
    second = submit(content, form_key=uuid.UUID(int=8), at=at).enquiry
    assert (first.number, second.number) == ("RQ 100001", "RQ 100002")


def test_requests_by_phone_need_no_mail_to_the_clinic(
    content: Any, at: Any, receptionist: Any
) -> None:
    from bookings.models import Source

    submit(content, form_key=KEY, at=at, source=Source.PHONE, by=receptionist)
    assert Message.objects.get().kind == "enquiry-received"
    assert Event.objects.get().by == receptionist


def test_patients_words_are_encrypted_at_rest(content: Any, at: Any) -> None:
    submit(content, form_key=KEY, at=at)
    submit(content | {"message": "Better words."}, form_key=KEY, at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT message FROM bookings_enquiry")
        stored = [cursor.fetchone()[0]]
        cursor.execute("SELECT text FROM bookings_event WHERE text <> ''")
        stored += [row[0] for row in cursor.fetchall()]
    assert len(stored) == 2
    assert all(text.startswith("gAAAA") for text in stored)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("differ", [False, True])
def test_two_sendings_at_once_are_one_enquiry(content: Any, differ: bool) -> None:
    """A double click: both requests are under way before either is answered."""
    start = threading.Barrier(4)
    outcomes: list[Outcome] = []
    failures: list[BaseException] = []

    def send(number: int) -> None:
        words = f"Words {number}." if differ else "Words."
        try:
            start.wait(timeout=60)
            sent = submit(content | {"message": words}, form_key=KEY, at=timezone.now())
            outcomes.append(sent.outcome)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not failures
    others = Outcome.CHANGED if differ else Outcome.REPEATED
    assert sorted(o.value for o in outcomes) == sorted(["received", *[others.value] * 3])
    assert Enquiry.objects.count() == 1
    assert Message.objects.filter(kind="enquiry-received").count() == 1
