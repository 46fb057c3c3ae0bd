"""Formats with one sample each: EndNote, Web of Science, CITATION.cff and Crossref's JSON."""

import json

import pytest

from articles.references.formats.entry import Broken
from articles.references.formats.reading import open_bibliography
from articles.references.styles import ama
from tests.articles.references.test_bibliography_entrance import read

ONE = "Alpha A, Beta B. Knees and hips. J Pain. 2020;7(2):11-19. doi:10.1000/knees"
ONE_IN_EACH = {
    "a.enw": "%0 Journal Article\n%A Alpha, A.\n%A Beta, B.\n%T Knees and hips\n"
    "%J Journal of Pain\n%O J Pain\n%V 7\n%N 2\n%P 11-19\n%D 2020\n%R doi:10.1000/knees\n",
    "a.ciw": "\ufeffFN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Alpha, A\n"
    "   Beta, B\nTI Knees and\n   hips\nSO JOURNAL OF PAIN\nJ9 J PAIN\nPD MAY\nPY 2020\nVL 7\n"
    "IS 2\nBP 11\nEP 19\nDI 10.1000/knees\nUT WOS:1\nER\n\nEF\n",
    "a.cff": "cff-version: 1.2.0\nmessage: Cite it.\ntitle: Software\npreferred-citation:\n"
    "  type: article\n  authors:\n    - family-names: Alpha\n      given-names: A\n"
    "    - family-names: Beta\n      given-names: B\n  title: Knees and hips\n  journal: J Pain\n"
    "  year: 2020\n  volume: 7\n  issue: 2\n  start: 11\n  end: 19\n  doi: 10.1000/knees\n",
    "a.json": json.dumps({"status": "ok", "message-type": "work", "message": {
        "DOI": "10.1000/knees", "type": "journal-article", "title": ["Knees and hips"],
        "author": [{"given": "A", "family": "Alpha", "sequence": "first"},
                   {"given": "B", "family": "Beta", "affiliation": []}],
        "container-title": ["Journal of Pain"], "short-container-title": ["J Pain"],
        "issued": {"date-parts": [[2020, 5]]}, "volume": "7", "issue": "2", "page": "11-19"}}),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_IN_EACH)
def test_one_article_in_each_format(name):
    assert ama.full_entry(read(ONE_IN_EACH[name], name).csl) == ONE


def test_software_is_cited_by_its_own_file():
    entry = read(
        "cff-version: 1.2.0\ntitle: Gait\nversion: 1.10\ndate-released: 2021-03-05\n"
        "authors:\n  - name: The Gait Group\n  - family-names: Berg\n    name-particle: van\n"
        "    given-names: Jan\nidentifiers:\n  - type: doi\n    value: 10.1000/gait\n",
        "CITATION.cff",
    )
    assert entry.csl["version"] == "1.10"
    assert ama.year(entry.csl) == "2021"
    assert entry.csl["author"][1]["non-dropping-particle"] == "van"
    assert entry.csl["DOI"] == "10.1000/gait"


@pytest.mark.parametrize(
    "text", ["cff-version: [", "cff-version: &a [*a, *a]", "cff-version: 1\nauthors: {a: b}"]
)
def test_a_damaged_citation_file_is_told(text):
    [found] = open_bibliography(text.encode(), "a.cff")
    assert isinstance(found, Broken)


def test_a_list_of_crossref_works_is_read_whole():
    message = {"items": [{"DOI": "10.1000/a", "title": ["A"]}, {"DOI": "10.1000/b", "title": ["B"],
               "subtitle": ["More"]}]}  # fmt: skip
    bibliography = open_bibliography(json.dumps({"message": message}).encode(), "a.json")
    assert bibliography.held == 2
    assert [found.csl["title"] for found in bibliography] == ["A", "B: More"]
