"""RIS (EndNote, Zotero, Mendeley, publishers' sites) as CSL-JSON.

Tags after the specification of Reference Manager (2001/2011) and what EndNote and Zotero write.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from articles.references import identifiers
from articles.references.formats import dates, names
from articles.references.formats.entry import Broken, Csl, Entry, put, put_aside
from articles.references.formats.tagged import Record
from articles.references.formats.tagged import read as read_tagged

_LINE = re.compile(r"\s{0,3}([A-Z][A-Z0-9]) {1,2}-(?: |$)(.*)$")

TYPES = {
    "JOUR": "article-journal", "EJOUR": "article-journal", "INPR": "article-journal",
    "ABST": "article-journal", "MGZN": "article-magazine", "NEWS": "article-newspaper",
    "BOOK": "book", "EBOOK": "book", "EDBOOK": "book", "CHAP": "chapter", "ECHAP": "chapter",
    "CONF": "paper-conference", "CPAPER": "paper-conference", "RPRT": "report",
    "GOVDOC": "report", "THES": "thesis", "ELEC": "webpage", "WEB": "webpage",
    "ICOMM": "webpage", "BLOG": "post-weblog", "PREPRINT": "article", "UNPB": "manuscript",
    "MANSCPT": "manuscript", "DATA": "dataset", "DBASE": "dataset", "AGGR": "dataset",
    "COMP": "software", "PAT": "patent", "STAND": "standard", "VIDEO": "motion_picture",
    "MPCT": "motion_picture", "ADVS": "motion_picture", "SLIDE": "speech",
    "ENCYC": "entry-encyclopedia", "DICT": "entry-dictionary", "STAT": "legislation",
    "CASE": "legal_case", "BILL": "bill", "HEAR": "hearing", "PAMP": "pamphlet",
    "PCOMM": "personal_communication", "SOUND": "song", "MUSIC": "musical_score", "MAP": "map",
    "ART": "graphic", "FIGURE": "figure", "SER": "periodical", "JFULL": "periodical",
    "GEN": "document",
}  # fmt: skip
_LISTS = frozenset({"AD", "KW", "L1", "UR"})  # EndNote writes the tag before the first only
_BOOKS = ("book", "chapter", "entry-encyclopedia", "entry-dictionary", "pamphlet")
_ARTICLES = ("article-journal", "article-magazine", "article-newspaper")
_PEOPLE = {
    "AU": "author", "A1": "author", "ED": "editor", "A2": "editor", "A3": "collection-editor",
    "A4": "translator",
}  # fmt: skip
# In the order in which they are asked: of two tags for one place the first is taken.
_TEXTS = (
    ("TI", "title"), ("T1", "title"), ("CT", "title"), ("ST", "title-short"),
    ("JF", "container-title"), ("T2", "container-title"), ("BT", "container-title"),
    ("JO", "container-title"), ("T3", "collection-title"), ("J2", "container-title-short"),
    ("JA", "container-title-short"), ("J1", "container-title-short"), ("VL", "volume"),
    ("VO", "volume"), ("IS", "issue"), ("C7", "number"), ("M1", "number"), ("ET", "edition"),
    ("PB", "publisher"), ("CY", "publisher-place"), ("PP", "publisher-place"),
    ("NV", "number-of-volumes"), ("SV", "collection-number"), ("SE", "section"), ("M3", "genre"),
    ("AB", "abstract"), ("N2", "abstract"), ("LA", "language"), ("DB", "source"),
    ("CN", "call-number"), ("OP", "original-title"),
)  # fmt: skip
_DATES = {"DA": "issued", "PY": "issued", "Y1": "issued", "Y2": "accessed"}


def read(text: str) -> Iterator[Entry | Broken]:
    """Every record of an RIS file."""
    for record in read_tagged(text, _LINE, "TY", "ER", _LISTS):
        if not record.first("TY"):
            yield Broken(record.line, "The record does not begin with TY, its type.")
        else:
            yield _entry(record)


def count(text: str) -> int:
    """How many records a text seems to hold, counted without reading them."""
    return len(re.findall(r"^\s{0,3}TY {1,2}-", text, re.MULTILINE))


def _entry(record: Record) -> Entry:
    label = record.first("TY").upper()
    csl: Csl = {"type": TYPES.get(label, "document")}
    left: dict[str, Any] = {} if label in TYPES else {"TY": [label]}
    values: dict[str, list[str]] = {}
    for tag, value in record.fields:
        values.setdefault(tag, []).append(value)
    seen = sum(1 for tag, value in record.fields if value)
    key = _take(values, "ID", "LB")
    values.pop("TY")
    _people(csl, values)
    _numbers(csl, values)
    if csl["type"] == "book":  # a book's T2 is its series
        put(csl, "title", _take(values, "TI", "T1", "CT", "BT"))
        put(csl, "collection-title", _take(values, "T2"))
    if csl["type"] == "paper-conference":
        put(csl, "event-place", _take(values, "C1") or _take(values, "CY"))
        put(csl, "event-title", _take(values, "C3"))
    if values.get("DP") == ["NLM"] and values.get("J2") and values.get("T2"):
        # What EndNote has from PubMed names the journal the other way round.
        values["T2"], values["J2"] = values["J2"], values["T2"]
    for tag, place in _TEXTS:
        if tag == "ET" and csl["type"] in _ARTICLES:  # EndNote's day of appearance online
            continue
        if tag in values:
            values[tag] = [value for value in values[tag] if value]
        if values.get(tag) and put(csl, place, _unwrapped(values[tag][0])):
            values[tag].pop(0)
    short = _take(values, "JO") if "container-title" in csl else ""
    if not put(csl, "container-title-short", short) and short:
        values.setdefault("JO", []).insert(0, short)
    _when(csl, values)
    for tag, place in (("KW", "keyword"), ("N1", "note"), ("RN", "note")):
        kept = [value for value in values.pop(tag, []) if value]
        if kept:
            csl[place] = "; ".join(filter(None, [csl.get(place, ""), *kept]))
    left.update({tag: kept for tag, many in values.items() if (kept := [v for v in many if v])})
    entry = Entry(record.line, csl, key, seen)
    return replace(entry, aside=put_aside(csl, "ris", left))


def _take(values: dict[str, list[str]], *tags: str) -> str:
    """Take the first value under the first of these tags that has one."""
    for tag in tags:
        while values.get(tag):
            if value := values[tag].pop(0):
                return value
    return ""


def _people(csl: Csl, values: dict[str, list[str]]) -> None:
    for tag, role in _PEOPLE.items():
        people = [name for value in values.pop(tag, []) if value for name in names.people(value)]
        if people:
            csl.setdefault(role, []).extend(people)


def _numbers(csl: Csl, values: dict[str, list[str]]) -> None:
    """Pages, DOI, PMID, PMCID, ISSN or ISBN, and the address."""
    first, last = _take(values, "SP"), _take(values, "EP")
    pages = first if last in ("", first) or first.endswith(f"-{last}") else f"{first}-{last}"
    put(csl, "page", re.sub(r"(?<!\s)\s*+[-–]+\s*", "-", pages).strip("-"))
    for tag in ("DO", "M3"):
        if values.get(tag) and (doi := identifiers.bare_doi(values[tag][0])):
            values[tag].pop(0)
            put(csl, "DOI", doi)
    doctors = " ".join(values.get("DB", []) + values.get("DP", [])).lower()
    for tag in ("PM", "AN"):
        value = values.get(tag, [""])[0] if values.get(tag) else ""
        known = tag == "PM" or any(name in doctors for name in ("pubmed", "medline", "nlm"))
        if known and re.fullmatch(r"[0-9]{1,8}", value):
            values[tag].pop(0)
            put(csl, "PMID", value)
    if values.get("C2") and re.fullmatch(r"PMC[0-9]+", values["C2"][0]):
        put(csl, "PMCID", values["C2"].pop(0))
    number = _take(values, "SN")
    if csl["type"] in _BOOKS:
        put(csl, "ISBN", number)
    else:
        put(csl, "ISSN", identifiers.issns(number))
    put(csl, "URL", _take(values, "UR"))


def _when(csl: Csl, values: dict[str, list[str]]) -> None:
    """The date of issue, as exactly as any tag says it, and the day of access."""
    years = (value for tag in ("PY", "Y1") for value in values.get(tag, []))
    year = next((value[:4] for value in years if re.match(r"\d{4}", value)), "")
    for tag, place in _DATES.items():
        kept = []
        for value in filter(None, values.get(tag, [])):
            date = dates.parse(value)
            if tag == "DA" and year and "literal" in date:  # EndNote: "Mar 29", and the year in PY
                date = dates.parse(f"{year} {value}")
                if "literal" in date:
                    kept.append(value)
                    continue
            ours = csl.get(place)
            if ours is None or _is_finer(date, ours):
                csl[place], date = date, ours or date
            if not _says(csl[place], date):
                kept.append(value)
        values[tag] = kept


def _is_finer(date: dict[str, Any], than: dict[str, Any]) -> bool:
    """The same date with more of it known."""
    ours, theirs = date.get("date-parts", [[]])[0], than.get("date-parts", [[]])[0]
    return len(ours) > len(theirs) and bool(theirs) and ours[: len(theirs)] == theirs


def _says(date: dict[str, Any], other: dict[str, Any]) -> bool:
    return date == other or _is_finer(date, other)


def _unwrapped(text: str) -> str:
    return " ".join(text.split())
