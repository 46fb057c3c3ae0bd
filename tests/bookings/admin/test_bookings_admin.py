import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings import workflow
from bookings.models import CloseReason, Enquiry, Event, Offer, Source, State
from clinic import hooks
from clinic.site import page_context
from tests.bookings.asking import answered

pytestmark = pytest.mark.django_db

INBOX = "/admin/bookings/enquiry/"
ENTER = "/admin/bookings/enquiry/add/"


@pytest.fixture
def now() -> Any:
    return timezone.now()


@pytest.fixture
def waiting(make_enquiry: Any, now: Any) -> Any:
    return make_enquiry(when=now)


@pytest.fixture
def desk(client_as: Callable[[str], Client]) -> Client:
    return client_as("Receptionist")


def _address(enquiry: Any) -> str:
    return reverse("admin:bookings_enquiry_change", args=[enquiry.pk])


def _text(response: Any) -> str:
    return response.content.decode()


# -- who may come in ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["Receptionist", "Manager"])
def test_reception_sees_all(client_as: Any, waiting: Any, role: str) -> None:
    client = client_as(role)
    assert waiting.number in _text(client.get(INBOX))
    assert waiting.message in _text(client.get(_address(waiting)))
    assert client.get(ENTER).status_code == 200


@pytest.mark.parametrize("role", ["Author", "Clinical reviewer", "Editor"])
def test_those_who_write_see_nothing(client_as: Any, waiting: Any, role: str) -> None:
    client = client_as(role)
    for address in (INBOX, ENTER, _address(waiting)):
        assert client.get(address).status_code == 403
        assert client.post(address, {"do": "note", "note-text": "x"}).status_code in {403, 405}
    assert "nquir" not in _text(client.get("/admin/")).partition("<main")[2]
    assert not Event.objects.filter(kind=Event.Kind.SEEN).exists()


def test_strangers_are_sent_to_sign_in(client: Client, waiting: Any) -> None:
    for address in (INBOX, ENTER, _address(waiting)):
        response = client.get(address)
        assert response.status_code == 302
        assert "/admin/login/" in response["Location"]


def test_practitioners_see_what_was_given_to_them(
    client_as: Any, make_enquiry: Any, now: Any
) -> None:
    client = client_as("Practitioner")
    me = client.get("/admin/").wsgi_request.user
    mine, other = make_enquiry(when=now), make_enquiry(when=now)
    Enquiry.objects.filter(pk=mine.pk).update(given_to=me)
    page = _text(client.get(INBOX))
    assert mine.number in page
    assert other.number not in page
    assert client.get(_address(mine)).status_code == 200
    assert client.get(_address(other)).status_code == 404
    assert client.post(_address(mine), {"do": "note", "note-text": "Seen."}).status_code == 302
    close = {"do": "close", "close-reason": "spam"}
    assert client.post(_address(mine), close).status_code == 403
    assert client.get(ENTER).status_code == 403


@pytest.mark.parametrize("number", ["0", "99999999", "x", "9" * 40, "²"])
def test_unknown_requests_are_404(desk: Client, clinic: Any, number: str) -> None:
    assert desk.get(f"{INBOX}{number}/change/").status_code == 404


def test_wrong_methods(desk: Client, waiting: Any) -> None:
    assert desk.post(INBOX).status_code == 405
    assert desk.put(_address(waiting)).status_code == 405
    assert desk.delete(ENTER).status_code == 405


def test_forms_need_their_token(desk: Client, waiting: Any) -> None:
    desk.handler.enforce_csrf_checks = True
    assert desk.post(_address(waiting), {"do": "note"}).status_code == 403
    assert desk.post(ENTER, {}).status_code == 403


# -- the list -------------------------------------------------------------------------------------


def test_the_list_has_no_health_data(desk: Client, waiting: Any) -> None:
    page = _text(desk.get(INBOX, {"tab": "needs_reply"})).partition("inbox-count")[2]  # the table
    assert "Margaret Ellery" in page
    assert "lifted a box" not in page
    assert "Low back" not in page
    assert "body-figure" not in page


def test_marks_tell_who_waits_for_us(desk: Client, make_enquiry: Any, now: Any) -> None:
    late = make_enquiry(when=now - timedelta(days=20))
    fresh = make_enquiry(when=now)
    page = _text(desk.get(INBOX))
    assert page.index(late.number) < page.index(fresh.number)
    assert page.count('<span class="mark late">') == 1
    assert page.count('<span class="mark">') == 1
    assert "2 need a reply." in page
    assert "1 is overdue." in page


def test_tabs_count_and_choose(
    desk: Client, make_enquiry: Any, now: Any, receptionist: Any
) -> None:
    waits = make_enquiry(when=now, name="Anna")
    reached = make_enquiry(when=now, name="Bert")
    closed = make_enquiry(when=now, name="Cara")
    workflow.contacted(reached, reached=True, by=receptionist, at=now)
    workflow.close(closed, reason=CloseReason.SPAM, by=receptionist, at=now)
    for tab, shown in (
        ("open", [waits, reached]),
        ("needs_reply", [waits]),
        ("waiting", [reached]),
        ("booked", []),
        ("closed", [closed]),
        ("nonsense", [waits, reached]),
    ):
        page = _text(desk.get(INBOX, {"tab": tab}))
        assert {e.name for e in (waits, reached, closed) if e.number in page} == {
            e.name for e in shown
        }, tab
    assert "There are no booked appointments." in _text(desk.get(INBOX, {"tab": "booked"}))


@pytest.mark.parametrize(
    ("words", "fits"),
    [("ellery", True), ("555 0188", True), ("6135550188", True), ("nobody", False), ("\0", True)],
)
def test_search(desk: Client, waiting: Any, words: str, fits: bool) -> None:
    page = _text(desk.get(INBOX, {"q": words}))
    assert (waiting.number in page) is fits


def test_search_by_number(desk: Client, waiting: Any) -> None:
    for words in (waiting.number, waiting.number[-6:], waiting.number.lower()):
        assert waiting.number in _text(desk.get(INBOX, {"q": words}))
    assert "No requests match these filters." in _text(desk.get(INBOX, {"q": "RQ 999"}))


def test_filters(desk: Client, waiting: Any, location: Any, receptionist: Any) -> None:
    for query, fits in (
        ({"location": str(location.pk)}, True),
        ({"location": "none"}, False),
        ({"given_to": "none"}, True),
        ({"given_to": str(receptionist.pk)}, False),
        ({"location": "' OR 1=1", "given_to": "x"}, True),
    ):
        assert (waiting.number in _text(desk.get(INBOX, query))) is fits, query


def test_a_search_is_noted_once_an_hour(desk: Client, waiting: Any) -> None:
    for _time in range(3):
        desk.get(INBOX, {"q": "Ellery"})
    line = Event.objects.get(kind=Event.Kind.SEARCHED)
    assert line.enquiry is None
    assert line.text == ""
    assert line.by_name


@pytest.mark.parametrize("query", [{}, {"tab": "closed"}, {"location": "none"}])
def test_the_list_takes_twelve_queries_whatever_its_length(
    desk: Client,
    make_enquiry: Any,
    now: Any,
    query: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk.get(INBOX)
    # Else asked once in a second, in whichever of the two runs that falls.
    monkeypatch.setattr(page_context, "FRESH_SECONDS", 3600)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert desk.get(INBOX, query).status_code == 200
        return len(captured)

    make_enquiry(when=now)
    few = queries()
    for number in range(12):
        make_enquiry(when=now, name=f"Patient {number}")
    assert queries() == few
    assert few <= 12


def test_a_long_list_has_pages(
    desk: Client, make_enquiry: Any, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bookings.admin import inbox

    monkeypatch.setattr(inbox, "PER_PAGE", 2)
    for _number in range(3):
        make_enquiry(when=now)
    assert "Page 1 of 2" in _text(desk.get(INBOX))
    assert "1 of 3" in _text(desk.get(INBOX, {"page": "2", "tab": "open"}))
    assert desk.get(INBOX, {"page": "nonsense"}).status_code == 200


# -- one request ----------------------------------------------------------------------------------


def test_opening_is_noted_once_an_hour(desk: Client, waiting: Any) -> None:
    for _time in range(3):
        desk.get(_address(waiting))
    assert waiting.events.filter(kind=Event.Kind.SEEN).count() == 1
    waiting.refresh_from_db()
    assert waiting.first_seen_at is not None


def test_the_page_shows_where_the_patient_came_from(
    desk: Client, waiting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = hooks.Origin("Does dry needling help?", "/articles/dry-needling/")
    monkeypatch.setattr(hooks.published, "origin", lambda edition, at: origin)
    Enquiry.objects.update(came_from=3, came_from_place=1)
    page = _text(desk.get(_address(waiting)))
    assert '<a href="/articles/dry-needling/">Does dry needling help?</a>' in page


def test_the_page_offers_to_call_and_write(desk: Client, waiting: Any) -> None:
    page = _text(desk.get(_address(waiting)))
    assert 'href="tel:+16135550188"' in page
    assert 'href="mailto:m.ellery@patients.example"' in page


def test_patients_words_are_escaped(desk: Client, make_enquiry: Any, now: Any) -> None:
    mean = "<script>alert(1)</script>"
    enquiry = make_enquiry(when=now, name=mean, message=mean)
    for address in (INBOX, _address(enquiry)):
        assert mean not in _text(desk.get(address))


def test_staff_move_it_on(
    desk: Client, waiting: Any, practitioner: Any, location: Any, receptionist: Any, now: Any
) -> None:
    address = _address(waiting)
    start = timezone.localtime(now + timedelta(days=3)).replace(microsecond=0)
    steps: list[tuple[dict[str, Any], str]] = [
        ({"do": "note", "note-text": "Prefers mornings."}, "needs_reply"),
        ({"do": "assign", "assign-to": receptionist.pk}, "needs_reply"),
        ({"do": "contacted", "contacted-reached": "no"}, "needs_reply"),
        ({"do": "contacted", "contacted-reached": "yes"}, "waiting"),
        (
            {
                "do": "offer",
                "offer-practitioner": practitioner.pk,
                "offer-location": location.pk,
                "offer-minutes": "45",
                "offer-start_0": start.strftime("%Y-%m-%dT%H:%M"),
            },
            "waiting",
        ),
    ]
    for data, state in steps:
        response = answered(desk, address, data, follow=True)
        assert response.redirect_chain, data["do"]
        waiting.refresh_from_db()
        assert waiting.state == state
    offer = waiting.offers.get()
    desk.post(address, {"do": "accept", "accept-offer_id": offer.pk})
    waiting.refresh_from_db()
    assert waiting.state == State.BOOKED
    assert waiting.given_to == receptionist
    answered(desk, address, {"do": "release", "release-offer_id": offer.pk})
    desk.post(address, {"do": "close", "close-reason": "declined", "close-text": "Sent on."})
    waiting.refresh_from_db()
    assert (waiting.state, waiting.close_reason) == (State.CLOSED, CloseReason.DECLINED)
    desk.post(address, {"do": "reopen"})
    waiting.refresh_from_db()
    assert waiting.state == State.NEEDS_REPLY
    page = _text(desk.get(address))
    assert "Prefers mornings." in page
    assert "closed: We can’t help with this" in page
    assert Offer.objects.held().count() == 0


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        ({"do": "note", "note-text": " "}, "Enter a note first."),
        ({"do": "contacted", "contacted-text": "Kept words"}, "Choose “Yes” or “No”."),
        ({"do": "close", "close-text": "Kept words"}, "Choose a reason"),
        ({"do": "offer"}, "Enter at least one date and time."),
        ({"do": "correct", "correct-name": "Kept words"}, "Enter a phone number or an email"),
        ({"do": "accept", "accept-offer_id": "1"}, "You can’t do this now"),
        ({"do": "reopen", "reopen-text": "Kept words"}, "You can’t do this now"),
    ],
)
def test_what_is_wrong_is_explained_and_kept(
    desk: Client, waiting: Any, data: dict[str, str], advice: str
) -> None:
    response = desk.post(_address(waiting), data)
    assert response.status_code == 422
    assert advice in _text(response)
    assert _text(response).count("Kept words") == ("Kept words" in data.values())
    waiting.refresh_from_db()
    assert waiting.state == State.NEEDS_REPLY
    assert waiting.name == "Margaret Ellery"


def test_unknown_acts_are_refused(desk: Client, waiting: Any) -> None:
    assert desk.post(_address(waiting), {"do": "erase"}).status_code == 403


# -- by phone and at the desk ---------------------------------------------------------------------


def test_entering_a_request(desk: Client, service: Any, practitioner: Any) -> None:
    page = _text(desk.get(ENTER))
    assert "Numbness around the seat" in page
    key = uuid.uuid4()
    data = {
        "form_key": key,
        "source": "phone",
        "service": service.pk,
        "practitioner": "ines-okafor",
        "location": "",
        "days": ["1"],
        "returning": "yes",
        "name": "Oskar Brandt",
        "phone": "613 555 0177",
        "message": "",
    }
    first = desk.post(ENTER, data)
    again = desk.post(ENTER, data)
    enquiry = Enquiry.objects.get()
    assert first["Location"] == again["Location"] == _address(enquiry)
    assert enquiry.source == Source.PHONE
    assert enquiry.service == service
    assert enquiry.events.get().by_name == "client-receptionist"


def test_wrong_entries_are_explained_and_kept(desk: Client, service: Any) -> None:
    response = desk.post(ENTER, {"name": "Oskar Brandt", "form_key": uuid.uuid4()})
    assert response.status_code == 422
    assert 'value="Oskar Brandt"' in _text(response)
    assert not Enquiry.objects.exists()


# -- erasure --------------------------------------------------------------------------------------


def test_managers_erase_and_only_a_number_stays(client_as: Any, desk: Client, waiting: Any) -> None:
    erase = reverse("admin:bookings_enquiry_delete", args=[waiting.pk])
    assert desk.post(erase, {"post": "yes"}).status_code == 403
    manager = client_as("Manager")
    assert "Margaret" not in _text(manager.get(erase)).partition("<main")[2]
    manager.post(erase, {"post": "yes"})
    assert not Enquiry.objects.exists()
    assert not Event.objects.filter(enquiry__isnull=False).exists()
    assert LogEntry.objects.get().object_repr == waiting.number
