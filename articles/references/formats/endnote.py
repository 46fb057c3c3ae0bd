"""EndNote's own tagged format (.enw, also called Refer), as CSL-JSON.

Tags after EndNote's list of import tags.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from articles.references import identifiers
from articles.references.csl import full_ranges
from articles.references.formats import dates, names
from articles.references.formats.entry import Broken, Csl, Entry, put, put_aside
from articles.references.formats.tagged import Record
from articles.references.formats.tagged import read as read_tagged

_LINE = re.compile(r"%([0A-Z1-9@!#$&*<>?^+~\[\](),:;=|\\])(?:[ \t]+|$)(.*)$")
_LISTS = frozenset("UK>")

_TYPES = {
    "journal article": "article-journal", "electronic article": "article-journal",
    "magazine article": "article-magazine", "newspaper article": "article-newspaper",
    "book": "book", "edited book": "book", "electronic book": "book", "book section": "chapter",
    "electronic book section": "chapter", "conference paper": "paper-conference",
    "conference proceedings": "paper-conference", "report": "report",
    "government document": "report", "thesis": "thesis", "web page": "webpage",
    "blog": "post-weblog", "dataset": "dataset", "computer program": "software",
    "patent": "patent", "standard": "standard", "encyclopedia": "entry-encyclopedia",
    "dictionary": "entry-dictionary", "unpublished work": "manuscript", "manuscript": "manuscript",
    "pamphlet": "pamphlet", "generic": "document", "film or broadcast": "motion_picture",
    "personal communication": "personal_communication", "preprint": "article",
}  # fmt: skip
_PEOPLE = {"A": "author", "E": "editor", "Y": "collection-editor", "?": "translator"}
_TEXTS = {
    "T": "title", "J": "container-title", "B": "container-title", "S": "collection-title",
    "V": "volume", "N": "issue", "7": "edition", "I": "publisher", "C": "publisher-place",
    "U": "URL", "X": "abstract", "G": "language", "!": "title-short", "O": "container-title-short",
    "6": "number-of-volumes", "9": "genre", "W": "source", "L": "call-number", "Z": "note",
}  # fmt: skip
_BOOKS = ("book", "chapter", "entry-encyclopedia", "entry-dictionary", "pamphlet")


def read(text: str) -> Iterator[Entry | Broken]:
    """Read every record of an .enw file."""
    for record in read_tagged(text, _LINE, "0", "", _LISTS):
        if record.first("0"):
            yield _entry(record)
        else:
            yield Broken(record.line, "The record does not begin with %0, its type.")


def count(text: str) -> int:
    """Count the records that a text seems to hold, without reading them."""
    return len(re.findall(r"^%0[ \t]", text, re.MULTILINE))


def _entry(record: Record) -> Entry:
    values: dict[str, list[str]] = {}
    for tag, value in record.fields:
        if value:
            values.setdefault(tag, []).append(value)
    seen = sum(map(len, values.values()))
    label = values.pop("0")[0]
    csl: Csl = {"type": _TYPES.get(label.lower(), "document")}
    left: dict[str, Any] = {} if label.lower() in _TYPES else {"0": [label]}
    key = values.pop("F", [""])[0]
    for tag, role in _PEOPLE.items():
        if found := [name for value in values.pop(tag, []) for name in names.people(value)]:
            csl[role] = found
    _numbers(csl, values)
    if csl["type"] == "book" and "B" in values:  # a book's %B is its series
        put(csl, "collection-title", values["B"].pop(0))
    if csl["type"] == "report" and "N" in values:
        put(csl, "number", values["N"].pop(0))
    for tag, place in _TEXTS.items():
        if values.get(tag) and put(csl, place, values[tag][0]):
            values[tag].pop(0)
    if keywords := values.pop("K", []):
        csl["keyword"] = "; ".join(keywords)
    _when(csl, values)
    left |= {tag: kept for tag, kept in values.items() if kept}
    entry = Entry(record.line, csl, key, seen)
    return replace(entry, aside=put_aside(csl, "endnote", left))


def _numbers(csl: Csl, values: dict[str, list[str]]) -> None:
    """Take pages, DOI, PMID, PMCID, and ISSN or ISBN."""
    if pages := values.pop("P", []):
        put(csl, "page", full_ranges(re.sub(r"(?<!\s)\s*+[-–]+\s*", "-", pages[0]).strip("-")))
        if pages[1:]:
            values["P"] = pages[1:]
    if values.get("R") and (doi := identifiers.doi_in(values["R"][0])):
        values["R"].pop(0)
        put(csl, "DOI", doi)
    if values.get("M") and re.fullmatch(r"\d{5,8}", values["M"][0]):
        put(csl, "PMID", values["M"].pop(0))
    if values.get("2") and identifiers.pmcid_in(values["2"][0]) == values["2"][0]:
        put(csl, "PMCID", values["2"].pop(0))
    if numbers := values.pop("@", []):
        if csl["type"] in _BOOKS:
            put(csl, "ISBN", numbers[0])
        else:
            put(csl, "ISSN", identifiers.issns(" ".join(numbers)))


def _when(csl: Csl, values: dict[str, list[str]]) -> None:
    """Take %D, the year, with %8, the day, and the day of reading from %[."""
    year, day = values.pop("D", [""])[0], values.pop("8", [""])[0]
    issued = dates.parse(year)
    for words in (day, f"{year} {day}") if day else ():
        finer = dates.parse(words)
        if finer.get("date-parts", [[""]])[0][:1] == issued.get("date-parts", [[None]])[0][:1]:
            issued, day = finer, ""
            break
    if not issued and day:
        issued, day = dates.parse(day), ""
    if issued:
        csl["issued"] = issued
    if day:
        values["8"] = [day]
    if read_on := values.pop("[", []):
        csl["accessed"] = dates.parse(read_on[0])
