"""What an article's structured data say of the sources that it cites."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from articles.publishing import publish
from articles.references.csl import Csl
from articles.references.machine_readable import of_source
from clinic.lib.jsonld import pruned

STUDY = {
    "type": "article-journal",
    "title": "Needles & <i>knees</i>",
    "author": [
        {"family": "Chys", "given": "Marjolein"},
        {"family": "Riet", "given": "Gerben", "non-dropping-particle": "ter"},
        {"literal": "Pain Group"},
        {"literal": "others"},
    ],
    "container-title": "Journal of Pain",
    "ISSN": "1756-1833, 0959-8138",
    "issued": {"date-parts": [[2023, 2, 9]]},
    "DOI": "10.1000/x",
    "PMID": "123",
}


def said_of(csl: Csl, **links: str) -> Any:
    nothing = dict.fromkeys(("doi", "doi_url", "pmid", "pmid_url", "url"), "")
    return pruned(of_source({"csl": csl, **nothing, **links}))


def test_a_study_is_told_whole():
    links = {
        "doi": "10.1000/x",
        "doi_url": "https://doi.org/10.1000/x",
        "pmid": "123",
        "pmid_url": "https://pubmed.ncbi.nlm.nih.gov/123/",
    }
    assert said_of(STUDY, **links) == {
        "@type": "ScholarlyArticle",
        "name": "Needles & knees",
        "author": [
            {"@type": "Person", "name": "Marjolein Chys"},
            {"@type": "Person", "name": "Gerben ter Riet"},
            {"@type": "Organization", "name": "Pain Group"},
        ],
        "datePublished": "2023-02-09",
        "isPartOf": {
            "@type": "Periodical",
            "name": "Journal of Pain",
            "issn": ["1756-1833", "0959-8138"],
        },
        "url": "https://doi.org/10.1000/x",
        "sameAs": ["https://pubmed.ncbi.nlm.nih.gov/123/"],
        "identifier": ["doi:10.1000/x", "pmid:123"],
    }


@pytest.mark.parametrize(
    ("csl", "kind", "stands_in"),
    [
        ({"type": "chapter", "container-title": "Spine"}, "Chapter", "Book"),
        ({"type": "paper-conference", "container-title": "C"}, "ScholarlyArticle", "Book"),
        ({"type": "webpage", "container-title": "NHS"}, "WebPage", "WebSite"),
        ({"type": "report"}, "Report", None),
        ({"type": "motion_picture"}, "CreativeWork", None),
        ({"type": ["?"], "title": 1, "author": "?", "issued": "?"}, "CreativeWork", None),
        ({}, "CreativeWork", None),
    ],
)
def test_other_sources_are_called_what_they_are(csl: Csl, kind: str, stands_in: str | None):
    said = said_of(csl)
    assert said["@type"] == kind
    assert said.get("isPartOf", {}).get("@type") == stands_in


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ({"family": "Humboldt", "given": "A", "dropping-particle": "von"}, "A von Humboldt"),
        ({"family": "King", "given": "Mo", "suffix": "Jr"}, "Mo King Jr"),
        ({"family": "Hu"}, "Hu"),
        ({"given": "Plato"}, "Plato"),
    ],
)
def test_a_person_is_called_as_one_speaks(name: Csl, spoken: str):
    assert said_of({"author": [name]})["author"] == [{"@type": "Person", "name": spoken}]


@pytest.mark.parametrize(
    ("issued", "told"),
    [
        ({"date-parts": [[2023, 2]]}, "2023-02"),
        ({"date-parts": [[2023]]}, "2023"),
        ({"date-parts": [[2023, 2, 30]]}, "2023"),
        ({"date-parts": [[2023, 13]]}, "2023"),
        ({"literal": "Spring 2023"}, "2023"),
        ({"literal": "in press"}, None),
        ({}, None),
    ],
)
def test_the_day_is_told_as_far_as_it_is_one(issued: Csl, told: str | None):
    assert said_of({"issued": issued}).get("datePublished") == told


def test_the_page_of_an_article_tells_its_sources(chys: Any, make_article: Any, client: Client):
    chys.csl = {**chys.csl, "author": STUDY["author"], "container-title": "J Clin Med"}
    chys.save()
    edition = publish(make_article(body="So [@chys2023]."), by=None, at=timezone.now())
    page = client.get(edition.get_absolute_url()).content.decode()
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    (told,) = json.loads(found)["@graph"][0]["citation"]
    assert [author["name"] for author in told["author"]][1] == "Gerben ter Riet"
    assert told["isPartOf"]["name"] == "J Clin Med"
    assert told["identifier"] == ["doi:10.3390/jcm12031205"]
