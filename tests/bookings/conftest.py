"""A small clinic that is open, and a request to make there."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

import pytest

from tests import red_flags

# A Monday, 10:00 in London (no summer time).
MONDAY = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    """Pages name their static files without a manifest, which only `serve` makes."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def at() -> datetime:
    return MONDAY


@pytest.fixture
def clinic(db: None) -> Any:
    from clinic.models import Clinic
    from clinic.site import page_context

    clinic = Clinic.objects.get(id=1)
    clinic.name, clinic.kind = "Larkspur", "Physiotherapy"
    clinic.email, clinic.phone = "desk@larkspur.example", "+16135550142"
    clinic.emergency_phone, clinic.time_zone = "911", "Europe/London"
    clinic.has_taken_requests = True
    clinic.save()
    page_context.forget()
    return clinic


@pytest.fixture
def location(clinic: Any) -> Any:
    from clinic.models import Location

    location = Location.objects.create(
        name="Millbrook", slug="millbrook", street="14 Mill Lane", city="Millbrook"
    )
    for weekday in range(5):
        location.periods.create(weekday=weekday, opens=time(8), closes=time(18))
    return location


@pytest.fixture
def service(clinic: Any) -> Any:
    from clinic.models import Service

    service = Service.objects.create(
        name="Low back pain",
        slug="low-back-pain",
        summary="Pain in the low back.",
        first_minutes=45,
    )
    red_flags.add(service, "Numbness around the seat", "Trouble with bladder or bowels")
    return service


@pytest.fixture
def practitioner(service: Any, location: Any) -> Any:
    from clinic.models import Practitioner

    practitioner = Practitioner.objects.create(
        name="Ines Okafor", slug="ines-okafor", role="Spine physiotherapist"
    )
    practitioner.services.add(service)
    practitioner.locations.add(location)
    return practitioner


@pytest.fixture
def content(service: Any, practitioner: Any, location: Any) -> dict[str, Any]:
    """What the form gives for a whole request."""
    return {
        "service": service,
        "practitioner": practitioner,
        "location": location,
        "days": [0, 2],
        "parts": ["morning"],
        "returning": False,
        "name": "Margaret Ellery",
        "email": "m.ellery@patients.example",
        "phone": "+16135550188",
        "message": "It began when I lifted a box.",
    }


@pytest.fixture
def make_enquiry(content: dict[str, Any], at: datetime) -> Callable[..., Any]:
    """`make_enquiry(name="…")`: a request as the form makes it, with these values in place."""
    from bookings.intake import submission

    def make(when: datetime = at, **values: Any) -> Any:
        return submission.submit(content | values, form_key=uuid.uuid4(), at=when).enquiry

    return make


@pytest.fixture
def enquiry(make_enquiry: Callable[..., Any]) -> Any:
    return make_enquiry()


@pytest.fixture
def visitor() -> Any:
    from django.test import Client

    return Client(enforce_csrf_checks=False)
