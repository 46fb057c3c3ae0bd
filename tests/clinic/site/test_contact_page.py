"""The Contact page, the menu, and what leads back to the results of a search."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.test import Client

from articles import publishing
from clinic.models import Announcement, Closure, Location, Redirect
from clinic.site import page_context
from clinic.templatetags import contact
from tests.whole_site import WholeSite, build, publish

TUESDAY = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)


@pytest.fixture
def site(db: None) -> WholeSite:
    with time_machine.travel(TUESDAY, tick=False):
        found = build(TUESDAY - timedelta(days=1))
        second = Location.objects.create(
            name="Harbour", slug="harbour", street="2 Quay", city="Millbrook", order=1
        )
        for day in (0, 1, 2):
            second.periods.create(weekday=day, opens=time(8), closes=time(18))
        page_context.forget()
        yield found


def read(client: Client, path: str = "/contact/") -> str:
    page_context.forget()
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_every_location_is_on_the_page_with_all_that_is_known(site: WholeSite, client: Client):
    Location.objects.filter(slug="millbrook").update(
        phone="+16135550187",
        email="mill@larkspur.example",
        latitude="44.6",
        longitude="-76.2",
        directions="**By car.** Park in the yard.",
        accessibility="No steps.",
    )
    page = read(client)
    for said in (
        *("14 Mill Lane", "2 Quay", "+16135550187", "mill@larkspur.example"),
        *("<strong>By car.</strong>", "No steps.", "English, Igbo"),
        'href="geo:44.60000,-76.20000?',
        "https://www.openstreetmap.org/?mlat=44.60000&amp;mlon=-76.20000#map=17/",
        "https://maps.apple.com/?q=14+Mill+Lane%2C+Millbrook&amp;ll=44.60000%2C-76.20000",
    ):
        assert said in page, said
    Location.objects.filter(slug="harbour").update(is_public=False)
    assert "2 Quay" not in read(client)


def test_a_place_without_coordinates_is_searched_for(db: None):
    place = Location(street="1 A & B", city="Millbrook")
    assert contact.map_page(place).endswith("?query=1+A+%26+B%2C+Millbrook")
    assert contact.apple_map(place) == "https://maps.apple.com/?q=1+A+%26+B%2C+Millbrook"


def test_the_row_of_today_is_marked(site: WholeSite, client: Client):
    assert '<div class="today"> <dt>Monday to Wednesday <span>(includes today)</span></dt>' in read(
        client
    )


def test_hours_are_not_those_of_today_on_a_closed_day(site: WholeSite, client: Client):
    today = date(2026, 3, 3)
    Closure.objects.create(starts_on=today, ends_on=today, reason="Training day")
    page = read(client)
    assert page.count('<div class="today"><dt>Today</dt><dd>closed (Training day)</dd>') == 2
    assert "(includes today)" not in page


def test_contact_is_in_the_menu_with_the_locations_in_their_order(site: WholeSite, client: Client):
    def menu() -> list[tuple[str, list[str]]]:
        page_context.forget()
        found = client.get("/locations/harbour/").context["menu"]
        return [(item.label, [one.label for one in item.below]) for item in found]

    assert menu()[-1] == ("Contact", ["Millbrook", "Harbour"])
    Location.objects.filter(slug="millbrook").update(order=2)
    assert menu()[-1] == ("Contact", ["Harbour", "Millbrook"])
    page = read(client, "/locations/harbour/")
    assert 'href="/contact/" aria-current="true"' in page
    assert 'href="/locations/harbour/" aria-current="true"' in page


def test_a_page_is_below_the_entry_before_it(site: WholeSite, client: Client):
    publish(TUESDAY, kind="page", title="Care", slug="care", menu_order=26, menu_below=True)
    page_context.forget()
    menu = client.get("/care/").context["menu"]
    assert [(item.label, [one.label for one in item.below]) for item in menu][1] == (
        "Fees",
        ["Care"],
    )


def test_a_page_of_staff_keeps_its_address(site: WholeSite, client: Client):
    edition = publish(TUESDAY, kind="page", title="Reach us", slug="contact", body="Our own words.")
    page = read(client)
    assert "Our own words." in page
    assert "2 Quay</address>" not in page
    assert read(client, "/sitemap.xml").count("/contact/</loc>") == 1
    menu = client.get("/contact/").context["menu"]
    assert "Contact" not in [item.label for item in menu]
    publishing.withdraw(edition.article, by=None, at=TUESDAY)
    assert "2 Quay" in read(client)


def test_an_address_that_moved_on_still_leads_there(site: WholeSite, client: Client):
    moved = publish(TUESDAY, kind="page", title="Reach us", slug="reach-us")
    Redirect.objects.create(path="/contact/", kind="page", object_id=moved.article_id)
    page_context.forget()
    answer = client.get("/contact/")
    assert (answer.status_code, answer["Location"]) == (301, "/reach-us/")


def test_a_result_leads_back_to_its_search(site: WholeSite, client: Client):
    page = read(client, "/search/?q=stairs")
    link = next(url for url in re.findall(r'<h3><a href="([^"]+)"', page) if "knees" in url)
    assert link.startswith("/articles/knees-and-stairs/?q=stairs")
    there = read(client, link.partition("#")[0])
    assert 'href="/search/?q=stairs">Back to results for “stairs”</a>' in there
    assert 'rel="canonical" href="http://testserver' in there or "canonical" in there
    assert "Back to results" not in read(client, "/articles/knees-and-stairs/")


def test_what_was_searched_for_is_escaped_and_cut(site: WholeSite, client: Client):
    there = read(client, '/services/dry-needling/?q=<script>"' + "x" * 500)
    assert "<script>&quot;" not in there
    assert "&lt;script&gt;" in there
    assert "x" * 201 not in there


def test_the_booking_form_is_not_told_what_was_searched_for(site: WholeSite, client: Client):
    found = re.findall(r'href="(/book/[^"]*)"', read(client, "/search/?q=appointment"))
    assert found
    assert not [url for url in found if "q=" in url]


def test_articles_lead_on_within_their_topic(site: WholeSite, client: Client):
    page = read(client, "/articles/desks/")
    shown = client.get("/articles/desks/").context
    assert (shown["newer"].slug, shown["older"].slug) == ("steps", "knees-and-stairs")
    assert 'rel="prev" href="/articles/steps/"' in page
    assert 'rel="next" href="/articles/knees-and-stairs/"' in page
    assert client.get("/articles/steps/").context["newer"] is None


def test_an_announcement_says_its_date(site: WholeSite, client: Client):
    Announcement.objects.update(ends_at=TUESDAY + timedelta(days=1))
    assert '<time datetime="2026-03-01">March 1</time> Closed on Friday.' in read(client)
