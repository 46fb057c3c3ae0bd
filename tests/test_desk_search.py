"""The search over all lists of the desk: what it finds, and for whom."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Article
from clinic.admin.lists import LONGEST_SEARCH
from clinic.desk_search import SHOWN
from clinic.models import Announcement
from tests.test_endpoints import site
from tests.whole_site import WholeSite

__all__ = ["site"]  # the fixture

ADDRESS = "/admin/search/"


def found(client: Client, query: str) -> dict[str, list[str]]:
    """The names that were found, by the name of their list."""
    response = client.get(ADDRESS, {"q": query})
    assert response.status_code == 200
    return {panel.title: [row.label for row in panel.rows] for panel in response.context["panels"]}


def test_it_finds_what_the_lists_hold(site: WholeSite, client_as: Callable[[str], Client]) -> None:
    Article.objects.create(title="Knees at night", slug="knees-at-night")
    Article.objects.create(title="Our knees", slug="our-knees", kind="page")
    client = client_as("Editor")
    knees = found(client, "knee")
    assert {"Knees at night", "Knees and stairs"} <= set(knees["Articles"])
    assert knees["Pages"] == ["Our knees"]
    assert knees["Topics"] == ["Knee"]
    assert found(client, "chys")["References"] == ["chys2023: What chys2023 found"]
    assert found(client, "somebody step")["Images"] == ["Somebody on a step"]
    assert found(client, "okafor")["Practitioners"] == ["Ines Okafor"]
    assert found(client, "needling")["Services"] == ["Dry needling"]
    assert found(client, "mill")["Locations"] == ["Millbrook"]
    assert found(client, Announcement.objects.get().text)["Announcements"]


def test_each_result_opens_and_says_its_state(
    site: WholeSite, client_as: Callable[[str], Client]
) -> None:
    client = client_as("Manager")
    for query in ("needling", "knee", "mill", "ines", "chys", site.enquiry.number):
        panels = client.get(ADDRESS, {"q": query}).context["panels"]
        assert panels
        for panel in panels:
            for row in panel.rows:
                assert client.get(row.url).status_code == 200, row
    panels = client_as("Editor").get(ADDRESS, {"q": "knees and stairs"}).context["panels"]
    assert panels[0].rows[0].fact.startswith("Published")


@pytest.mark.parametrize("role", ["Author", "Clinical reviewer", "Editor", "Practitioner"])
def test_requests_are_found_by_those_who_see_them(
    site: WholeSite, client_as: Callable[[str], Client], role: str
) -> None:
    assert "Requests" not in found(client_as(role), site.enquiry.number)
    seen = found(client_as("Receptionist"), site.enquiry.number.lower())
    assert seen == {"Requests": [site.enquiry.number]}


def test_requests_are_found_by_number_alone(
    site: WholeSite, client_as: Callable[[str], Client]
) -> None:
    enquiry = site.enquiry
    client = client_as("Receptionist")
    for words in (enquiry.name, enquiry.email, enquiry.message):
        for word in (words, *words.split()):
            assert "Requests" not in found(client, word), word


def test_a_practitioner_finds_the_requests_given_to_them(
    site: WholeSite, make_user: Callable[..., Any], client: Client
) -> None:
    user = make_user("Practitioner")
    site.enquiry.given_to = user
    site.enquiry.save()
    client.force_login(user)
    assert found(client, site.enquiry.number) == {"Requests": [site.enquiry.number]}
    assert found(client, "needling") == {}


def test_a_list_shows_a_few_and_leads_to_the_others(client_as: Callable[[str], Client]) -> None:
    for number in range(SHOWN + 1):
        Article.objects.create(title=f"Fees {number}", slug=f"fees-{number}", kind="page")
    client = client_as("Editor")
    panels = client.get(ADDRESS, {"q": "fees"}).context["panels"]
    panel = next(panel for panel in panels if panel.title == "Pages")
    assert len(panel.rows) == SHOWN
    everything = client.get(panel.action.url)
    assert everything.context["cl"].result_count == SHOWN + 1
    assert "<h1>Pages</h1>" in everything.content.decode()


def test_what_is_too_short_long_or_invisible_asks_little(
    site: WholeSite, client_as: Callable[[str], Client]
) -> None:
    client = client_as("Manager")
    assert "at least two characters" in client.get(ADDRESS, {"q": "k"}).content.decode()
    for query in ("", " \u200b ", "\x00"):
        assert found(client, query) == {}
    assert found(client, "mill\x00brook")["Locations"] == ["Millbrook"]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert found(client, "knee " * 1000)
    assert len(asked) < 40
    assert found(client, "x" * 2 * LONGEST_SEARCH) == {}


def test_the_page_is_for_staff(client: Client, db: None) -> None:
    assert client.get(ADDRESS).status_code == 302
    assert client.post(ADDRESS).status_code == 302
