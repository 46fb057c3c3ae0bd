"""Public pages cost few queries, whatever the number of rows, and none while they are kept."""

import importlib
from datetime import datetime, timedelta
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Edition
from articles.publishing import publish, withdraw
from clinic.finding.indexing import index_for_search
from clinic.lib import markdown
from clinic.models import Clinic, Practitioner, Service
from clinic.site import content_version, page_context
from tests import whole_site
from tests.whole_site import WholeSite

MOST_FOR_AN_ARTICLE = 6
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
    monkeypatch.setattr(page_context, "FRESH_SECONDS", float("inf"))

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
    page_context.forget()


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


# -- kept in front of Django ----------------------------------------------------------------------


class Visitor:
    """Asks the application that the web server runs. `wait` lets its clock go on."""

    def __init__(self) -> None:
        settings.STATIC_ROOT.mkdir(exist_ok=True)
        self.wsgi = importlib.reload(importlib.import_module("clinic.wsgi"))
        self.ticks = 0.0
        self.wsgi.pages._monotonic = lambda: self.ticks

    def wait(self) -> None:
        """Until the content version is read again."""
        self.ticks += 1

    def get(self, path: str) -> tuple[int, dict[str, str], str]:
        path, _, query = path.partition("?")
        environ = {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "127.0.0.1"}
        setup_testing_defaults(environ)
        seen: list[Any] = []
        body = self.wsgi.application(environ, lambda *answer: seen.append(answer))
        text = b"".join(body).decode()
        getattr(body, "close", lambda: None)()
        headers = dict(seen[-1][1])
        headers.pop("Server-Timing", None)  # says whether the page was stored
        return int(seen[-1][0][:3]), headers, text

    def text(self, path: str) -> str:
        return self.get(path)[2]


@pytest.fixture
def visitor(transactional_db: None, site: WholeSite) -> Visitor:
    """Outside a transaction: the application closes the connection after each request."""
    return Visitor()


def test_a_page_that_is_kept_asks_nothing(visitor: Visitor, django_assert_num_queries: Any):
    paths = [*LISTS, "/articles/knees-and-stairs/", "/fees/", "/nothing/"]
    first = {path: visitor.get(path) for path in paths}
    with django_assert_num_queries(0):
        assert {path: visitor.get(path) for path in paths} == first
    visitor.wait()
    with django_assert_num_queries(1):  # are they still current?
        assert {path: visitor.get(path) for path in paths} == first


def test_what_is_published_is_read_by_everybody_a_second_later(site: WholeSite, visitor: Visitor):
    path = site.edition.get_absolute_url()
    assert "more than the whole body" in visitor.text(path)
    site.article.body = "Only this."
    site.article.save()
    assert "more than the whole body" in visitor.text(path)
    publish(site.article, by=None, at=timezone.now())
    visitor.wait()
    assert "Only this." in visitor.text(path)
    withdraw(site.article, by=None, at=timezone.now())
    visitor.wait()
    assert visitor.get(path)[0] == 410
    assert site.edition.title not in visitor.text("/articles/")


def test_what_was_missing_is_there_once_it_is_published(visitor: Visitor):
    assert visitor.get("/articles/new/")[0] == 404
    whole_site.publish(timezone.now(), title="New", slug="new")
    visitor.wait()
    assert visitor.get("/articles/new/")[0] == 200


def test_an_answer_with_a_cookie_is_never_kept(visitor: Visitor):
    first, second = visitor.get("/book/"), visitor.get("/book/")
    assert "csrftoken" in first[1]["Set-Cookie"]
    assert first[1]["Set-Cookie"] != second[1]["Set-Cookie"]
    assert len(visitor.wsgi.pages.pages) == len(visitor.wsgi.pages.absences) == 0


def change_clinic(name: str) -> None:
    """What another process does."""
    Clinic.objects.update(name=name)
    content_version.raise_version()


def test_a_page_is_not_made_with_a_frame_older_than_its_version(
    visitor: Visitor, client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(page_context, "FRESH_SECONDS", float("inf"))
    assert "Larkspur" in client.get("/services/").content.decode()  # the frame is warm
    change_clinic("Linden")
    assert "Larkspur" in client.get("/services/").content.decode()  # and not asked again
    assert "Linden" in visitor.text("/services/")


def test_a_change_while_a_page_is_made_makes_it_again(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
):
    def meanwhile(text: str, resolver: object) -> markdown.Rendered:
        change_clinic("Linden")
        return rendered

    rendered = markdown.render("She runs.")
    with monkeypatch.context() as patch:
        patch.setattr(markdown, "render", meanwhile)
        assert "Larkspur" in visitor.text("/practitioners/ines-okafor/")
    visitor.wait()
    assert "Linden" in visitor.text("/practitioners/ines-okafor/")
