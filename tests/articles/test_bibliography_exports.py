"""Exports as PubMed, Zotero and EndNote write them: what stands in the file has landed.

The files were typed after such exports; the facts in them are those of real papers, abstracts and
postal addresses are not. What is counted and compared is read from the file by this test, not by
the readers that it judges.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from defusedxml import ElementTree
from django.utils import timezone

from articles.bibliography import importing
from articles.bibliography.entry import Entry
from articles.bibliography.reading import open_bibliography
from articles.models import Reference

FOLDER = Path(__file__).parent / "bibliographies"
MONTHS = {"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "oct": 10}
Fields = list[tuple[str, str]]


def opened(name: str):
    return open_bibliography((FOLDER / name).read_bytes(), name)


def entries(name: str) -> list[Entry]:
    return [found for found in opened(name) if isinstance(found, Entry)]


# -- what stands in a file, read in the plainest way ----------------------------------------------


def tagged(name: str, tag: str, last: str = "") -> list[Fields]:
    """The fields of each record of a file of tagged lines."""
    records: list[Fields] = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        found = re.match(tag, line)
        if found and found[1] in ("PMID", "TY"):
            records.append([])
        if found and found[1] != last:
            records[-1].append((found[1], found[2].strip()))
        elif line.strip() and not found and records[-1][-1][0] == "KW":
            records[-1].append(("KW", line.strip()))  # EndNote: a keyword a line
        elif line.strip() and not found:
            records[-1][-1] = (records[-1][-1][0], f"{records[-1][-1][1]} {line.strip()}")
    return [[(name, value) for name, value in record if value] for record in records]


def of_xml(name: str) -> list[Fields]:
    """The text of each element that holds text and no other element."""
    root = ElementTree.fromstring((FOLDER / name).read_bytes())
    return [
        [
            (element.tag, " ".join((element.text or "").split()))
            for element in article.iter()
            if len(element) == 0 and (element.text or "").strip()
        ]
        for article in root
    ]


def of_bibtex(name: str) -> list[Fields]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    found = re.split(r"\n@\w+\{", text)[1:]
    field = re.compile(r"^\t(\w+) = \{(.*?)\},$", re.MULTILINE | re.DOTALL)
    return [
        [(name, re.sub(r"[{}\\]", "", value)) for name, value in field.findall(x)] for x in found
    ]


NBIB = r"([A-Z]{2,4}) *- (.*)$"
RIS = r"([A-Z][A-Z0-9])  - (.*)$"
FILES = {
    "pubmed_export.nbib": lambda: tagged("pubmed_export.nbib", NBIB),
    "pubmed_export.xml": lambda: of_xml("pubmed_export.xml"),
    "zotero_biblatex.bib": lambda: of_bibtex("zotero_biblatex.bib"),
    "zotero.ris": lambda: tagged("zotero.ris", RIS, "ER"),
    "endnote_export.ris": lambda: tagged("endnote_export.ris", RIS, "ER"),
}
# Said in another way in CSL-JSON, or by another field of the same record.
OTHERWISE = {
    "TY", "LA", "PT",  # types and languages by their names there
    "AU",  # in NBIB the initials after the whole name
    "Initials", "Language", "LastName", "MedlinePgn",
    "type", "langid",
}  # fmt: skip
SAID = {
    "pubmed_export.nbib": {"LID", "AID", "IS"},  # with [doi] and (Print) behind them
    "pubmed_export.xml": {"PubMedPubDate", "Year", "Month", "Day"},  # of its history
    "zotero_biblatex.bib": {"author", "editor"},  # with “and” between names
    "zotero.ris": {"Y2"},  # to the second
    "endnote_export.ris": {"SN"},  # the same number twice
}


def words(value: str) -> Iterator[str]:
    """Numbers without zeros before them, months as numbers, and words."""
    for word in re.findall(r"\w+", value.casefold()):
        yield str(int(word)) if word.isascii() and word.isdigit() else str(MONTHS.get(word, word))


@pytest.mark.parametrize("name", FILES)
def test_entries_and_fields_are_counted_alike(name):
    records = FILES[name]()
    read = entries(name)
    assert len(read) == opened(name).held == len(records) > 1
    assert [entry.fields for entry in read] == [len(record) for record in records]


@pytest.mark.parametrize("name", FILES)
def test_every_word_of_every_field_has_landed(name):
    for record, entry in zip(FILES[name](), entries(name), strict=True):
        landed = set(words(json.dumps([entry.key, entry.csl], ensure_ascii=False)))
        for field, value in record:
            if field in OTHERWISE | SAID.get(name, set()):
                continue
            missing = [word for word in words(value) if word not in landed]
            assert not missing, (field, value)


def test_json_lands_as_it_is():
    written = json.loads((FOLDER / "zotero_csl.json").read_text(encoding="utf-8"))
    read = entries("zotero_csl.json")
    assert len(read) == opened("zotero_csl.json").held == len(written)
    for before, entry in zip(written, read, strict=True):
        assert entry.fields == len(before) - 1
        assert before.items() <= {"id": entry.key, **entry.csl}.items()
    assert read[0].csl["PMID"] == "33782057"  # said in the note, as Zotero keeps it


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*FILES, "zotero_csl.json"])
def test_what_was_read_is_in_the_library(name):
    report = importing.take_in(opened(name), lambda line: importing.Twin.ADD, at=timezone.now())
    assert not report.problems
    kept = [reference.csl for reference in Reference.objects.order_by("id")]
    read = entries(name)
    assert len(kept) == len(read) == len(report.added)
    for csl, entry in zip(kept, read, strict=True):
        ours = {**csl.get("custom", {})}
        theirs = entry.csl.get("custom", {})
        assert {key: csl[key] for key in entry.csl if key != "custom"} == {
            key: value for key, value in entry.csl.items() if key != "custom"
        }
        assert {key: ours[key] for key in theirs if key not in ("kind", "plain")} == {
            key: value for key, value in theirs.items() if key not in ("kind", "plain")
        }


# -- what these programs do in ways of their own --------------------------------------------------


def test_the_same_paper_from_five_programs_is_one_source(db):
    for name in (*FILES, "zotero_csl.json"):
        importing.take_in(opened(name), lambda line: importing.Twin.FILL, at=timezone.now())
    [page] = Reference.objects.filter(doi="10.1136/bmj.n71")
    assert (page.pmid, page.year) == ("33782057", 2021)
    assert Reference.objects.filter(title__startswith="Cloning").count() == 1
    assert Reference.objects.filter(title__startswith="Low back pain and sciatica").count() == 1


def test_endnote_says_the_day_without_its_year():
    page, book, site = (entry.csl for entry in entries("endnote_export.ris"))
    assert page["issued"] == {"date-parts": [[2021, 3, 29]]}
    assert page["container-title"] == "BMJ (Clinical research ed.)"
    assert page["container-title-short"] == "Bmj"
    assert page["ISSN"] == "0959-8138"
    assert "edition" not in page
    assert page["keyword"] == "Guidelines as Topic; Humans; *Publishing/standards"
    assert book["edition"] == "2nd"
    assert site["author"] == [{"literal": "National Institute for Health and Care Excellence"}]


def test_biblatex_names_land_whole():
    chapter = entries("zotero_biblatex.bib")[2].csl
    assert chapter["author"][0] == {"family": "Higgins", "given": "Julian P. T."}
    assert [name["family"] for name in chapter["author"]] == [
        "Higgins", "Savović", "Page", "Elbers", "Sterne",
    ]  # fmt: skip
    assert [name["family"] for name in chapter["editor"]] == ["Higgins", "Thomas"]


def test_zotero_says_when_it_was_read_to_the_second():
    page = entries("zotero.ris")[0].csl
    assert page["accessed"] == {"date-parts": [[2026, 3, 5]]}


def test_a_day_that_cannot_be_read_does_not_cost_the_year():
    text = "TY  - JOUR\nTI  - T\nPY  - 2021\nDA  - Michaelmas\nER  - \n"
    [entry] = open_bibliography(text.encode(), "a.ris")
    assert entry.csl["issued"] == {"date-parts": [[2021]]}
    assert entry.csl["custom"] == {"ris": {"DA": ["Michaelmas"]}}
