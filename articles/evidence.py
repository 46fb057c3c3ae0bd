"""The public evidence: which sources live texts cite, found, filtered and sorted.

What a list of thousands needs of each source is read once for a content version and kept, a few
words for each; a page then asks only for the rows that it shows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
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
    rows: Iterable[Listed] = _in_order(wish.sort, at)
    if wish.kind:
        rows = [row for row in rows if row.kind == wish.kind]
    if wish.year:
        rows = [row for row in rows if str(row.year) == wish.year]
    if topic_id is not None:
        rows = [row for row in rows if topic_id in row.topics]
    for word in wish.query.casefold().split()[:MOST_WORDS]:
        rows = [row for row in rows if word in row.words]
    return tuple(rows)


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


def _in_order(sort: Sort, at: datetime) -> tuple[Listed, ...]:
    """Kept for the content version, each order when it is first asked for."""
    rows = library(at).rows
    return frame.once(f"evidence by {sort}", lambda: tuple(sorted(rows, key=_ORDERS[sort])))


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
