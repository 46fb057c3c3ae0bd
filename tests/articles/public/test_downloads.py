"""Files of sources for readers' reference managers."""

import json

import pytest
from django.utils import timezone

from articles.models import Reference
from articles.publishing import publish, withdraw
from articles.references.formats.reading import open_bibliography
from clinic.site import page_context


@pytest.fixture
def article(chys, make_article):
    chys.csl = {
        **chys.csl,
        "abstract": "Long.",
        "annote": "Ask Ines about this.",
        "custom": {"bibtex": {"file": "home/ines/chys.pdf"}, "study": {"people": "Adults"}},
    }
    chys.save()
    Reference.objects.create(key="hu2018", title="Back", csl={"type": "book", "title": "Back"})
    found = make_article(body="Both help [@hu2018; @chys2023].")
    publish(found, by=None, at=timezone.now())
    return found


@pytest.mark.parametrize("ending", ["json", "bib", "ris"])
def test_one_source(ending, article, client):
    answer = client.get(f"/evidence/chys2023.{ending}")
    assert answer["Content-Disposition"] == f'attachment; filename="chys2023.{ending}"'
    assert answer["X-Robots-Tag"] == "noindex"
    [entry] = open_bibliography(answer.content, f"a.{ending}")
    assert (entry.key, entry.csl["DOI"]) == ("chys2023", "10.3390/jcm12031205")
    for own in (b"Ask Ines", b"home/ines", b"Long."):
        assert own not in answer.content


def test_what_its_page_says_of_a_source_goes_with_it(article, client):
    [entry] = json.loads(client.get("/evidence/chys2023.json").content)
    assert entry["custom"] == {
        "plain": "An umbrella review of 36 reviews.",
        "study": {"people": "Adults"},
    }


def test_all_sources_of_an_article_by_number_as_they_were(article, client):
    Reference.objects.filter(key="hu2018").update(csl={"type": "book", "title": "Corrected"})
    answer = client.get("/articles/knees-and-stairs.json")
    entries = json.loads(answer.content)
    assert [entry["id"] for entry in entries] == ["hu2018", "chys2023"]
    assert entries[0]["title"] == "Back"
    assert "custom" not in entries[0]


def test_pages_lead_to_the_files(article, client):
    page = client.get("/articles/knees-and-stairs/").content.decode()
    assert 'href="/articles/knees-and-stairs.ris" download' in page
    page = client.get("/evidence/hu2018/").content.decode()
    assert 'href="/evidence/hu2018.bib" download' in page


@pytest.mark.parametrize(
    "path",
    [
        "/evidence/chys2023.xml",
        "/evidence/nobody1999.bib",
        "/evidence/unused2024.bib",
        "/articles/nothing.bib",
        "/articles/knees-and-stairs.pdf",
        "/articles/plain.bib",
    ],
)
def test_what_there_is_no_file_of(path, article, make_article, client):
    Reference.objects.create(key="unused2024", title="U", csl={"title": "U"})
    publish(make_article(slug="plain", body="No sources."), by=None, at=timezone.now())
    assert client.get(path).status_code == 404


def test_what_is_withdrawn_has_no_files(article, client):
    withdraw(article, by=None, at=timezone.now())
    page_context.forget()
    assert client.get("/articles/knees-and-stairs.bib").status_code == 404
    assert client.get("/evidence/chys2023.bib").status_code == 404


def test_the_key_of_a_merged_source_gives_the_one_that_stayed(article, client):
    stayed = Reference.objects.get(key="hu2018")
    Reference.objects.filter(key="chys2023").update(merged_into=stayed)
    answer = client.get("/evidence/chys2023.ris")
    assert 'filename="hu2018.ris"' in answer["Content-Disposition"]
