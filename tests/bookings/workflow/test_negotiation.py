"""What patients and staff do about a request after it came, on both sides."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from bookings import workflow
from bookings.models import AnswerTemplate, CloseReason, Enquiry, Event, Offer, State
from bookings.patient import correspondence, private_links
from bookings.workflow import NotAllowed, undo
from clinic.mail import outbox
from clinic.models import Message
from tests.bookings.asking import answered

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> Any:
    return timezone.now()


@pytest.fixture
def waiting(make_enquiry: Any, now: Any) -> Any:
    return make_enquiry(when=now)


@pytest.fixture
def offer(practitioner: Any, location: Any, receptionist: Any, now: Any) -> Callable[..., Enquiry]:
    def make(enquiry: Any, days: Any = (3,), when: Any = now, **values: Any) -> Enquiry:
        return workflow.offer(
            enquiry,
            practitioner=practitioner,
            location=location,
            starts=[now + timedelta(days=day) for day in days],
            minutes=45,
            by=receptionist,
            at=when,
            **values,
        )

    return make


@pytest.fixture
def desk(client_as: Any) -> Any:
    return client_as("Receptionist")


def _page(enquiry: Any) -> str:
    return reverse("admin:bookings_enquiry_change", args=[enquiry.pk])


def _kinds(enquiry: Any) -> list[str]:
    return list(enquiry.events.order_by("id").values_list("kind", flat=True))


def _text(response: Any) -> str:
    return response.content.decode()


# -- the patient's side ----------------------------------------------------------------------------


def test_asking_for_other_times_in_words(waiting: Any, offer: Any, client: Any) -> None:
    offer(waiting)
    said = {"do": "decline", "text": "Not before ten."}
    response = client.post(private_links.path(waiting), said, follow=True)
    assert "We’ll look for other times." in _text(response)
    waiting.refresh_from_db()
    assert waiting.state == State.NEEDS_REPLY
    assert waiting.events.get(kind=Event.Kind.DECLINED).text == "Not before ten."
    assert not waiting.offers.held().exists()


def test_words_that_are_too_long_are_kept(waiting: Any, offer: Any, client: Any) -> None:
    offer(waiting)
    words = "x" * 1001
    response = client.post(private_links.path(waiting), {"do": "decline", "text": words})
    assert response.status_code == 422
    assert words in _text(response)
    assert "shorten this" in _text(response)
    assert waiting.offers.held().exists()


def test_an_answer_stands_on_the_private_page_only(
    waiting: Any, receptionist: Any, client: Any, now: Any
) -> None:
    correspondence.answer(waiting, text="Bring the letter.", by=receptionist, at=now - undo.WITHIN)
    outbox.run_once(now)
    [sent] = [each for each in mail.outbox if "We’ve replied" in each.subject]
    assert "letter" not in str(sent.message())
    assert "Bring the letter." in _text(client.get(private_links.path(waiting)))
    waiting.refresh_from_db()
    assert waiting.state == State.WAITING


def test_a_link_that_ran_out_can_be_asked_for_anew(waiting: Any, client: Any, now: Any) -> None:
    Enquiry.objects.update(state_since=now - timedelta(days=61))
    address = private_links.path(waiting)
    assert "Send me a new link" in _text(client.get(address))
    assert Message.objects.filter(kind="enquiry-link").count() == 0
    for _time in range(5):
        response = client.post(address, {"do": "renew"})
        assert response.status_code == 200
        assert "We’re sending you a new link" in _text(response)
        assert waiting.email not in _text(response)
    assert Message.objects.filter(kind="enquiry-link").count() == 3  # a day
    waiting.refresh_from_db()
    assert client.get(address).status_code == 410
    assert client.get(private_links.path(waiting)).status_code == 200


def test_no_new_link_without_an_address_or_for_an_invented_one(
    make_enquiry: Any, client: Any, now: Any
) -> None:
    enquiry = make_enquiry(when=now, email="")
    Enquiry.objects.update(link_serial=2)
    address = private_links.path(enquiry)
    assert "Send me a new link" not in _text(client.get(address))
    assert client.post(address, {"do": "renew"}).status_code == 410
    assert client.post("/book/r/1-2-invented/", {"do": "renew"}).status_code == 404
    assert not Message.objects.filter(kind="enquiry-link").exists()


# -- staff -----------------------------------------------------------------------------------------


def test_staff_revoke_a_link(waiting: Any, desk: Any, client: Any) -> None:
    old = private_links.path(waiting)
    assert desk.post(_page(waiting), {"do": "new_link"}).status_code == 302
    assert client.get(old).status_code == 410
    assert _kinds(waiting)[-1] == "linked"


@pytest.mark.parametrize(
    ("do", "values", "state"),
    [
        ("decline", {"decline-text": "Mornings only."}, State.NEEDS_REPLY),
        ("withdraw", {}, State.CLOSED),
    ],
)
def test_what_a_patient_can_do_staff_can_do_as_told_by_phone(
    waiting: Any, offer: Any, desk: Any, do: str, values: dict[str, str], state: State
) -> None:
    offer(waiting)
    assert desk.post(_page(waiting), {"do": do} | values).status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == state
    assert waiting.events.order_by("-id")[0].by_name
    # Whoever did it knows it already.
    assert not Message.objects.filter(kind="enquiry-news").exists()


def test_answering_with_a_template(waiting: Any, desk: Any) -> None:
    template = AnswerTemplate.objects.create(title="Way", text="Our door is in the yard.")
    empty = desk.post(_page(waiting), {"do": "answer", "answer-text": ""})
    assert empty.status_code == 422
    assert "choose a template" in _text(empty)
    desk.post(_page(waiting), {"do": "answer", "answer-template": template.pk})
    assert waiting.events.get(kind=Event.Kind.ANSWERED).text == "Our door is in the yard."


def test_nothing_is_written_to_whom_no_mail_reaches(
    make_enquiry: Any, receptionist: Any, desk: Any, now: Any
) -> None:
    enquiry = make_enquiry(when=now, email="")
    assert "Email the patient" not in _text(desk.get(_page(enquiry)))
    with pytest.raises(NotAllowed, match="no email address"):
        correspondence.answer(enquiry, text="x", by=receptionist, at=now)


def test_moving_a_visit(
    waiting: Any, offer: Any, desk: Any, practitioner: Any, location: Any
) -> None:
    offer(waiting, agreed=True)
    visit = waiting.offers.get()
    new = {
        "do": "move",
        "move-practitioner": practitioner.pk,
        "move-location": location.pk,
        "move-starts_at": "2199-05-06T14:30",
        "move-minutes": "30",
    }
    assert answered(desk, _page(waiting), new).status_code == 302
    moved = waiting.offers.get()
    assert (moved.uid, moved.sequence) == (visit.uid, visit.sequence + 1)
    assert moved.ends_at - moved.starts_at == timedelta(minutes=30)
    late = desk.post(_page(waiting), new | {"move-starts_at": "2001-01-01T10:00"})
    assert late.status_code == 422
    assert "in the past" in _text(late)
    assert "rescheduled to" in _text(desk.get(_page(waiting)))


def test_a_visit_is_not_moved_onto_another(
    make_enquiry: Any, offer: Any, practitioner: Any, location: Any, receptionist: Any, now: Any
) -> None:
    first, second = make_enquiry(when=now), make_enquiry(when=now)
    offer(first, days=[3], agreed=True)
    offer(second, days=[4], agreed=True)
    with pytest.raises(NotAllowed, match="has an appointment with"):
        workflow.move(
            second,
            practitioner=practitioner,
            location=location,
            starts_at=now + timedelta(days=3),
            minutes=45,
            by=receptionist,
            at=now,
        )


def test_joining_two_requests_of_one_person(make_enquiry: Any, desk: Any, now: Any) -> None:
    kept, other = make_enquiry(when=now), make_enquiry(when=now)
    assert other.number in _text(desk.get(_page(kept)))  # same address
    unknown = desk.post(_page(kept), {"do": "join", "join-number": "1"})
    assert unknown.status_code == 422
    digits = other.number.split()[1]
    merge = {"do": "join", "join-number": digits}
    assert answered(desk, _page(kept), merge).status_code == 302
    other.refresh_from_db()
    assert (other.state, other.close_reason) == (State.CLOSED, CloseReason.DUPLICATE)
    assert other.previous == kept
    assert (_kinds(kept)[-1], _kinds(other)[-1]) == ("joined", "joined")


def test_the_page_shows_what_became_of_the_mails(waiting: Any, desk: Any, now: Any) -> None:
    message = Message.objects.get(kind="enquiry-received")
    Message.objects.filter(pk=message.pk).update(error="The mail server refused.", failed_at=now)
    assert "confirmation of the request: failed: The mail server refused." in _text(
        desk.get(_page(waiting))
    )


def test_an_answer_is_not_read_while_it_can_be_taken_back_nor_after(
    waiting: Any, receptionist: Any, client: Any, now: Any
) -> None:
    """Words to one patient that were written on the page of another."""
    by = {"by": receptionist, "at": now - undo.WITHIN + timedelta(minutes=1)}
    correspondence.answer(waiting, text="Bring the letter.", **by)
    assert "Bring the letter." not in _text(client.get(private_links.path(waiting)))
    undo.undo(waiting, by=receptionist, at=now)
    assert correspondence.told(waiting, at=now + timedelta(days=1)) == []
    correspondence.answer(waiting, text="Bring nothing.", **by)
    [answer] = correspondence.told(waiting, at=now + timedelta(days=1))
    assert answer.text == "Bring nothing."


# -- undo ------------------------------------------------------------------------------------------


def _all_of(enquiry: Any) -> dict[str, Any]:
    return Enquiry.objects.values(*undo.STATE).get(pk=enquiry.pk)


@pytest.mark.parametrize("act", ["offer", "book", "answer", "release", "close", "decline"])
def test_undoing_puts_everything_back_and_no_mail_leaves(
    waiting: Any, offer: Any, receptionist: Any, now: Any, act: str
) -> None:
    by = {"by": receptionist, "at": now + timedelta(minutes=10)}
    if act in {"release", "close", "decline"}:
        offer(waiting, days=[3, 4])
    outbox.run_once(now + undo.WITHIN)
    before, held = _all_of(waiting), set(waiting.offers.held().values_list("pk", flat=True))
    mail.outbox.clear()
    match act:
        case "offer" | "book":
            offer(waiting, agreed=act == "book", when=by["at"])
        case "answer":
            correspondence.answer(waiting, text="x", **by)
        case "release":
            workflow.release(waiting, offer_id=min(held), **by)
        case "decline":
            workflow.decline(waiting, **by)
        case "close":
            workflow.close(waiting, reason=CloseReason.DECLINED, **by)
    undo.undo(waiting, by=receptionist, at=by["at"] + timedelta(minutes=4))
    assert _all_of(waiting) == before
    assert set(waiting.offers.held().values_list("pk", flat=True)) == held
    outbox.run_once(now + timedelta(days=30))
    assert not mail.outbox
    assert _kinds(waiting)[-1] == "undone"
    with pytest.raises(NotAllowed, match="too late"):
        undo.undo(waiting, by=receptionist, at=by["at"])


def test_undoing_has_an_end(waiting: Any, offer: Any, receptionist: Any, now: Any) -> None:
    offer(waiting)
    with pytest.raises(NotAllowed, match="too late"):
        undo.undo(waiting, by=receptionist, at=now + undo.WITHIN)


def test_what_a_patient_did_is_not_undone(
    waiting: Any, offer: Any, receptionist: Any, now: Any
) -> None:
    offer(waiting)
    workflow.accept(waiting, offer_id=waiting.offers.get().pk, at=now)
    with pytest.raises(NotAllowed):
        undo.undo(waiting, by=receptionist, at=now)


def test_a_time_that_somebody_else_got_does_not_come_back(
    make_enquiry: Any, offer: Any, receptionist: Any, now: Any
) -> None:
    first, second = make_enquiry(when=now), make_enquiry(when=now)
    offer(first)
    workflow.release(first, offer_id=first.offers.get().pk, by=receptionist, at=now)
    offer(second)
    with pytest.raises(NotAllowed, match="someone else"):
        undo.undo(first, by=receptionist, at=now)
    assert first.offers.get().state == Offer.State.CANCELLED


def test_undo_is_a_button_for_five_minutes(waiting: Any, desk: Any, now: Any) -> None:
    close = {"do": "close", "close-reason": "spam", "close-text": ""}
    desk.post(_page(waiting), close)
    assert 'value="undo"' in _text(desk.get(_page(waiting)))
    assert desk.post(_page(waiting), {"do": "undo"}).status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == State.NEEDS_REPLY
    assert 'value="undo"' not in _text(desk.get(_page(waiting)))
    assert desk.post(_page(waiting), {"do": "undo"}).status_code == 422


# -- everybody who comes to somebody ---------------------------------------------------------------


def test_one_message_to_all_patients_of_a_practitioner(
    make_enquiry: Any,
    offer: Any,
    practitioner: Any,
    receptionist: Any,
    desk: Any,
    client_as: Any,
    now: Any,
) -> None:
    by_mail, by_phone = (
        make_enquiry(when=now),
        make_enquiry(when=now, email="", name="Oskar Brandt"),
    )
    later, not_booked = make_enquiry(when=now), make_enquiry(when=now)
    for enquiry, days in ((by_mail, 3), (by_phone, 4), (later, 9)):
        offer(enquiry, days=[days], agreed=True)
    workflow.contacted(not_booked, reached=True, by=receptionist, at=now)
    address = "/admin/bookings/enquiry/write/"
    asked = {
        "practitioner": practitioner.pk,
        "first_on": f"{now + timedelta(days=2):%Y-%m-%d}",
        "last_on": f"{now + timedelta(days=6):%Y-%m-%d}",
        "text": "Ines is ill. We call you.",
    }
    page = _text(desk.post(address, asked))
    assert "This email will go to 1 patient." in page
    assert "Oskar Brandt" in page
    assert not Event.objects.filter(kind=Event.Kind.ANSWERED).exists()
    confirmed = {"confirmed": re.findall(r'name="confirmed" value="([^"]*)"', page)[0]}
    more = asked | {"last_on": f"{now + timedelta(days=12):%Y-%m-%d}"}
    assert "This email will go to 2 patients." in _text(desk.post(address, more | confirmed))
    assert not Event.objects.filter(kind=Event.Kind.ANSWERED).exists()
    assert desk.post(address, asked | confirmed).status_code == 302
    assert Event.objects.get(kind=Event.Kind.ANSWERED).enquiry == by_mail
    again = _text(desk.post(address, asked | confirmed))  # the button was pressed twice
    assert "Nothing was sent just now." in again
    assert Event.objects.filter(kind=Event.Kind.ANSWERED).count() == 1
    by_mail.refresh_from_db()
    assert by_mail.state == State.BOOKED
    wrong = desk.post(address, asked | {"last_on": "2001-01-01", "text": ""})
    assert wrong.status_code == 422
    assert "before the first" in _text(wrong)
    for role in ("Practitioner", "Author"):
        assert client_as(role).get(address).status_code == 403


def test_counts_for_the_open_page(waiting: Any, desk: Any, client_as: Any) -> None:
    answer = desk.get("/admin/bookings/enquiry/counts/")
    assert answer.json()["needs_reply"] == 1
    assert "no-store" in answer["Cache-Control"]
    assert client_as("Editor").get("/admin/bookings/enquiry/counts/").status_code == 403


def test_the_inbox_warns_before_a_promise_breaks(waiting: Any, desk: Any, now: Any) -> None:
    for minutes, warned in ((119, True), (180, False), (-1, False)):
        Enquiry.objects.update(answer_by=now + timedelta(minutes=minutes))
        text = _text(desk.get("/admin/bookings/enquiry/"))
        assert ("1 is due within two hours." in text) == warned
