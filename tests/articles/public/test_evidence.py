"""The public evidence: what is found, in which order, at what cost."""

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from articles.models import Reference
from articles.public import evidence
from articles.publishing import publish, withdraw
from clinic.site import page_context

COMMON = {"unreviewed_reason": "A test."}


@pytest.fixture
def library(make_article, knee):
    """Three sources, of which `b2020` stands in two texts and `c2010` in one on the knee."""
    for key, author, year, kind in (
        ("a2024", "Zhou", 2024, "Trial"),
        ("b2020", "Moss", 2020, "Guideline"),
        ("c2010", "adler", 2010, "Trial"),
        ("unused2024", "Nobody", 2024, "Trial"),
    ):
        Reference.objects.create(
            key=key, title=f"Title {key}", authors=author, year=year, kind=kind,
            csl={"title": f"Title {key}"},
        )  # fmt: skip
    at = timezone.now()
    first = make_article(slug="first", title="First", body="So [@a2024; @b2020].")
    second = make_article(slug="second", title="Second", body="So [@b2020; @c2010].", topics=[knee])
    publish(first, by=None, at=at, **COMMON)
    publish(second, by=None, at=at, **COMMON)
    return second


@pytest.fixture
def keys(client):
    def ask(query: str = "") -> list[str]:
        page = client.get(f"/evidence/?{query}").context["page_obj"]
        return [reference["key"] for reference in page.object_list]

    return ask


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["a2024", "b2020", "c2010"]),
        ("sort=name", ["c2010", "b2020", "a2024"]),
        ("sort=cited", ["b2020", "a2024", "c2010"]),
        ("sort=nonsense", ["a2024", "b2020", "c2010"]),
        ("kind=Trial", ["a2024", "c2010"]),
        ("kind=Trial&year=2010", ["c2010"]),
        ("topic=knee", ["b2020", "c2010"]),
        ("topic=knee&sort=name", ["c2010", "b2020"]),
        ("topic=knee&sort=cited", ["b2020", "c2010"]),
        ("topic=nowhere", ["a2024", "b2020", "c2010"]),
        ("kind=Nonsense", []),
        ("q=moss", ["b2020"]),
        ("q=title+ADLER", ["c2010"]),
        ("q=itle+b20", ["b2020"]),
        ("q=nothing", []),
        ("kind=Trial&q=adl", ["c2010"]),
        ("q=%00", ["a2024", "b2020", "c2010"]),
        ("year=1900", []),
    ],
)
def test_what_is_asked_for_is_found(query, expected, library, keys):
    assert keys(query) == expected


@given(
    texts=st.lists(st.text(alphabet="abc -", max_size=12), max_size=6),
    part=st.text(alphabet="abc-", min_size=1, max_size=3),
)
def test_a_part_of_a_word_finds_who_holds_it(texts, part):
    rows = [
        evidence.Listed(number, "", "", 0, "", 0, frozenset(), text)
        for number, text in enumerate(texts)
    ]
    holders = {number for number, text in enumerate(texts) if part in text}
    assert evidence.Words(rows).find(part) == holders


def test_what_no_live_text_cites_is_not_public(library, client, keys):
    assert client.get("/evidence/unused2024/").status_code == 404
    withdraw(library, by=None, at=timezone.now())
    page_context.forget()
    assert keys() == ["a2024", "b2020"]
    assert client.get("/evidence/c2010/").status_code == 404


@pytest.mark.parametrize(
    ("url", "is_shown"),
    [
        ("https://who.example/a", True),
        ("javascript:alert(1)", False),
        ("ftp://who.example/", False),
        (["javascript:alert(1)"], False),
        ({"a": 1}, False),
    ],
)
def test_the_address_of_a_source_is_of_the_web(url, is_shown, library, client):
    Reference.objects.filter(key="a2024").update(csl={"title": "A", "URL": url})
    page = client.get("/evidence/a2024/")
    assert page.status_code == 200
    assert ("Read the source" in page.content.decode()) is is_shown
    assert b'href="javascript:' not in page.content


def test_a_source_is_called_by_its_authors_and_year(library, client):
    names = {"author": [{"family": "Zhou"}, {"family": "Ito"}, {"family": "Moss"}]}
    csl = {"title": "Title a2024", "issued": {"date-parts": [[2024]]}, **names}
    Reference.objects.filter(key="a2024").update(csl=csl)
    page = client.get("/evidence/a2024/").content.decode()
    crumbs = page[page.index('class="crumbs"') :].split("</nav>")[0]
    assert "Zhou et al., 2024" in crumbs
    assert "a2024" not in crumbs


def test_a_row_says_how_many_texts_cite_it(library, client):
    page = client.get("/evidence/?q=moss").content.decode()
    assert "cited in 2 articles" in page
    assert '<meta name="robots" content="noindex">' in page


def test_what_was_merged_counts_for_the_one_that_stayed(library, client, keys):
    stayed = Reference.objects.get(key="b2020")
    Reference.objects.filter(key="c2010").update(merged_into=stayed)
    assert keys() == ["a2024", "b2020"]
    answer = client.get("/evidence/c2010/")
    assert (answer.status_code, answer["Location"]) == (301, "/evidence/b2020/")


def test_the_next_pages_keep_what_was_asked_for(library, client, monkeypatch):
    for number in range(30):
        Reference.objects.create(
            key=f"more{number}", title="More", kind="Trial", csl={"title": "More"}
        )
    cited = "; ".join(f"@more{number}" for number in range(30))
    library.body = f"So [{cited}]."
    library.save()
    publish(library, by=None, at=timezone.now(), **COMMON)
    page_context.forget()
    page = client.get("/evidence/?kind=Trial&sort=name").content.decode()
    assert '"?kind=Trial&amp;sort=name&amp;page=2"' in page
    assert client.get("/evidence/?kind=Trial&page=9").status_code == 404


def test_a_page_costs_as_many_queries_whatever_is_asked(
    library, client, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(page_context, "FRESH_SECONDS", float("inf"))
    client.get("/evidence/")
    for query, queries in (
        ("", 1),
        ("kind=Trial&sort=cited&topic=knee&year=2010", 1),
        ("q=moss", 1),
    ):
        with django_assert_num_queries(queries):
            client.get(f"/evidence/?{query}")


def test_the_store_tells_apart_what_the_page_tells_apart(library, client):
    names = client.get("/evidence/")["X-Store"].split()
    assert {"q", "topic", "kind", "year", "sort", "page"} == set(names)


def test_the_wish_is_kept_short():
    wish = evidence.Wish.of({"q": " a  b " + "x" * 999, "sort": "cited"})
    assert wish.query.startswith("a b x")
    assert len(wish.query) == evidence.LONGEST_SEARCH
    assert wish.as_query()["sort"] == "cited"
