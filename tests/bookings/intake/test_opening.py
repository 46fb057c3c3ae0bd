"""A new clinic takes no requests before it is safe to; one that took some before goes on."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article, Edition
from bookings.intake import red_flag_gate
from bookings.models import Enquiry
from clinic.models import Clinic
from clinic.operations import setup_checklist
from clinic.site import page_context

pytestmark = pytest.mark.django_db

BOOK = "/book/"
CLOSED = "You can’t request an appointment online yet."
OUTSIDE = "https://booking.example/larkspur"


def _set(**values: Any) -> None:
    Clinic.objects.update(**values)
    page_context.forget()


@pytest.fixture
def new(clinic: Any, service: Any, settings: Any) -> Any:
    """A clinic that has all that is needed, and has taken no request yet."""
    settings.EMAIL_IS_SET = True
    now = timezone.now()
    privacy = Article.objects.get(slug="privacy")
    Edition.objects.create(
        article=privacy,
        number=2,
        kind="page",
        title="Privacy",
        slug="privacy",
        summary="Ours.",
        body="Ours.",
        manuscript_revision=1,
        content_hash="0" * 64,
        hash_recipe=0,
        goes_live_at=now,
        first_live_at=now,
        created_at=now,
    )
    type(service).objects.update(red_flags_reviewed_on=date(2027, 1, 4))
    _set(has_taken_requests=False)
    assert setup_checklist.missing() == []
    return clinic


def _without(what: str, service: Any) -> None:
    match what:
        case "Phone":
            _set(emergency_phone="")
        case "Email":
            _set(email="")
        case "Red flags":
            type(service).objects.update(red_flags_reviewed_on=None)
        case "Privacy page":
            # Editions do not change: this one is not that of the page any more.
            Article.objects.filter(slug="privacy").update(slug="old-privacy")


NEEDED = ["Phone", "Email", "Red flags", "Privacy page"]


@pytest.mark.parametrize("what", NEEDED)
def test_a_new_clinic_waits_for_what_is_needed(
    new: Any, service: Any, visitor: Client, client_as: Any, what: str
) -> None:
    assert CLOSED not in visitor.get(BOOK).content.decode()
    _without(what, service)
    for response in (visitor.get(BOOK), visitor.post(BOOK, {"service": "not-sure"})):
        text = response.content.decode()
        assert CLOSED in text
        assert ("desk@larkspur.example" in text) is (what != "Email")
        assert "tel:+16135550142" in text
        assert "<form" not in text.split("<main")[1].split("</main>")[0]
    page = client_as("Manager").get("/admin/setup/").content.decode()
    assert "The booking form takes no requests yet." in page
    assert [task.label for task in setup_checklist.missing()] == [what]


def test_red_flags_count_only_where_there_are_some(new: Any, service: Any, visitor: Client) -> None:
    service.red_flags.update(is_public=False)
    assert CLOSED in visitor.get(BOOK).content.decode()


@pytest.mark.parametrize("what", NEEDED)
def test_one_that_runs_goes_on_and_is_warned(
    new: Any, service: Any, visitor: Client, client_as: Any, what: str
) -> None:
    _set(has_taken_requests=True)
    _without(what, service)
    assert CLOSED not in visitor.get(BOOK).content.decode()
    page = client_as("Manager").get("/admin/setup/").content.decode()
    assert "although something that keeps patients safe is missing" in page


def test_a_demo_takes_requests(new: Any, visitor: Client) -> None:
    _set(is_demo=True, email="")
    assert CLOSED not in visitor.get(BOOK).content.decode()


@pytest.mark.parametrize("source", ["web", "phone", "demo"])
def test_it_stays_open_once_it_has_taken_one(
    new: Any, content: dict[str, Any], source: str
) -> None:
    import uuid

    from bookings.intake import submission
    from bookings.models import Source

    if source == "demo":
        _set(is_demo=True)
    by = Source.PHONE if source == "phone" else Source.WEB
    submission.submit(content, form_key=uuid.uuid4(), at=timezone.now(), source=by)
    assert Enquiry.objects.count() == 1
    assert Clinic.objects.get().has_taken_requests is (source == "web")


# -- a clinic that books elsewhere ----------------------------------------------------------------


def test_a_link_for_the_whole_clinic(
    new: Any, service: Any, practitioner: Any, visitor: Client
) -> None:
    _set(booking_url=OUTSIDE)
    for address in (BOOK, f"{BOOK}?service={service.slug}"):
        assert f'href="{OUTSIDE}"' in visitor.get(address).content.decode()
    chosen = visitor.post(BOOK, {"service": service.slug}).content.decode()
    assert f'href="{OUTSIDE}"' in chosen
    for page in (f"/services/{service.slug}/", f"/practitioners/{practitioner.slug}/"):
        assert f'href="{OUTSIDE}"' in visitor.get(page).content.decode(), page
    # A link of their own counts more.
    type(service).objects.update(booking_url="https://needles.example/")
    text = visitor.get(f"{BOOK}?service={service.slug}").content.decode()
    assert 'href="https://needles.example/"' in text
    assert OUTSIDE not in text


def test_it_is_shown_although_something_is_missing(new: Any, service: Any, visitor: Client) -> None:
    _set(booking_url=OUTSIDE, email="")
    text = visitor.get(BOOK).content.decode()
    assert CLOSED not in text
    assert OUTSIDE in text


def test_a_form_that_was_begun_before_is_still_taken(
    new: Any, service: Any, visitor: Client
) -> None:
    marker = red_flag_gate.new_marker(service, at=timezone.now() - timedelta(minutes=3))
    _set(booking_url=OUTSIDE)
    sent = {"gate": marker, "name": "Margaret Ellery", "email": "m@patients.example"}
    text = visitor.post(BOOK, sent).content.decode()
    assert 'value="Margaret Ellery"' in text  # the form, which misses an answer
    assert f'href="{OUTSIDE}"' not in text
