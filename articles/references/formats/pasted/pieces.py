"""Parts of a reference that have a form of their own: numbers, addresses, days, marks."""

import re
from dataclasses import dataclass, field
from typing import Any

from articles.references import identifiers
from articles.references.formats import dates
from articles.references.formats.entry import Csl

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
DAY = (
    rf"(?:{_MONTH}\s+\d{{1,2}},?\s+\d{{4}}|\d{{1,2}}\s+{_MONTH}\s+\d{{4}}|"
    rf"\d{{4}}\s+{_MONTH}(?:\s+\d{{1,2}})?|\d{{4}}-\d\d-\d\d|{_MONTH}\s+\d{{4}})"
)
PAGE = (
    r"(?:[A-Za-z]{0,3}\d[\w.]*(?:\se\d+)?(?:\s?[-–]\s?[A-Za-z]{0,3}\d[\w.]*(?:\se\d+)?)?"
    r"(?:(?:,\s?|; discussion\s)[A-Za-z]?\d[\w.]*(?:[-–]\w+)?){0,3}|[ivxlc]+[-–][ivxlc]+)"
)
MONTHS = (
    r"(?:\s+[A-Z][a-z]{2,8}\.?(?:\s?[-–/]\s?[A-Z][a-z]{2,8}\.?)?(?:\s+\d{1,2}(?:[-–]\d{1,2})?)?)?"
)
_NUMBER_OF_LIST = re.compile(
    r"^\s*(?:\[\d{1,3}\]\s*|\(\d{1,3}\)\s+|\d{1,3}[.)]\s+)(?=\D)|^\s*[•*–-]\s+"
)
_DOI = re.compile(
    r"(?:\bAvailable (?:from|at):?\s*)?(?:(?:\bdoi\s*:?\s*)?(?:https?://)?(?:dx\.)?doi\.org/|\bdoi\s*:?\s*)?"
    r"(10\.\d{4,9}/\S+)",
    re.IGNORECASE,
)
_BROKEN_DOI = re.compile(r"(10\.\d{4,9}/\S{1,200}?)\s?(\(\s?\d\d\))(?=\S)")
# White space is tried from its start alone: from each of its places, a long run takes for ever.
_BEFORE = r"(?:(?<!\s)|(?=[;,.]))[;,.]?\s*+"
_PMID = re.compile(rf"{_BEFORE}\bPMID:?\s*(\d{{1,8}})\b\.?", re.IGNORECASE)
_PMCID = re.compile(rf"{_BEFORE}\b(?:PMCID:?\s*)?(PMC\d{{3,9}})\b\.?", re.IGNORECASE)
_URL = re.compile(
    r"(?:\b(?:Available|Retrieved) (?:from|at):?\s*|\bURL:?\s*)?(https?://[^\s<>\"]+)",
    re.IGNORECASE,
)
_ACCESSED = re.compile(
    rf"[\[(]?\b(?:Accessed|cited|Retrieved|Viewed)(?: on)?:?\s+({DAY})(?:,?\s+from)?[\])]?[.;,]?",
    re.IGNORECASE,
)
_ONLINE_FIRST = re.compile(
    rf"\bEpub(?: ahead of print)?:?\s+(?:{DAY})\.?|\bOnline ahead of print\.?", re.IGNORECASE
)
_PUBLISHED_ONLINE = re.compile(rf"\bPublished online:?\s+({DAY})\.?", re.IGNORECASE)
_MARKS = re.compile(
    r"(?<!\s)\s*+\[(?:Internet|Electronic|Online|Print|Preprint|"
    r"published (?:online|correction)[^\[\]]*|database on the Internet|Article in [A-Z][a-z]+)\]",
    re.IGNORECASE,
)


@dataclass
class Pieces:
    """What was found, and the text without it. `marks`: words in brackets, such as "preprint";
    `doubts`: fields that were not written cleanly."""

    text: str
    csl: Csl = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    doubts: set[str] = field(default_factory=set)


def take(text: str) -> Pieces:
    """Take everything out of a reference that can be told without its style."""
    text = re.sub(r"(?<=\w)-\s*\n\s*(?=[a-z])", "-", text)
    text = " ".join(_NUMBER_OF_LIST.sub("", text).split())
    found = Pieces(text.replace("\N{NO-BREAK SPACE}", " "))
    broken = _BROKEN_DOI.sub(lambda m: m[1] + m[2].replace(" ", ""), found.text)
    if broken != found.text:
        found.text = broken
        found.doubts.add("DOI")
    _take_one(found, _DOI, "DOI", _doi)
    if (day := _ACCESSED.search(found.text)) and (date := day_of(day[1])):
        found.csl["accessed"] = date
        found.text = _without(found.text, day)
    _take_one(found, _URL, "URL", lambda url: url.rstrip(".,;)"))
    _take_one(found, _PMID, "PMID", None)
    _take_one(found, _PMCID, "PMCID", None)
    if (day := _PUBLISHED_ONLINE.search(found.text)) and (date := day_of(day[1])):
        found.csl["issued"] = date
        found.marks.add("online")
        found.text = _without(found.text, day)
    found.text = _ONLINE_FIRST.sub("", found.text)
    for mark in _MARKS.findall(found.text):
        found.marks.add(mark.strip(" []").lower())
    found.text = _MARKS.sub("", found.text)
    found.text = re.sub(
        r"\b(?:doi|PMID|Available from|Available at)\s*:?\s*\.?\s*$", "", found.text
    )
    found.text = re.sub(r" ([.,;:])", r"\1", " ".join(found.text.split())).strip(" ;,")
    return found


def day_of(text: str) -> dict[str, Any]:
    """Return the CSL date of a day, a month or a year; empty if it is none."""
    date = dates.parse(text.replace(".", ""))
    return date if "date-parts" in date else {}


def _take_one(found: Pieces, form: re.Pattern[str], name: str, clean: Any) -> None:
    if seen := form.search(found.text):
        value = clean(seen[1]) if clean else seen[1]
        if value:
            found.csl[name] = value
            found.text = _without(found.text, seen)


def _doi(text: str) -> str:
    return identifiers.doi_of_address(re.sub("[‐‑–]", "-", text))  # no DOI has a dash


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
