"""The search of the site: what is found, where it leads, and what its page says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, Edition, Reference, Topic
from articles.publishing import publish, withdraw
from clinic.finding import asking, empty_searches, indexing
from clinic.lib.web.pagestore import NAMES_HEADER
from clinic.models import (
    Announcement,
    EmptySearch,
    Insurer,
    OpeningPeriod,
    SearchDocument,
    Service,
    SynonymGroup,
)
from clinic.site import content_version, page_context
from tests.whole_site import WholeSite, build

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that this process remembers of other tests."""
    monkeypatch.setattr(empty_searches, "_window", (None, 0))
    monkeypatch.setattr(indexing, "_in_step_with", "")


@pytest.fixture
def site(db: None) -> WholeSite:
    made = build(timezone.now())
    indexing.catch_up(timezone.now())
    return made


def found(query: str) -> list[str]:
    page_context.forget()
    return [result.url for result in asking.answer(query, timezone.now()).results]


def read(client: Client, query: str, **more: str) -> str:
    page_context.forget()
    answer = client.get("/search/", {"q": query, **more})
    assert answer.status_code == 200
    return answer.content.decode()


# -- what is found ----------------------------------------------------------------------------


PASSAGES = {
    "knees and stairs": "/articles/knees-and-stairs/",
    "stairs hurt": "/articles/knees-and-stairs/#why-stairs-hurt",
    "okafor": "/practitioners/ines-okafor/",
    "dry needling risks": "/services/dry-needling/#risks",
    "knee": "/articles/topics/knee/",
    "mill lane": "/locations/millbrook/#find",
    "opening hours": "/locations/millbrook/#hours",
    "practitioners": "/practitioners/",
    "book appointment": "/book/",
    "evidence": "/evidence/",
}


def test_everything_public_is_found_at_its_passage(site: WholeSite):
    OpeningPeriod.objects.create(location=site.location, weekday=5, opens="09:00", closes="12:00")
    indexing.catch_up(timezone.now())
    assert {query: found(query)[0] for query in PASSAGES} == PASSAGES


def test_a_source_is_found_by_its_author(site: WholeSite):
    assert "/evidence/chys2023/" in found("chys")


def test_what_only_staff_see_is_not_found(site: WholeSite):
    Service.objects.create(name="Xylotherapy", slug="xylotherapy", is_public=False)
    Reference.objects.create(key="xylo2020", title="Xylophones", csl={})
    indexing.catch_up(timezone.now())
    assert found("xylotherapy") == found("xylophones") == []


def test_a_scheduled_or_withdrawn_edition_is_not_found(site: WholeSite):
    at = timezone.now()
    edition = Edition.objects.live(at).get(slug="knees-and-stairs")
    publish(edition.article, by=None, at=at, goes_live_at=at + timedelta(days=1))
    assert found("knees and stairs")[0] == "/articles/knees-and-stairs/"
    withdraw(edition.article, by=None, at=at, waiting="keep")
    assert "/articles/knees-and-stairs/" not in found("knees and stairs")
    assert asking.answer("knees and stairs", at + timedelta(days=2)).results


def test_an_announcement_is_found_while_it_is_shown(site: WholeSite):
    at = timezone.now()
    Announcement.objects.create(
        text="Xylophone concert",
        url="/about/",
        starts_at=at - timedelta(1),
        ends_at=at + timedelta(1),
    )
    indexing.catch_up(at)
    assert found("xylophone") == ["/about/"]
    assert asking.answer("xylophone", at + timedelta(days=2)).results == []


def test_synonyms_find_each_other_and_a_page_may_come_first(site: WholeSite):
    assert found("xylotherapy") == []
    group = SynonymGroup.objects.create(words="Xylotherapy, dry needling")
    assert found("xylotherapy")[0] == "/services/dry-needling/"
    group.page = "/practitioners/ines-okafor/#works"
    group.save()
    assert found("xylotherapy")[:2] == [group.page, "/services/dry-needling/"]
    assert found("xylotherapy stairs")[0] != group.page


def test_a_phrase_in_quotes_is_required(site: WholeSite):
    assert found("stairs hurt")
    assert found('"why stairs hurt"') == ["/articles/knees-and-stairs/#why-stairs-hurt"]
    assert found('"hurt stairs why"') == []


def test_a_misspelled_word_is_corrected_only_if_nothing_has_it(site: WholeSite):
    answer = asking.answer("okafur", timezone.now())
    assert answer.corrected == "okafor"
    assert answer.results[0].url == "/practitioners/ines-okafor/"
    Topic.objects.create(name="Okafur", slug="okafur")
    indexing.catch_up(timezone.now())
    page_context.forget()
    answer = asking.answer("okafur", timezone.now())
    assert (answer.corrected, answer.results[0].url) == ("", "/articles/topics/okafur/")


def test_the_last_word_may_be_unfinished(site: WholeSite):
    assert found("okaf")[0] == "/practitioners/ines-okafor/"
    assert asking.answer("okaf", timezone.now()).corrected == ""


ODD_QUERIES = [
    "",
    " ",
    '"',
    '""',
    '"the',
    "the",
    "of the",
    "who are you",
    "AND OR NOT",
    "NEAR(knee)",
]
ODD_QUERIES += [
    "name:knee",
    "^knee*",
    "-knee",
    "knee & | ! <-> ( ) :* \\",
    "%s %(x)s",
    "\x00",
    "🙂",
]
ODD_QUERIES += [
    "\ud800knee",
    "膝 колено",
    "½ ²",
    "k" * 10_000,
    "knee " * 2_000,
    "a.b@c/d_e",
    "'",
    "x y z",
]


def test_no_query_is_an_error(site: WholeSite):
    for query in ODD_QUERIES:
        asking.answer(query, timezone.now())


# -- keeping the index in step ----------------------------------------------------------------


def test_the_worker_fills_an_empty_index_and_then_writes_nothing(site: WholeSite):
    at = timezone.now()
    whole = sorted(SearchDocument.objects.values_list("kind", "object_id", "name", "rest"))
    assert {kind for kind, *_rest in whole} == {
        *("edition", "topic", "reference", "service", "practitioner", "location", "fixed"),
        *("announcement",),
    }
    SearchDocument.objects.all().delete()
    version = content_version.current_version()
    indexing.bring_in_step(at)
    assert content_version.current_version() != version
    now = sorted(SearchDocument.objects.values_list("kind", "object_id", "name", "rest"))
    assert now == whole
    assert indexing.catch_up(at) == 0


def test_the_worker_indexes_what_changed_and_removes_what_is_gone(site: WholeSite):
    at = timezone.now()
    Topic.objects.filter(slug="knee").update(name="Xylophone")
    SearchDocument.objects.filter(kind="edition").update(stamp="of an older version")
    Service.objects.filter(pk=site.service.pk).update(is_public=False)
    editions = SearchDocument.objects.filter(kind="edition").count()
    assert indexing.catch_up(at) >= editions + 2
    assert found("xylophone") == ["/articles/topics/knee/"]
    assert not SearchDocument.objects.filter(kind="service").exists()


def test_the_worker_asks_little_while_nothing_changes(site: WholeSite):
    indexing.bring_in_step(timezone.now())
    indexing.bring_in_step(timezone.now())
    with CaptureQueriesContext(connection) as queries:
        indexing.bring_in_step(timezone.now())
    assert len(queries) == 1


# -- the page -----------------------------------------------------------------------------------


def test_the_best_come_first_and_the_others_by_kind(site: WholeSite, client: Client):
    for number in range(8):
        Topic.objects.create(name=f"Knee {number}", slug=f"knee-{number}")
        Service.objects.create(name=f"Knee service {number}", slug=f"s-{number}", summary="Knee.")
    indexing.catch_up(timezone.now())
    page = read(client, "knee")
    assert page.count('<ul class="rows results">') >= 3
    assert '<h2 class="listing-head spaced">Topics</h2>' in page
    assert "kind=Services" in page
    services = read(client, "knee", kind="Services")
    assert "Services: 8" in services
    assert (
        "/services/dry-needling/" not in services.partition('id="results"')[2].split("<footer")[0]
    )
    assert 'href="/services/s-0/' in services


def test_a_corrected_search_says_so(site: WholeSite, client: Client):
    page = read(client, "okafur")
    assert "Results for “okafor”" in page
    assert "No results for “okafur”." in page


def test_a_page_without_results_leads_on(site: WholeSite, client: Client):
    page = read(client, "xylophone")
    assert "No results for “xylophone”" in page
    for url in ("/articles/topics/knee/", "/book/", "/services/", "/locations/millbrook/#hours"):
        assert f'href="{url}"' in page.partition('id="results"')[2]


# -- searches without results -----------------------------------------------------------------


def test_searches_without_results_are_counted(site: WholeSite, client: Client):
    read(client, "Xylophone  music")
    read(client, "xylophone music")
    read(client, "knee")
    row = EmptySearch.objects.get()
    assert (row.words, row.hits) == ("xylophone music", 2)


def test_what_may_name_somebody_is_not_kept(site: WholeSite, client: Client):
    for query in ("xylo 7", "xylo@x.example", "x" * 70, "🙂", "٣ xylo"):
        read(client, query)
    assert not EmptySearch.objects.exists()


def test_a_page_without_results_is_stored_for_a_minute(site: WholeSite, client: Client):
    answer = client.get("/search/?q=xylophone")
    until = datetime.fromtimestamp(float(answer.headers["X-Store-Until"]), tz=UTC)
    assert until <= timezone.now() + empty_searches.ONCE_IN


def test_staff_see_what_five_searched_for(site: WholeSite, client_as: Any):
    at = timezone.now()
    EmptySearch.objects.create(words="xylophone", hits=5, last_seen_at=at)
    EmptySearch.objects.create(words="my neighbour", hits=4, last_seen_at=at)
    editor = client_as("Editor")
    page = editor.get("/admin/clinic/emptysearch/").content.decode()
    assert "xylophone" in page
    assert "my neighbour" not in page
    form = editor.get("/admin/clinic/synonymgroup/add/?words=xylophone%2C+").content.decode()
    assert 'value="xylophone,' in form
    assert client_as("Author").get("/admin/clinic/emptysearch/").status_code == 403


def test_synonyms_are_saved_and_work_at_once(site: WholeSite, client_as: Any):
    answer = client_as("Editor").post(
        "/admin/clinic/synonymgroup/add/", {"words": "xylotherapy, dry needling", "page": ""}
    )
    assert answer.status_code == 302
    assert found("xylotherapy")[0] == "/services/dry-needling/"


def test_old_and_rare_searches_are_forgotten(db: None):
    at = timezone.now()
    for words, hits, days in (("often", 5, 100), ("old", 9, 190), ("rare", 4, 40), ("new", 1, 2)):
        EmptySearch.objects.create(words=words, hits=hits, last_seen_at=at - timedelta(days=days))
    empty_searches.forget_old(at)
    assert set(EmptySearch.objects.values_list("words", flat=True)) == {"often", "new"}


def test_a_flood_of_searches_is_let_go_by(db: None):
    at = timezone.now()
    for number in range(empty_searches.MOST_WRITES + 9):
        empty_searches.note("x" * (number + 1), at)
    assert EmptySearch.objects.count() == empty_searches.MOST_WRITES
    empty_searches.note("later", at + empty_searches.ONCE_IN)
    assert EmptySearch.objects.filter(words="later").exists()


def test_the_list_of_searches_is_bounded(db: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(empty_searches, "MOST_ROWS", 2)
    at = timezone.now()
    for words in ("one", "two", "two", "three"):
        empty_searches.note(words, at)
    assert set(EmptySearch.objects.values_list("words", flat=True)) == {"two", "three"}


# -- suggestions ------------------------------------------------------------------------------


def suggested(client: Client, query: str) -> list[tuple[str, str]]:
    page_context.forget()
    answer = client.get("/search/suggestions/", {"q": query})
    assert answer["Cache-Control"] == "no-store"
    assert NAMES_HEADER not in answer.headers  # the page store does not keep it
    return [(row["title"], row["url"]) for row in answer.json()["results"]]


def test_pages_are_suggested_from_the_first_letters_on(site: WholeSite, client: Client):
    assert ("Dry needling", "/services/dry-needling/?q=nee") in suggested(client, "nee")
    assert len(suggested(client, "knee")) <= 6
    for nothing in ("", "k", "x" * 61, "\0", "xylophone"):
        assert suggested(client, nothing) == []


def test_what_is_being_typed_is_not_counted_as_a_search_in_vain(site: WholeSite, client: Client):
    for _visitor in range(3):
        suggested(client, "xylophone")
    assert not EmptySearch.objects.exists()


def test_a_page_is_found_by_the_details_that_it_shows(site: WholeSite):
    publish_page(site, body="[Insurers](show:insurers)")
    Insurer.objects.create(name="Tamarack Health")
    content_version.raise_version()
    page_context.forget()
    indexing.catch_up(timezone.now())
    assert found("tamarack") == ["/costs/"]


def publish_page(site: WholeSite, **fields: Any) -> None:
    page = Article.objects.create(kind="page", title="Costs", slug="costs", **fields)
    publish(page, by=None, at=timezone.now())
