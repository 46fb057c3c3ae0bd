"""Which articles are live, newest first: for lists, counts, neighbours and what to read next.

One query for each content version, whatever the page. Only what orders and sorts them is kept, some
300 bytes each; the editions that a page shows are read by `shown`.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Literal

from django.db.models import TextField
from django.db.models.functions import Cast

from articles.models import Edition
from articles.public import stamps
from clinic.site import page_context

By = Literal["author", "service", "topic"]
UNLISTED = ("body", "faq", "references", "takeaways")  # columns that no list shows
NEWEST_OF_TOPICS = 60  # of those with a topic in common, so many are compared


@dataclass(frozen=True, slots=True)
class Live:
    """A live edition of an article, as far as lists are made of it; `place` counts from 0."""

    place: int
    pk: int
    article: int
    topics: frozenset[int]


@dataclass(frozen=True)
class LiveArticles:
    """`rows`: all, newest first. `of`: in the same order, those of each author, service, topic.
    `by_article`: the one of each article."""

    rows: tuple[Live, ...]
    of: dict[tuple[By, int], list[Live]]
    by_article: dict[int, Live]

    def about(self, kind: By, pk: int) -> list[Live]:
        """Those of an author, or about a service or a topic."""
        return self.of.get((kind, pk), [])

    def beside(self, edition: Edition, topic: int) -> tuple[Live | None, Live | None]:
        """The next newer and the next older one in the list of a topic; none for an edition that
        is not in it."""
        row = self.by_article.get(edition.article_id)
        if row is None or row.pk != edition.pk or topic not in row.topics:
            return None, None
        own = self.about("topic", topic)
        here = bisect_left(own, row.place, key=attrgetter("place"))
        return (own[here - 1] if here else None), (own[here + 1] if here + 1 < len(own) else None)

    def related(self, edition: Edition, most: int) -> list[Live]:
        """What to read next: staff's choice in their order, then most topics in common, then
        newest."""
        topics = frozenset(entry["id"] for entry in edition.topic_list)
        order = {pk: place for place, pk in enumerate(edition.related_ids)}
        chosen = [self.by_article[pk] for pk in order if pk in self.by_article]
        lists = [self.about("topic", topic) for topic in topics]
        newest = islice(_each_once(merge(*lists, key=attrgetter("place"))), NEWEST_OF_TOPICS)
        found = {row.pk: row for row in (*chosen, *newest) if row.article != edition.article_id}

        def rank(row: Live) -> tuple[int, int, int]:
            return order.get(row.article, len(order)), -len(topics & row.topics), row.place

        return sorted(found.values(), key=rank)[:most]


def current(at: datetime) -> LiveArticles:
    """Those that are live now. `at`: the moment of the request."""
    return page_context.once("live articles", lambda: _read(at))


def shown(rows: Iterable[Live]) -> list[Edition]:
    """Their editions as lists show them, in this order. One query, none for no rows."""
    ids = [row.pk for row in rows]
    found = Edition.objects.defer(*UNLISTED).in_bulk(ids) if ids else {}
    stamps.put_on(found.values())
    return [found[pk] for pk in ids]


def _read(at: datetime) -> LiveArticles:
    ids_in = cache(_ids_in)  # many have the same topics and services
    live = Edition.objects.live(at).articles().newest_first()
    lists = (Cast(name, TextField()) for name in ("topic_list", "service_list"))
    rows: list[Live] = []
    of: dict[tuple[By, int], list[Live]] = defaultdict(list)
    for place, (pk, article, author, topics, services) in enumerate(
        live.values_list("pk", "article_id", "author_id", *lists)
    ):
        row = Live(place, pk, article, ids_in(topics))
        rows.append(row)
        if author:
            of["author", author].append(row)
        for topic in row.topics:
            of["topic", topic].append(row)
        for service in ids_in(services):
            of["service", service].append(row)
    return LiveArticles(tuple(rows), dict(of), {row.article: row for row in rows})


def _ids_in(text: str) -> frozenset[int]:
    return frozenset(entry["id"] for entry in json.loads(text))


def _each_once(rows: Iterable[Live]) -> Iterator[Live]:
    last = None
    for row in rows:
        if row is not last:
            yield row
        last = row
