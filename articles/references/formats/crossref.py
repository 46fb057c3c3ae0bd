"""Crossref's JSON (its REST API, or one work of it) as CSL-JSON."""

from collections.abc import Mapping
from typing import Any

from articles.references.formats.entry import Csl

# What of a work is CSL-JSON; the rest is about Crossref's own index.
_FIELDS = (
    "type", "title", "author", "editor", "translator", "container-title", "container-title-short",
    "collection-title", "publisher", "publisher-place", "issued", "volume", "issue", "page",
    "article-number", "edition", "DOI", "ISBN", "ISSN", "URL", "language", "abstract", "event",
    "number", "genre", "original-title", "PMID",
)  # fmt: skip
_TYPES = {
    "journal-article": "article-journal", "book-chapter": "chapter", "posted-content": "article",
    "proceedings-article": "paper-conference", "monograph": "book", "edited-book": "book",
    "reference-book": "book", "dissertation": "thesis", "report-component": "report",
    "reference-entry": "entry-encyclopedia", "book-section": "chapter", "book-part": "chapter",
    "report-series": "report", "proceedings": "book", "other": "document", "database": "dataset",
}  # fmt: skip
# Kept under `custom`, for articles.references.watch.
UPDATES = ("update-to", "updated-by", "relation")


def is_work(found: Any) -> bool:
    """Return whether decoded JSON is a work as Crossref describes it, not CSL-JSON."""
    if not isinstance(found, dict) or "DOI" not in found:
        return False
    return isinstance(found.get("title"), list) or found.get("type") in _TYPES


def works(found: Any) -> list[Any] | None:
    """Return the works of an answer of the REST API, None if it is none."""
    message = found.get("message") if isinstance(found, dict) else None
    if not isinstance(message, dict):
        return None
    items = message.get("items")
    return items if isinstance(items, list) else [message]


def as_csl(found: Mapping[str, Any]) -> Csl:
    """Return a work as CSL-JSON. Updates that it names (a retraction) stay under `custom`."""
    csl = {name: found[name] for name in _FIELDS if found.get(name) not in (None, "", [])}
    if "container-title-short" not in csl and found.get("short-container-title"):
        csl["container-title-short"] = found["short-container-title"]
    subtitle = _first(found.get("subtitle"))
    for name in (
        "title", "container-title", "container-title-short", "ISSN", "ISBN", "original-title",
    ):  # fmt: skip
        if name in csl:
            csl[name] = _first(csl[name])
            if not csl[name]:
                del csl[name]
    if subtitle and subtitle.casefold() not in str(csl.get("title", "")).casefold():
        csl["title"] = f"{csl.get('title', '')}: {subtitle}".lstrip(": ")
    csl["type"] = _TYPES.get(str(csl.get("type")), csl.get("type", "document"))
    for role in ("author", "editor", "translator"):
        people = csl.get(role)
        if isinstance(people, list):
            csl[role] = [_person(person) for person in people if isinstance(person, dict)]
    event = csl.get("event")
    if isinstance(event, dict):
        csl["event-title"] = str(csl.pop("event").get("name") or "")
        if place := event.get("location"):
            csl["event-place"] = str(place)
    if found.keys() & set(UPDATES):
        csl["custom"] = {"crossref": {name: found[name] for name in UPDATES if name in found}}
    return csl


def _first(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value or "")


def _person(person: Mapping[str, Any]) -> dict[str, Any]:
    """Crossref calls a body's name `name`; affiliations and the like stay behind."""
    if person.get("name") and not person.get("family"):
        return {"literal": str(person["name"])}
    parts = ("family", "given", "suffix", "literal", "non-dropping-particle", "dropping-particle")
    return {part: person[part] for part in parts if person.get(part)}
