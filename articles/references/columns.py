"""The reference library: what is read from CSL-JSON into columns that can be searched."""

import re
from collections.abc import Mapping
from typing import Any

from articles.references.csl import is_rest, names_of, surname
from articles.references.styles import ama


def columns_of(csl: Mapping[str, Any]) -> dict[str, Any]:
    """The searchable columns of a reference: doi, pmid, title, authors, year."""
    year = ama.year(csl)[:4]
    return {
        "doi": doi_of(csl),
        "pmid": re.sub(r"\D", "", str(csl.get("PMID") or ""))[:16],
        "title": ama.plain_title(csl),
        "authors": _authors(csl)[:300],
        "year": int(year) if year.isdecimal() else None,
    }


def doi_of(csl: Mapping[str, Any]) -> str:
    """The bare DOI in small letters (DOIs do not tell capitals apart), "" if there is none."""
    url = ama.doi_url(csl)
    return url.removeprefix("https://doi.org/").lower()[:200]


def _authors(csl: Mapping[str, Any]) -> str:
    """Surnames with their particles, so that every way of writing "van Tulder" is found alike."""
    names = names_of(csl, "author") or names_of(csl, "editor")
    return ", ".join("et al" if is_rest(name) else surname(name) for name in names)
