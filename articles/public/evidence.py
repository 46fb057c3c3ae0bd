"""The public evidence: which sources live texts cite, found, filtered and sorted.

What a list of thousands needs of each source is read once for a content version and kept, a few
words for each; a page then asks only for the rows that it shows. Of 20,000 sources a page takes
some 5 ms so, the first after a change 0.7 s, and the rows 32 MB of each process; asked of the
database, every page took 160 to 270 ms (SQLite), and a search folded no case but that of ASCII.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any, NamedTuple, TypedDict

from django.db.models import TextChoices
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from articles.models import Citation, Edition, Reference
from articles.models.reference import in_a_line
from articles.references import notices
from clinic.site import page_context

MOST_WORDS = 8  # of a search
LONGEST_SEARCH = 200


class Sort(TextChoices):
    NEWEST = "newest", _("Newest")
    NAME = "name", _("Author")
    CITED = "cited", _("Most cited on this site")


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
    """What a visitor asked for; invalid parameters are ignored."""

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
    """All public sources by id, and the kinds and years that there are among them."""

    rows: dict[int, Listed]
    kinds: tuple[str, ...]
    years: tuple[int, ...]


def library(at: datetime) -> Library:
    """Kept for the content version; three queries when it is read."""
    return page_context.once("evidence", lambda: _read(at))


def find(wish: Wish, *, topic_id: int | None, at: datetime) -> Sequence[int]:
    """The ids of the sources that were asked for, in the order asked for. `topic_id` is that of
    the topic."""
    asked = {"kind": wish.kind, "year": wish.year, "topic": topic_id}
    shelves = [shelf for shelf in asked.items() if shelf[1]]
    words = wish.query.casefold().split()[:MOST_WORDS]
    if not words and len(shelves) == 1:
        return _shelf(shelves[0], wish.sort, at)
    among = [_shelves(at).get(shelf, set()) for shelf in shelves]
    among += [_words(at).find(word) for word in words]
    if not among:
        return _order(wish.sort, at).ids
    return _sorted(set.intersection(*sorted(among, key=len)), wish.sort, at)


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


class Shown(TypedDict):
    """A public source as a row of a list: what a template finds soonest. `cited`: by how many
    texts, in words."""

    key: str
    url: str
    title: str
    by: str
    year: int  # 0 if unknown
    kind: str
    plain: str
    cited: str
    standing: tuple[notices.Notice, ...]


def shown(ids: Iterable[int], *, at: datetime) -> list[Shown]:
    """These sources for a page, in their order. One query."""
    rows = [library(at).rows[pk] for pk in ids]
    columns = Reference.objects.filter(pk__in=[row.id for row in rows])
    words = {pk: words for pk, *words in columns.values_list("id", "title", "plain")}
    return [_shown(row, *words[row.id]) for row in rows]


def _shown(row: Listed, title: str, plain: str) -> Shown:
    cited = ngettext("cited in 1 article", "cited in %(count)s articles", row.texts)
    return Shown(
        key=row.key,
        url=reverse("evidence:reference", args=[row.key]),
        title=title,
        by=in_a_line(row.authors),
        year=row.year,
        kind=row.kind,
        plain=plain,
        cited=cited % {"count": row.texts},
        standing=notices.of_key(row.key),
    )


class Words:
    """Which sources hold a word, or one that it is part of: each word is looked at once, however
    many sources hold it."""

    def __init__(self, rows: Iterable[Listed]) -> None:
        holders: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            for word in set(row.words.split()):
                holders[word].append(row.id)
        self._text = "\n".join(holders)
        self._holders = list(holders.values())
        lengths = (len(word) + 1 for word in holders)
        self._ends = list(accumulate(lengths))  # where the next word begins

    def find(self, part: str) -> set[int]:
        """The ids of the sources. `part` is casefolded and holds no blank."""
        found: set[int] = set()
        place = self._text.find(part)
        while place >= 0:
            number = bisect_right(self._ends, place)
            found.update(self._holders[number])
            place = self._text.find(part, self._ends[number])
        return found


def _words(at: datetime) -> Words:
    """Kept for the content version, from the first search on."""
    return page_context.once("words of the evidence", lambda: Words(library(at).rows.values()))


class _Order(NamedTuple):
    """All public sources in one order, and the place of each id in it."""

    ids: tuple[int, ...]
    places: dict[int, int]


def _order(sort: Sort, at: datetime) -> _Order:
    """Kept for the content version, each order when it is first asked for."""

    def build() -> _Order:
        ids = tuple(row.id for row in sorted(library(at).rows.values(), key=_ORDERS[sort]))
        return _Order(ids, {pk: place for place, pk in enumerate(ids)})

    return page_context.once(f"evidence by {sort}", build)


def _sorted(ids: Iterable[int], sort: Sort, at: datetime) -> tuple[int, ...]:
    return tuple(sorted(ids, key=_order(sort, at).places.__getitem__))


Shelf = tuple[str, str | int | None]  # "kind", "year" or "topic", and which


def _shelf(shelf: Shelf, sort: Sort, at: datetime) -> tuple[int, ...]:
    """The ids of one shelf; one of thousands is not sorted for each page of it."""
    ids = _shelves(at).get(shelf)
    return (
        page_context.once(f"evidence {shelf} by {sort}", lambda: _sorted(ids, sort, at))
        if ids
        else ()
    )


def _shelves(at: datetime) -> dict[Shelf, set[int]]:
    """The ids of each kind, year and topic; kept for the content version."""

    def build() -> dict[Shelf, set[int]]:
        shelves: dict[Shelf, set[int]] = defaultdict(set)
        for row in library(at).rows.values():
            shelves["kind", row.kind].add(row.id)
            shelves["year", str(row.year)].add(row.id)
            for topic in row.topics:
                shelves["topic", topic].add(row.id)
        return dict(shelves)

    return page_context.once("shelves of the evidence", build)


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
        {row.id: row for row in rows},
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
