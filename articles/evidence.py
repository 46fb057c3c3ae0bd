"""The public evidence: which sources live texts cite, found, filtered and sorted.

What a list of thousands needs of each source is read once for a content version and kept, a few
words for each; a page then asks only for the rows that it shows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import TextChoices
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


class Listed(NamedTuple):
    """A public source as lists need it. `texts`: how many public texts cite it; `words`: what a
    search looks through, casefolded."""

    id: int
    key: str
    authors: str
    year: int
    kind: str
    texts: int
    topics: frozenset[int]
    words: str


_ORDERS: dict[Sort, Callable[[Listed], Any]] = {
    Sort.NEWEST: lambda row: (-row.year, row.key),
    Sort.NAME: lambda row: (row.authors.casefold(), row.key),
    Sort.CITED: lambda row: (-row.texts, -row.year, row.key),
}


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
    """All public sources, and the kinds and years that there are among them."""

    rows: tuple[Listed, ...]
    kinds: tuple[str, ...]
    years: tuple[int, ...]


def library(at: datetime) -> Library:
    """Kept for the content version; three queries when it is read."""
    return frame.once("evidence", lambda: _read(at))


def find(wish: Wish, *, topic_id: int | None, at: datetime) -> tuple[Listed, ...]:
    """The sources that were asked for, in the order asked for. `topic_id` is that of the topic."""
    order = _order(wish.sort, at)
    asked = {"kind": wish.kind, "year": wish.year, "topic": topic_id}
    shelves = [order.shelves.get(one, []) for one in asked.items() if one[1]]
    rows: Sequence[Listed] = order.rows
    if shelves:
        rows, *others = sorted(shelves, key=len)
        for shelf in others:
            among = {row.id for row in shelf}
            rows = [row for row in rows if row.id in among]
    for word in wish.query.casefold().split()[:MOST_WORDS]:
        rows = [row for row in rows if word in row.words]
    return tuple(rows)


def citations_of(reference: Reference, *, at: datetime) -> list[Citation]:
    """The places in public texts that cite it, also by the keys that were merged into it, each
    with its edition, the newest text first; an empty list if it is not public. Two queries."""
    merged = reference.merged.values_list("pk", flat=True)
    cites = Citation.objects.filter(reference__in=[reference.pk, *merged])
    # Asked of the few editions that cite it, not of all.
    live = Edition.objects.filter(pk__in=cites.values("edition")).live(at)
    return list(
        cites.filter(edition__in=live.values("pk"))
        .select_related("edition")
        .defer("edition__body", "edition__faq", "edition__references")
        .order_by("-edition__first_live_at", "edition", "position")
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


class _Order(NamedTuple):
    """All public sources in one order, and each kind, year and topic of them in that order."""

    rows: tuple[Listed, ...]
    shelves: dict[tuple[str, str | int | None], list[Listed]]


def _order(sort: Sort, at: datetime) -> _Order:
    """Kept for the content version, each order when it is first asked for."""

    def build() -> _Order:
        rows = tuple(sorted(library(at).rows, key=_ORDERS[sort]))
        shelves: dict[tuple[str, str | int | None], list[Listed]] = defaultdict(list)
        for row in rows:
            shelves["kind", row.kind].append(row)
            shelves["year", str(row.year)].append(row)
            for topic in row.topics:
                shelves["topic", topic].append(row)
        return _Order(rows, dict(shelves))

    return frame.once(f"evidence by {sort}", build)


def _read(at: datetime) -> Library:
    topics: dict[int, set[int]] = defaultdict(set)
    live = Edition.objects.live(at)
    for edition, topic_list in live.values_list("pk", "topic_list"):
        topics[edition] = {topic["id"] for topic in topic_list}
    uses: dict[int, set[int]] = defaultdict(set)
    cited = Citation.objects.filter(edition__in=live.values("pk"))
    stayed = Coalesce("reference__merged_into", "reference")
    for reference, edition in cited.values_list(stayed, "edition"):
        uses[reference].add(edition)
    rows = [
        Listed(pk, key, authors, year or 0, kind, len(uses[pk]), _union(topics, uses[pk]), words)
        for pk, key, authors, year, kind, words in _columns()
        if pk in uses
    ]
    return Library(
        tuple(rows),
        tuple(sorted({row.kind for row in rows if row.kind})),
        tuple(sorted({row.year for row in rows if row.year}, reverse=True)),
    )


def _columns() -> Iterator[tuple[Any, ...]]:
    names = ("id", "key", "authors", "year", "kind", "title", "doi")
    columns = Reference.objects.kept().values_list(*names)
    for pk, key, authors, year, kind, title, doi in columns.iterator(chunk_size=5000):
        yield pk, key, authors, year, kind, f"{title} {authors} {doi}".casefold()


def _union(topics: Mapping[int, set[int]], editions: Iterable[int]) -> frozenset[int]:
    return frozenset[int]().union(*(topics[edition] for edition in editions))
