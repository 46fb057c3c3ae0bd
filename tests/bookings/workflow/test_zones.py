"""Visits in a zone whose rules change, and in one where the system's data is old.

Edmonton was to set its clocks back in November 2026 (UTC−7), and then did not (UTC−6).
"""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
import vobject
from django.apps import apps
from django.core import mail
from django.db import connections
from django.test import Client

from bookings import workflow
from bookings.models import Event, Offer
from bookings.patient import calendar_files, private_links
from bookings.workflow import undo, wall_times
from clinic.mail import outbox
from clinic.models import Clinic, Message, Practitioner
from clinic.site import page_context
from tests.zone_rules import SUMMER_TIME_ALL_YEAR, WINTER_TIME, ZoneRules

pytestmark = [pytest.mark.database, pytest.mark.django_db]

EDMONTON = "America/Edmonton"
HOUR = timedelta(hours=1)
AT = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
TEN_BEFORE = datetime(2026, 12, 8, 17, 0, tzinfo=UTC)
TEN_NOW = datetime(2026, 12, 8, 16, 0, tzinfo=UTC)
TEN_IN_WORDS = "Tuesday, December 8 at 10:00\xa0a.m."


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def edmonton(zone_rules: ZoneRules, clinic: Any) -> ZoneRules:
    """A clinic in Edmonton, by rules that set its clocks back in winter."""
    zone_rules.use("2099a", {EDMONTON: WINTER_TIME})
    Clinic.objects.update(time_zone=EDMONTON)
    page_context.forget()
    return zone_rules


@pytest.fixture
def offer(
    edmonton: ZoneRules, make_enquiry: Any, practitioner: Any, location: Any, receptionist: Any
) -> Callable[..., Offer]:
    """`offer(start, …, agreed=True)`: times for a new request; returns the first of them."""

    def make(*starts: datetime, agreed: bool = False, email: str = "m@patients.example") -> Offer:
        enquiry = make_enquiry(email=email)
        workflow.offer(
            enquiry,
            practitioner=practitioner,
            location=location,
            starts=starts,
            minutes=60,
            agreed=agreed,
            by=receptionist,
            at=AT,
        )
        outbox.run_once(AT + undo.WITHIN)
        mail.outbox.clear()
        return enquiry.offers.order_by("starts_at")[0]

    return make


def change_the_rules(edmonton: ZoneRules) -> None:
    edmonton.use("2099b", {EDMONTON: SUMMER_TIME_ALL_YEAR})


# -- old data of the system ------------------------------------------------------------------------


def test_a_visit_in_edmonton_with_old_data_of_the_system(
    zone_rules: ZoneRules,
    make_enquiry: Any,
    practitioner: Any,
    location: Any,
    client_as: Any,
    clinic: Any,
) -> None:
    """Shown, mailed and exported as 10:00, UTC−6."""
    zone_rules.use("2025b", {EDMONTON: WINTER_TIME})
    Clinic.objects.update(time_zone=EDMONTON)
    page_context.forget()
    with time_machine.travel(AT, tick=False):
        enquiry = make_enquiry()
        desk = client_as("Manager")
        page = f"/admin/bookings/enquiry/{enquiry.pk}/change/"
        values = {
            "do": "offer",
            "offer-practitioner": practitioner.pk,
            "offer-location": location.pk,
            "offer-start_0": "2026-12-08T10:00",
            "offer-minutes": 45,
            "offer-agreed": "on",
        }
        assert desk.post(page, values).status_code == 302
        visit = enquiry.offers.get()
        assert visit.starts_at == TEN_NOW
        assert visit.starts_agreed == f"2026-12-08T10:00:00-06:00[{EDMONTON}]"
        for shown in (desk.get(page), Client().get(private_links.url(enquiry))):
            assert TEN_IN_WORDS in shown.content.decode()
        outbox.run_once(AT + undo.WITHIN)
        booked = next(sent for sent in mail.outbox if "is booked" in sent.subject)
        assert TEN_IN_WORDS in booked.body
        entry = calendar_files.entry(visit, at=AT)
        assert "DTSTART:20261208T160000Z" in entry
        person = page.replace("change", "person")
        groups = desk.get(person).context["groups"]
        chosen = [match.key for _heading, rows in groups for match, _ticked in rows]
        exported = json.loads(desk.post(person, {"chosen": chosen}).content)
        assert exported[0]["times"][0]["starts_at"] == "2026-12-08T16:00:00+00:00"


# -- rules that change under what was agreed -------------------------------------------------------


def test_a_visit_keeps_its_wall_time(offer: Callable[..., Offer], edmonton: ZoneRules) -> None:
    visit = offer(TEN_BEFORE, agreed=True)
    assert (visit.starts_at, visit.sequence) == (TEN_BEFORE, 1)
    assert wall_times.keep_visits(AT) == 0
    change_the_rules(edmonton)
    assert wall_times.keep_visits(AT) == 1
    visit.refresh_from_db()
    assert (visit.starts_at, visit.ends_at) == (TEN_NOW, TEN_NOW + HOUR)
    assert visit.starts_agreed == f"2026-12-08T10:00:00-06:00[{EDMONTON}]"
    assert visit.sequence == 2
    assert wall_times.keep_visits(AT) == 0


def test_the_patient_gets_a_new_calendar_entry(
    offer: Callable[..., Offer], edmonton: ZoneRules
) -> None:
    visit = offer(TEN_BEFORE, agreed=True)
    change_the_rules(edmonton)
    wall_times.keep_visits(AT)
    outbox.run_once(AT)
    [sent] = mail.outbox
    assert sent.subject.startswith("A new calendar entry for your appointment: ")
    assert TEN_IN_WORDS in sent.body
    assert "has not changed" in sent.body
    [text] = [part.content for part in sent.alternatives if part.mimetype.startswith("text/cal")]
    event = vobject.readOne(text).vevent
    assert (event.uid.value, event.sequence.value) == (visit.uid, "2")
    assert event.dtstart.value == TEN_NOW


def test_the_reminder_comes_at_its_wall_time(
    offer: Callable[..., Offer], edmonton: ZoneRules
) -> None:
    """Once, and with the time that was agreed."""
    offer(TEN_BEFORE, agreed=True)
    change_the_rules(edmonton)
    wall_times.keep_visits(AT)
    outbox.run_once(AT)
    mail.outbox.clear()
    day_before = TEN_NOW - timedelta(days=1)
    with time_machine.travel(day_before, tick=False):
        outbox.run_once(day_before)
        [sent] = mail.outbox
    assert TEN_IN_WORDS in sent.body
    with time_machine.travel(day_before + HOUR, tick=False):
        outbox.run_once(day_before + HOUR)
    assert len(mail.outbox) == 1
    assert not Message.objects.filter(sent_at=None, failed_at=None).exists()


def test_the_timeline_and_the_desk_say_so(
    offer: Callable[..., Offer], edmonton: ZoneRules, client_as: Any
) -> None:
    enquiry = offer(TEN_BEFORE, agreed=True).enquiry
    change_the_rules(edmonton)
    wall_times.keep_visits(AT)
    with time_machine.travel(AT, tick=False):
        desk = client_as("Receptionist")
        page = desk.get(f"/admin/bookings/enquiry/{enquiry.pk}/change/").content.decode()
        today = desk.get("/admin/").content.decode()
    assert f"time zone rules changed, still {TEN_IN_WORDS}" in page
    assert f"booked {TEN_IN_WORDS}" in page  # what happened before is told as it was agreed
    assert f"offered {TEN_IN_WORDS}" in page
    assert f"{enquiry.number}, {TEN_IN_WORDS}" in today
    assert "Booked patients are sent a new calendar entry." in today


def test_without_an_address_nothing_is_mailed(
    offer: Callable[..., Offer], edmonton: ZoneRules, client_as: Any
) -> None:
    offer(TEN_BEFORE, agreed=True, email="")
    change_the_rules(edmonton)
    assert wall_times.keep_visits(AT) == 1
    assert not Message.objects.filter(kind="enquiry-clocks").exists()
    with time_machine.travel(AT, tick=False):
        today = client_as("Receptionist").get("/admin/").content.decode()
    assert "No email address for a new calendar entry." in today


def test_times_one_after_the_other_all_move(
    offer: Callable[..., Offer], edmonton: ZoneRules
) -> None:
    """Each into the hour of its neighbour, in both directions."""
    starts = [TEN_BEFORE + n * HOUR for n in range(6)]
    offer(*starts[:3])
    offer(*starts[3:])
    change_the_rules(edmonton)
    assert wall_times.keep_visits(AT) == 6
    moved = [offer.starts_at for offer in Offer.objects.order_by("starts_at")]
    assert moved == [start - HOUR for start in starts]
    edmonton.use("2099c", {EDMONTON: WINTER_TIME})
    assert wall_times.keep_visits(AT) == 6
    assert [offer.starts_at for offer in Offer.objects.order_by("starts_at")] == starts


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_move_and_mail_once(
    offer: Callable[..., Offer], edmonton: ZoneRules
) -> None:
    visits = [offer(TEN_BEFORE + n * HOUR, agreed=True) for n in range(3)]
    change_the_rules(edmonton)
    start, counts, failures = threading.Barrier(4), [], []

    def work() -> None:
        try:
            start.wait(timeout=60)
            counts.append(wall_times.keep_visits(AT))
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not failures
    assert sum(counts) == 3
    for visit in visits:
        visit.refresh_from_db()
        assert visit.sequence == 2
    assert Message.objects.filter(kind="enquiry-clocks").count() == 3


def test_offered_times_are_still_held_until_they_begin(
    offer: Callable[..., Offer], edmonton: ZoneRules
) -> None:
    Clinic.objects.update(offer_hold_hours=1000)
    first = offer(TEN_BEFORE)
    assert first.held_until == TEN_BEFORE - HOUR
    change_the_rules(edmonton)
    wall_times.keep_visits(AT)
    first.refresh_from_db()
    assert first.held_until == TEN_NOW - HOUR
    assert not Message.objects.filter(kind="enquiry-clocks").exists()


def test_times_that_would_overlap_stay_and_the_desk_says_so(
    offer: Callable[..., Offer], edmonton: ZoneRules, client_as: Any
) -> None:
    """One of them was agreed in another zone, whose rules stay."""
    visit = offer(TEN_BEFORE, agreed=True)
    Clinic.objects.update(time_zone="UTC")
    page_context.forget()
    offer(TEN_BEFORE - HOUR)
    Clinic.objects.update(time_zone=EDMONTON)
    page_context.forget()
    change_the_rules(edmonton)
    assert wall_times.keep_visits(AT) == 0
    assert wall_times.keep_visits(AT + HOUR) == 0
    visit.refresh_from_db()
    assert (visit.starts_at, visit.sequence) == (TEN_BEFORE, 1)
    assert Event.objects.filter(kind=Event.Kind.CLOCKS).count() == 1
    with time_machine.travel(AT, tick=False):
        desk = client_as("Receptionist")
        today = desk.get("/admin/").content.decode()
        page = desk.get(f"/admin/bookings/enquiry/{visit.enquiry_id}/change/").content.decode()
    assert "Not changed: it would overlap another held time." in today
    assert f"{TEN_IN_WORDS} would overlap another held time" in page


@pytest.mark.parametrize("released", [True, False])
def test_what_is_over_or_released_stays(
    offer: Callable[..., Offer], edmonton: ZoneRules, receptionist: Any, released: bool
) -> None:
    visit = offer(TEN_BEFORE, agreed=True)
    if released:
        workflow.release(visit.enquiry, offer_id=visit.pk, by=receptionist, at=AT)
    change_the_rules(edmonton)
    assert wall_times.keep_visits(AT if released else TEN_BEFORE) == 0
    visit.refresh_from_db()
    assert visit.starts_at == TEN_BEFORE


def test_a_visit_moves_while_either_moment_is_to_come(
    offer: Callable[..., Offer], edmonton: ZoneRules
) -> None:
    offer(TEN_BEFORE, agreed=True)
    change_the_rules(edmonton)
    assert wall_times.keep_visits(TEN_BEFORE - timedelta(minutes=10)) == 1


def test_a_visit_keeps_the_zone_in_which_it_was_agreed(
    offer: Callable[..., Offer], edmonton: ZoneRules
) -> None:
    """Its moment stays when the clinic's setting changes, and follows the rules of that zone."""
    visit = offer(TEN_BEFORE, agreed=True)
    Clinic.objects.update(time_zone="Europe/London")
    page_context.forget()
    assert wall_times.keep_visits(AT) == 0
    change_the_rules(edmonton)
    assert wall_times.keep_visits(AT) == 1
    visit.refresh_from_db()
    assert visit.starts_at == TEN_NOW


def test_a_visit_that_staff_move_is_agreed_anew(
    offer: Callable[..., Offer],
    edmonton: ZoneRules,
    practitioner: Practitioner,
    location: Any,
    receptionist: Any,
) -> None:
    visit = offer(TEN_BEFORE, agreed=True)
    workflow.move(
        visit.enquiry,
        practitioner=practitioner,
        location=location,
        starts_at=TEN_BEFORE + 3 * HOUR,
        minutes=60,
        by=receptionist,
        at=AT,
    )
    visit.refresh_from_db()
    assert visit.starts_agreed == f"2026-12-08T13:00:00-07:00[{EDMONTON}]"
    undo.undo(visit.enquiry, by=receptionist, at=AT)
    visit.refresh_from_db()
    assert visit.starts_agreed == f"2026-12-08T10:00:00-07:00[{EDMONTON}]"


def test_held_times_from_before_are_filled_in(
    offer: Callable[..., Offer], edmonton: ZoneRules
) -> None:
    """By the data that Python found, which the site used until then."""
    visit = offer(TEN_BEFORE, agreed=True)
    Offer.objects.update(starts_agreed="")
    Clinic.objects.update(zone_data="")
    edmonton.use("2025b", {EDMONTON: WINTER_TIME})  # older than the package: not used
    import_module("bookings.migrations.0004_keep_wall_times").fill(apps, None)
    assert wall_times.keep_visits(AT) == 1
    visit.refresh_from_db()
    assert visit.starts_at == TEN_NOW
