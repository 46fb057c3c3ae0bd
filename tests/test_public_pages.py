"""Public pages cost few queries, whatever the number of rows."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Edition
from clinic import frame
from clinic.models import Practitioner, Service
from clinic.wiring import index_for_search
from tests import whole_site
from tests.whole_site import WholeSite

MOST_FOR_AN_ARTICLE = 5
MOST_FOR_A_LIST = 10
LISTS = [
    "/",
    "/articles/",
    "/articles/?page=2",
    "/articles/topics/knee/",
    "/articles/feed/",
    "/evidence/",
    "/evidence/chys2023/",
    "/practitioners/",
    "/practitioners/ines-okafor/",
    "/services/",
    "/services/dry-needling/",
    "/locations/millbrook/",
    "/search/?q=stairs",
    "/sitemap.xml",
    "/robots.txt",
]


@pytest.fixture
def site(db: None) -> WholeSite:
    return whole_site.build(timezone.now())


@pytest.fixture
def queries(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`queries(path)`: what a page asks the database when the frame of the site is warm."""
    monkeypatch.setattr(frame, "FRESH_SECONDS", float("inf"))

    def ask(path: str, status: int = 200) -> list[str]:
        assert client.get(path).status_code == status
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        return [query["sql"] for query in asked.captured_queries]

    return ask


def add_rows(site: WholeSite, count: int, at: datetime, *, first: int = 0) -> None:
    """More of everything that stands in lists, each with all that its row shows."""
    for n in range(first, first + count):
        reference = whole_site.add_reference(f"more{n}")
        practitioner = Practitioner.objects.create(
            name=f"Ann Stairs {n}", slug=f"ann-{n}", role="Physiotherapist", photo=site.picture
        )
        practitioner.locations.add(site.location)
        practitioner.services.add(site.service)
        service = Service.objects.create(name=f"Stairs {n}", slug=f"stairs-{n}", summary="Up.")
        service.locations.add(site.location)
        index_for_search(practitioner)
        index_for_search(service)
        whole_site.publish(
            at - timedelta(minutes=n),
            title=f"Stairs {n}",
            slug=f"article-{n}",
            body=f"Of stairs [@{reference.key}; @chys2023].",
            topics=[site.topic],
            services=[site.service],
            author=site.author,
            hero=site.picture,
        )
    frame.forget()


def test_an_article_with_everything_asks_few_queries(site: WholeSite, queries: Any):
    asked = queries(site.edition.get_absolute_url())
    assert len(asked) <= MOST_FOR_AN_ARTICLE, "\n".join(asked)


def test_other_articles_cost_an_article_no_query(site: WholeSite, queries: Any):
    path = site.edition.get_absolute_url()
    few = len(queries(path))
    add_rows(site, 30, timezone.now())
    assert len(queries(path)) == few


@pytest.mark.parametrize("path", ["/fees/", "/articles/desks/"])
def test_a_text_with_little_in_it_asks_no_more(path: str, site: WholeSite, queries: Any):
    assert len(queries(path)) <= MOST_FOR_AN_ARTICLE


def test_lists_ask_as_few_queries_for_many_rows_as_for_few(site: WholeSite, queries: Any):
    add_rows(site, 14, timezone.now())
    few = {path: len(queries(path)) for path in LISTS}
    too_many = {path: count for path, count in few.items() if count > MOST_FOR_A_LIST}
    assert too_many == {}
    add_rows(site, 46, timezone.now() - timedelta(hours=1), first=14)
    assert Edition.objects.live(timezone.now()).articles().count() > 60
    # Fewer where one kind of result leaves no place for another.
    assert {path: n for path in LISTS if (n := len(queries(path))) > few[path]} == {}


def test_a_page_that_is_not_there_asks_for_it_and_its_past(site: WholeSite, queries: Any):
    assert len(queries("/articles/nothing/", status=404)) <= 2
