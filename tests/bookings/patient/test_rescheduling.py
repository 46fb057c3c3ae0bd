"""What patients do with a booked appointment: ask for another time, cancel, and take that back."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from bookings import workflow
from bookings.models import CloseReason, Enquiry, Event, Offer, Roster, State
from bookings.patient import private_links
from bookings.rosters import wishes
from bookings.rosters.wishes import Wish
from bookings.workflow import rescheduling, undo
from clinic.mail import outbox
from clinic.models import Clinic, ContentVersion, Practitioner, Service

pytestmark = pytest.mark.django_db

MONDAY = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
VISIT = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)  # Wednesday


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def other(service: Any, location: Any) -> Practitioner:
    other = Practitioner.objects.create(name="Tomas Lindqvist", slug="tomas", role="x")
    other.services.add(service)
    other.locations.add(location)
    roster = Roster.objects.create(practitioner=other)
    roster.hours.create(weekday=2, starts=time(12), ends=time(13), location=location)
    return other


def _at(visit: Offer, day: int, hour: int, minute: int = 0) -> str:
    start = datetime(2027, 3, day, hour, minute, tzinfo=UTC)
    return Wish(start, visit.practitioner_id, visit.location_id).name


def _hold(visit: Offer, start: datetime, make_enquiry: Any, by: Any, **values: Any) -> Enquiry:
    """Somebody else gets this time of the same practitioner."""
    enquiry = make_enquiry(name="Another", email="another@patients.example")
    workflow.offer(
        enquiry,
        practitioner=visit.practitioner,
        location=visit.location,
        starts=[start],
        minutes=45,
        by=by,
        at=MONDAY,
        **values,
    )
    return enquiry


def _sent(at: datetime) -> list[Any]:
    mail.outbox.clear()
    outbox.run_once(at)
    return list(mail.outbox)


def test_the_page_shows_other_times_when_asked(visitor: Client, path: str, other: Any) -> None:
    assert "Reschedule the appointment" in visitor.get(path).content.decode()
    page = visitor.get(path + "?move=same")
    text = page.content.decode()
    assert "Open times with Ines Okafor, Millbrook." in text
    assert "Tomas" not in text
    [days, *_more] = [page.context["move"].open_days]
    assert next(day for day, _boxes in days) == "Monday, March 1"
    assert "Tomas Lindqvist" in visitor.get(path + "?move=any").content.decode()
    later = visitor.get(path + "?move=same&from=2027-03-09").content.decode()
    assert "Monday, March 1" not in later
    assert "Tuesday, March 9" in later
    for odd in ("?move=", "?move=x&from=9999-99-99", "?move=same&from=0001-01-01", "?move=%00"):
        assert visitor.get(path + odd).status_code == 200


def test_the_own_time_is_no_hindrance_and_not_offered(
    visitor: Client, path: str, visit: Any
) -> None:
    """A quarter of an hour later overlaps only the appointment that is moved."""
    field = visitor.get(path + "?move=same").context["move"].fields["chosen"]
    assert Wish(VISIT, visit.practitioner_id, visit.location_id) not in field.found.all
    assert wishes.named(_at(visit, 3, 10, 15)) in field.found.all


def test_asking_leaves_the_appointment_and_keeps_the_order(
    visitor: Client, path: str, visit: Offer
) -> None:
    first, second = _at(visit, 4, 14), _at(visit, 4, 9)
    answer = {"do": "ask_move", "chosen": [second, first], "order": f"{first} {second}"}
    response = visitor.post(path + "?move=same", answer, follow=True)
    text = response.content.decode()
    assert "You asked for another time" in text
    assert text.index("2:00\u00a0p.m.") < text.index("9:00\u00a0a.m.")
    assert "Your appointment stays as it is until we confirm another time." in text
    assert list(Offer.objects.held().values_list("starts_at")) == [(VISIT,)]
    enquiry = Enquiry.objects.get()
    assert enquiry.state == State.BOOKED
    assert [wish.name for wish in wishes.read(enquiry.moves)] == [first, second]
    assert list(Enquiry.objects.for_reply()) == [enquiry]
    assert enquiry.answer_by is not None
    [sent] = [each for each in _sent(MONDAY) if "asks to reschedule" in each.subject]
    assert sent.subject == (
        f"Request {enquiry.number}: asks to reschedule to Mar 4, 2:00\u00a0p.m.; "
        "Mar 4, 9:00\u00a0a.m."
    )


def test_asking_twice_is_one_line(visitor: Client, path: str, visit: Offer) -> None:
    for _time in range(2):
        visitor.post(path + "?move=same", {"do": "ask_move", "chosen": [_at(visit, 4, 14)]})
    assert Event.objects.filter(kind=Event.Kind.MOVE_ASKED).count() == 1
    other = {"do": "ask_move", "chosen": [_at(visit, 4, 15)]}
    visitor.post(path + "?move=same", other)
    assert len(Enquiry.objects.get().moves) == 1


def test_a_time_that_somebody_took_is_refused_and_the_others_stay_chosen(
    visitor: Client, path: str, visit: Offer, make_enquiry: Any, receptionist: Any
) -> None:
    _hold(visit, datetime(2027, 3, 4, 14, tzinfo=UTC), make_enquiry, receptionist)
    chosen = [_at(visit, 4, 14), _at(visit, 5, 9)]
    response = visitor.post(path + "?move=same", {"do": "ask_move", "chosen": chosen})
    text = response.content.decode()
    assert response.status_code == 422
    assert "A time that you chose is no longer open." in text
    assert f'value="{chosen[1]}"' in text
    assert "checked" in text.split(f'value="{chosen[1]}"')[1].split(">")[0]
    assert Enquiry.objects.get(pk=visit.enquiry_id).moves == []


@pytest.mark.parametrize("chosen", [[], ["x"], ["1-2-3"], 4])
def test_odd_choices_are_explained(visitor: Client, path: str, visit: Offer, chosen: Any) -> None:
    names = chosen or []
    if chosen == 4:
        names = [_at(visit, 4, hour) for hour in (9, 10, 11, 12)]
    response = visitor.post(path + "?move=same", {"do": "ask_move", "chosen": names})
    assert response.status_code == 422
    assert "problem" in response.content.decode()


def test_staff_reschedule_with_one_button_and_can_undo(
    client: Client, receptionist: Any, visitor: Client, path: str, visit: Offer
) -> None:
    visitor.post(path + "?move=same", {"do": "ask_move", "chosen": [_at(visit, 4, 14)]})
    client.force_login(receptionist)
    page = f"/admin/bookings/enquiry/{visit.enquiry_id}/change/"
    shown = client.get(page)
    [(words, values)] = shown.context["moves"]
    assert words == "Thursday, March 4, 2027 at 2:00\u00a0p.m. (Ines Okafor, Millbrook)"
    sent = {f"move-{name}": value for name, value in values.items()}
    assert client.post(page, {"do": "move", **sent}).status_code == 302
    enquiry = Enquiry.objects.get()
    assert (enquiry.moves, enquiry.answer_by) == ([], None)
    assert Offer.objects.held().get().starts_at == datetime(2027, 3, 4, 14, tzinfo=UTC)
    assert Offer.objects.count() == 1
    undo.undo(enquiry, by=receptionist, at=MONDAY)
    enquiry.refresh_from_db()
    assert len(enquiry.moves) == 1
    assert Offer.objects.held().get().starts_at == VISIT


def test_staff_refuse_and_the_patient_is_told(
    client: Client, receptionist: Any, visitor: Client, path: str, visit: Offer
) -> None:
    visitor.post(path + "?move=same", {"do": "ask_move", "chosen": [_at(visit, 4, 14)]})
    client.force_login(receptionist)
    page = f"/admin/bookings/enquiry/{visit.enquiry_id}/change/"
    _sent(MONDAY)
    assert client.post(page, {"do": "refuse_move"}).status_code == 302
    assert Enquiry.objects.get().moves == []
    assert _sent(MONDAY) == []  # it can still be undone
    [sent] = _sent(MONDAY + undo.WITHIN)
    assert sent.subject == (
        "We couldn’t reschedule your appointment: Wednesday, March 3 (Larkspur)"
    )
    assert client.post(page, {"do": "refuse_move"}).status_code == 422


def test_the_list_and_its_count_show_who_asks(
    client: Client, receptionist: Any, visitor: Client, path: str, visit: Offer
) -> None:
    client.force_login(receptionist)
    inbox = "/admin/bookings/enquiry/?tab=needs_reply"
    assert visit.enquiry.name not in client.get(inbox).content.decode()
    visitor.post(path + "?move=same", {"do": "ask_move", "chosen": [_at(visit, 4, 14)]})
    response = client.get(inbox)
    assert "Asks to reschedule" in response.content.decode()
    assert {tab.key: count for tab, count in response.context["tabs"]}["needs_reply"] == 1


def test_keeping_the_appointment_after_all(visitor: Client, path: str, visit: Offer) -> None:
    visitor.post(path + "?move=same", {"do": "ask_move", "chosen": [_at(visit, 4, 14)]})
    text = visitor.post(path, {"do": "drop_move"}, follow=True).content.decode()
    assert "Your appointment stays as it is." in text
    assert Enquiry.objects.get().moves == []
    assert not Enquiry.objects.for_reply().exists()


def test_once_it_has_begun_nothing_is_rescheduled(visitor: Client, path: str, visit: Offer) -> None:
    with time_machine.travel(VISIT + timedelta(minutes=1), tick=False):
        text = visitor.get(path + "?move=same").content.decode()
        assert "Reschedule the appointment" not in text
        answer = {"do": "ask_move", "chosen": [_at(visit, 4, 14)]}
        assert visitor.post(path + "?move=same", answer).status_code == 422
    chosen = [Wish(VISIT + timedelta(days=1), visit.practitioner_id, visit.location_id)]
    with pytest.raises(workflow.NotAllowed, match="has begun"):
        rescheduling.ask(visit.enquiry, chosen=chosen, at=VISIT)


def test_other_requests_have_nothing_to_reschedule(visitor: Client, enquiry: Any) -> None:
    path = private_links.path(enquiry)
    assert "Reschedule" not in visitor.get(path + "?move=any").content.decode()
    assert visitor.post(path, {"do": "ask_move", "chosen": ["1-1-1"]}).status_code == 422
    assert visitor.post(path, {"do": "drop_move"}).status_code == 409


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (24, "Until Tuesday, March 2 at 10:00\u00a0a.m., you can cancel or reschedule free"),
        (72, "It’s less than 72 hours before your appointment, so we may charge a fee"),
        (None, None),
    ],
)
def test_the_cancellation_rule_is_told_on_the_page_and_by_mail(
    visitor: Client, path: str, hours: Any, words: Any
) -> None:
    Clinic.objects.update(cancel_hours=hours)
    page = visitor.get(path).content.decode()
    [booked] = [sent for sent in _sent(MONDAY) if "is booked" in sent.subject]
    for text in (page, booked.body, booked.alternatives[0][0]):
        assert (words or "free of charge") in text if words else "free of charge" not in text


def test_what_to_know_is_on_the_page_and_no_price_in_the_mail(
    visitor: Client, path: str, visit: Offer
) -> None:
    Service.objects.update(price_text="First appointment $95", bring="Shorts and your scans")
    type(visit.location).objects.update(how_to_find="Four minutes from the station")
    page = visitor.get(path).content.decode()
    for words in ("First appointment $95", "Shorts and your scans", "45 minutes", "Four minutes"):
        assert words in page
    [booked] = [sent for sent in _sent(MONDAY) if "is booked" in sent.subject]
    for text in (booked.body, booked.alternatives[0][0]):
        assert "45 minutes" in text
        assert "Four minutes from the station" in text
        assert "/locations/millbrook/" in text
        assert "$95" not in text
        assert "Shorts" not in text


def test_cancelling_and_undoing_it(visitor: Client, path: str, visit: Offer) -> None:
    _sent(MONDAY)
    before = Offer.objects.get().sequence
    text = visitor.post(path, {"do": "withdraw"}, follow=True).content.decode()
    assert "Undo the cancellation" in text
    assert not Offer.objects.held().exists()
    text = visitor.post(path, {"do": "restore"}, follow=True).content.decode()
    assert "Your appointment is booked." in text
    offer = Offer.objects.held().get()
    assert (offer.starts_at, offer.state) == (VISIT, Offer.State.ACCEPTED)
    assert offer.sequence > before + 1  # calendars take it back in
    enquiry = Enquiry.objects.get()
    assert (enquiry.state, enquiry.close_reason, enquiry.closed_at) == (State.BOOKED, "", None)
    subjects = [sent.subject for sent in _sent(MONDAY)]
    assert subjects == [
        f"Request {enquiry.number}: cancelled Mar 3, 10:00\u00a0a.m.",
        "Your appointment is booked: Wednesday, March 3 (Larkspur)",
        f"Request {enquiry.number}: took the cancellation back",
    ]
    reminders = [sent for sent in _sent(VISIT) if sent.subject.startswith("Reminder")]
    assert len(reminders) == 0  # too late by then
    assert visitor.post(path, {"do": "restore"}).status_code == 409


def test_one_reminder_after_a_cancellation_that_was_undone(
    visitor: Client, path: str, visit: Offer
) -> None:
    visitor.post(path, {"do": "withdraw"})
    visitor.post(path, {"do": "restore"})
    _sent(MONDAY)
    reminders = [each for each in _sent(VISIT - timedelta(hours=24)) if "Reminder" in each.subject]
    assert len(reminders) == 1


def test_a_time_that_somebody_else_has_does_not_come_back(
    visitor: Client, path: str, visit: Offer, make_enquiry: Any, receptionist: Any
) -> None:
    visitor.post(path, {"do": "withdraw"})
    _hold(visit, VISIT, make_enquiry, receptionist)
    assert "Undo the cancellation" not in visitor.get(path).content.decode()
    response = visitor.post(path, {"do": "restore"})
    assert response.status_code == 409
    assert "Someone else has taken the time" in response.content.decode()
    mine = Enquiry.objects.get(pk=visit.enquiry_id)
    assert mine.close_reason == CloseReason.WITHDRAWN
    assert Offer.objects.held().count() == 1


def test_what_staff_cancelled_the_patient_cannot_take_back(
    visitor: Client, path: str, visit: Offer, receptionist: Any
) -> None:
    workflow.withdraw(visit.enquiry, at=MONDAY, by=receptionist)
    assert "Undo the cancellation" not in visitor.get(path).content.decode()
    assert visitor.post(path, {"do": "restore"}).status_code == 409


def test_an_appointment_that_is_over_does_not_come_back(
    visitor: Client, path: str, visit: Offer
) -> None:
    visitor.post(path, {"do": "withdraw"})
    with time_machine.travel(VISIT + timedelta(minutes=1), tick=False):
        assert "Undo the cancellation" not in visitor.get(path).content.decode()
        assert visitor.post(path, {"do": "restore"}).status_code == 409


def test_a_request_without_an_appointment_comes_back_too(visitor: Client, enquiry: Any) -> None:
    path = private_links.path(enquiry)
    visitor.post(path, {"do": "withdraw"})
    visitor.post(path, {"do": "restore"})
    assert Enquiry.objects.get().state == State.NEEDS_REPLY


@pytest.mark.parametrize("lead", [timedelta(minutes=20), timedelta(hours=3), timedelta(days=1)])
def test_choose_by_is_before_the_appointment(
    enquiry: Any, practitioner: Any, location: Any, receptionist: Any, visitor: Any, lead: Any
) -> None:
    """Also where the appointment is nearer than the clinic's hold of 48 hours."""
    start = MONDAY + lead
    workflow.offer(
        enquiry,
        practitioner=practitioner,
        location=location,
        starts=[start],
        minutes=45,
        by=receptionist,
        at=MONDAY,
    )
    until = Offer.objects.get().held_until
    assert MONDAY < until < start


def test_nothing_of_it_raises_the_content_version(visitor: Client, path: str, visit: Any) -> None:
    before = ContentVersion.objects.values_list("epoch", "n").get()
    visitor.get(path + "?move=any")
    visitor.post(path + "?move=same", {"do": "ask_move", "chosen": [_at(visit, 4, 14)]})
    visitor.post(path, {"do": "withdraw"})
    visitor.post(path, {"do": "restore"})
    assert ContentVersion.objects.values_list("epoch", "n").get() == before
    assert visitor.get(path + "?move=any")["Cache-Control"] == "no-store"
