"""NBIB, PubMed's tagged lines (the MEDLINE format), as CSL-JSON.

Tags after NLM's list of MEDLINE/PubMed data elements.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from articles.references import identifiers
from articles.references.csl import full_ranges
from articles.references.formats import dates, names, pubmed
from articles.references.formats.entry import Broken, Csl, Entry, put, put_aside
from articles.references.formats.tagged import Record
from articles.references.formats.tagged import read as read_tagged

_LINE = re.compile(r"([A-Z]{2,4}) {0,2}- ?(.*)$")
_IDENTIFIER = re.compile(r"(\S.*?) \[(doi|pii|bookaccession)\]")

_TEXTS = (
    ("TI", "title"), ("BTI", "container-title"), ("CTI", "collection-title"),
    ("JT", "container-title"), ("TA", "container-title-short"), ("VI", "volume"), ("IP", "issue"),
    ("EN", "edition"), ("PB", "publisher"), ("AB", "abstract"), ("TT", "original-title"),
    ("PMC", "PMCID"), ("PMID", "PMID"), ("ISBN", "ISBN"),
)  # fmt: skip


def read(text: str) -> Iterator[Entry | Broken]:
    """Every record of an NBIB file."""
    for record in read_tagged(text, _LINE, "PMID"):
        if record.first("TI", "BTI", "TT") or record.first("PMID"):
            yield _entry(record)
        else:
            yield Broken(record.line, "The record has neither a PMID nor a title.")


def count(text: str) -> int:
    """How many records a text seems to hold, counted without reading them."""
    return len(re.findall(r"^PMID ?- ", text, re.MULTILINE))


def _entry(record: Record) -> Entry:
    values: dict[str, list[str]] = {}
    for tag, value in record.fields:
        if value:
            values.setdefault(tag, []).append(value)
    seen = sum(map(len, values.values()))
    kinds = values.get("PT", [])
    csl: Csl = {"type": pubmed.type_of(kinds, book="BTI" in values, chapter="TI" in values)}
    if csl["type"] == "book":
        put(csl, "title", pubmed.clean_title(values.pop("BTI")[0]))
    _people(csl, record, values)
    for tag, place in _TEXTS:
        if tag in values:
            value = pubmed.clean_title(values[tag][0]) if tag in ("TI", "TT") else values[tag][0]
            if put(csl, place, value):
                values[tag].pop(0)
    _numbers(csl, values)
    if "DP" in values:
        csl["issued"] = dates.parse(values["DP"].pop(0))
    if "PL" in values and csl["type"] in ("book", "chapter"):
        put(csl, "publisher-place", values["PL"].pop(0))
    if "LA" in values:
        put(csl, "language", ", ".join(map(pubmed.language, values.pop("LA"))))
    if "OT" in values:
        csl["keyword"] = "; ".join(values.pop("OT"))
    if kind := pubmed.kind_of(kinds):
        csl["custom"] = {"kind": kind}
    left: dict[str, Any] = {tag: many for tag, many in values.items() if many}
    entry = Entry(record.line, csl, "", seen)
    return replace(entry, aside=put_aside(csl, "nbib", left))


def _people(csl: Csl, record: Record, values: dict[str, list[str]]) -> None:
    """FAU has the whole name, AU after it the initials; bodies (CN) keep their place."""
    for full, short, role in (("FAU", "AU", "author"), ("FED", "ED", "editor")):
        people: list[names.Name] = []
        whole = False  # the AU that comes next says the same again
        for tag, value in record.fields:
            if tag == full:
                people.append(names.from_commas(value))
                whole = True
            elif tag == short:
                if not whole:
                    people += names.people(value, names.from_initials)
                whole = False
            elif tag == "CN" and role == "author":
                people.append(names.body(value))
        people = [person for person in people if person.get("family") or person.get("literal")]
        if people:
            csl[role] = people
        for tag in (full, short):
            values.pop(tag, None)
    values.pop("CN", None)


def _numbers(csl: Csl, values: dict[str, list[str]]) -> None:
    """DOI, the number that stands for pages, pages, and the ISSN."""
    if "PG" in values:
        put(csl, "page", full_ranges(values["PG"].pop(0)))
    for tag in ("LID", "AID"):
        kept = []
        for value in values.get(tag, []):
            found = _IDENTIFIER.fullmatch(value)
            number, kind = found.groups() if found else ("", "")
            place = {"doi": "DOI", "pii": "number"}.get(kind, "")
            if place == "number" and (tag == "AID" or not pubmed.stands_for_pages(csl, number)):
                place = ""
            if not (place and put(csl, place, number)):
                kept.append(value)
        values[tag] = kept
    if "IS" in values:
        csl["ISSN"] = identifiers.issns(" ".join(values.pop("IS")))
