"""What identifies two entries as one source: DOI, PMID, or title, year and first author.

Spelling does not tell sources apart: capitals, accents, hyphens and "&" in titles, particles and
initials of authors, "doi:" before a DOI. Journals are not compared at all.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from articles.models import Reference
from articles.references.citation_keys import Keys

DOI, PMID, TITLE = "doi", "pmid", "title"
_LABELS = {DOI: _("DOI"), PMID: _("PMID"), TITLE: _("title, year and first author")}

Mark = tuple[str, ...]


def marks(columns: Mapping[str, Any]) -> Iterator[Mark]:
    """What a source is known by, of its columns (articles.references.columns.columns_of), surest
    first."""
    if columns["doi"]:
        yield DOI, doi_mark(columns["doi"])
    if columns["pmid"]:
        yield PMID, columns["pmid"].lstrip("0")
    if letters := _letters(columns["title"]):
        yield TITLE, letters, str(columns["year"] or ""), _first_author(columns["authors"])


def doi_mark(doi: str) -> str:
    """Return a DOI without what does not tell it from others."""
    doi = unquote(doi).casefold().strip()
    return re.sub(r"[‐‑–]", "-", doi).rstrip(".,;/")


def _letters(title: str) -> str:
    """The letters and digits of a title without accents: "Müller & co" as "mullerandco"."""
    words = unicodedata.normalize("NFKD", title.replace("&", " and ").casefold())
    return "".join(sign for sign in words if sign.isalnum())


def _first_author(authors: str) -> str:
    """The last word of the first surname: "van der Berg" as "berg"."""
    first = re.sub(r"(?<!\s)\s++et[\s\xa0]+al\.?$", "", authors.split(", ")[0]).split()
    return _letters(first[-1]) if first else ""


class Known:
    """By what sources are told to be the same, of everything in the library. One query."""

    def __init__(self) -> None:
        # What is read later wins: of twins the oldest that was not merged.
        self._keys: dict[tuple[str, ...], str] = {}
        self._dois: dict[str, str] = {}
        taken = []
        rows = Reference.objects.select_related("merged_into").only(
            "key", "title", "authors", "year", "doi", "pmid", "merged_into__key"
        )
        for row in rows.order_by(F("merged_into").desc(nulls_last=True), "-id").iterator(
            chunk_size=2000
        ):
            taken.append(row.key)
            key = row.merged_into.key if row.merged_into else row.key
            self.remember(key, vars(row))
        self.keys = Keys(taken)

    def find(self, columns: Mapping[str, Any]) -> tuple[str, str]:
        """(key of the same source, by what) or two empty strings.

        The same title, year and first author are not enough where both have a DOI and these
        differ: a preprint and its article, a text and its correction.
        """
        for mark in marks(columns):
            key = self._keys.get(mark, "")
            theirs = self._dois.get(key, "") if mark[0] == TITLE else ""
            ours = doi_mark(columns["doi"]) if theirs else ""
            if key and not (theirs and ours and theirs != ours):
                return key, str(_LABELS[mark[0]])
        return "", ""

    def remember(self, key: str, columns: Mapping[str, Any]) -> None:
        """Know a source that is about to be added."""
        for mark in marks(columns):
            self._keys[mark] = key
        if columns["doi"]:
            self._dois[key] = doi_mark(columns["doi"])


@dataclass
class Group:
    """References that seem to be one source, from the oldest on, and by what they are the same."""

    references: list[Reference]
    reasons: list[str] = field(default_factory=list)


def duplicates() -> list[Group]:
    """Return the groups of references that seem to be one source."""
    rows = list(Reference.objects.kept().defer("csl").order_by("id"))
    group_of = {row.pk: Group([row]) for row in rows}
    seen: dict[Mark, list[Reference]] = {}
    for row in rows:
        for mark in marks(vars(row)):
            for other in seen.setdefault(mark, []):
                if mark[0] == TITLE and _have_two_dois(row, other):
                    continue
                _join(group_of, row, other, str(_LABELS[mark[0]]))
                break
            seen[mark].append(row)
    groups = {id(group): group for group in group_of.values() if len(group.references) > 1}
    for group in groups.values():
        group.references.sort(key=lambda row: row.pk)
    return list(groups.values())


def _have_two_dois(row: Reference, other: Reference) -> bool:
    return bool(row.doi and other.doi) and doi_mark(row.doi) != doi_mark(other.doi)


def _join(group_of: dict[int, Group], row: Reference, other: Reference, reason: str) -> None:
    """Make one group of those that two references are in, and say why."""
    ours, theirs = group_of[row.pk], group_of[other.pk]
    if ours is not theirs:
        theirs.references += ours.references
        theirs.reasons += ours.reasons
        group_of.update((member.pk, theirs) for member in ours.references)
    if reason not in theirs.reasons:
        theirs.reasons.append(reason)
