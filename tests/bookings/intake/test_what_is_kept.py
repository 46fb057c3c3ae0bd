"""What was chosen before, and cannot be: explained where it was asked, never dropped in silence."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
import time_machine
from django.test import Client

from bookings.intake import red_flag_gate
from bookings.intake.forms import PublicRequestForm
from bookings.models import Enquiry, Roster
from bookings.privacy import data_subject
from bookings.rosters import wishes
from bookings.rosters.wishes import Wish
from clinic.models import Clinic, Location, Practitioner, RedFlag, Service
from clinic.site import page_context

pytestmark = pytest.mark.django_db

MONDAY = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
TUESDAY = datetime(2027, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def roster(practitioner: Any, location: Any) -> Roster:
    roster = Roster.objects.create(practitioner=practitioner)
    for weekday in range(5):
        roster.hours.create(weekday=weekday, starts=time(9), ends=time(16), location=location)
    return roster


@pytest.fixture
def needling(location: Any) -> Service:
    """Another service, given by somebody else."""
    needling = Service.objects.create(name="Dry needling", slug="needling", summary="Needles.")
    tomas = Practitioner.objects.create(
        name="Tomas Lindqvist", slug="tomas", role="x", languages="French, Dutch"
    )
    tomas.services.add(needling)
    tomas.locations.add(location)
    return needling


@pytest.fixture
def typed(service: Any) -> dict[str, Any]:
    return {
        "gate": red_flag_gate.new_marker(service, at=MONDAY),
        "returning": "no",
        "name": "Margaret Ellery",
        "email": "m.ellery@patients.example",
    }


def test_whom_a_link_named_and_the_service_does_not_have(needling: Any, practitioner: Any) -> None:
    initial = {"practitioner": practitioner.slug}
    form = PublicRequestForm(initial=initial, service=needling, at=MONDAY)
    assert form.notes == {
        "practitioner": "Ines Okafor doesn’t offer this: Dry needling. Choose someone else or "
        "another service."
    }
    assert not form["practitioner"].value()


def test_the_note_is_on_the_page(visitor: Client, needling: Any, practitioner: Any) -> None:
    answer = {"service": "needling", "asked": "needling", "practitioner": practitioner.slug}
    text = visitor.post("/book/", answer).content.decode()
    [where, when] = [
        text.split(f'data-group="{name}"')[1].split("</section>")[0] for name in ("where", "when")
    ]
    assert "Ines Okafor doesn’t offer this" in where
    assert "doesn’t offer" not in when


def test_times_of_another_service_are_named(
    roster: Any, needling: Any, practitioner: Any, location: Any
) -> None:
    wish = Wish(TUESDAY, practitioner.pk, location.pk)
    form = PublicRequestForm(initial={"wishes": [wish.name]}, service=needling, at=MONDAY)
    [time_in_words] = wishes.in_words([wish])
    assert time_in_words in form.notes["wishes"]


def test_people_who_speak_the_language(
    roster: Any, service: Any, practitioner: Any, location: Any
) -> None:
    Practitioner.objects.filter(pk=practitioner.pk).update(languages="English, French")
    anna = Practitioner.objects.create(name="Anna", slug="anna", role="x", languages="English")
    anna.services.add(service)
    anna.locations.add(location)
    hers = Roster.objects.create(practitioner=anna)
    hers.hours.create(weekday=1, starts=time(12), ends=time(14), location=location)
    for language, names in (("French", {"Ines Okafor"}), ("English", {"Ines Okafor", "Anna"})):
        form = PublicRequestForm(initial={"language": language}, service=service, at=MONDAY)
        shown = {each.practitioner for _day, times in form.open_days for _box, each in times}
        assert shown == names


def test_choices_that_exclude_each_other_are_explained_on_their_step(
    visitor: Client, typed: Any, practitioner: Any, service: Any
) -> None:
    other = Location.objects.create(name="Harbour", slug="harbour", street="1 Quay", city="X")
    choice = {"practitioner": practitioner.slug, "location": other.slug, "times": "1"}
    response = visitor.post("/book/", typed | {"name": ""} | choice)
    text = response.content.decode()
    assert response.status_code == 422
    assert "Ines Okafor works at Millbrook." in text
    assert "Enter your name" not in text  # not asked yet


def test_wishes_keep_the_order_of_choice(
    roster: Any, typed: Any, service: Any, practitioner: Any, location: Any
) -> None:
    early, late = (
        Wish(start, practitioner.pk, location.pk).name
        for start in (TUESDAY, TUESDAY.replace(hour=14))
    )
    values = typed | {"wishes": [early, late], "order": f"x {late}  {early}"}
    form = PublicRequestForm(values, service=service, at=MONDAY)
    assert form.is_valid(), form.errors
    assert [wish.name for wish in wishes.read(form.content()["wishes"])] == [late, early]


def test_as_early_as_possible(visitor: Client, typed: Any, location: Any) -> None:
    visitor.post("/book/", typed | {"soonest": "on"})
    enquiry = Enquiry.objects.get()
    assert enquiry.soonest
    page = visitor.get(f"/book/r/{_token(enquiry)}/").content.decode()
    assert "As early as possible" in page


def _token(enquiry: Enquiry) -> str:
    from bookings.patient import private_links

    return private_links.token(enquiry)


def test_a_child_comes_with_name_and_age(visitor: Client, typed: Any, location: Any) -> None:
    child = {"for_whom": "child", "child_name": " Mia\u200b  Ellery ", "child_age": "7"}
    response = visitor.post("/book/", typed | child)
    assert response.status_code == 302
    enquiry = Enquiry.objects.get()
    assert (enquiry.name, enquiry.child_name, enquiry.child_age) == (
        "Margaret Ellery",
        "Mia Ellery",
        7,
    )
    assert "My child: Mia Ellery, 7 years old" in visitor.get(response["Location"]).content.decode()
    [exported] = data_subject.export([enquiry])
    assert (exported["child_name"], exported["child_age"]) == ("Mia Ellery", 7)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"child_age": "7"}, "child_name"),
        ({"child_name": "\u3164", "child_age": "7"}, "child_name"),
        ({"child_name": "Mia"}, "child_age"),
        ({"child_name": "Mia", "child_age": "seven"}, "child_age"),
        ({"child_name": "Mia", "child_age": "18"}, "child_age"),
        ({"child_name": "Mia", "child_age": "-1"}, "child_age"),
    ],
)
def test_what_is_missing_of_a_child_is_asked(
    typed: Any, service: Any, location: Any, values: Any, field: str
) -> None:
    form = PublicRequestForm(typed | {"for_whom": "child"} | values, service=service, at=MONDAY)
    assert set(form.errors) == {field}


def test_a_baby_is_0(typed: Any, service: Any, location: Any) -> None:
    baby = {"for_whom": "child", "child_name": "Mia", "child_age": "0"}
    form = PublicRequestForm(typed | baby, service=service, at=MONDAY)
    assert form.is_valid(), form.errors
    assert form.content()["child_age"] == 0


def test_who_names_a_child_means_it(typed: Any, service: Any, location: Any) -> None:
    form = PublicRequestForm(
        typed | {"child_name": "Mia", "child_age": "3"}, service=service, at=MONDAY
    )
    assert form.is_valid(), form.errors
    assert form.content()["for_whom"] == "child"
    own = typed | {"for_whom": "self", "child_name": "Mia", "child_age": "x"}
    form = PublicRequestForm(own, service=service, at=MONDAY)
    assert form.is_valid(), form.errors
    assert (form.content()["child_name"], form.content()["child_age"]) == ("", None)


def test_errors_link_to_the_first_control(visitor: Client, typed: Any, location: Any) -> None:
    del typed["returning"]
    text = visitor.post("/book/", typed | {"name": ""}).content.decode()
    assert 'href="#id_returning_0"' in text
    assert 'id="id_returning_0"' in text
    assert 'href="#id_name"' in text


def test_what_to_know_stands_beside_the_choice_and_after_it(
    visitor: Client, typed: Any, service: Any, location: Any
) -> None:
    Service.objects.update(price_text="First appointment $95", bring="Shorts")
    Clinic.objects.update(cancel_hours=24)
    page_context.forget()
    RedFlag.objects.all().delete()
    answer = {"service": service.slug}
    form = visitor.post("/book/", answer).content.decode()
    response = visitor.post("/book/", typed, follow=True)
    for text in (form, response.content.decode()):
        for words in ("First appointment $95", "Shorts", "45 minutes", "until 24 hours before"):
            assert words in text
