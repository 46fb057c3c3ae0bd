"""What reference managers read out of pages."""

import re
from html import unescape
from urllib.parse import parse_qs

import pytest
from django.utils import timezone

from articles.publishing import publish
from articles.references import machine_readable

JOURNAL = {
    "type": "article-journal",
    "title": "Needles & <i>knees</i>",
    "author": [{"family": "Chys", "given": "Marjolein"}, {"literal": "Pain Group"}],
    "container-title": "Journal of Pain",
    "issued": {"date-parts": [[2023, 2]]},
    "volume": "12",
    "page": "1-9",
    "DOI": "10.1000/x",
    "PMID": "123",
}


def openurl(html: str) -> dict[str, list[str]]:
    [title] = re.findall(r'<span class="Z3988" title="([^"]*)"></span>', html)
    return parse_qs(unescape(title), strict_parsing=True)


def test_a_journal_article_as_openurl():
    assert openurl(machine_readable.coins(JOURNAL)) == {
        "ctx_ver": ["Z39.88-2004"],
        "rft_val_fmt": ["info:ofi/fmt:kev:mtx:journal"],
        "rft.genre": ["article"],
        "rft.atitle": ["Needles & knees"],
        "rft.jtitle": ["Journal of Pain"],
        "rft.volume": ["12"],
        "rft.pages": ["1-9"],
        "rft.au": ["Chys, Marjolein", "Pain Group"],
        "rft.date": ["2023"],
        "rft_id": ["info:doi/10.1000/x", "info:pmid/123"],
    }


@pytest.mark.parametrize(
    ("csl", "expected"),
    [
        ({"type": "book", "title": "T", "ISBN": "1"}, {"rft.genre": "book", "rft.btitle": "T"}),
        (
            {"type": "chapter", "title": "T", "container-title": "B"},
            {"rft.genre": "bookitem", "rft.atitle": "T", "rft.btitle": "B"},
        ),
        (
            {"type": "webpage", "title": "T", "URL": "https://a.example/"},
            {"rft.type": "webpage", "rft.title": "T", "rft_id": "https://a.example/"},
        ),
        ({"type": "thesis", "title": "T"}, {"rft.type": "thesis"}),
        ({"title": ["?"], "author": "?", "volume": {}}, {"rft.type": "document"}),
    ],
)
def test_other_sources_as_openurl(csl, expected):
    found = openurl(machine_readable.coins(csl))
    assert {name: found[name] for name in expected} == {k: [v] for k, v in expected.items()}


TULDER = {
    "family": "Tulder",
    "given": "Maurits W",
    "non-dropping-particle": "van",
}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (TULDER, ["van Tulder, Maurits W"]),
        ({"family": "Humboldt", "given": "A", "dropping-particle": "von"}, ["Humboldt, A von"]),
        ({"family": "King", "given": "Mo", "suffix": "Jr"}, ["King, Mo, Jr"]),
        ({"given": "Plato"}, ["Plato"]),
        ({"literal": "Pain Group"}, ["Pain Group"]),
        ({"literal": "others"}, []),
        ({"literal": "et al."}, []),
        ({}, []),
    ],
)
def test_names_keep_their_particles_and_others_are_nobody(name, written):
    csl = {"type": "article-journal", "title": "T", "author": [name]}
    assert openurl(machine_readable.coins(csl)).get("rft.au", []) == written


def test_of_several_numbers_of_a_journal_the_first_is_told():
    found = openurl(machine_readable.coins({**JOURNAL, "ISSN": "1756-1833, 0959-8138"}))
    assert found["rft.issn"] == ["1756-1833"]


def test_a_cited_source_names_its_authors_alike(chys, make_article, client):
    chys.csl = {**chys.csl, "author": [TULDER, {"literal": "others"}]}
    chys.save()
    article = make_article(body="So [@chys2023].")
    edition = publish(article, by=None, at=timezone.now(), unreviewed_reason="Test.")
    page = client.get(edition.get_absolute_url()).content.decode()
    [cited] = re.findall(r'name="citation_reference" content="([^"]*)"', page)
    assert re.findall(r"citation_author=([^;]*)", cited) == ["van Tulder, Maurits W"]


def test_an_article_says_who_wrote_it_and_what_it_cites(chys, make_article, ines, client):
    article = make_article(body="So [@chys2023].", author=ines, title='Knees "and" stairs')
    publish(article, by=None, at=timezone.now(), unreviewed_reason="Test.")
    page = client.get("/articles/knees-and-stairs/").content.decode()
    metas = re.findall(r'<meta name="([^"]+)" content="([^"]*)">', page)
    assert ("citation_title", "Knees &quot;and&quot; stairs") in metas
    assert ("citation_author", "Ines Okafor") in metas
    assert ("DC.creator", "Ines Okafor") in metas
    [cited] = [content for name, content in metas if name == "citation_reference"]
    assert "citation_doi=10.3390/jcm12031205" in cited
    assert "citation_author=Chys, Marjolein" in cited
    kinds = [openurl(span) for span in re.findall(r'<span class="Z3988"[^>]*></span>', page)]
    assert [kind["rft_val_fmt"][0].rsplit(":", 1)[-1] for kind in kinds] == ["dc", "journal"]
    page = client.get("/evidence/chys2023/").content.decode()
    assert openurl(page)["rft_id"] == ["info:doi/10.3390/jcm12031205"]
