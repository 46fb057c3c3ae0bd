"""CITATION.cff, the YAML file in which repositories say how to cite them, as CSL-JSON.

Fields after the Citation File Format 1.2.0. `preferred-citation` is what its authors want cited.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from django.utils.translation import gettext as _

from articles.references.formats import dates, names
from articles.references.formats.entry import Broken, Csl, Entry, put, put_aside

_TYPES = {
    "software": "software", "software-code": "software", "dataset": "dataset", "data": "dataset",
    "article": "article-journal", "magazine-article": "article-magazine",
    "newspaper-article": "article-newspaper", "book": "book", "report": "report",
    "conference-paper": "paper-conference", "proceedings": "book", "thesis": "thesis",
    "website": "webpage", "blog": "post-weblog", "manual": "book", "standard": "standard",
    "generic": "document", "unpublished": "manuscript",
}  # fmt: skip
_TEXTS = {
    "title": "title", "abstract": "abstract", "doi": "DOI", "url": "URL", "version": "version",
    "journal": "container-title", "collection-title": "container-title", "volume": "volume",
    "issue": "issue", "edition": "edition", "issn": "ISSN", "isbn": "ISBN", "pmcid": "PMCID",
    "number": "number", "section": "section", "abbreviation": "title-short", "notes": "note",
    "license": "license", "repository-code": "URL", "repository": "URL", "pages": "page",
}  # fmt: skip
_ABOUT_THE_FILE = ("cff-version", "message", "preferred-citation", "references", "type")


def read(text: str) -> Iterator[Entry | Broken]:
    """Read the one source of the file."""
    try:
        node = yaml.compose(text, yaml.SafeLoader)
        # An alias can stand for more than memory holds.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise ValueError("aliases")
        found = yaml.load(text, _Texts) if node is not None else None  # noqa: S506, a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        yield Broken(mark.line + 1 if mark else 1, _("This is not YAML that can be read."))
        return
    if not isinstance(found, dict):
        yield Broken(1, _("Expected fields here, such as “title: …”."))
        return
    preferred = found.get("preferred-citation")
    yield _entry(preferred if isinstance(preferred, dict) else found)


def count(text: str) -> int:
    """Count the sources: a file describes one."""
    return 1


class _Texts(yaml.SafeLoader):
    """Numbers and dates as they are written: "1.10" is a version."""


_Texts.yaml_implicit_resolvers = {}


def _entry(fields: Mapping[str, Any]) -> Entry:
    csl: Csl = {"type": _TYPES.get(str(fields.get("type", "software")), "document")}
    left: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _TEXTS and isinstance(value, str):
            if not put(csl, _TEXTS[name], value.strip()):
                left[name] = value
        elif name == "authors" and isinstance(value, list):
            csl["author"] = [person for one in value if (person := _person(one))]
        elif name == "editors" and isinstance(value, list):
            csl["editor"] = [person for one in value if (person := _person(one))]
        elif name in ("publisher", "institution", "conference") and isinstance(value, dict):
            place = "event-title" if name == "conference" else "publisher"
            put(csl, place, str(value.get("name") or ""))
        elif name == "keywords" and isinstance(value, list):
            csl["keyword"] = "; ".join(map(str, value))
        elif name in ("date-released", "date-published") and "issued" not in csl:
            csl["issued"] = dates.parse(str(value))
        elif name in ("year", "month", "start", "end") or name in _ABOUT_THE_FILE:
            continue
        elif name == "date-accessed":
            csl["accessed"] = dates.parse(str(value))
        elif name == "identifiers" and isinstance(value, list):
            _identifiers(csl, value)
        else:
            left[str(name)] = value if isinstance(value, str) else str(value)[:2000]
    _numbers(csl, fields)
    entry = Entry(1, csl, "", len(fields))
    return Entry(entry.line, csl, "", entry.fields, put_aside(csl, "cff", left))


def _person(fields: Any) -> names.Name:
    if not isinstance(fields, dict):
        return {}
    parts = {name: str(fields.get(name) or "") for name in fields}
    if parts.get("name"):
        return names.body(parts["name"])
    family = parts.get("family-names", "")
    if not family:
        return names.body(parts.get("alias", ""))
    return names.person(
        family, parts.get("given-names", ""), parts.get("name-suffix", ""),
        parts.get("name-particle", ""),
    )  # fmt: skip


def _identifiers(csl: Csl, found: list[Any]) -> None:
    for one in found:
        if isinstance(one, dict) and one.get("type") in ("doi", "url"):
            put(csl, str(one["type"]).upper(), str(one.get("value") or ""))


def _numbers(csl: Csl, fields: Mapping[str, Any]) -> None:
    """Take pages from `start` and `end`, and the date from `year` and `month`."""
    start, end = (str(fields.get(name) or "") for name in ("start", "end"))
    if start:
        put(csl, "page", f"{start}-{end}" if end and end != start else start)
    year, month = (str(fields.get(name) or "") for name in ("year", "month"))
    if re.fullmatch(r"\d{4}", year) and "issued" not in csl:
        number = dates.month(month)
        csl["issued"] = {"date-parts": [[int(year), number] if number else [int(year)]]}
