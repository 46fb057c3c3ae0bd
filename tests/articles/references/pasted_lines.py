"""References as people paste them: real sources, printed in five styles, then damaged.

The sources are those of the corpora and of the exports in `bibliographies`. APA and Vancouver are
printed by citeproc-py; AMA, NLM and the line of PubMed by us.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from articles.references.csl import full_ranges, hyphens, is_rest, names_of, surname, text_of
from articles.references.formats.entry import Entry
from articles.references.formats.reading import open_bibliography
from articles.references.styles import ama, nlm

HERE = Path(__file__).parent
EXPORTS = (
    "pubmed_2012.nbib", "pubmed_2025.nbib", "pubmed_2019.xml", "zotero.ris", "zotero.bib",
    "zotero_better.bib", "zotero.json", "endnote_pubmed.ris", "mendeley.bib", "jabref.bib",
)  # fmt: skip
Csl = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A pasted reference and what stands in it, by CSL field, as `folded` compares it."""

    style: str
    text: str
    fields: dict[str, Any]


@cache
def sources() -> list[Csl]:
    """Return the journal articles whose main fields are known, each once."""
    found: dict[str, Csl] = {}
    for name in ("references_ama.json", "references_nlm.json"):
        for entry in json.loads((HERE / name).read_text("utf-8")):
            found.setdefault(ama.plain_title(entry["csl"]), entry["csl"])
    for name in EXPORTS:
        for entry in open_bibliography((HERE / "bibliographies" / name).read_bytes(), name):
            if isinstance(entry, Entry):
                found.setdefault(ama.plain_title(entry.csl), entry.csl)
    return [csl for csl in found.values() if _is_whole(csl)]


def _is_whole(csl: Csl) -> bool:
    names = names_of(csl, "author")
    return (
        csl["type"] == "article-journal"
        and bool(names and ama.year(csl) and text_of(csl, "volume") and ama.pages_of(csl))
        and bool(text_of(csl, "container-title", "container-title-short"))
        and all(text_of(name, "given") or text_of(name, "literal") for name in names)
    )


def clean_lines() -> list[Line]:
    """Return every source in every style."""
    return [line for csl in sources() for line in _printed(csl)]


def damaged_lines(seed: int = 1) -> list[Line]:
    """Return each line once more, with a part missing, other signs or broken into lines."""
    chance = random.Random(seed)
    return [_damaged(line, chance) for line in clean_lines()]


def _printed(csl: Csl) -> Iterator[Line]:
    fields = _fields(csl)
    short = folded(text_of(csl, "container-title-short", "container-title"))
    persons = sum(not text_of(name, "literal") for name in names_of(csl, "author"))
    bodies = fields["author"][persons:]
    first_three = fields["author"] if persons <= 6 else [*fields["author"][:3], *bodies]
    first_six = fields["author"] if persons <= 6 else [*fields["author"][:6], *bodies]
    pubmed = re.sub(
        r" doi: (\S+)\.$", r" doi: \1. PMID: 12345678; PMCID: PMC1234567.", nlm.full_entry(csl)
    )
    yield Line(
        "ama", ama.full_entry(csl), {**fields, "author": first_three, "container-title": short}
    )
    yield Line(
        "nlm", nlm.full_entry(csl), {**fields, "author": first_six, "container-title": short}
    )
    yield Line("pubmed", pubmed, {**fields, "author": first_six, "container-title": short})
    for style in ("apa", "vancouver"):
        text = others()[ama.plain_title(csl)][style]
        if fields["issued"] in text and not names_of(csl, "author")[0].get("literal"):
            yield Line(style, text, {**fields, **_as_printed(style, text, csl, fields)})


def _as_printed(style: str, text: str, csl: Csl, fields: dict[str, Any]) -> dict[str, Any]:
    """What this style leaves out or shortens."""
    long = folded(text_of(csl, "container-title", "container-title-short"))
    short = folded(text_of(csl, "container-title-short", "container-title"))
    journal = long if long and long in folded(text) else short
    printed: dict[str, Any] = {"container-title": journal}
    if style == "vancouver":
        printed["issue"] = ""
        printed["author"] = fields["author"][:6]
        pages = re.search(r"\d{4};[^:]{0,20}:(.+?)\.(?:\s|$)", text)
        printed["page"] = folded(full_ranges(hyphens(pages[1]))) if pages else ""
        if "doi" not in text.lower():
            printed["DOI"] = ""
    return printed


def _fields(csl: Csl) -> dict[str, Any]:
    names = [name for name in names_of(csl, "author") if not is_rest(name)]
    people = [name for name in names if not text_of(name, "literal")]
    bodies = [name for name in names if text_of(name, "literal")]
    return {
        "author": [folded(surname(name)) for name in [*people, *bodies]],
        "title": folded(ama.plain_title(csl)),
        "issued": ama.year(csl),
        "volume": folded(text_of(csl, "volume")),
        "issue": folded(hyphens(text_of(csl, "issue"))),
        "page": folded(ama.pages_of(csl, "number")),
        "DOI": ama.doi_url(csl).removeprefix("https://doi.org/").lower(),
    }


def folded(text: str) -> str:
    """Return the letters and digits of a text, small."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def found_in(csl: Csl) -> dict[str, Any]:
    """Return what a parsed reference says, as a line's `fields` do."""
    return {**_fields(csl), "container-title": folded(text_of(csl, "container-title"))}


@cache
def others() -> dict[str, dict[str, str]]:
    """Return by title what citeproc-py prints, as print_lines wrote it."""
    return json.loads((HERE / "references_printed.json").read_text("utf-8"))


def _damaged(line: Line, chance: random.Random) -> Line:
    """A line after one or two accidents, and what of it is left."""
    text, fields = line.text, dict(line.fields)
    for accident in chance.sample(ACCIDENTS, chance.choice((1, 1, 2))):
        text = accident(text, fields, chance)
    return Line(line.style, text, fields)


def _break_lines(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    words = text.split(" ")
    for _break in range(3):
        words[chance.randrange(len(words))] += "\n  "
    return " ".join(words)


def _number(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    return chance.choice(("12. ", "[3] ", "4) ")) + re.sub(r"^\d+\. ?|^\[\d+\]\s*", "", text)


def _long_dashes(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    return re.sub(r"(?<=\d)-(?=\d+\.?(\s|$))", "–", text)


def _no_doi(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    fields["DOI"] = ""
    return re.sub(r"\s*(?:doi:\s*|DOI |https?://(?:dx\.)?doi\.org/)?10\.\d{4}\S+", "", text)


def _no_issue(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    new = re.sub(r"(?<=\d)\([^()]{1,12}\)(?=[:,])", "", text, count=1)
    if new != text:
        fields["issue"] = ""
    return new


def _no_pages(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    new = re.sub(r"(?<=[\d)]):[^\s.;]+(?=\.)", "", text, count=1)
    if new != text:
        fields["page"] = ""
    return new


def _no_people(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    new = re.sub(r"^(?:[^.(]|\.(?!\s))*\.\s+(?=[A-Z])", "", text, count=1)
    if new != text and "(" + fields["issued"] not in text:
        fields["author"] = []
        return new
    return text


def _no_dot_before_year(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    return re.sub(r"\. (?=\d{4}[ ;])", chance.choice((" ", ", ")), text, count=1)


def _spaces(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    return re.sub(r"(?<=\d)([;:(])(?=[\dA-Za-z])", chance.choice((r"\1 ", r" \1")), text)


def _commas(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    return re.sub(r"(?<=\d{4});\s?(?=\d)", ", ", text, count=1)


def _no_final_dot(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    return text.rstrip(".")


def _bare_doi(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    return re.sub(
        r"(?:doi:\s*|https://doi\.org/)(?=10\.)",
        chance.choice(("", "DOI ", "http://dx.doi.org/")),
        text,
    )


def _dots_in_names(text: str, fields: dict[str, Any], chance: random.Random) -> str:
    return re.sub(r"\b([A-Z]{1,3})(?=,)", r"\1.", text, count=3)


ACCIDENTS = (
    _break_lines, _number, _long_dashes, _no_doi, _no_issue, _no_pages, _no_people,
    _no_dot_before_year, _spaces, _commas, _no_final_dot, _bare_doi, _dots_in_names,
)  # fmt: skip
