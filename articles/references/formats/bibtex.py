"""BibTeX and BibLaTeX as CSL-JSON.

Fields and types after the BibLaTeX manual (chapter 2).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from articles.references import identifiers
from articles.references.formats import blocks, dates, latex
from articles.references.formats.bibtex_names import put_people
from articles.references.formats.entry import Broken, Csl, Entry, put, put_aside

_TYPES = {
    "article": "article-journal", "periodical": "periodical", "suppperiodical": "article-journal",
    "book": "book", "mvbook": "book", "booklet": "pamphlet", "collection": "book",
    "mvcollection": "book", "proceedings": "book", "mvproceedings": "book", "reference": "book",
    "manual": "book", "inbook": "chapter", "bookinbook": "chapter", "suppbook": "chapter",
    "incollection": "chapter", "suppcollection": "chapter", "inreference": "entry-encyclopedia",
    "inproceedings": "paper-conference", "conference": "paper-conference",
    "report": "report", "techreport": "report", "thesis": "thesis", "phdthesis": "thesis",
    "mastersthesis": "thesis", "unpublished": "manuscript", "online": "webpage",
    "electronic": "webpage", "www": "webpage", "webpage": "webpage", "dataset": "dataset",
    "software": "software", "patent": "patent", "standard": "standard", "video": "motion_picture",
    "movie": "motion_picture", "audio": "song", "legislation": "legislation",
    "jurisdiction": "legal_case", "letter": "personal_communication", "image": "graphic",
    "preprint": "article", "misc": "document",
}  # fmt: skip
_GENRES = {
    "mastersthesis": "Master's thesis",
    "phdthesis": "PhD thesis",
    "mathesis": "Master's thesis",
}

_PEOPLE = {
    "author": "author", "editor": "editor", "translator": "translator",
    "bookauthor": "container-author", "editora": "compiler", "director": "director",
    "holder": "collection-editor",
}  # fmt: skip
# Text fields that mean one thing whatever the type. Of two for one place the first is taken.
_TEXTS = {
    "journaltitle": "container-title", "journal": "container-title",
    "shortjournal": "container-title-short", "shorttitle": "title-short",
    "series": "collection-title", "volume": "volume", "issue": "issue", "edition": "edition",
    "publisher": "publisher", "institution": "publisher", "school": "publisher",
    "organization": "publisher", "location": "publisher-place", "address": "publisher-place",
    "venue": "event-place", "eventtitle": "event-title", "pagetotal": "number-of-pages",
    "volumes": "number-of-volumes", "part": "part-number", "chapter": "chapter-number",
    "version": "version", "type": "genre", "pubstate": "status", "abstract": "abstract",
    "keywords": "keyword", "language": "language", "langid": "language", "note": "note",
    "addendum": "note", "annotation": "annote", "annote": "annote", "library": "source",
    "origtitle": "original-title", "origpublisher": "original-publisher",
    "origlocation": "original-publisher-place", "howpublished": "medium",
}  # fmt: skip
_ADDRESSES = {
    "doi": "DOI", "url": "URL", "isbn": "ISBN", "issn": "ISSN", "pmid": "PMID", "pmcid": "PMCID",
}  # fmt: skip
_DATES = {
    "date": "issued", "urldate": "accessed", "eventdate": "event-date",
    "origdate": "original-date",
}  # fmt: skip
_INHERITED_TITLE = {"chapter", "paper-conference", "entry-encyclopedia"}
_ARTICLES = ("article-journal", "article-magazine", "article-newspaper")
_ARCHIVES = {"pmid": "pubmed", "pmcid": "pmc"}  # as some exports of Zotero call them
_VERBATIM = {"file", "pdf"}  # paths, not LaTeX
_NOT_INHERITED = {"crossref", "xdata", "xref", "key", "ids", "label", "entryset", "shorttitle"}


def read(text: str) -> Iterator[Entry | Broken]:
    """Every entry of a BibTeX file, `crossref` and `xdata` followed."""
    parents: dict[str, blocks.Block] = {}
    if re.search(r"(?:crossref|xdata)\s*=", text, re.IGNORECASE):
        for block in blocks.read(text):
            if isinstance(block, blocks.Block):
                parents.setdefault(block.key.lower(), block)
    for block in blocks.read(text):
        if isinstance(block, Broken):
            yield block
        elif block.kind != "xdata":
            yield _entry(block, parents)


def count(text: str) -> int:
    """How many entries a text seems to hold, counted without reading them."""
    return blocks.count(text) - len(re.findall(r"^[ \t]*@[ \t]*xdata[ \t]*[{(]", text, re.I | re.M))


def _entry(block: blocks.Block, parents: dict[str, blocks.Block]) -> Entry:
    seen = len(block.fields) + len(block.again)
    kind = _TYPES.get(block.kind, "document")
    fields = {**block.fields, **_inherited(block, kind, parents)}
    csl: Csl = {"type": kind}
    left: dict[str, Any] = {}
    if block.kind not in _TYPES:
        left["entrytype"] = block.kind
    _fill(csl, fields, block.kind, left)
    for name, value in block.again:
        if latex.decode(value) != latex.decode(block.fields[name]):
            left.setdefault(f"{name} again", []).append(latex.decode(value))
    entry = Entry(block.line, csl, block.key, seen)
    return replace(entry, aside=put_aside(csl, "bibtex", left))


def _inherited(block: blocks.Block, kind: str, parents: dict[str, blocks.Block]) -> dict[str, str]:
    """What an entry takes from its parents: the fields it has not, a book's title as booktitle."""
    found: dict[str, str] = {}
    keys = [block.fields.get("crossref", ""), *block.fields.get("xdata", "").split(",")]
    for key in filter(None, (key.strip().lower() for key in keys)):
        parent = parents.get(key)
        if parent is None or parent is block:
            continue
        for name, value in parent.fields.items():
            if name in ("title", "subtitle", "titleaddon") and parent.kind != "xdata":
                name = f"book{name}" if kind in _INHERITED_TITLE else f"journal{name}"
            if name not in _NOT_INHERITED and name not in block.fields:
                found.setdefault(name, value)
    return found


def _fill(csl: Csl, fields: dict[str, str], kind: str, left: dict[str, Any]) -> None:
    """Move every field to its place in `csl`; what has none, or finds it taken, to `left`."""
    fields = {name: value for name, value in fields.items() if value.strip()}
    eprint = fields.get("eprinttype", fields.get("archiveprefix", "")).lower()
    eprint = _ARCHIVES.get(eprint, eprint)
    _titles(csl, fields)
    for name in list(fields):
        raw = fields[name]
        if name in _PEOPLE:
            put_people(csl, _PEOPLE[name], raw)
        elif name in _DATES:
            csl.setdefault(_DATES[name], dates.parse(latex.decode(raw)))
        elif name in ("year", "month", "day"):
            continue
        elif name == "pages":
            put(csl, "page", re.sub(r"(?<!\s)\s*+(?:-+|–)\s*", "-", latex.decode(raw)))
        elif name == "eid":
            put(csl, "number" if "pages" in fields else "page", latex.decode(raw))
        elif name == "number":
            if not put(csl, _place_of_number(csl, fields), latex.decode(raw)):
                left[name] = latex.decode(raw)
        elif name == "eprint" and eprint in ("pubmed", "arxiv", "pmc"):
            _eprint(csl, eprint, latex.decode_address(raw))
        elif name in ("eprinttype", "archiveprefix") and eprint in ("pubmed", "arxiv", "pmc"):
            continue
        elif name == "howpublished" and re.search(r"\\url|https?://", raw):
            if rest := _put_address(csl, "url", latex.decode_address(raw)):
                left[name] = rest
        elif name in _ADDRESSES:
            if rest := _put_address(csl, name, latex.decode_address(raw)):
                left[name] = rest
        elif name in _TEXTS:
            if not put(csl, _TEXTS[name], latex.decode(raw)):
                left[name] = latex.decode(raw)
        elif name in _VERBATIM:
            left[name] = raw
        elif name not in ("crossref", "xdata"):
            left[name] = latex.decode(raw)
    _year(csl, fields, left)
    if kind in _GENRES:
        put(csl, "genre", _GENRES[kind])
    if str(csl.get("genre", "")).lower() in _GENRES:
        csl["genre"] = _GENRES[csl["genre"].lower()]


def _put_address(csl: Csl, name: str, value: str) -> str:
    """Put an identifier or address in its place; returns what found none."""
    if name == "url":  # Mendeley writes several, with blanks between, Zotero with commas
        addresses = re.split(r",?\s+", value.strip())
        url = next((one for one in addresses if "://" in one), addresses[0])
        rest = " ".join(one for one in addresses if one != url)
        return rest if put(csl, "URL", url) else value
    if name in ("isbn", "issn"):
        serial = identifiers.issns(value)
        if name == "issn" or (csl["type"] in _ARTICLES and len(serial) == len(value) == 9):
            return "" if put(csl, "ISSN", serial) else value
    return "" if put(csl, _ADDRESSES[name], value) else value


def _titles(csl: Csl, fields: dict[str, str]) -> None:
    """Title and subtitle make one title, as CSL-JSON has it."""
    for start, place in (
        ("", "title"),
        ("book", "container-title"),
        ("journal", "container-title"),
    ):
        names_of = [f"{start}title", f"{start}subtitle", f"{start}titleaddon"]
        if start == "journal" and "journaltitle" not in fields:
            names_of[0] = "journal"
        parts = [latex.decode(fields.pop(name)) for name in names_of[1:] if name in fields]
        if names_of[0] in fields:
            parts.insert(0, latex.decode(fields.pop(names_of[0])))
        if parts and not put(csl, place, _joined_title(parts)):
            fields[names_of[0]] = ": ".join(parts)


def _joined_title(parts: list[str]) -> str:
    title = parts[0]
    for part in parts[1:]:
        title += (" " if title.endswith((":", "?", "!", ".")) else ": ") + part
    return title


def _place_of_number(csl: Csl, fields: dict[str, str]) -> str:
    if csl["type"] in ("article-journal", "periodical"):
        return "issue"
    return "collection-number" if "series" in fields else "number"


def _eprint(csl: Csl, archive: str, number: str) -> None:
    if archive == "pubmed":
        put(csl, "PMID", number)
    elif archive == "pmc":
        put(csl, "PMCID", number)
    else:
        if csl["type"] in ("document", "manuscript"):
            csl["type"] = "article"
        put(csl, "number", f"arXiv:{number.removeprefix('arXiv:')}")
        put(csl, "container-title", "arXiv")


def _year(csl: Csl, fields: dict[str, str], left: dict[str, Any]) -> None:
    """The three fields of BibTeX as one date."""
    year, month, day = (latex.decode(fields.get(name, "")) for name in ("year", "month", "day"))
    if "issued" in csl:
        left.update(
            {
                name: value
                for name, value in (("year", year), ("month", month), ("day", day))
                if value and value not in str(csl["issued"])
            }
        )
        return
    found = dates.parse(year)
    parts = found.get("date-parts", [[]])[0]
    # "5 feb" and "feb 5" say the day too.
    words = month.replace("~", " ").split()
    number = next((n for word in words if (n := dates.month(word)) and word.isalpha()), 0)
    number = number or dates.month(month)
    days = [word for word in [*words, day] if word.strip(".,").isdigit()] if words else []
    if len(parts) == 1 and number:
        parts.append(number)
        if days and days != words and 1 <= int(days[-1].strip(".,")) <= 31:
            parts.append(int(days[-1].strip(".,")))
    elif month:
        left["month"] = month
    if found:
        csl["issued"] = found
