"""Merging two requests: both are shown first, and it can be taken back. Equal emails are one."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from bookings import workflow
from bookings.models import Enquiry, State
from bookings.patient import correspondence
from bookings.workflow import NotAllowed, stale_pages, undo
from clinic.lib.fields import phones
from clinic.mail import outbox
from tests.bookings.asking import answered

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> Any:
    return timezone.now()


@pytest.fixture
def desk(client_as: Any) -> Any:
    return client_as("Receptionist")


@pytest.fixture
def offer(practitioner: Any, location: Any, receptionist: Any, now: Any) -> Callable[..., Enquiry]:
    def make(enquiry: Any, days: Any = (3,), when: Any = now) -> Enquiry:
        return workflow.offer(
            enquiry,
            practitioner=practitioner,
            location=location,
            starts=[now + timedelta(days=day) for day in days],
            minutes=45,
            by=receptionist,
            at=when,
        )

    return make


def _page(enquiry: Any) -> str:
    return reverse("admin:bookings_enquiry_change", args=[enquiry.pk])


def _merge(other: Any) -> dict[str, str]:
    return {"do": "join", "join-number": other.number}


def test_both_requests_are_shown_before_they_are_merged(
    make_enquiry: Any, offer: Any, desk: Any, clinic: Any, now: Any
) -> None:
    kept = make_enquiry(when=now, name="Margaret Ellery")
    other = make_enquiry(when=now, name="Maggie Ellery", phone="+16135550177", practitioner=None)
    offer(other, days=[3, 4])
    assert f"<b>Maggie Ellery</b>, {other.number}" in desk.get(_page(kept)).content.decode()
    asked = desk.post(_page(kept), _merge(other))
    other.refresh_from_db()
    assert (asked.status_code, other.state) == (200, State.WAITING)
    text = asked.content.decode()
    table = text.split('<table class="pair">')[1].split("</table>")[0]
    for shown in (
        "Margaret Ellery",
        "Maggie Ellery",
        phones.display("+16135550177", clinic.region),
        "Low back pain",
        "No preference",
        "Waiting for patient",
        "Needs reply",
        "Ines Okafor",
    ):
        assert shown in table, shown
    assert "The names are different." in text
    assert "The 2 times offered in it are released" in text
    assert answered(desk, _page(kept), _merge(other)).status_code == 302
    other.refresh_from_db()
    assert (other.state, other.previous) == (State.CLOSED, kept)
    assert not other.offers.held().exists()
    assert "Merged into" in desk.get(_page(other)).content.decode()


def test_the_other_request_changed_after_it_was_shown(
    make_enquiry: Any, offer: Any, desk: Any, now: Any
) -> None:
    kept, other = make_enquiry(when=now), make_enquiry(when=now)
    shown = desk.post(_page(kept), _merge(other)).context["question"].key
    offer(other)
    asked = desk.post(_page(kept), _merge(other) | {"confirmed": shown})
    other.refresh_from_db()
    assert (asked.status_code, other.state) == (200, State.WAITING)
    assert "The time offered in it is released" in asked.content.decode()


def test_merging_can_be_taken_back(
    make_enquiry: Any, offer: Any, desk: Any, receptionist: Any, now: Any
) -> None:
    kept, other, first = (make_enquiry(when=now) for _each in range(3))
    Enquiry.objects.filter(pk=other.pk).update(previous=first)
    offer(other, days=[3, 4])
    rows = Enquiry.objects.order_by("pk").values(*undo.STATE, "previous")
    before, held = list(rows.all()), set(other.offers.held().values_list("pk", flat=True))
    answered(desk, _page(kept), _merge(other))
    assert list(rows.all()) != before
    assert 'value="undo"' in desk.get(_page(kept)).content.decode()
    assert 'value="undo"' not in desk.get(_page(other)).content.decode()
    assert desk.post(_page(kept), {"do": "undo"}).status_code == 302
    assert list(rows.all()) == before
    assert set(other.offers.held().values_list("pk", flat=True)) == held
    for each in (kept, other):
        assert each.events.order_by("id").last().kind == "undone"


def test_what_happened_since_is_not_taken_back(
    make_enquiry: Any, receptionist: Any, now: Any
) -> None:
    kept, other = make_enquiry(when=now), make_enquiry(when=now)
    correspondence.join(kept, number=other.number, by=receptionist, at=now)
    workflow.reopen(other, by=receptionist, at=now)
    with pytest.raises(NotAllowed, match="has changed since"):
        undo.undo(kept, by=receptionist, at=now)
    other.refresh_from_db()
    assert other.state == State.NEEDS_REPLY


# -- equal emails ---------------------------------------------------------------------------------


def _subjects(at: Any) -> list[str]:
    mail.outbox.clear()
    outbox.run_once(at)
    return [message.subject for message in mail.outbox]


def test_two_equal_emails_within_minutes_are_one(
    make_enquiry: Any, offer: Any, receptionist: Any, now: Any
) -> None:
    """The second says all that the first would."""
    enquiry = make_enquiry(when=now - timedelta(hours=1))
    _subjects(now)
    offer(enquiry, days=[3], when=now)
    later = now + timedelta(minutes=3)
    offer(enquiry, days=[4], when=later)
    assert _subjects(now + undo.WITHIN) == []
    assert _subjects(later + undo.WITHIN) == ["Choose a time for your appointment (Larkspur)"]
    assert _subjects(later + timedelta(days=1)) == []


def test_the_first_of_two_is_sent_if_the_second_is_taken_back(
    make_enquiry: Any, offer: Any, receptionist: Any, now: Any
) -> None:
    enquiry = make_enquiry(when=now - timedelta(hours=1))
    _subjects(now)
    offer(enquiry, days=[3], when=now)
    later = now + timedelta(minutes=3)
    offer(enquiry, days=[4], when=later)
    _subjects(now + undo.WITHIN)
    undo.undo(enquiry, by=receptionist, at=later + timedelta(minutes=4))
    assert _subjects(later + undo.WITHIN) == ["Choose a time for your appointment (Larkspur)"]


def test_emails_about_different_requests_stay_two(make_enquiry: Any, offer: Any, now: Any) -> None:
    for days in ([3], [4]):
        offer(make_enquiry(when=now - timedelta(hours=1)), days=days, when=now)
    sent = _subjects(now + undo.WITHIN)
    assert sent.count("Choose a time for your appointment (Larkspur)") == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time.")
def test_two_who_merge_a_pair_into_each_other_do_not_wait_for_each_other(
    make_enquiry: Any, receptionist: Any, now: Any
) -> None:
    pair = [make_enquiry(when=now), make_enquiry(when=now)]
    both_have_theirs = threading.Barrier(2, timeout=30)

    def merge(kept: Enquiry, other: Enquiry) -> str:
        try:
            with stale_pages.unchanged(kept, None):
                both_have_theirs.wait()
                correspondence.join(kept, number=other.number, by=receptionist, at=now)
                return "merged"
        except NotAllowed as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(merge, pair, reversed(pair)))
    assert any("right now" in words for words in said), said
    assert Enquiry.objects.exclude(state=State.CLOSED).exists()
