from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bookings import workflow
from bookings.models import CloseReason, Enquiry, Event, Offer, State
from bookings.patient import correspondence
from bookings.rosters.wishes import Wish
from bookings.workflow import NotAllowed, audit_log, duties, holds, rescheduling
from clinic.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(practitioner: Any, location: Any, receptionist: Any, at: Any) -> Callable[..., Enquiry]:
    """`offer(enquiry, days=[1, 2])`: the same hour on these days from now."""

    def make(enquiry: Any, days: Any = (1,), when: Any = at, **values: Any) -> Enquiry:
        return workflow.offer(
            enquiry,
            practitioner=practitioner,
            location=location,
            starts=[at + timedelta(days=day) for day in days],
            minutes=45,
            by=receptionist,
            at=when,
            **values,
        )

    return make


def attended(enquiry: Enquiry, practitioner: Any, location: Any, at: datetime) -> None:
    """Make it one whose appointment the clock took as attended."""
    began = at - timedelta(days=700)
    Offer.objects.create(
        enquiry=enquiry,
        practitioner=practitioner,
        location=location,
        starts_at=began,
        ends_at=began + timedelta(minutes=45),
        held_until=began,
        created_at=began,
        released_at=at,
        state=Offer.State.ACCEPTED,
    )
    Enquiry.objects.filter(pk=enquiry.pk).update(close_reason=CloseReason.VISITED)


def _kinds(enquiry: Any) -> list[str]:
    return list(enquiry.events.order_by("id").values_list("kind", flat=True))


def _mails(enquiry: Any) -> list[str]:
    rows = Message.objects.filter(object_id=enquiry.pk).order_by("id")
    return [kind.removeprefix("enquiry-") for kind in rows.values_list("kind", flat=True)]


def test_every_verb_in_every_state(
    make_enquiry: Any, offer: Any, practitioner: Any, location: Any, receptionist: Any, at: Any
) -> None:
    """The table of what is allowed is what happens."""
    reason = CloseReason.DECLINED

    def in_state(state: State) -> Enquiry:
        enquiry = make_enquiry()
        if state in (State.WAITING, State.BOOKED):
            offer(enquiry, agreed=state == State.BOOKED)
        elif state == State.CLOSED:
            workflow.close(enquiry, reason=reason, by=receptionist, at=at)
        enquiry.refresh_from_db()
        assert enquiry.state == state
        return enquiry

    def held(enquiry: Enquiry) -> int:
        found = enquiry.offers.held().values_list("pk", flat=True).first()
        return found or 0

    by = {"by": receptionist, "at": at}

    def missed(enquiry: Enquiry) -> None:
        if enquiry.state == State.CLOSED:
            attended(enquiry, practitioner, location, at)
        workflow.missed(enquiry, **by)

    chosen = [Wish(at + timedelta(days=12), practitioner.pk, location.pk)]

    def asked(enquiry: Enquiry) -> int:
        if enquiry.state not in (State.NEEDS_REPLY, State.WAITING):
            return 0
        where = {"practitioner": practitioner, "location": location}
        start, length = at + timedelta(days=20), timedelta(minutes=45)
        return holds.ask(enquiry, **where, start=start, length=length, at=at).pk

    def released(enquiry: Enquiry) -> None:
        first = asked(enquiry) if enquiry.state == State.NEEDS_REPLY else held(enquiry)
        workflow.release(enquiry, offer_id=first, **by)

    def refused(enquiry: Enquiry) -> None:
        if enquiry.state == State.BOOKED:
            rescheduling.ask(enquiry, chosen=chosen, at=at)
        rescheduling.refuse(enquiry, **by)

    def restored(enquiry: Enquiry) -> None:
        if enquiry.state == State.CLOSED:
            workflow.reopen(enquiry, **by)
            workflow.withdraw(enquiry, at=at)
        workflow.restore(enquiry, at=at)

    verbs: dict[str, Callable[[Enquiry], object]] = {
        "note": lambda e: workflow.note(e, text="x", **by),
        "assign": lambda e: workflow.assign(e, to=receptionist, **by),
        "correct": lambda e: workflow.correct(e, name="X", email="", phone="+16135550100", **by),
        "contacted": lambda e: workflow.contacted(e, reached=True, **by),
        "offer": lambda e: offer(e, days=[9]),
        "accept": lambda e: workflow.accept(e, offer_id=held(e), **by),
        "decline": lambda e: workflow.decline(e, at=at),
        "move": lambda e: workflow.move(
            e,
            practitioner=practitioner,
            location=location,
            starts_at=at + timedelta(days=8),
            minutes=30,
            **by,
        ),
        "answer": lambda e: correspondence.answer(e, text="x", **by),
        "new_link": lambda e: correspondence.new_link(e, **by),
        "join": lambda e: correspondence.join(e, number=make_enquiry().number, **by),
        "ask": lambda e: correspondence.ask_if_needed(e, at=at),
        "keep": lambda e: correspondence.keep(e, at=at),
        "genuine": lambda e: correspondence.genuine(e, **by),
        "release": released,
        "confirm": lambda e: workflow.confirm(e, offer_id=asked(e), **by),
        "give_back": lambda e: workflow.give_back(e, at=at),
        "ask_move": lambda e: rescheduling.ask(e, chosen=chosen, at=at),
        "drop_move": lambda e: rescheduling.drop(e, at=at),
        "refuse_move": refused,
        "restore": restored,
        "lapse": lambda e: workflow.lapse(e, at=at),
        "withdraw": lambda e: workflow.withdraw(e, at=at),
        "close": lambda e: workflow.close(e, reason=reason, **by),
        "reopen": lambda e: workflow.reopen(e, **by),
        "missed": missed,
    }
    assert set(verbs) == set(workflow.ALLOWED)
    for verb, act in verbs.items():
        for state in State:
            enquiry = in_state(state)
            lines = enquiry.events.count()
            if state in workflow.ALLOWED[verb]:
                act(enquiry)
            else:
                with pytest.raises(NotAllowed, match="can’t do this now"):
                    act(enquiry)
                assert enquiry.events.count() == lines
            for left in Enquiry.objects.exclude(state=State.CLOSED):
                workflow.withdraw(left, at=at)


def test_the_way_to_a_visit(enquiry: Any, offer: Any, receptionist: Any, at: Any) -> None:
    workflow.contacted(enquiry, reached=False, text="No answer.", by=receptionist, at=at)
    assert offer(enquiry, days=[1, 2]).state == State.WAITING
    first, second = enquiry.offers.order_by("starts_at")
    assert first.held_until == at + timedelta(hours=23)  # before it begins
    assert second.held_until == at + timedelta(hours=47)
    booked = workflow.accept(enquiry, offer_id=second.pk, at=at)
    assert booked.state == State.BOOKED
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (Offer.State.CANCELLED, Offer.State.ACCEPTED)
    assert (first.sequence, second.sequence) == (1, 1)
    assert _kinds(enquiry) == ["received", "tried", "offered", "accepted"]
    assert _mails(enquiry) == ["received", "new", "times", "booked", "reminder", "news"]


def test_agreed_by_phone_is_booked_at_once(enquiry: Any, offer: Any) -> None:
    assert offer(enquiry, agreed=True).state == State.BOOKED
    # Too near for a reminder.
    assert _mails(enquiry) == ["received", "new", "booked"]


def test_agreed_is_one_time(enquiry: Any, offer: Any) -> None:
    with pytest.raises(NotAllowed, match="the one time"):
        offer(enquiry, days=[1, 2], agreed=True)


@pytest.mark.parametrize(
    ("days", "words"),
    [([], "between one and 3"), ([1, 2, 3, 4], "between one and 3"), ([-1], "in the past")],
)
def test_times_that_cannot_be_offered(
    enquiry: Any, offer: Any, days: list[int], words: str
) -> None:
    with pytest.raises(NotAllowed, match=words):
        offer(enquiry, days=days)
    enquiry.refresh_from_db()
    assert enquiry.state == State.NEEDS_REPLY
    assert not Offer.objects.exists()


def test_a_time_is_held_for_one(make_enquiry: Any, offer: Any, at: Any) -> None:
    first, second = make_enquiry(), make_enquiry()
    offer(first)
    with pytest.raises(NotAllowed, match="already held for Margaret Ellery"):
        offer(second)
    workflow.withdraw(first, at=at)
    offer(second)


def test_offering_takes_over_what_nobody_answered(make_enquiry: Any, offer: Any, at: Any) -> None:
    first, second = make_enquiry(), make_enquiry()
    offer(first, days=[3])
    later = at + timedelta(hours=49)
    assert offer(second, days=[3], when=later).state == State.WAITING
    assert first.offers.get().state == Offer.State.EXPIRED
    with pytest.raises(NotAllowed, match="no longer available"):
        workflow.accept(first, offer_id=first.offers.get().pk, at=later)


def test_a_late_answer_counts_while_the_time_is_held(enquiry: Any, offer: Any, at: Any) -> None:
    offer(enquiry, days=[5])
    held = enquiry.offers.get()
    late = workflow.accept(enquiry, offer_id=held.pk, at=at + timedelta(hours=72))
    assert late.state == State.BOOKED


def test_a_time_that_has_begun_cannot_be_taken(enquiry: Any, offer: Any, at: Any) -> None:
    offer(enquiry)
    held = enquiry.offers.get()
    with pytest.raises(NotAllowed, match="no longer available"):
        workflow.accept(enquiry, offer_id=held.pk, at=held.starts_at)


def test_times_of_others_cannot_be_taken(make_enquiry: Any, offer: Any, at: Any) -> None:
    first, second = make_enquiry(), make_enquiry()
    offer(first, days=[1])
    offer(second, days=[2])
    with pytest.raises(NotAllowed):
        workflow.accept(first, offer_id=second.offers.get().pk, at=at)


def test_none_suits(enquiry: Any, offer: Any, at: Any) -> None:
    offer(enquiry, days=[1, 2])
    back = workflow.decline(enquiry, at=at)
    assert back.state == State.NEEDS_REPLY
    assert back.answer_by is not None
    assert not enquiry.offers.held().exists()
    assert _mails(enquiry)[-1] == "news"
    with pytest.raises(NotAllowed):
        workflow.decline(enquiry, at=at)


def test_releasing_one_and_the_last(enquiry: Any, offer: Any, receptionist: Any, at: Any) -> None:
    offer(enquiry, days=[1, 2])
    one, two = enquiry.offers.held()
    by = {"by": receptionist, "at": at}
    assert workflow.release(enquiry, offer_id=one.pk, **by).state == State.WAITING
    assert workflow.release(enquiry, offer_id=two.pk, **by).state == State.NEEDS_REPLY


def test_assigning_twice_is_one_line(enquiry: Any, receptionist: Any, at: Any) -> None:
    for _time in range(2):
        workflow.assign(enquiry, to=receptionist, by=receptionist, at=at)
    assert _kinds(enquiry) == ["received", "assigned"]


def test_a_new_address_gets_the_link_and_the_old_is_kept(enquiry: Any, at: Any) -> None:
    new = {"name": enquiry.name, "email": "new@patients.example", "phone": enquiry.phone}
    workflow.correct(enquiry, **new, at=at)
    line = enquiry.events.get(kind=Event.Kind.CORRECTED)
    assert line.text == "email: m.ellery@patients.example"
    assert line.data == {"fields": ["email"]}
    assert _mails(enquiry)[-3:] == ["changed", "address", "news"]
    workflow.correct(enquiry, **new, at=at)
    assert enquiry.events.count() == 2


def test_closing_frees_the_times(enquiry: Any, offer: Any, receptionist: Any, at: Any) -> None:
    offer(enquiry, agreed=True)
    closed = workflow.close(
        enquiry, reason=CloseReason.DECLINED, text="Sent on.", by=receptionist, at=at
    )
    assert (closed.state, closed.closed_at, closed.answer_by) == (State.CLOSED, at, None)
    assert enquiry.offers.get().state == Offer.State.CANCELLED
    reopened = workflow.reopen(enquiry, by=receptionist, at=at)
    assert (reopened.state, reopened.close_reason, reopened.closed_at) == ("needs_reply", "", None)


# -- what time does -------------------------------------------------------------------------------


def test_unanswered_times_come_back_to_us(enquiry: Any, offer: Any, at: Any) -> None:
    offer(enquiry, days=[3, 4])
    assert duties.expire(at + timedelta(hours=47)) == 0
    later = at + timedelta(hours=48)
    assert duties.expire(later) == 1
    assert duties.expire(later) == 0
    enquiry.refresh_from_db()
    assert enquiry.state == State.NEEDS_REPLY
    assert enquiry.answer_by > later
    assert _kinds(enquiry)[-1] == "expired"


def test_one_that_was_reached_again_is_not_disturbed_by_old_times(
    enquiry: Any, offer: Any, receptionist: Any, at: Any
) -> None:
    offer(enquiry, days=[3])
    later = at + timedelta(hours=49)
    duties.expire(later)
    workflow.contacted(enquiry, reached=True, by=receptionist, at=later + timedelta(hours=1))
    assert duties.expire(later + timedelta(hours=2)) == 0


def test_taken_over_times_come_back_to_us_too(make_enquiry: Any, offer: Any, at: Any) -> None:
    first, second = make_enquiry(), make_enquiry()
    offer(first, days=[3])
    later = at + timedelta(hours=49)
    offer(second, days=[3], when=later)
    assert duties.expire(later) == 1
    first.refresh_from_db()
    assert first.state == State.NEEDS_REPLY


def test_visits_close_by_themselves(enquiry: Any, offer: Any, at: Any) -> None:
    offer(enquiry, agreed=True)
    over = enquiry.offers.get().ends_at
    assert duties.close_past_visits(over + timedelta(hours=23)) == 0
    assert duties.close_past_visits(over + timedelta(hours=24)) == 1
    assert duties.close_past_visits(over + timedelta(hours=24)) == 0
    enquiry.refresh_from_db()
    assert enquiry.close_reason == CloseReason.VISITED
    assert enquiry.offers.get().state == Offer.State.ACCEPTED
    assert enquiry.offers.get().released_at is not None


def test_a_line_says_in_words_what_was_before(service: Any, practitioner: Any) -> None:
    """No name of a field, no number of a weekday."""
    before = {
        "service": service,
        "practitioner": None,
        "days": [0, 2],
        "parts": ["morning"],
        "returning": False,
        "for_whom": "child",
        "contact_by": "email",
        "name": "Margaret Ellery",
        "access_needs": "",
    }
    assert audit_log.former(before).splitlines() == [
        "service: Low back pain",
        "practitioner: (none)",
        "preferred days: Monday, Wednesday",
        "preferred times of day: Morning",
        "returning patient: no",
        "appointment for: Their child",
        "contact by: Email",
        "name: Margaret Ellery",
        "accessibility needs: (none)",
    ]
