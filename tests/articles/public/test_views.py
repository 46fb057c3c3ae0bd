"""What visitors get at the addresses of texts, whatever has become of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from articles.models import Article
from articles.publishing import cancel, publish, republish, withdraw
from clinic.lib.database import guards
from clinic.site import page_context
from tests import whole_site

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TITLE = "Knees and stairs"
PATH = "/articles/knees-and-stairs/"


@pytest.fixture
def at() -> Any:
    """`at(moment)`: from then on the clock stands at that moment."""
    traveller = time_machine.travel(NOON, tick=False)
    clock = traveller.start()

    def move(moment: datetime) -> None:
        clock.move_to(moment)
        page_context.forget()

    yield move
    traveller.stop()


def status(client: Client, path: str) -> int:
    return client.get(path).status_code


def rename(article: Article, slug: str, moment: datetime) -> None:
    Article.objects.filter(pk=article.pk).update(slug=slug)
    article.refresh_from_db()
    publish(article, by=None, at=moment)


# -- states and places: what is public is so everywhere at once -----------------------------------


def draft(article: Article) -> None:
    """Never published."""


def published(article: Article) -> None:
    publish(article, by=None, at=NOON)


def scheduled(article: Article) -> None:
    publish(article, by=None, at=NOON, goes_live_at=NOON + HOUR)


def cancelled(article: Article) -> None:
    scheduled(article)
    cancel(article.editions.get(), by=None, at=NOON)


def withdrawn(article: Article) -> None:
    published(article)
    withdraw(article, by=None, at=NOON)


def withdrawn_and_scheduled(article: Article) -> None:
    withdrawn(article)
    scheduled(article)


def republished(article: Article) -> None:
    withdrawn(article)
    republish(article.editions.get(), by=None, at=NOON)


def with_changes(article: Article) -> None:
    published(article)
    Article.objects.filter(pk=article.pk).update(title="Not yet", slug="not-yet", revision=1)


# State → status of its address and whether it is public, at noon and an hour later.
STATES = [
    (draft, (404, False), (404, False)),
    (published, (200, True), (200, True)),
    (scheduled, (404, False), (200, True)),
    (cancelled, (404, False), (404, False)),
    (withdrawn, (410, False), (410, False)),
    (withdrawn_and_scheduled, (410, False), (200, True)),
    (republished, (200, True), (200, True)),
    (with_changes, (200, True), (200, True)),
]
# Where a public article is named: an address, and what stands there of it.
PLACES = {
    "/": TITLE,
    "/articles/": TITLE,
    "/articles/topics/knee/": TITLE,
    "/articles/feed/": TITLE,
    "/sitemap.xml": PATH,
    "/search/?q=uncommonword": TITLE,
    "/articles/neighbour/": TITLE,  # related
    "/practitioners/ines-okafor/": TITLE,
    "/services/dry-needling/": TITLE,
    "/evidence/": "Clinical Effectiveness of Dry Needling",
    "/evidence/chys2023/": TITLE,
}


@pytest.mark.parametrize(
    ("state", "now", "later"), STATES, ids=lambda row: getattr(row, "__name__", None)
)
def test_all_places_agree_in_every_state(
    state: Any,
    now: tuple[int, bool],
    later: tuple[int, bool],
    at: Any,
    client: Client,
    make_article: Any,
    knee: Any,
    needling: Any,
    ines: Any,
    chys: Any,
):
    neighbour = make_article(title="A neighbour", slug="neighbour", topics=[knee])
    publish(neighbour, by=None, at=NOON)
    article = make_article(
        body="An uncommonword [@chys2023].", topics=[knee], services=[needling], author=ines
    )
    state(article)
    moments = [
        (NOON, now),
        (NOON + HOUR - timedelta(microseconds=1), now),
        (NOON + HOUR, later),
        (NOON + 9 * HOUR, later),
    ]
    for moment, (expected, is_public) in moments:
        at(moment)
        assert status(client, PATH) == expected
        seen = {path for path, words in PLACES.items() if words in text_of(client, path)}
        assert seen == (set(PLACES) if is_public else set())
        assert status(client, "/articles/not-yet/") == 404


def text_of(client: Client, path: str) -> str:
    """What a place says; nothing where it is not there."""
    answer = client.get(path)
    assert answer.status_code in {200, 404}
    return answer.content.decode() if answer.status_code == 200 else ""


def test_a_frame_that_is_warm_does_not_hide_the_moment(at: Any, client: Client, make_article: Any):
    """Nothing is forgotten between the two: the clock alone makes it public."""
    publish(make_article(), by=None, at=NOON, goes_live_at=NOON + HOUR)
    with time_machine.travel(NOON, tick=False) as clock:
        assert TITLE not in client.get("/articles/").content.decode()
        clock.move_to(NOON + HOUR)
        page = client.get("/articles/").content.decode()
    assert TITLE in page
    assert "One plain-language article" in page


def test_a_page_that_may_be_kept_says_until_when(at: Any, client: Client, make_article: Any):
    publish(make_article(), by=None, at=NOON, goes_live_at=NOON + HOUR)
    at(NOON)
    for path in (PATH, "/articles/", "/", "/sitemap.xml", "/articles/feed/"):
        assert float(client.get(path).headers["X-Store-Until"]) <= (NOON + HOUR).timestamp()


# -- pages ----------------------------------------------------------------------------------------


def test_a_page_is_in_the_menu_and_in_no_list(at: Any, client: Client, make_article: Any):
    page = make_article(title="Our fees", slug="fees", kind="page", menu_order=25)
    publish(page, by=None, at=NOON)
    at(NOON)
    assert status(client, "/fees/") == 200
    assert status(client, "/articles/fees/") == 404
    assert ">Our fees</a>" in text_of(client, "/services/")
    assert "/fees/" in text_of(client, "/sitemap.xml")
    assert "Our fees" not in text_of(client, "/articles/feed/")
    withdraw(page, by=None, at=NOON)
    at(NOON)
    assert status(client, "/fees/") == 410
    assert "Our fees" not in text_of(client, "/services/")


# -- past addresses -------------------------------------------------------------------------------


def test_past_addresses_lead_to_where_the_text_is_now(at: Any, client: Client, make_article: Any):
    article = make_article(slug="one")
    publish(article, by=None, at=NOON)
    rename(article, "two", NOON + HOUR)
    rename(article, "three", NOON + 2 * HOUR)
    at(NOON + 2 * HOUR)
    for past in ("one", "two"):
        answer = client.get(f"/articles/{past}/")
        assert (answer.status_code, answer["Location"]) == (301, "/articles/three/")
        assert "X-Store" in answer.headers
    assert status(client, "/articles/three/") == 200
    assert client.post("/articles/one/").status_code == 405


def test_an_address_that_is_taken_back_leads_to_itself(at: Any, client: Client, make_article: Any):
    article = make_article(slug="one")
    publish(article, by=None, at=NOON)
    rename(article, "two", NOON + HOUR)
    rename(article, "one", NOON + 2 * HOUR)
    at(NOON + 2 * HOUR)
    assert status(client, "/articles/one/") == 200
    assert client.get("/articles/two/")["Location"] == "/articles/one/"


def test_a_new_address_counts_from_the_moment_of_its_edition(
    at: Any, client: Client, make_article: Any
):
    article = make_article(slug="one")
    publish(article, by=None, at=NOON)
    article.slug = "two"
    article.save()
    publish(article, by=None, at=NOON, goes_live_at=NOON + HOUR)
    at(NOON)
    assert (status(client, "/articles/one/"), status(client, "/articles/two/")) == (200, 404)
    at(NOON + HOUR)
    assert (status(client, "/articles/one/"), status(client, "/articles/two/")) == (301, 200)


def test_the_past_address_of_what_was_withdrawn_leads_nowhere(
    at: Any, client: Client, make_article: Any
):
    article = make_article(slug="one")
    publish(article, by=None, at=NOON)
    rename(article, "two", NOON)
    withdraw(article, by=None, at=NOON)
    at(NOON)
    assert (status(client, "/articles/one/"), status(client, "/articles/two/")) == (404, 410)


@pytest.mark.parametrize(
    "path",
    [
        "/articles/nothing/",
        "/articles/topics/nothing/",
        "/evidence/nothing/",
        "/evidence/%00/",
        "/a%00b/",
        "/nothing/",
        "/articles/?page=2",
        "/articles/?page=0",
        "/articles/?page=x",
        "/articles/?page=٣",
        "/evidence/?page=99999999",
    ],
)
def test_what_does_not_exist_is_404(path: str, client: Client, db: None):
    assert status(client, path) == 404


def test_a_withdrawn_text_says_so_and_nothing_of_itself(at: Any, client: Client, make_article: Any):
    withdrawn(make_article())
    answer = client.get(PATH)
    assert answer.status_code == 410
    assert "We have withdrawn this page" in answer.content.decode()
    assert TITLE not in answer.content.decode()


# -- lists ----------------------------------------------------------------------------------------


def test_lists_have_pages_newest_first(at: Any, client: Client, knee: Any):
    for n in range(13):
        whole_site.publish(NOON + n * HOUR, title=f"Text {n}.", slug=f"t{n}", topics=[knee])
    at(NOON + 13 * HOUR)
    first, second = (text_of(client, f"/articles/?page={n}") for n in (1, 2))
    assert first.index("Text 12.") < first.index("Text 11.")
    assert "Text 0." in second
    assert "Text 12." not in second
    assert 'rel="next" href="?page=2"' in " ".join(first.split())


def test_a_new_edition_does_not_make_a_text_newer(at: Any, client: Client, make_article: Any):
    old = make_article(title="The old one", slug="old")
    publish(old, by=None, at=NOON)
    publish(make_article(title="The new one", slug="new"), by=None, at=NOON + HOUR)
    publish(old, by=None, at=NOON + 2 * HOUR)
    at(NOON + 2 * HOUR)
    page = text_of(client, "/articles/")
    assert page.index("The new one") < page.index("The old one")


def test_evidence_is_found_by_its_words(at: Any, client: Client, make_article: Any, chys: Any):
    publish(make_article(body="So [@chys2023]."), by=None, at=NOON)
    at(NOON)
    title = "Clinical Effectiveness"
    for query, found in (("needling chys", True), ("jcm12031205", True), ("nothing", False)):
        assert (title in text_of(client, f"/evidence/?q={query}")) is found


def test_a_source_shows_each_sentence_that_cites_it(
    at: Any, client: Client, make_article: Any, chys: Any
):
    publish(make_article(body="It helps a little [@chys2023]. It lasts [@chys2023, p. 4]."),
            by=None, at=NOON)  # fmt: skip
    at(NOON)
    page = text_of(client, "/evidence/chys2023/")
    assert "It helps a little" in page
    assert "It lasts" in page


def test_the_feed_names_each_text_once_with_its_dates(at: Any, client: Client, make_article: Any):
    article = make_article(title="Knees &\x0b stairs", summary="Copied\x01")  # from a PDF file
    publish(article, by=None, at=NOON)
    publish(article, by=None, at=NOON + HOUR)
    at(NOON + HOUR)
    answer = client.get("/articles/feed/")
    feed = answer.content.decode()
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert feed.count("<entry>") == 1
    assert "Knees &amp; stairs" in feed
    assert "<published>2026-03-02T12:00:00+00:00</published>" in feed
    assert "<updated>2026-03-02T13:00:00+00:00</updated>" in feed


def test_one_odd_sign_in_an_old_edition_does_not_break_the_feed(
    at: Any, client: Client, make_article: Any
):
    publish(make_article(), by=None, at=NOON)
    with guards.stand_aside(connection), connection.cursor() as cursor:
        cursor.execute("UPDATE articles_edition SET summary = %s", ["One\x0btwo"])
    at(NOON)
    assert "One two" in client.get("/articles/feed/").content.decode()
