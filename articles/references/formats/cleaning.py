"""What every entry passes on its way in, whatever its format.

Entities and tags of other programs are undone; identifiers, the day of reading and supplements
move from where programs put them to their own fields; what is doubtful is noted for the report.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from articles.references import identifiers
from articles.references.formats import dates, markup, names
from articles.references.formats.entry import Broken, Csl, Entry, put
from articles.references.styles import ama

STUB = "pasted"  # under `custom`: the words that stand for a source nobody has looked up yet
_RICH = (
    "title", "title-short", "original-title", "container-title", "container-title-short",
    "collection-title", "event-title", "abstract", "note", "annote",
)  # fmt: skip
_ADDRESSES = ("DOI", "PMID", "PMCID", "URL", "ISBN", "ISSN")
_ROLES = (
    "author", "editor", "translator", "container-author", "collection-editor", "compiler",
    "director", "editorial-director", "interviewer", "recipient", "reviewed-author",
)  # fmt: skip
# Fields of other formats, kept under `custom`, in which programs put addresses and numbers.
_ADDRESSES_ASIDE = {
    "ris": ("UR", "L1", "L2", "L3", "L4", "LK", "DO", "N1", "M1", "M2", "M3", "C1", "C6", "AN"),
    "bibtex": (
        "url", "note", "annote", "eprint", "howpublished", "bdsk-url-1", "bdsk-url-2", "link",
        "pubmedid", "pubmed-id", "medline",
    ),
    "endnote": ("U", "Z", "M", "L", "F", "1", "2"),
}  # fmt: skip
LONGEST_ISSUE = 200  # characters of a volume or issue that may name a supplement
_SUPPLEMENT = re.compile(
    r"(?P<before>.*?)(?<![A-Za-z])(?:suppl?(?:ement)?s?)(?![a-z])[.\s_]*+(?P<number>[A-Za-z]?\d*)"
    r"[\s)]*+(?:pt\.?\s*+(?P<part>\d+)[\s)]*+)?",
    re.IGNORECASE,
)
_READ_ON = re.compile(
    r"\[?\b(?:last |date )?(?:accessed|retrieved|visited|cited|viewed)(?: on| at)?:?\s*"
    r"((?:\d{1,2}\s+)?[A-Za-z]{3,9}\.?\s+(?:\d{1,2},?\s+)?\d{4}|\d{4}[-/]\d{1,2}[-/]\d{1,2}"
    r"|\d{4} [A-Za-z]{3} \d{1,2})\]?\.?",
    re.IGNORECASE,
)
_READ_ON_NAMES = ("lastchecked", "urlaccessdate", "lastaccessed", "accessdate", "accessed")


def clean(entry: Entry) -> Entry | Broken:
    """Return the entry as the library wants it, with notes of what to check.

    Broken where nothing says what the source is. An entry that is clean stays as it is.
    """
    csl = cleaned(entry.csl)
    notes = [entry.note] if entry.note else []
    notes += _doubts_about_people(csl)
    if not _has_title(csl) and not _give_title(csl, notes):
        return Broken(entry.line, _("The entry has no title, DOI or PMID."))
    return replace(entry, csl=csl, note=" ".join(notes))


def cleaned(csl: Mapping[str, Any]) -> Csl:
    """Return an entry with its text clean and its parts in their own fields."""
    result = _without_markup(csl)
    _find_identifiers(result)
    _find_day_of_reading(result)
    _move_supplement(result)
    _guess_type(result)
    return result


def _without_markup(csl: Mapping[str, Any]) -> Csl:
    cleaned: Csl = {}
    for name, value in csl.items():
        if name in ("custom", "id"):
            cleaned[name] = value
        elif name in _ROLES and isinstance(value, list):
            cleaned[name] = [_clean_name(person) for person in value]
        elif not isinstance(value, str):
            cleaned[name] = value
        elif name in _ADDRESSES:
            cleaned[name] = value.replace("&amp;", "&")
        elif name in _RICH:
            cleaned[name] = markup.tidy(value)
        else:
            cleaned[name] = markup.without_tags(value)
    return cleaned


def _clean_name(person: Any) -> Any:
    if not isinstance(person, dict):
        return person
    return {
        part: markup.without_tags(value) if isinstance(value, str) else value
        for part, value in person.items()
    }


def _find_identifiers(csl: Csl) -> None:
    """Give DOI, PMID and PMCID their fields, wherever the entry has them."""
    doi = csl.get("DOI")
    if isinstance(doi, str) and (not ama.doi_url(csl) or doi.endswith((".", ",", ";"))):
        csl["DOI"] = identifiers.bare_doi(doi) or identifiers.doi_of_address(doi) or doi
    pmid = csl.get("PMID")
    if isinstance(pmid, str) and not pmid.isdigit():
        csl["PMID"] = identifiers.bare_pmid(pmid) or identifiers.pmid_in(pmid) or pmid
    for text, is_address in _where_identifiers_are(csl):
        for name, value in identifiers.identifiers_in(text, is_address=is_address).items():
            put(csl, name, value)


def _where_identifiers_are(csl: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Texts that may name the source by number, the surest first; whether each is an address."""
    for name in ("URL", "note", "annote", "medium"):
        if isinstance(csl.get(name), str):
            yield csl[name], name == "URL"
    for kind, tags in _ADDRESSES_ASIDE.items():
        aside = _aside(csl, kind)
        for tag in tags:
            value = aside.get(tag, "")
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str):
                    yield text, "://" in text


def _find_day_of_reading(csl: Csl) -> None:
    """Move "Accessed 5 May 2020" out of notes."""
    for name in ("note", "medium"):
        text = csl.get(name)
        if "accessed" in csl or not isinstance(text, str):
            continue
        if (found := _READ_ON.search(text)) and (date := dates.parse(found[1])).get("date-parts"):
            csl["accessed"] = date
            if rest := f"{text[: found.start()]}{text[found.end() :]}".strip(" .;,[]()"):
                csl[name] = rest
            else:
                del csl[name]
    aside = _aside(csl, "bibtex")
    for name in _READ_ON_NAMES:
        date = dates.parse(str(aside.get(name) or ""))
        if "accessed" not in csl and "date-parts" in date:
            csl["accessed"] = date


def _move_supplement(csl: Csl) -> None:
    """ "35 Suppl 2" as volume 35 and issue "Suppl 2", as CSL-JSON and both styles have it."""
    for name in ("volume", "issue"):
        text = csl.get(name)
        if not isinstance(text, str) or len(text) > LONGEST_ISSUE:
            continue
        found = _SUPPLEMENT.fullmatch(text)
        if not found:
            continue
        before, number = found["before"].rstrip(" \t,.;(_").lstrip(" ,(_"), found["number"]
        suppl = " ".join(filter(None, ["Suppl", number, found["part"] and f"Pt {found['part']}"]))
        if name == "volume":
            if before:
                csl["volume"] = before
            else:
                del csl["volume"]
            issue = str(csl.get("issue") or "")
            if not re.search("suppl", issue, re.IGNORECASE):
                csl["issue"] = f"{issue} {suppl}".strip()
        else:
            csl["issue"] = f"{before} {suppl}".strip()


def _guess_type(csl: Csl) -> None:
    """A document that is only an address is a web page."""
    is_plain = csl.get("type") == "document" and STUB not in _custom(csl)
    more = any(csl.get(name) for name in ("container-title", "DOI", "PMID", "number"))
    if is_plain and csl.get("URL") and not more:
        csl["type"] = "webpage"


def _doubts_about_people(csl: Mapping[str, Any]) -> list[str]:
    from_pubmed = bool({"nbib", "pubmed"} & _custom(csl).keys())
    doubts = []
    for role in _ROLES:
        people = csl.get(role)
        for person in people if isinstance(people, list) and not from_pubmed else ():
            if isinstance(person, dict) and names.looks_like_several(person):
                words = " ".join(str(part) for part in person.values() if isinstance(part, str))
                doubts.append(_("“%(name)s” looks like several people.") % {"name": words[:200]})
    return doubts


def _has_title(csl: Mapping[str, Any]) -> bool:
    title = csl.get("title")
    if isinstance(title, list):
        title = title[0] if title else ""
    return bool(str(title or "").strip())


def _give_title(csl: Csl, notes: list[str]) -> bool:
    """Give an entry without title the best that it has; False if it has nothing."""
    host = csl.get("container-title")
    if isinstance(host, str) and host and not (csl.get("DOI") or csl.get("PMID")):
        csl["title"] = csl.pop("container-title")
        notes.append(_("There was no title; the title of the book or journal was used."))
        if csl.get("type") in ("chapter", "paper-conference", "entry-encyclopedia"):
            csl["type"] = "book"
        return True
    doi, pmid = (str(csl.get(name) or "").strip() for name in ("DOI", "PMID"))
    if not (doi or pmid):
        return False
    words = f"doi:{doi}" if doi else f"PMID {pmid}"
    csl["title"] = words
    custom = {**_custom(csl), STUB: words, "type": csl.get("type", "document")}
    if csl.get("author"):
        custom["author"] = csl.pop("author")
    csl |= {"type": "document", "custom": custom}
    notes.append(_("There was no title; the details will be looked up by the DOI or PMID."))
    return True


def _custom(csl: Mapping[str, Any]) -> Mapping[str, Any]:
    custom = csl.get("custom")
    return custom if isinstance(custom, dict) else {}


def _aside(csl: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    aside = _custom(csl).get(kind)
    return aside if isinstance(aside, dict) else {}
