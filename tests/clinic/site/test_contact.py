"""Phone numbers, hours and Book links in templates."""

from datetime import time

import pytest
from django.template import Context, Template
from django.urls import reverse

from clinic.models import Clinic, Location, Practitioner, Service
from clinic.models.location import OpeningPeriod
from clinic.site.book_links import BookLink
from clinic.templatetags import contact

HOME = Context({"clinic": Clinic(region="US")})


def test_a_number_is_written_for_its_readers_and_dialled_in_full() -> None:
    link = contact.phone(HOME, "+16135550142", "large")
    assert link == '<a class="phone large" href="tel:+16135550142">(613) 555-0142</a>'
    assert contact.phone_text(HOME, "+442079460018") == "+44 20 7946 0018"


def test_no_number_draws_nothing() -> None:
    assert contact.phone(HOME, "") == ""
    assert contact.phone_text(HOME, "") == ""


@pytest.mark.django_db
def test_a_book_link_names_what_is_chosen_and_where_it_stood() -> None:
    link = contact.book_link(
        practitioner=Practitioner(slug="ines-okafor"),
        service=Service(slug="dry-needling"),
        origin="12-900",
    )
    path = reverse("bookings:book")
    assert link == BookLink(
        f"{path}?practitioner=ines-okafor&service=dry-needling&from=12-900", outside=False
    )


@pytest.mark.django_db
def test_a_book_link_without_choices_is_the_form() -> None:
    assert contact.book_link().url == reverse("bookings:book")


@pytest.mark.parametrize("kind", ["practitioner", "service", "location"])
def test_an_outside_address_wins(kind: str) -> None:
    model = {"practitioner": Practitioner, "service": Service, "location": Location}[kind]
    thing = model(slug="one", booking_url="https://scheduler.example/one")
    assert contact.book_link(**{kind: thing}) == BookLink(
        "https://scheduler.example/one", outside=True
    )


@pytest.mark.django_db
def test_the_week_is_empty_until_hours_are_known_and_grouped_then() -> None:
    location = Location.objects.create(name="Millbrook", slug="millbrook", street="1", city="M")
    assert contact.week_hours(location) == []
    for day in (0, 1):
        OpeningPeriod.objects.create(location=location, weekday=day, opens=time(8), closes=time(18))
    first, rest = contact.week_hours(Location.objects.get())
    assert first.hours == ((time(8), time(18)),)
    assert rest.hours == ()


@pytest.mark.django_db
def test_hours_are_written_as_people_say_them() -> None:
    location = Location.objects.create(name="Millbrook", slug="millbrook", street="1", city="M")
    OpeningPeriod.objects.create(location=location, weekday=0, opens=time(7, 30), closes=time(12))
    OpeningPeriod.objects.create(location=location, weekday=0, opens=time(13), closes=time(18))
    html = Template('{% include "partials/hours.html" %}').render(Context({"location": location}))
    assert "7:30 a.m. to 12:00 p.m., 1:00 p.m. to 6:00 p.m." in " ".join(html.split())
    assert "closed" in html
