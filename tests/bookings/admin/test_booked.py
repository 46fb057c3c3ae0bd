"""Appointments in the list: sorted, found and counted as they are; recorded, exported, named."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from bookings import workflow
from bookings.models import CloseReason, Enquiry, Offer, State
from bookings.privacy import retention
from bookings.workflow import NotAllowed, duties, undo
from clinic.mail import outbox
from clinic.models import Clinic, Location, Practitioner, Service
from tests.bookings.asking import answered

pytestmark = pytest.mark.django_db

INBOX = "/admin/bookings/enquiry/"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def desk(client_as: Any) -> Client:
    return client_as("Receptionist")


@pytest.fixture
def book(
    make_enquiry: Any, practitioner: Any, location: Any, receptionist: Any, now: datetime
) -> Callable[..., Enquiry]:
    """`book("Anna", 3)`: a request whose appointment begins in three days."""

    def book(name: str, days: float, at: datetime = now, **values: Any) -> Enquiry:
        offered = {"practitioner": practitioner, "location": location, "minutes": 45}
        offered |= {"by": receptionist, "at": at, "agreed": True}
        wish = {name: values.pop(name) for name in ("email", "service") if name in values}
        enquiry: Enquiry = make_enquiry(when=at, name=name, **wish)
        starts = [now + timedelta(days=days)]
        return workflow.offer(enquiry, starts=starts, **(offered | values))

    return book


@pytest.fixture
def harbour(db: None) -> Location:
    return Location.objects.create(name="Harbour", slug="harbour", street="1 Quay", city="Harbour")


def _names(client: Client, **query: Any) -> list[str]:
    rows = client.get(INBOX, {"tab": "booked"} | query).context["rows"]
    return [enquiry.name for enquiry, _late in rows]


def test_the_next_appointment_stands_on_top(desk: Client, book: Any) -> None:
    for name, days in (("Late", 9), ("Soon", 1), ("Middle", 4)):
        book(name, days)
    assert _names(desk) == ["Soon", "Middle", "Late"]
    assert _names(desk, tab="open") == ["Soon", "Middle", "Late"]


def test_what_was_closed_last_stands_on_top(
    desk: Client, make_enquiry: Any, receptionist: Any, now: datetime
) -> None:
    for days, name in ((3, "Before"), (1, "Lately")):
        at = now - timedelta(days=days)
        enquiry = make_enquiry(when=at, name=name)
        workflow.close(enquiry, reason=CloseReason.DECLINED, by=receptionist, at=at)
    assert _names(desk, tab="closed") == ["Lately", "Before"]


def test_appointments_are_found_by_what_they_are(
    desk: Client, book: Any, make_enquiry: Any, practitioner: Any, location: Any, harbour: Any
) -> None:
    """All wished for Millbrook and Ines Okafor."""
    other = Practitioner.objects.create(name="Tom Bell", slug="tom-bell", role="Physiotherapist")
    knee = Service.objects.create(name="Knee", slug="knee", summary="Knee.")
    book("Wish", 2)
    book("Elsewhere", 4, location=harbour)
    book("Tom", 6, practitioner=other)
    book("Knee", 8, service=knee)
    make_enquiry(name="Open")
    day = timezone.localdate()
    span = {"first_on": day + timedelta(days=3), "last_on": day + timedelta(days=6)}
    for query, found in (
        ({"location": harbour.pk}, ["Elsewhere"]),
        ({"location": location.pk}, ["Wish", "Tom", "Knee"]),
        ({"location": location.pk, "tab": "needs_reply"}, ["Open"]),
        ({"practitioner": other.pk}, ["Tom"]),
        ({"practitioner": practitioner.pk}, ["Wish", "Elsewhere", "Knee"]),
        ({"service": knee.pk}, ["Knee"]),
        (span, ["Elsewhere", "Tom"]),
        ({"first_on": span["last_on"]}, ["Tom", "Knee"]),
        ({"first_on": "nonsense", "practitioner": "x"}, ["Wish", "Elsewhere", "Tom", "Knee"]),
    ):
        assert _names(desk, **query) == found, query
    text = desk.get(INBOX, {"tab": "booked", "location": harbour.pk}).content.decode()
    assert '<td data-label="Location">Harbour</td>' in text


def test_the_search_finds_email_addresses(desk: Client, book: Any) -> None:
    book("Anna", 2, email="anna.k@patients.example")
    book("Bert", 3)
    for words in ("anna.k@patients.example", "ANNA.K@"):
        assert _names(desk, q=words) == ["Anna"]


def test_counts_are_of_all_not_of_the_page(
    desk: Client, make_enquiry: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bookings.admin import inbox

    monkeypatch.setattr(inbox, "PER_PAGE", 2)
    for _number in range(5):
        make_enquiry(when=now - timedelta(days=20))
    Enquiry.objects.filter(pk=make_enquiry(when=now).pk).update(answer_by=now + timedelta(hours=1))
    for tab in ("open", "booked"):
        page = desk.get(INBOX, {"tab": tab}).content.decode()
        assert "6 need a reply." in page
        assert "5 are overdue." in page
        assert "1 is due within two hours." in page


# -- whose appointments they are ------------------------------------------------------------------


def test_practitioners_see_all_their_own_appointments(
    client_as: Any, book: Any, make_enquiry: Any, practitioner: Any, harbour: Any
) -> None:
    client = client_as("Practitioner")
    mine, hers = book("Mine", 2), book("Hers", 3)
    other = Practitioner.objects.create(name="Tom Bell", slug="tom-bell", role="Physiotherapist")
    Offer.objects.filter(enquiry=hers).update(practitioner=other)
    make_enquiry(name="Not booked")
    practitioner.user = client.get("/admin/").wsgi_request.user
    practitioner.save()
    assert _names(client) == ["Mine"]
    assert client.get(f"{INBOX}{mine.pk}/change/").status_code == 200
    assert client.get(f"{INBOX}{hers.pk}/change/").status_code == 404
    assert client.post(f"{INBOX}{mine.pk}/change/", {"do": "close"}).status_code == 403


def test_the_appointments_of_a_leaver_are_named(
    client_as: Any, book: Any, practitioner: Any, make_user: Any, now: datetime
) -> None:
    leaver = make_user("Practitioner", username="leaver")
    practitioner.user = leaver
    practitioner.save()
    enquiry = book("Margaret Ellery", 2)
    past = book("Long Ago", 1)
    Offer.objects.filter(enquiry=past).update(
        starts_at=now - timedelta(days=1), ends_at=now - timedelta(hours=23)
    )
    page = client_as("Manager").get(f"/admin/clinic/user/{leaver.pk}/leave/").content.decode()
    assert f">Margaret Ellery, {enquiry.number}</a>" in page
    assert "Long Ago" not in page


# -- who did not come -----------------------------------------------------------------------------


@pytest.fixture
def begun(book: Any, now: datetime) -> Enquiry:
    """An appointment that began half an hour ago."""
    enquiry: Enquiry = book("Anna", 1 / 24, at=now - timedelta(days=2))
    began = now - timedelta(minutes=30)
    enquiry.offers.update(starts_at=began, ends_at=began + timedelta(minutes=45))
    outbox.run_once(now)
    mail.outbox.clear()
    return enquiry


@pytest.mark.parametrize("reason", [CloseReason.NO_SHOW, CloseReason.VISITED])
def test_an_appointment_that_has_begun_is_not_cancelled(
    begun: Enquiry, desk: Client, reason: CloseReason, now: datetime
) -> None:
    """Its patient would be told that it is."""
    sent = {"do": "close", "close-reason": reason}
    assert desk.post(f"{INBOX}{begun.pk}/change/", sent).status_code == 302
    begun.refresh_from_db()
    assert (begun.state, begun.close_reason) == (State.CLOSED, reason)
    assert begun.offers.get().state == Offer.State.ACCEPTED
    outbox.run_once(now + timedelta(hours=1))
    assert mail.outbox == []


@pytest.mark.parametrize("reason", [CloseReason.NO_SHOW, CloseReason.VISITED])
def test_what_is_still_to_come_was_neither_attended_nor_missed(
    book: Any, receptionist: Any, reason: CloseReason, now: datetime
) -> None:
    enquiry = book("Anna", 2)
    with pytest.raises(NotAllowed):
        workflow.close(enquiry, reason=reason, by=receptionist, at=now)


def test_who_did_not_come_is_recorded_after_the_clock_said_attended(
    begun: Enquiry, desk: Client, receptionist: Any, now: datetime
) -> None:
    then = now + timedelta(days=2)
    assert duties.close_past_visits(then) == 1
    begun.refresh_from_db()
    assert begun.close_reason == CloseReason.VISITED
    page = f"{INBOX}{begun.pk}/change/"
    assert "did not attend" in desk.get(page).content.decode()
    assert desk.post(page, {"do": "missed"}).status_code == 302
    begun.refresh_from_db()
    assert begun.close_reason == CloseReason.NO_SHOW
    assert "Patient did not attend: <b>1</b>" in desk.get(INBOX, {"tab": "closed"}).content.decode()
    day = then.date().isoformat()  # a period after the appointment
    later = desk.get(INBOX, {"tab": "closed", "first_on": day}).content.decode()
    assert "Patient did not attend: <b>" not in later
    assert _names(desk, tab="closed", outcome="no_show") == ["Anna"]
    assert _names(desk, tab="closed", outcome="visited") == []
    assert desk.post(page, {"do": "missed"}).status_code == 422
    assert desk.post(page, {"do": "undo"}).status_code == 302
    begun.refresh_from_db()
    assert begun.close_reason == CloseReason.VISITED


def test_it_is_kept_as_long_as_one_that_took_place(clinic: Any) -> None:
    keep = retention.periods(Clinic.objects.get())
    assert keep[CloseReason.NO_SHOW] == keep[CloseReason.VISITED] == timedelta(days=180)


@pytest.mark.parametrize(
    ("verb", "values"),
    [("close", {"close-reason": "declined"}), ("withdraw", {}), ("release", {})],
)
def test_an_appointment_is_not_cancelled_by_a_slip(
    book: Any, desk: Client, verb: str, values: dict[str, str], now: datetime
) -> None:
    enquiry = book("Anna", 2)
    sent = {"do": verb} | values
    if verb == "release":
        sent["release-offer_id"] = str(enquiry.offers.get().pk)
    page = f"{INBOX}{enquiry.pk}/change/"
    asked = desk.post(page, sent)
    enquiry.refresh_from_db()
    assert (asked.status_code, enquiry.state) == (200, State.BOOKED)
    assert "will be cancelled." in asked.content.decode()
    assert answered(desk, page, sent).status_code == 302
    enquiry.refresh_from_db()
    assert enquiry.state != State.BOOKED
    undo.undo(enquiry, by=desk.get(page).wsgi_request.user, at=timezone.now())
    enquiry.refresh_from_db()
    assert enquiry.state == State.BOOKED


# -- the spreadsheet ------------------------------------------------------------------------------


def test_the_spreadsheet_has_the_appointment_in_local_time(
    client_as: Any, book: Any, make_enquiry: Any, harbour: Any, begun: Enquiry, now: datetime
) -> None:
    book("Booked", 2, location=harbour)
    duties.close_past_visits(now + timedelta(days=2))
    sent = client_as("Manager").post(f"{INBOX}export/").content.decode("utf-8-sig")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(sent))}
    booked, closed = rows["Booked"], rows["Anna"]
    local = timezone.localtime(now + timedelta(days=2))
    assert booked["appointment"] == f"{local:%Y-%m-%d %H:%M}"
    assert (booked["location"], booked["practitioner"]) == ("Harbour", "Ines Okafor")
    assert (booked["status"], booked["outcome"]) == ("Booked", "")
    assert booked["service"] == "Low back pain"
    assert (closed["status"], closed["outcome"]) == ("Closed", "Appointment attended")
