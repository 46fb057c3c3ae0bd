"""Passwords made of what anyone reads on the website are refused."""

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from clinic.models import Clinic, User
from tests.clinic.signing_in import PASSWORD
from tests.whole_site import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any) -> Clinic:
    """A clinic of its own: name, domain, a location and a service."""
    settings.SITE_URL = "https://fernhill-physio.example"
    site = build(timezone.now())
    Clinic.objects.update(name="Fernhill", kind="Physiotherapy", email="desk@fernhill-care.example")
    site.location.city = "Saint-Jérôme"
    site.location.save()
    site.service.name = "Dry needling"
    site.service.save()
    return Clinic.objects.get()


@pytest.mark.parametrize(
    "password",
    [
        "Fernhill2027!",
        "fernhill-physio-1",
        "Physiotherapy#12",
        "F3rnh1ll!!2027",
        "saintjerome2027",
        "Jérôme-Fernhill",
        "dryneedling-123",
        "fernhillcare-99",
        "FERNHILL fernhill",
    ],
)
def test_words_of_the_website_are_refused(password: str, clinic: Clinic) -> None:
    with pytest.raises(ValidationError, match="anyone can read on the website"):
        validate_password(password)


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "fernhill and nine goats", "Fern, hill of the goat", "93kd-02mx-71qv"],
)
def test_other_passwords_are_not(password: str, clinic: Clinic) -> None:
    validate_password(password)


def test_the_form_says_why(clinic: Clinic, author: User) -> None:
    author.set_password(PASSWORD)
    author.save()
    client = Client()
    client.force_login(author, "django.contrib.auth.backends.ModelBackend")
    own = {"old_password": PASSWORD, "new_password1": "Fernhill2027!"}
    own["new_password2"] = own["new_password1"]
    page = client.post("/admin/password_change/", own).content.decode()
    assert "anyone can read on the website (fernhill)" in page
    assert "mostly made of the clinic’s own words" in page
