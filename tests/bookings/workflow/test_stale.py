"""A page that is out of date does nothing: it says what has changed, and keeps what was typed."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from bookings import workflow
from bookings.admin.forms import VERBS, unbound
from bookings.models import CloseReason, Enquiry, Event, State
from bookings.patient import correspondence, private_links
from bookings.rosters import wishes
from bookings.rosters.wishes import Wish
from bookings.workflow import holds, stale_pages
from tests.bookings.asking import answered
from tests.bookings.workflow.test_workflow import attended

pytestmark = pytest.mark.django_db

STATES = ("needs_reply", "waiting", "booked", "closed", "undoable")


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def make(
    make_enquiry: Any, receptionist: Any, practitioner: Any, location: Any, now: datetime
) -> Callable[[str], Enquiry]:
    """`make("booked")`: a request in this state, moved there ten minutes ago."""
    then = now - timedelta(minutes=10)

    def make(state: str) -> Enquiry:
        enquiry: Enquiry = make_enquiry(when=then, name=f"Pat {state}")
        offer = {
            "practitioner": practitioner,
            "location": location,
            "minutes": 45,
            "by": receptionist,
        }
        match state:
            case "waiting" | "booked":
                hours = 48 if state == "waiting" else 72
                starts = [now + timedelta(hours=hours + n) for n in range(2)]
                workflow.offer(enquiry, starts=starts, at=then, **offer)
                if state == "booked":
                    first = enquiry.offers.first()
                    assert first
                    workflow.accept(enquiry, offer_id=first.pk, at=then)
            case "closed" | "undoable":
                at = then if state == "closed" else now
                workflow.close(enquiry, reason=CloseReason.NO_ANSWER, by=receptionist, at=at)
        enquiry.refresh_from_db()
        return enquiry

    return make


@pytest.fixture
def mine(client_as: Any) -> Client:
    return client_as("Receptionist")


@pytest.fixture
def colleague(client_as: Any) -> Client:
    return client_as("Manager")


def _page(enquiry: Enquiry) -> str:
    return f"/admin/bookings/enquiry/{enquiry.pk}/change/"


def _seen(response: Any) -> str:
    found = set(re.findall(r'name="seen" value="(\d+)"', response.content.decode()))
    assert len(found) == 1, found
    return found.pop()


def _values(verb: str, enquiry: Enquiry, practitioner: Any, location: Any, other: Any) -> Any:
    """What the form of a verb sends."""
    day = timezone.localtime() + timedelta(days=9)
    offer = enquiry.offers.held().first()
    asked = enquiry.offers.held().filter(state="asked").first()
    times = {"practitioner": practitioner.pk, "location": location.pk, "minutes": 45}
    start = day.strftime("%Y-%m-%dT%H:%M")
    values: dict[str, dict[str, Any]] = {
        "answer": {"text": "Bring the letter."},
        "decline": {"text": "Mornings only."},
        "move": times | {"starts_at": start},
        "join": {"number": other.number},
        "note": {"text": "She rang."},
        "contacted": {"reached": "yes", "text": "Spoke with her."},
        "assign": {"to": ""},
        "offer": times | {"start_0": start},
        "accept": {"offer_id": offer.pk if offer else 0},
        "confirm": {"offer_id": asked.pk if asked else 0},
        "release": {"offer_id": offer.pk if offer else 0},
        "correct": {"name": "Pat Moss", "email": "pat@patients.example", "phone": ""},
        "close": {"reason": CloseReason.NO_ANSWER.value, "text": "Rang off."},
        "reopen": {"text": "Rang again."},
    }
    return {f"{verb}-{name}": value for name, value in values.get(verb, {}).items()}


def _pairs() -> list[tuple[str, str]]:
    """Each state with each verb that its page offers."""
    allowed = {state: [v for v in workflow.ALLOWED if v in VERBS] for state in STATES}
    pairs = []
    for state in STATES:
        as_state = State.CLOSED if state == "undoable" else State(state)
        verbs = [v for v in allowed[state] if as_state in workflow.ALLOWED[v]]
        pairs += [(state, verb) for verb in verbs]
    return [*pairs, ("undoable", "undo")]


def _met(first: str, state: str, offered: list[str]) -> list[str]:
    """Two verbs that a first one meets, so that each of a state is met by one or two."""
    firsts = [verb for of, verb in _pairs() if of == state]
    place = firsts.index(first)
    return sorted({offered[(place + n) % len(offered)] for n in (0, len(offered) // 2)})


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("state", "first"), _pairs())
def test_pairs_of_verbs(
    state: str,
    first: str,
    whole: bool,
    make: Any,
    mine: Client,
    colleague: Client,
    practitioner: Any,
    location: Any,
    receptionist: Any,
    now: datetime,
) -> None:
    enquiry, other = make(state), make("needs_reply")
    if first == "genuine":
        Enquiry.objects.filter(pk=enquiry.pk).update(suspected=True)
    if first == "assign":
        Enquiry.objects.filter(pk=enquiry.pk).update(given_to=receptionist)
    if first == "refuse_move":
        asked_for = [Wish(now + timedelta(days=20), practitioner.pk, location.pk)]
        enquiry.moves = wishes.kept(asked_for, ZoneInfo("UTC"))
        enquiry.save(update_fields=["moves"])
    if first == "confirm" or (state, first) == ("needs_reply", "release"):
        where = {"practitioner": practitioner, "location": location}
        start, length = now + timedelta(days=20), timedelta(minutes=45)
        holds.ask(enquiry, **where, start=start, length=length, at=now)
    if first == "missed":
        attended(enquiry, practitioner, location, now)
        enquiry.refresh_from_db()
    seen = _seen(mine.get(_page(enquiry)))
    offered = [verb for verb in VERBS if verb in unbound(enquiry, now)]
    assert first in offered or first == "genuine"
    values = {
        verb: _values(verb, enquiry, practitioner, location, other) for verb in [*offered, first]
    }
    done = answered(colleague, _page(enquiry), values[first] | {"do": first, "seen": seen})
    assert done.status_code == 302, done.content.decode()
    events = list(enquiry.events.exclude(kind="seen").order_by("id").values_list("pk", "kind"))
    rows = list(Enquiry.objects.order_by("pk").values())
    for second in offered if whole else _met(first, state, offered):
        stale_page = mine.post(_page(enquiry), values[second] | {"do": second, "seen": seen})
        assert stale_page.status_code == 409, second
        text = stale_page.content.decode()
        assert "has changed since you opened its page" in text, second
        since = text.split("in the meantime:")[1].split("</section>")[0]
        assert "client-manager:" in since, second
        for typed in values[second].values():
            # An id was chosen, not typed: what it names may be gone from the page.
            assert not isinstance(typed, str) or typed in text, (second, typed)
    lines = enquiry.events.exclude(kind="seen").order_by("id").values_list("pk", "kind")
    assert list(lines) == events
    assert list(Enquiry.objects.order_by("pk").values()) == rows


def test_the_second_press_is_a_knowing_one(make: Any, mine: Client, colleague: Client) -> None:
    enquiry = make("needs_reply")
    seen = _seen(mine.get(_page(enquiry)))
    colleague.post(_page(enquiry), {"do": "note", "note-text": "First.", "seen": seen})
    note = {"do": "note", "note-text": "Second."}
    refused = mine.post(_page(enquiry), note | {"seen": seen})
    assert "First." in refused.content.decode()
    assert mine.post(_page(enquiry), note | {"seen": _seen(refused)}).status_code == 302
    assert enquiry.events.filter(kind="note").count() == 2


def test_a_mistake_in_a_form_does_not_hide_what_changed(
    make: Any, mine: Client, colleague: Client
) -> None:
    enquiry = make("needs_reply")
    seen = _seen(mine.get(_page(enquiry)))
    colleague.post(_page(enquiry), {"do": "note", "note-text": "She is away.", "seen": seen})
    wrong = mine.post(_page(enquiry), {"do": "close", "close-reason": "", "seen": seen})
    assert wrong.status_code == 422
    right = {"do": "close", "close-reason": "no_answer", "seen": _seen(wrong)}
    assert mine.post(_page(enquiry), right).status_code == 409


def test_what_changes_nothing_makes_no_page_stale(
    make: Any, mine: Client, colleague: Client
) -> None:
    enquiry = make("needs_reply")
    seen = _seen(mine.get(_page(enquiry)))
    assert colleague.get(_page(enquiry)).status_code == 200
    exported = {"chosen": f"{enquiry.pk}-{seen}"}
    person = f"/admin/bookings/enquiry/{enquiry.pk}/person/"
    assert colleague.post(person, exported).status_code == 200
    note = {"do": "note", "note-text": "She rang.", "seen": seen}
    assert mine.post(_page(enquiry), note).status_code == 302


@pytest.mark.parametrize("seen", ["", "x", "9" * 40, "-1", "²"])
def test_a_version_that_was_never_given_out_is_stale(make: Any, mine: Client, seen: str) -> None:
    sent = {"do": "note", "note-text": "She rang.", "seen": seen}
    assert mine.post(_page(make("needs_reply")), sent).status_code == 409


def test_every_form_of_the_page_names_what_it_saw(make: Any, mine: Client, visitor: Client) -> None:
    for state in STATES:
        enquiry = make(state)
        for page in (mine.get(_page(enquiry)), visitor.get(private_links.path(enquiry))):
            forms = re.findall(r"<form\b.*?</form>", page.content.decode(), re.DOTALL)
            acting = [form for form in forms if 'name="do"' in form]
            assert acting or state in {"closed", "undoable"}
            assert [form for form in acting if 'name="seen"' not in form] == []


# -- the patient ----------------------------------------------------------------------------------


def _by_staff(change: str, enquiry: Enquiry, by: Any, practitioner: Any, location: Any) -> None:
    at = timezone.now()
    held = enquiry.offers.held().first()
    match change:
        case "offered":
            workflow.offer(
                enquiry,
                practitioner=practitioner,
                location=location,
                starts=[at + timedelta(days=6)],
                minutes=45,
                by=by,
                at=at,
            )
        case "released":
            assert held
            workflow.release(enquiry, offer_id=held.pk, by=by, at=at)
        case "declined":
            workflow.decline(enquiry, by=by, at=at)
        case "answered":
            correspondence.answer(enquiry, text="Monday is full.", by=by, at=at)
        case "corrected":
            workflow.correct(
                enquiry, name="Pat", email="pat@patients.example", phone="", by=by, at=at
            )
        case "closed":
            workflow.close(enquiry, reason=CloseReason.NO_ANSWER, by=by, at=at)
        case "withdrawn":  # in another tab
            workflow.withdraw(enquiry, at=at)
        case "accepted":
            assert held
            workflow.accept(enquiry, offer_id=held.pk, at=at)


@pytest.mark.parametrize(
    "change",
    ["offered", "released", "declined", "answered", "corrected", "closed", "withdrawn", "accepted"],
)
def test_a_patients_page_that_is_out_of_date(
    change: str,
    make: Any,
    visitor: Client,
    receptionist: Any,
    practitioner: Any,
    location: Any,
) -> None:
    enquiry = make("waiting")
    address = private_links.path(enquiry)
    seen = _seen(visitor.get(address))
    offer = enquiry.offers.last()
    _by_staff(change, enquiry, receptionist, practitioner, location)
    before = list(enquiry.events.order_by("id").values_list("pk", flat=True))
    for sent in (
        {"do": "accept", "offer": offer.pk},
        {"do": "decline", "text": "Mornings only."},
        {"do": "withdraw"},
        {"do": "correct", "name": "Pat Moss", "email": "moss@patients.example", "phone": ""},
    ):
        response = visitor.post(address, sent | {"seen": seen})
        text = response.content.decode()
        assert response.status_code == 409, sent
        assert "The request has changed since you opened this page." in text
        assert "Nothing was saved." in text
        for typed in [value for name, value in sent.items() if name not in {"do", "offer"}]:
            assert typed in text
    assert list(enquiry.events.order_by("id").values_list("pk", flat=True)) == before


def test_what_staff_note_for_themselves_is_no_change_for_the_patient(
    make: Any, visitor: Client, receptionist: Any, now: datetime
) -> None:
    enquiry = make("waiting")
    seen = _seen(visitor.get(private_links.path(enquiry)))
    workflow.note(enquiry, text="Difficult on the phone.", by=receptionist, at=now)
    workflow.contacted(enquiry, reached=False, text="No answer.", by=receptionist, at=now)
    workflow.assign(enquiry, to=receptionist, by=receptionist, at=now)
    sent = {"do": "withdraw", "seen": seen}
    assert visitor.post(private_links.path(enquiry), sent).status_code == 302


def test_a_link_that_is_revoked_at_this_moment_does_nothing(
    make: Any, visitor: Client, receptionist: Any, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    enquiry = make("waiting")
    resolve = private_links.resolve

    def resolve_then_revoke(token: str, *, at: datetime) -> Enquiry:
        found = resolve(token, at=at)
        correspondence.new_link(enquiry, by=receptionist, at=now)
        return found

    monkeypatch.setattr(private_links, "resolve", resolve_then_revoke)
    assert visitor.post(private_links.path(enquiry), {"do": "withdraw"}).status_code == 410
    enquiry.refresh_from_db()
    assert enquiry.state == State.WAITING


# -- many at once ---------------------------------------------------------------------------------


def test_only_what_was_shown_is_closed_as_spam(
    make_enquiry: Any, mine: Client, receptionist: Any, now: datetime
) -> None:
    old, noted = make_enquiry(when=now), make_enquiry(when=now)
    Enquiry.objects.update(suspected=True)
    seen = _seen(mine.get("/admin/bookings/enquiry/?tab=suspected"))
    workflow.note(noted, text="She rang: it is real.", by=receptionist, at=now)
    late = make_enquiry(when=now)
    Enquiry.objects.filter(pk=late.pk).update(suspected=True)
    sent = {"do": "close-suspected", "seen": seen}
    response = mine.post("/admin/bookings/enquiry/", sent, follow=True)
    states = dict(Enquiry.objects.values_list("pk", "state"))
    assert states == {old.pk: "closed", noted.pk: "needs_reply", late.pk: "needs_reply"}
    text = response.content.decode()
    assert "1 request is closed." in text
    assert "2 requests arrived or changed" in text


def test_the_version_is_that_of_the_list(make: Any) -> None:
    enquiry = make("booked")
    [row] = stale_pages.with_version(Enquiry.objects.filter(pk=enquiry.pk))
    assert row.version == stale_pages.version(enquiry.pk)
    assert Event.objects.get(pk=row.version).kind == "accepted"
