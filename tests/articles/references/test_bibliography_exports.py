"""Exports that programs really wrote: what stands in the file has landed.

Each record is that of a real paper, field by field as the program exported it: its tags, their
order and punctuation, its line ends and accents. Replaced are abstracts, statements of copyright
and of interests (by words of our own in the same form), mail addresses (they end in ".example")
and the names in paths and addresses of the people whose exports these were. One of the guideline's
nineteen investigators is left out.

pubmed_2012.nbib     PubMed, as it sent it until 2015 (PMIDs 19465464, 18945920, 8402898,
                     21249755, 25744111)
pubmed_2025.nbib     PubMed of today (PMIDs 35128459, 36216673, 34570171, 37706373, 39809325)
pubmed_2019.xml      PubMed's XML (PMIDs 31690499, 30576676, 25371100, 24709432, 17950424)
zotero.ris           Zotero: three with what it had from PubMed in 2019, four with what it had from
                     a catalogue of 2021, a book and a chapter of 2012
zotero.bib           Zotero's BibTeX of 2020 to 2025, its signs as LaTeX
zotero_better.bib    Zotero with Better BibTeX, its accents as LaTeX
zotero.json          Zotero's CSL-JSON, years as words
endnote_pubmed.ris   EndNote with what it had from PubMed (PMIDs 28482341, 29459515, 24407360)
endnote_databases.ris  EndNote with what it had from Embase, a catalogue and a screening service
mendeley.bib         Mendeley, its accents as LaTeX
jabref.bib           JabRef's BibLaTeX

Their DOIs stand in the files. What is counted and compared is read from the file by this test, not
by the readers that it judges.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from django.utils import timezone

from articles.models import Reference
from articles.references import importing
from articles.references.csl import inverted
from articles.references.formats.entry import Entry
from articles.references.formats.reading import open_bibliography
from articles.references.styles import ama

FOLDER = Path(__file__).parent / "bibliographies"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
Fields = list[tuple[str, str]]
Csl = dict[str, Any]


def opened(name: str):
    return open_bibliography((FOLDER / name).read_bytes(), name)


def entries(name: str) -> list[Entry]:
    return [found for found in opened(name) if isinstance(found, Entry)]


# -- what stands in a file, read in the plainest way ----------------------------------------------

LISTS = ("AD", "KW", "L1", "UR")  # EndNote writes the tag before the first only
LATEX = (
    (r"{\textquoteleft}", "‘"), (r"{\textquoteright}", "’"), (r"{\textendash}", "–"),
    (r"\textendash", "–"), (r"{\textless}", "<"), (r"{\textcopyright}", "©"), (r"$\kappa$", "κ"),
    (r"{\"{o}}", "ö"), (r"{\"{a}}", "ä"), (r"{\'i}", "í"), (r"{\'e}", "é"), (r"{\'o}", "ó"),
    ("~", " "), (r"\%", "%"), (r"\&", "&"), (r"\_", "_"), ("{", ""), ("}", ""),
)  # fmt: skip


def tagged(name: str, tag: str, last: str = "") -> list[Fields]:
    """The fields of each record of a file of tagged lines."""
    records: list[Fields] = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        found = re.match(tag, line)
        if found and found[1] in ("PMID", "TY"):
            records.append([])
        if found and found[1] != last:
            records[-1].append((found[1], found[2].strip()))
        elif line.strip() and not found and last and records[-1][-1][0] in LISTS:
            records[-1].append((records[-1][-1][0], line.strip()))
        elif line.strip() and not found:
            records[-1][-1] = (records[-1][-1][0], f"{records[-1][-1][1]} {line.strip()}")
    return [[(name, value) for name, value in record if value] for record in records]


def nbib(name: str) -> list[Fields]:
    return tagged(name, r"([A-Z]{2,4}) *-(?: (.*))?$")


def ris(name: str) -> list[Fields]:
    return tagged(name, r"([A-Z][A-Z0-9])  -(?: (.*)|())$", "ER")


def xml(name: str) -> list[Fields]:
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


def bibtex(name: str) -> list[Fields]:
    text = (FOLDER / name).read_text(encoding="utf-8").split("@Comment")[0]
    field = re.compile(r"^\s*(\w+)\s*= (?:\{(.*?)\}|(\w+)),?$", re.MULTILINE | re.DOTALL)
    records = []
    for record in re.split(r"(?:^|\n)@\w+\{", text)[1:]:
        found = [(name, braced or bare) for name, braced, bare in field.findall(record)]
        for sign, plain in LATEX:
            found = [(n, v if n == "file" else v.replace(sign, plain)) for n, v in found]
        records.append([(name, value) for name, value in found if value])
    return records


FILES: dict[str, Callable[[str], list[Fields]]] = {
    "pubmed_2012.nbib": nbib,
    "pubmed_2025.nbib": nbib,
    "pubmed_2019.xml": xml,
    "zotero.ris": ris,
    "zotero.bib": bibtex,
    "zotero_better.bib": bibtex,
    "endnote_pubmed.ris": ris,
    "endnote_databases.ris": ris,
    "mendeley.bib": bibtex,
    "jabref.bib": bibtex,
}
SIZES = {"nbib": 10, "xml": 5, "ris": 20, "bib": 31}  # records of each kind, all together

# What CSL-JSON has no field for: kept in `custom`. Every other field has a place of its own.
ASIDE = {
    nbib: "AD AID AUID CDAT CI CIN COIS CRDT CTDT DA DCOM DEP DRDT EDAT FIR GR IR JID LID LR MH "
    "MHDA MID OID OTO OWN PHST PL PMCR PST PT RN SB SO STAT",
    xml: "Abstract/CopyrightInformation AffiliationInfo/Affiliation Article/ELocationID "
    "ArticleDate/Day ArticleDate/Month ArticleDate/Year ArticleId Chemical/NameOfSubstance "
    "Chemical/RegistryNumber DateCompleted/Day DateCompleted/Month DateCompleted/Year "
    "DateRevised/Day DateRevised/Month DateRevised/Year History MedlineCitation/CitationSubset "
    "MedlineJournalInfo/Country MedlineJournalInfo/ISSNLinking MedlineJournalInfo/NlmUniqueID "
    "MeshHeading/DescriptorName MeshHeading/QualifierName PublicationTypeList/PublicationType "
    "PubmedData/PublicationStatus",
    ris: "AD AN DP ET L1 L2 L4 UR",
    bibtex: "copyright eprint file groups readstatus url",
}


# -- what is said otherwise in CSL-JSON: the field, and how it is said ----------------------------

TYPES = {
    "JOUR": "article-journal", "BOOK": "book", "CHAP": "chapter", "CASE": "legal_case",
    "GEN": "document",
}  # fmt: skip


def is_name(value: str, csl: Csl) -> bool:
    """ "Wong Kee Song LM": the initials of somebody whose whole name has landed."""
    people = [*csl.get("author", []), *csl.get("editor", [])]
    return value in [inverted(name, {}) for name in people]


def are_initials(value: str, csl: Csl) -> bool:
    """ "Ddos S" of "Décio dos Santos": the capitals of a given name."""
    capitals = [re.sub(r"[^A-Z]", "", name.get("given", "")) for name in csl["author"]]
    return re.sub(r"[^A-Z]", "", value) in capitals


def is_language(value: str, csl: Csl) -> bool:
    return (value, csl["language"]) == ("eng", "en")


def are_pages(value: str, csl: Csl) -> bool:
    """ "475-82" as "475-482"."""
    first, _hyphen, last = value.partition("-")
    return csl["page"].startswith(first) and csl["page"].endswith(last)


def is_number(value: str, csl: Csl) -> bool:
    """ "10.1093/bioinformatics/btab672 [doi]", "1756-1833 (Electronic)"."""
    number = re.sub(r" [\[(]\w+[\])]$", "", value)
    return number in json.dumps(csl, ensure_ascii=False)


def are_serials(value: str, csl: Csl) -> bool:
    """ "14320584 09395555", "0732-183X (Print) 0732-183X (Linking)"; of books as they are."""
    numbers = re.findall(r"\d{4}-?\d{3}[\dXx](?!\d)", value)
    if "ISSN" not in csl:
        return value == csl["ISBN"]
    return {number.replace("-", "").upper() for number in numbers} == set(
        csl["ISSN"].replace("-", "").split(", ")
    )


def is_day(value: str, csl: Csl) -> bool:
    """ "2019/10//undefined", "2012/07/27/09:48:44": the day, without what is no part of it; and
    EndNote's "Mar 1" or "Mar", whose year stands in PY."""
    if found := re.fullmatch(r"([A-Z][a-z]{2})(?: (\d+))?", value):
        value = f"{ama.year(csl)}/{MONTHS.index(found[1].lower()) + 1}/{found[2] or ''}"
    parts = [int(part) for part in value.split("/")[:3] if part]
    return [parts] in [csl.get(name, {}).get("date-parts") for name in ("issued", "accessed")]


def is_type(value: str, csl: Csl) -> bool:
    return csl["type"] == TYPES[value]


def is_year(value: str, csl: Csl) -> bool:
    """ "Nov./2001"."""
    return re.findall(r"\d{4}", value)[0] == ama.year(csl)


def are_people(value: str, csl: Csl) -> bool:
    """Every word between the "and"s."""
    landed = set(words(json.dumps([csl.get("author"), csl.get("editor")], ensure_ascii=False)))
    return all(word in landed | {"and"} for word in words(value))


OTHERWISE: dict[Callable[[str], list[Fields]], dict[str, Callable[[str, Csl], bool]]] = {
    nbib: {
        "AU": is_name, "ED": is_name, "LA": is_language, "PG": are_pages, "LID": is_number,
        "AID": is_number, "IS": is_number,
    },
    xml: {"Initials": are_initials, "Language": is_language, "MedlinePgn": are_pages},
    ris: {"TY": is_type, "SN": are_serials, "DA": is_day, "Y2": is_day},
    bibtex: {"author": are_people, "issn": are_serials, "year": is_year},
}  # fmt: skip


def words(value: str) -> Iterator[str]:
    """Numbers without zeros before them, months as numbers, and words."""
    for word in re.findall(r"\w+", value.casefold()):
        if word in MONTHS:
            yield str(MONTHS.index(word) + 1)
        else:
            yield str(int(word)) if word.isascii() and word.isdigit() else word


def test_there_are_enough_of_each_kind():
    found: dict[str, int] = {}
    for name, read in FILES.items():
        ending = name.split(".")[-1]
        found[ending] = found.get(ending, 0) + len(read(name))
    assert found == SIZES


@pytest.mark.parametrize("name", FILES)
def test_entries_and_fields_are_counted_alike(name):
    records = FILES[name](name)
    read = entries(name)
    assert len(read) == opened(name).held == len(records) > 1
    assert [entry.fields for entry in read] == [len(record) for record in records]


def test_only_what_has_no_field_is_kept_aside():
    for read, fields in ASIDE.items():
        names = [name for name in FILES if FILES[name] is read]
        assert {field for name in names for entry in entries(name) for field in entry.aside} == set(
            fields.split()
        )


@pytest.mark.parametrize("name", FILES)
def test_every_field_has_landed(name):
    otherwise = OTHERWISE[FILES[name]]
    for record, entry in zip(FILES[name](name), entries(name), strict=True):
        landed = set(words(json.dumps([entry.key, entry.csl], ensure_ascii=False)))
        for field, value in record:
            if field in otherwise:
                assert otherwise[field](value, entry.csl), (field, value)
            else:
                assert not [word for word in words(value) if word not in landed], (field, value)


def test_json_lands_as_it_is():
    written = json.loads((FOLDER / "zotero.json").read_text(encoding="utf-8"))
    read = entries("zotero.json")
    assert len(read) == opened("zotero.json").held == len(written) == 4
    for before, entry in zip(written, read, strict=True):
        assert entry.fields == len(before) - 1  # without its id, which is the key
        assert before == {"id": entry.key, **entry.csl}


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*FILES, "zotero.json"])
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
