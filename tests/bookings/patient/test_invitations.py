from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import ics
import pytest
import time_machine
import vobject
from django.core import mail

from bookings import workflow
from bookings.models import Offer
from bookings.patient import calendar_files, private_links
from bookings.workflow import undo
from clinic.mail import outbox
from clinic.models import Clinic, Message

pytestmark = pytest.mark.django_db

# In Europe/London clocks go forward on 28 March 2027 at 01:00 UTC, back on 31 October at 01:00.
NIGHTS = [
    datetime(2027, 3, 28, 0, 30, tzinfo=UTC),
    datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 30, tzinfo=UTC),  # 01:30, and an hour later 01:30 again
    datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
]


@pytest.fixture
def book(
    enquiry: Any, practitioner: Any, location: Any, receptionist: Any, at: datetime
) -> Callable[..., Offer]:
    """`book(start)`: the visit of the request, agreed by phone."""

    def make(start: datetime, minutes: int = 45) -> Offer:
        workflow.offer(
            enquiry,
            practitioner=practitioner,
            location=location,
            starts=[start],
            minutes=minutes,
            agreed=True,
            by=receptionist,
            at=at,
        )
        return enquiry.offers.held().get()

    return make


def _sent(subject: str) -> Any:
    """The mail of this subject, as it goes over the wire."""
    found = next(each for each in mail.outbox if each.subject.startswith(subject))
    return message_from_bytes(found.message().as_bytes(), policy=policy.default)


def _entry(message: Any) -> tuple[str, str]:
    """Method of the invitation in a mail, and its text; the attached file is the same."""
    [invitation] = [p for p in message.walk() if p.get_content_type() == "text/calendar"]
    [file] = message.iter_attachments()
    text = invitation.get_content().replace("\r\n", "\n")
    assert file.get_filename() == "appointment.ics"
    assert file.get_content().decode().replace("\r\n", "\n") == text
    return invitation.get_param("method"), text


# Python 3.13 warns of how one of them splits lines.
@pytest.mark.filterwarnings("ignore:'maxsplit' is passed:DeprecationWarning")
@pytest.mark.parametrize("start", NIGHTS)
def test_two_other_programs_read_the_same_moments(
    book: Any, enquiry: Any, at: Any, start: datetime
) -> None:
    visit = book(start, minutes=90)
    text = calendar_files.entry(visit, attendee=enquiry.email, at=at)
    end = start + timedelta(minutes=90)

    one = vobject.readOne(text)
    assert one.vevent.dtstart.value == start
    assert one.vevent.dtend.value == end
    assert one.method.value == "REQUEST"
    assert one.vevent.uid.value == visit.uid

    [other] = ics.Calendar(text).events
    assert other.begin.datetime == start
    assert other.end.datetime == end
    assert other.uid == visit.uid
    assert other.organizer.email == "desk@larkspur.example"


def test_lines_are_as_the_standard_wants_them(book: Any, enquiry: Any, at: Any) -> None:
    """RFC 5545, 3.1: CR LF at each end, at most 75 octets."""
    Clinic.objects.update(name="Überlingen am See, Lärchenweg; " * 2)
    text = calendar_files.entry(book(NIGHTS[0]), at=at)
    lines = text.split("\r\n")
    assert lines[-1] == ""
    assert not any("\n" in line for line in lines)
    assert max(len(line.encode()) for line in lines) <= 75
    assert "METHOD:PUBLISH" in lines


def test_an_entry_says_when_where_and_whom_to_call(book: Any, enquiry: Any, at: Any) -> None:
    visit = book(NIGHTS[0])
    text = calendar_files.entry(visit, attendee=enquiry.email, at=at)
    read = vobject.readOne(text).vevent
    assert read.summary.value == "Appointment at Larkspur"
    assert read.location.value == "Millbrook, 14 Mill Lane, Millbrook"
    link = private_links.url(enquiry)
    assert read.description.value == (
        f"Request {enquiry.number}. If you can’t come, call (613) 555-0142. "
        f"Reschedule or cancel: {link}"
    )
    assert read.url.value == link
    assert read.valarm.trigger.value == -timedelta(hours=24)
    for word in ("Low back", "lifted", "Ellery", "Okafor", "Spine"):
        assert word not in text


def test_moving_and_cancelling_update_the_same_entry(
    book: Any, enquiry: Any, practitioner: Any, location: Any, receptionist: Any, at: Any
) -> None:
    visit = book(at + timedelta(days=5))
    outbox.run_once(at + undo.WITHIN)
    workflow.move(
        enquiry,
        practitioner=practitioner,
        location=location,
        starts_at=at + timedelta(days=6),
        minutes=30,
        by=receptionist,
        at=at,
    )
    outbox.run_once(at + undo.WITHIN)
    workflow.withdraw(enquiry, at=at)
    outbox.run_once(at + undo.WITHIN)
    subjects = (
        "Your appointment is booked",
        "Your appointment has been rescheduled",
        "Your appointment is cancelled",
    )
    entries = [_entry(_sent(subject)) for subject in subjects]
    assert [method for method, _text in entries] == ["REQUEST", "REQUEST", "CANCEL"]
    events = [vobject.readOne(text).vevent for _method, text in entries]
    assert {event.uid.value for event in events} == {visit.uid}
    assert [int(event.sequence.value) for event in events] == [1, 2, 3]
    assert [event.status.value for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert events[1].dtstart.value == at + timedelta(days=6)


def test_a_repeated_mail_has_the_same_entry(book: Any, enquiry: Any, at: Any) -> None:
    book(NIGHTS[0])
    message = Message.objects.get(kind="enquiry-booked")
    one, two = (outbox.compose(message, at=at) for _try in range(2))
    assert one is not None
    assert two is not None
    assert one.attachments == two.attachments


def test_a_closed_visit_is_not_cancelled(book: Any, enquiry: Any, receptionist: Any) -> None:
    from bookings.models import CloseReason

    visit = book(NIGHTS[0])
    over = {"by": receptionist, "at": visit.ends_at}
    workflow.close(enquiry, reason=CloseReason.VISITED, **over)
    assert not Message.objects.filter(kind="enquiry-cancelled").exists()


# -- the file on the patient's page ----------------------------------------------------------------


def test_the_entry_can_be_fetched_from_the_private_page(
    book: Any, enquiry: Any, client: Any, at: Any
) -> None:
    visit = book(at + timedelta(days=5))
    address = private_links.path(enquiry) + "visit.ics"
    with time_machine.travel(at, tick=False):
        response = client.get(address)
        assert address in client.get(private_links.path(enquiry)).content.decode()
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer, same-origin"
    assert vobject.readOne(response.content.decode()).vevent.uid.value == visit.uid


def test_there_is_no_entry_without_a_visit(enquiry: Any, client: Any, at: Any) -> None:
    with time_machine.travel(at, tick=False):
        assert client.get(private_links.path(enquiry) + "visit.ics").status_code == 404
        assert client.get("/book/r/1-1-x/visit.ics").status_code == 404
        assert client.post(private_links.path(enquiry) + "visit.ics").status_code == 405


# -- reminders -------------------------------------------------------------------------------------


def _reminders(when: datetime) -> int:
    mail.outbox.clear()
    outbox.run_once(when)
    return sum(each.subject.startswith("Reminder") for each in mail.outbox)


def test_a_reminder_leaves_a_day_before(book: Any, at: Any) -> None:
    start = at + timedelta(days=5)
    book(start)
    assert _reminders(start - timedelta(hours=25)) == 0
    assert _reminders(start - timedelta(hours=24)) == 1
    assert _reminders(start - timedelta(hours=23)) == 0


def test_no_reminder_of_a_visit_that_was_moved_or_cancelled(
    book: Any, enquiry: Any, practitioner: Any, location: Any, receptionist: Any, at: Any
) -> None:
    start, later = at + timedelta(days=5), at + timedelta(days=9)
    book(start)
    workflow.move(
        enquiry,
        practitioner=practitioner,
        location=location,
        starts_at=later,
        minutes=45,
        by=receptionist,
        at=at,
    )
    assert _reminders(start - timedelta(hours=24)) == 0
    workflow.withdraw(enquiry, at=at)
    assert _reminders(later - timedelta(hours=24)) == 0


def test_no_reminder_once_the_visit_has_begun(book: Any, at: Any) -> None:
    start = at + timedelta(days=5)
    book(start)
    assert _reminders(start) == 0


@pytest.mark.parametrize(("hours", "days"), [(0, 5), (48, 1)])
def test_no_reminder_that_would_come_at_once(book: Any, at: Any, hours: int, days: int) -> None:
    Clinic.objects.update(reminder_hours=hours)
    book(at + timedelta(days=days))
    assert not Message.objects.filter(kind="enquiry-reminder").exists()
