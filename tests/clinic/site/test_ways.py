"""Ways to start: what staff choose stands on the home page, in their order."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client

from clinic.models import Clinic, WayToStart
from clinic.site import content_version, page_context


@pytest.fixture
def ways(db: None) -> None:
    Clinic.objects.update(phone="+16135550142")
    WayToStart.objects.create(kind="link", label="A guide", url="/articles/sciatica/", order=3)
    WayToStart.objects.create(kind="call", label="Call us", line="We answer.", order=1)
    WayToStart.objects.create(kind="book", label="Request an appointment", order=2)
    content_version.raise_version()
    page_context.forget()


def test_home_shows_them_in_order(ways: None, client: Client):
    page = client.get("/").content.decode()
    part = page[page.index('class="ways"') :]
    part = part[: part.index("</ul>")]
    places = [
        part.index(f'href="{url}"') for url in ("tel:+16135550142", "/book/", "/articles/sciatica/")
    ]
    assert places == sorted(places)
    assert "We answer." in part


def test_without_a_number_nobody_is_told_to_call(ways: None, client: Client):
    Clinic.objects.update(phone="")
    content_version.raise_version()
    page_context.forget()
    page = client.get("/").content.decode()
    assert "Request an appointment" in page
    assert "Call us</b>" not in page


def test_home_without_ways_has_no_part_for_them(db: None, client: Client):
    assert "How to get started" not in client.get("/").content.decode()


@pytest.mark.parametrize("fields", [{"kind": "link"}, {"kind": "call", "url": "/fees/"}])
def test_only_a_page_has_an_address(fields: dict[str, str], db: None):
    with pytest.raises(ValidationError, match="A page needs a link"):
        WayToStart(label="Go", **fields).full_clean()
    with pytest.raises(IntegrityError):
        WayToStart.objects.create(label="Go", **fields)


def test_an_address_is_one_of_this_site_or_of_the_web(db: None):
    for url in ("javascript:alert(1)", "fees", "data:text/html,a"):
        with pytest.raises(ValidationError, match="Start with /"):
            WayToStart(label="Go", kind="link", url=url).full_clean()
    WayToStart(label="Go", kind="link", url="https://physio.example/").full_clean()
