"""The public evidence: which sources live texts cite, found, filtered and sorted.

What a list of thousands needs of each source is read once for a content version and kept, a few
words for each; a page then asks only for the rows that it shows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Q, TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from articles import notices
from articles.models import Citation, Edition, Reference
from clinic import frame

MOST_WORDS = 8  # of a search
LONGEST_SEARCH = 200


class Sort(TextChoices):
    NEWEST = "newest", _("Newest first")
    NAME = "name", _("By author")
    CITED = "cited", _("Most cited first")


@dataclass(frozen=True, slots=True)
class Listed:
    """A public source as lists need it. `texts`: how many public texts cite it."""

    id: int
    key: str
    authors: str
    year: int
    kind: str
    texts: int
    topics: frozenset[int]


@dataclass(frozen=True)
class Wish:
    """What a visitor asked for; what makes no sense is as if it had not been asked for."""

    query: str = ""
    topic: str = ""
    kind: str = ""
    year: str = ""
    sort: Sort = Sort.NEWEST

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Wish":
        sort = asked.get("sort", "")
        return cls(
            " ".join(asked.get("q", "").replace("\0", "").split())[:LONGEST_SEARCH],
            asked.get("topic", ""),
            asked.get("kind", ""),
            asked.get("year", ""),
            Sort(sort) if sort in Sort.values else Sort.NEWEST,
        )

    @property
    def narrows(self) -> bool:
        return bool(self.query or self.topic or self.kind or self.year)

    def as_query(self) -> dict[str, str]:
        """The same as an address holds it, without what is said by silence."""
        sort = "" if self.sort is Sort.NEWEST else str(self.sort)
        asked = {
            "q": self.query,
            "topic": self.topic,
            "kind": self.kind,
            "year": self.year,
            "sort": sort,
        }
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True)
class Library:
    """All public sources in each order, and the kinds and years that there are among them."""

    sorted: Mapping[Sort, tuple[Listed, ...]]
    kinds: tuple[str, ...]
    years: tuple[int, ...]


def library(at: datetime) -> Library:
    """Kept for the content version; three queries when it is read."""
    return frame.once("evidence", lambda: _read(at))


def find(wish: Wish, *, topic_id: int | None, at: datetime) -> tuple[Listed, ...]:
    """The sources that were asked for, in the order asked for. `topic_id` is that of the topic.
    At most one query, for the words of a search."""
    rows = library(at).sorted[wish.sort]
    if not wish.narrows:
        return rows
    found = _with_words(wish.query) if wish.query else None
    return tuple(
        row
        for row in rows
        if (not wish.kind or row.kind == wish.kind)
        and (not wish.year or str(row.year) == wish.year)
        and (topic_id is None or topic_id in row.topics)
        and (found is None or row.id in found)
    )


def shown(rows: Iterable[Listed]) -> list[Reference]:
    """These sources for a page, in their order, each with `article_count` and `standing` (notices).
    One query."""
    rows = list(rows)
    references = Reference.objects.defer("csl").in_bulk([row.id for row in rows])
    for row in rows:
        reference = references[row.id]
        reference.article_count = row.texts  # type: ignore[attr-defined]
        reference.standing = notices.of_key(row.key)  # type: ignore[attr-defined]
    return [references[row.id] for row in rows]


def _with_words(query: str) -> set[int]:
    """Of the whole library those in which each of the words stands."""
    words = [
        Q(title__icontains=word) | Q(authors__icontains=word) | Q(doi__icontains=word)
        for word in query.split()[:MOST_WORDS]
    ]
    return set(Reference.objects.kept().filter(reduce(and_, words)).values_list("pk", flat=True))


def _read(at: datetime) -> Library:
    topics: dict[int, set[int]] = defaultdict(set)
    live = Edition.objects.live(at)
    for edition, topic_list in live.values_list("pk", "topic_list"):
        topics[edition] = {topic["id"] for topic in topic_list}
    uses: dict[int, set[int]] = defaultdict(set)
    cited = Citation.objects.filter(edition__in=live.values("pk"))
    stayed = Coalesce("reference__merged_into", "reference")
    for reference, edition in cited.values_list(stayed, "edition").distinct():
        uses[reference].add(edition)
    rows = [
        Listed(pk, key, authors, year or 0, kind, len(uses[pk]), _union(topics, uses[pk]))
        for pk, key, authors, year, kind in _columns()
        if pk in uses
    ]
    return Library(
        {
            Sort.NEWEST: tuple(sorted(rows, key=lambda row: (-row.year, row.key))),
            Sort.NAME: tuple(sorted(rows, key=lambda row: (row.authors.casefold(), row.key))),
            Sort.CITED: tuple(sorted(rows, key=lambda row: (-row.texts, -row.year, row.key))),
        },
        tuple(sorted({row.kind for row in rows if row.kind})),
        tuple(sorted({row.year for row in rows if row.year}, reverse=True)),
    )


def _columns() -> Iterable[Any]:
    columns = Reference.objects.kept().values_list("id", "key", "authors", "year", "kind")
    return columns.iterator(chunk_size=5000)


def _union(topics: Mapping[int, set[int]], editions: Iterable[int]) -> frozenset[int]:
    return frozenset().union(*(topics[edition] for edition in editions))
