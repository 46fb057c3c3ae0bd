"""The clinic's own pages, the search, and what machines ask for."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.utils import timezone

from articles.models import Topic
from clinic.finding.indexing import index_for_search
from clinic.models import Clinic, Closure, Credential, Location, Practitioner, Redirect, Service
from clinic.site import page_context, views
from tests.whole_site import WholeSite, build, publish

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def site(db: None) -> WholeSite:
    return build(timezone.now())


def read(client: Client, path: str) -> str:
    """A page as it is now."""
    page_context.forget()
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/practitioners/ines-okafor/", Practitioner),
        ("/services/dry-needling/", Service),
        ("/locations/millbrook/", Location),
    ],
)
def test_what_is_taken_off_the_site_is_nowhere(
    path: str, model: Any, site: WholeSite, client: Client
):
    name = model.objects.get(slug=path.split("/")[2]).name
    places = ["/", "/practitioners/", "/services/", "/sitemap.xml", f"/search/?q={name}"]
    assert any(path in read(client, place) for place in places)
    model.objects.filter(name=name).update(is_public=False)
    page_context.forget()
    assert client.get(path).status_code == 404
    assert [place for place in places if f'"{path}"' in read(client, place)] == []
    assert path not in read(client, "/sitemap.xml")


def test_a_practitioner_shows_valid_credentials_and_own_texts(site: WholeSite, client: Client):
    Credential.objects.create(
        practitioner=site.author,
        kind="training",
        name="First aid",
        valid_until=timezone.localdate() - timedelta(days=1),
    )
    page = read(client, "/practitioners/ines-okafor/")
    for words in ("MSc Physiotherapy", "She <em>runs</em>.", "Knees and stairs", "Dry needling"):
        assert words in page
    assert "First aid" not in page


def test_who_cannot_be_booked_is_not_asked_for(site: WholeSite, client: Client):
    assert "/book/?practitioner=ines-okafor" in read(client, "/practitioners/ines-okafor/")
    assert "/book/?practitioner=hanna-weiss" not in read(client, "/practitioners/hanna-weiss/")


def test_a_service_shows_risks_and_who_should_not_have_it(site: WholeSite, client: Client):
    page = read(client, "/services/dry-needling/")
    for words in ("It takes <em>minutes</em>.", "A bruise", "You take blood thinners", "Ines"):
        assert words in page


def test_a_location_shows_its_closures_until_they_are_over(db: None, client: Client):
    with time_machine.travel(MONDAY, tick=False) as clock:
        build(MONDAY)
        Closure.objects.create(
            starts_on=date(2026, 3, 4), ends_on=date(2026, 3, 5), reason="Painting"
        )
        assert "Painting" in read(client, "/locations/millbrook/")
        clock.move_to(MONDAY + timedelta(days=3))
        assert "Painting" in read(client, "/locations/millbrook/")
        clock.move_to(MONDAY + timedelta(days=4))
        assert "Painting" not in read(client, "/locations/millbrook/")


# -- search ---------------------------------------------------------------------------------------


def test_search_finds_texts_people_and_services(site: WholeSite, client: Client):
    for thing in (site.author, site.service, site.location):
        index_for_search(thing)
    for words, path in (
        ("stairs", "/articles/knees-and-stairs/"),
        ("okafor", "/practitioners/ines-okafor/"),
        ("thin needle", "/services/dry-needling/"),
        ("mill lane", "/locations/millbrook/"),
    ):
        assert f'href="{path}?q=' in read(client, f"/search/?q={words}")


@pytest.mark.parametrize(
    "query", ["", "+", "nothingatall", "%00", '"', "a" * 500, "(OR*", "q&page=x"]
)
def test_no_search_is_an_error(query: str, site: WholeSite, client: Client):
    assert client.get(f"/search/?q={query}").status_code == 200


def test_a_search_is_shown_as_typed_and_not_indexed(site: WholeSite, client: Client):
    page = read(client, "/search/?q=%3Cscript%3Eknee")
    assert "<script>knee" not in page
    assert "&lt;script&gt;knee" in page
    assert '<meta name="robots" content="noindex">' in page


# -- for machines ---------------------------------------------------------------------------------


def test_robots_are_told_what_to_leave_alone(client: Client, db: None):
    told = client.get("/robots.txt").content.decode()
    for path in ("/admin/", "/book/r/", "/book/?", "/preview/", "/search/"):
        assert f"Disallow: {path}\n" in told
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml\n" in told


def test_the_sitemap_is_split_beyond_its_limit(
    site: WholeSite, client: Client, monkeypatch: pytest.MonkeyPatch
):
    whole = client.get("/sitemap.xml").content.decode()
    count = whole.count("<loc>")
    assert "<urlset" in whole
    monkeypatch.setattr(views, "URLS_PER_SITEMAP", count)
    assert client.get("/sitemap.xml").content.decode() == whole
    monkeypatch.setattr(views, "URLS_PER_SITEMAP", count - 1)
    index = client.get("/sitemap.xml").content.decode()
    assert "<sitemapindex" in index
    assert index.count("<loc>") == 2
    parts = [client.get(f"/sitemap.xml?part={n}").content.decode() for n in (1, 2)]
    assert [part.count("<loc>") for part in parts] == [count - 1, 1]
    assert client.get("/sitemap.xml?part=3").status_code == 404


def test_each_address_of_the_sitemap_is_there(site: WholeSite, client: Client):
    paths = re.findall(r"<loc>http://127.0.0.1:8000(.*?)</loc>", read(client, "/sitemap.xml"))
    assert len(paths) == len(set(paths)) > 12
    assert [path for path in paths if client.get(path).status_code != 200] == []


# -- past addresses and errors --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "thing", "old", "new"),
    [
        ("practitioner", "author", "/practitioners/old/", "/practitioners/ines-okafor/"),
        ("service", "service", "/services/old/", "/services/dry-needling/"),
        ("location", "location", "/locations/old/", "/locations/millbrook/"),
        ("topic", "topic", "/articles/topics/old/", "/articles/topics/knee/"),
    ],
)
def test_past_addresses_of_the_clinic_lead_on(
    kind: str, thing: str, old: str, new: str, site: WholeSite, client: Client
):
    Redirect.objects.create(path=old, kind=kind, object_id=getattr(site, thing).pk)
    answer = client.get(old)
    assert (answer.status_code, answer["Location"]) == (301, new)


def test_an_address_of_the_old_site_leads_where_staff_say(db: None, client: Client):
    Redirect.objects.create(path="/blog/knees.html", to_path="/articles/")
    Redirect.objects.create(path="/round/", to_path="/round/")
    assert client.get("/blog/knees.html")["Location"] == "/articles/"
    assert client.post("/blog/knees.html").status_code == 404
    assert client.get("/round/").status_code == 404


def test_what_staff_may_not_do_is_said_in_words(client_as: Any):
    answer = client_as("Receptionist").get("/admin/articles/article/")
    assert answer.status_code == 403
    assert "403.html" in [template.name for template in answer.templates]


def test_a_form_without_its_cookie_says_how_to_send_it_again(db: None):
    answer = Client(enforce_csrf_checks=True).post("/book/", {"name": "Margaret"})
    assert answer.status_code == 403
    assert "X-Store" not in answer.headers
    assert "Margaret" not in answer.content.decode()


def test_a_page_that_is_missing_from_the_desk_is_kept_by_nobody(db: None):
    for path in ("/admin/x/", "/book/x/"):
        answer = views.not_found(RequestFactory().get(path))
        assert (answer.status_code, "X-Store" in answer.headers) == (404, False)


def test_the_clinics_zone_is_the_zone_of_the_pages(site: WholeSite, client: Client):
    Clinic.objects.update(time_zone="Pacific/Auckland")
    with time_machine.travel(datetime(2026, 12, 31, 12, 0, tzinfo=UTC), tick=False):
        publish(timezone.now(), title="New year", slug="new-year")
        assert "January 1, 2027" in read(client, "/articles/new-year/")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/search/?q=xylophone", "No pages match your search."),
        ("/evidence/?q=xylophone", "No sources match your search."),
        ("/articles/", "We are working on our first article."),
        ("/articles/topics/knee/", "We have no article on this topic yet."),
    ],
)
def test_an_empty_list_says_so(path: str, words: str, db: None, client: Client):
    Topic.objects.create(name="Knee", slug="knee", place="knee")
    page = read(client, path)
    assert words in page
    assert "<ul></ul>" not in re.sub(r' class="[^"]*"|\s+', "", page)
