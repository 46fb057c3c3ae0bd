"""By what two entries are told to be one source: DOI, PMID, or title, year and first author."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from articles.bibliography.keys import Keys
from articles.models import Reference

DOI, PMID, TITLE = "doi", "pmid", "title"
_LABELS = {DOI: _("DOI"), PMID: _("PMID"), TITLE: _("title, year and first author")}

Mark = tuple[str, ...]


def marks(columns: Mapping[str, Any]) -> Iterator[Mark]:
    """What a source is known by, of its columns (articles.library.columns_of), surest first."""
    for name in (DOI, PMID):
        if columns[name]:
            yield name, columns[name]
    if columns["title"]:
        letters = "".join(sign for sign in columns["title"].casefold() if sign.isalnum())
        first = columns["authors"].split(", ")[0].casefold()
        yield TITLE, letters, str(columns["year"] or ""), first


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
            if key and not (theirs and columns["doi"] and theirs != columns["doi"]):
                return key, str(_LABELS[mark[0]])
        return "", ""

    def remember(self, key: str, columns: Mapping[str, Any]) -> None:
        """Know a source that is about to be added."""
        for mark in marks(columns):
            self._keys[mark] = key
        if columns["doi"]:
            self._dois[key] = columns["doi"]


def duplicates() -> list[list[Reference]]:
    """Groups of references that seem to be one source, each from the oldest on."""
    rows = list(Reference.objects.kept().defer("csl").order_by("id"))
    group_of = {row.pk: [row] for row in rows}
    seen: dict[Mark, list[Reference]] = {}
    for row in rows:
        for mark in marks(vars(row)):
            for other in seen.setdefault(mark, []):
                if mark[0] == TITLE and row.doi and other.doi and row.doi != other.doi:
                    continue
                ours, theirs = group_of[row.pk], group_of[other.pk]
                if ours is not theirs:
                    theirs += ours
                    group_of.update((member.pk, theirs) for member in ours)
                break
            seen[mark].append(row)
    groups = {id(group): group for group in group_of.values() if len(group) > 1}
    return [sorted(group, key=lambda row: row.pk) for group in groups.values()]
