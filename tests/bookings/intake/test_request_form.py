"""For whom, which language, by which way, what would help: asked, kept, shown, and left out."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from bookings import workflow
from bookings.intake import red_flag_gate, submission
from bookings.intake.forms import PublicRequestForm
from bookings.intake.request_form import spoken
from bookings.models import Enquiry, Event
from bookings.patient import private_links
from bookings.privacy import data_subject
from clinic.models import Practitioner
from tests.bookings.conftest import MONDAY

pytestmark = pytest.mark.django_db

BOOK = "/book/"
ENTER = "/admin/bookings/enquiry/add/"
NEEDS = "No stairs, I walk with a frame."


@pytest.fixture
def speakers(practitioner: Any, service: Any, location: Any) -> None:
    Practitioner.objects.filter(pk=practitioner.pk).update(languages="English, Igbo")
    other = Practitioner.objects.create(
        name="Rafael Duarte", slug="rafael", role="Physiotherapist", languages="Spanish,English"
    )
    other.services.add(service)


@pytest.fixture
def typed(service: Any, practitioner: Any, at: Any) -> dict[str, Any]:
    return {
        "gate": red_flag_gate.new_marker(service, at=at),
        "returning": "no",
        "name": "Margaret Ellery",
        "phone": "(613) 555-0188",
        "email": "m.ellery@patients.example",
        "for_whom": "other",
        "language": "Igbo",
        "contact_by": "phone",
        "access_needs": NEEDS,
    }


def form_of(data: dict[str, Any], service: Any) -> PublicRequestForm:
    return PublicRequestForm(data, service=service, at=MONDAY)


def test_what_is_said_is_kept(typed: Any, service: Any, speakers: None, at: Any) -> None:
    form = form_of(typed, service)
    assert form.is_valid(), form.errors
    submission.submit(form.content(), form_key=uuid.uuid4(), at=at)
    enquiry = Enquiry.objects.get()
    assert (enquiry.for_whom, enquiry.language, enquiry.contact_by) == ("other", "Igbo", "phone")
    assert enquiry.access_needs == NEEDS
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_needs FROM bookings_enquiry")
        assert cursor.fetchone()[0].startswith("gAAAA")


def test_all_of_it_may_stay_empty(typed: Any, service: Any, speakers: None, at: Any) -> None:
    for name in ("for_whom", "language", "contact_by", "access_needs"):
        del typed[name]
    form = form_of(typed, service)
    assert form.is_valid(), form.errors
    enquiry = submission.submit(form.content(), form_key=uuid.uuid4(), at=at).enquiry
    assert enquiry.for_whom == enquiry.language == enquiry.contact_by == enquiry.access_needs == ""


def test_a_language_is_asked_for_where_there_are_several(
    typed: Any, service: Any, practitioner: Any
) -> None:
    for languages in ("", "English"):
        Practitioner.objects.update(languages=languages)
        form = form_of(typed, service)
        assert "language" not in form.fields
        assert form.is_valid()
        assert "language" not in form.content()
    Practitioner.objects.update(languages="English, Igbo")
    assert form_of(typed | {"language": "Welsh"}, service).errors.keys() == {"language"}


def test_languages_are_listed_once_the_most_spoken_first(speakers: None) -> None:
    assert spoken(Practitioner.objects.all()) == ["English", "Igbo", "Spanish"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"contact_by": "phone", "phone": ""}, "phone"),
        ({"contact_by": "email", "email": ""}, "email"),
        ({"contact_by": "email", "email": "", "phone": ""}, "email"),
        ({"contact_by": "fax"}, "contact_by"),
        ({"for_whom": "dog"}, "for_whom"),
        ({"access_needs": "x" * 1001}, "access_needs"),
        ({"name": "\u200b\u2800"}, "name"),
        ({"name": "\u00ad ."}, "name"),
        ({"email": "pat@\u200b.example"}, "email"),
    ],
)
def test_what_does_not_fit_is_explained_at_its_place(
    typed: Any, service: Any, speakers: None, changes: dict[str, str], place: str
) -> None:
    form = form_of(typed | changes, service)
    assert place in form.errors


def test_signs_that_nobody_sees_are_left_out(typed: Any, service: Any, speakers: None) -> None:
    copied = {"name": "\u202eعلی\u200cرضا\ufeff", "email": "pat@patients.example\u200b"}
    form = form_of(typed | copied, service)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == "علی\u200cرضا"  # this one is part of the spelling
    assert form.cleaned_data["email"] == "pat@patients.example"


def test_a_wrong_number_is_explained_once(typed: Any, service: Any, speakers: None) -> None:
    form = form_of(typed | {"phone": "nonsense"}, service)
    assert len(form.errors["phone"]) == 1


def test_the_page_asks_and_says_why(speakers: None, service: Any) -> None:
    service.red_flags.all().delete()
    page = Client().post(BOOK, {"service": service.slug}).content.decode()
    for words in (
        "Who is the appointment for?",
        "Someone I care for",
        "Which language would you like to speak?",
        "How should we contact you?",
        "Do you have any accessibility needs?",
        "It is protected like your health information.",
        "Check your answers",
        "Steps 2 to 5 of 5",
    ):
        assert words in page
    assert page.count("(optional)") == 5


@pytest.fixture
def told(make_enquiry: Callable[..., Any]) -> Any:
    return make_enquiry(for_whom="other", language="Igbo", contact_by="email", access_needs=NEEDS)


def test_patient_and_staff_read_it(told: Any, client_as: Any) -> None:
    own = Client().get(private_links.path(told)).content.decode()
    for words in ("Someone I care for", "Igbo", "Accessibility needs", NEEDS):
        assert words in own
    assert "We’ll call you at" not in own  # an answer by email was asked for
    page = client_as("Receptionist").get(f"/admin/bookings/enquiry/{told.pk}/change/")
    for words in ("Someone they care for", "Igbo", "prefers to be contacted by email", NEEDS):
        assert words in page.content.decode()


def test_sent_again_the_old_words_are_kept_in_the_timeline(content: Any, at: Any) -> None:
    key = uuid.uuid4()
    submission.submit(content | {"access_needs": NEEDS}, form_key=key, at=at)
    submission.submit(content | {"access_needs": "None."}, form_key=key, at=at)
    line = Event.objects.get(kind=Event.Kind.CHANGED)
    assert line.data == {"fields": ["access_needs"]}
    assert NEEDS in line.text


def test_a_way_that_is_gone_is_not_asked_for_any_more(told: Any, at: Any) -> None:
    workflow.correct(told, name=told.name, email="", phone="+16135550199", at=at)
    told.refresh_from_db()
    assert told.contact_by == ""
    assert "contact by: Email" in told.events.get(kind=Event.Kind.CORRECTED).text


def test_it_leaves_the_house_as_its_class_says(told: Any, client_as: Any) -> None:
    [everything] = data_subject.export(Enquiry.objects.all())
    assert everything["for_whom"] == "other"
    assert everything["access_needs"] == NEEDS
    listed = client_as("Manager").post("/admin/bookings/enquiry/export/").content.decode()
    assert "Igbo" in listed
    assert NEEDS not in listed
    assert "other" not in listed.splitlines()[1]


def test_staff_enter_it_too(client_as: Any, speakers: None, service: Any) -> None:
    desk = client_as("Receptionist")
    page = desk.get(ENTER).content.decode()
    assert "Their child" in page
    assert "My child" not in page
    assert "Accessibility needs" in page
    desk.post(
        ENTER,
        {
            "form_key": uuid.uuid4(),
            "source": "phone",
            "service": service.pk,
            "returning": "no",
            "name": "Oskar Brandt",
            "phone": "613 555 0177",
            "for_whom": "child",
            "language": "Spanish",
            "contact_by": "phone",
            "access_needs": NEEDS,
        },
    )
    enquiry = Enquiry.objects.get()
    assert (enquiry.for_whom, enquiry.language, enquiry.contact_by) == ("child", "Spanish", "phone")
    assert enquiry.access_needs == NEEDS


def test_the_kept_address_of_the_confirmation_tells_what_is_now(
    told: Any, practitioner: Any, location: Any, receptionist: Any, at: Any
) -> None:
    address = private_links.path(told) + "?sent"
    assert "Thank you. We’ve received your request." in Client().get(address).content.decode()
    workflow.offer(
        told,
        practitioner=practitioner,
        location=location,
        starts=[at + timedelta(days=2)],
        minutes=45,
        by=receptionist,
        at=at,
    )
    page = Client().get(address).content.decode()
    assert "We can offer you these times." in page
    assert "Thank you." not in page
