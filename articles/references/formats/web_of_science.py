"""Web of Science's tagged format (.ciw, .isi, "plain text"), as CSL-JSON.

Tags after Clarivate's list of field tags. A line without a tag goes on with the field before it,
or is the next of a list.
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

_LINE = re.compile(r"([A-Z][A-Z0-9])(?= |$) ?(.*)$")
_LISTS = frozenset({"AU", "AF", "BA", "BE", "BF", "CA", "ED", "GP", "C1", "CR"})
_FILE = ("FN", "VR", "EF")  # of the file, not of a record
_TYPES = {"J": "article-journal", "B": "book", "S": "book", "P": "patent", "C": "paper-conference"}
_TEXTS = {
    "TI": "title", "SO": "container-title", "J9": "container-title-short", "SE": "collection-title",
    "VL": "volume", "IS": "issue", "PU": "publisher", "PI": "publisher-place", "AB": "abstract",
    "DI": "DOI", "PM": "PMID", "CT": "event-title", "CL": "event-place", "PN": "part-number",
    "PG": "number-of-pages", "BN": "ISBN",
}  # fmt: skip
_SMALL = {"and", "of", "the", "in", "for", "on", "a", "an", "und", "de", "et", "der", "la", "y"}


def read(text: str) -> Iterator[Entry | Broken]:
    """Read every record of a Web of Science file."""
    for record in read_tagged(text, _LINE, "PT", "ER", _LISTS):
        if not record.first("PT"):
            tags = {tag for tag, value in record.fields}
            if not tags <= {*_FILE}:
                yield Broken(record.line, "The record does not begin with PT, its type.")
        else:
            yield _entry(record)


def count(text: str) -> int:
    """Count the records that a text seems to hold, without reading them."""
    return len(re.findall(r"^PT [A-Z]", text, re.MULTILINE))


def _entry(record: Record) -> Entry:
    values: dict[str, list[str]] = {}
    for tag, value in record.fields:
        if value and tag not in _FILE:
            values.setdefault(tag, []).append(value)
    seen = sum(map(len, values.values()))
    kinds = values.get("DT", [])
    label = values.pop("PT")[0]
    csl: Csl = {"type": _TYPES.get(label, "document")}
    if label in "BS" and values.get("SO"):
        csl["type"] = "chapter"
    if any("Proceedings" in kind for kind in kinds) and label in "CS":
        csl["type"] = "paper-conference"
    for tags, role in ((("AF", "AU"), "author"), (("BE", "ED"), "editor")):
        lists = [values.pop(tag, []) for tag in tags]
        chosen = next(filter(None, lists), [])
        if found := [name for value in chosen for name in names.people(value)]:
            csl[role] = found
    for value in values.pop("CA", []):
        csl.setdefault("author", []).append(names.body(value))
    for tag in ("SO", "SE", "J9", "PU", "PI"):
        if tag in values:
            values[tag][0] = _in_small_letters(values[tag][0])
    for tag, place in _TEXTS.items():
        if values.get(tag) and put(csl, place, values[tag][0]):
            values[tag].pop(0)
    _numbers(csl, values)
    if "LA" in values:
        put(csl, "language", pubmed.language(values.pop("LA")[0].lower()))
    keywords = [word for tag in ("DE", "ID") for word in values.pop(tag, [])]
    if keywords:
        csl["keyword"] = "; ".join(keywords)
    if kind := pubmed.kind_of(part.strip() for value in kinds for part in value.split(";")):
        csl["custom"] = {"kind": kind}
    key = values.pop("UT", [""])[0]
    left: dict[str, Any] = {tag: kept for tag, kept in values.items() if kept}
    if key:
        left["UT"] = [key]
    entry = Entry(record.line, csl, "", seen)
    return replace(entry, aside=put_aside(csl, "wos", left))


def _numbers(csl: Csl, values: dict[str, list[str]]) -> None:
    """Take pages or the number of the article, supplement, ISSN and the day of issue."""
    first, last = values.pop("BP", [""])[0], values.pop("EP", [""])[0]
    if first or last:
        pages = f"{first}-{last}" if first and last and first != last else first or last
        put(csl, "page", full_ranges(pages))
    if "AR" in values and put(csl, "number" if "page" in csl else "page", values["AR"][0]):
        values.pop("AR")
    if "SU" in values:
        csl["issue"] = f"{csl.get('issue', '')} Suppl {values.pop('SU')[0]}".strip()
    serials = " ".join([*values.pop("SN", []), *values.pop("EI", [])])
    if serials:
        put(csl, "ISSN", identifiers.issns(serials))
    year, day = values.pop("PY", [""])[0], values.pop("PD", [""])[0]
    issued = dates.parse(year)
    finer = dates.parse(f"{year} {day.title()}") if day else {}
    if finer.get("date-parts"):
        issued = finer
    elif day:
        values["PD"] = [day]
    if issued:
        csl["issued"] = issued


def _in_small_letters(name: str) -> str:
    """Journals come in capitals: "JOURNAL OF PAIN" as "Journal of Pain"; "BMJ" stays."""
    words = name.split()
    if not name.isupper() or (len(words) == 1 and len(name) <= 5):
        return name
    return " ".join(
        word.lower() if n and word.lower() in _SMALL else word.title()
        for n, word in enumerate(words)
    )
