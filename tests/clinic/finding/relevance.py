"""The relevance set: what patients type, and where the search should lead."""

import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("relevance.txt")
PATHS = {
    "a": "/articles/{}/",
    "t": "/articles/topics/{}/",
    "s": "/services/{}/",
    "p": "/practitioners/{}/",
    "l": "/locations/{}/",
    "g": "/{}/",
    "e": "/evidence/{}/",
}
WITHIN = 5


@dataclass(frozen=True)
class Query:
    words: str
    wanted: tuple[str, ...]  # paths, the best first

    @property
    def is_measured(self) -> bool:
        """Whether it only measures; the others are there to tune by."""
        return bool(zlib.crc32(self.words.encode()) & 1)


@dataclass(frozen=True)
class Score:
    mrr: float  # mean of 1 / the place of the first wanted page
    recall: float  # mean share of the wanted pages among the first five
    missed: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]

    def __str__(self) -> str:
        return f"MRR {self.mrr:.3f}, recall@{WITHIN} {self.recall:.3f}"


def queries(measured: bool) -> list[Query]:
    """Return the queries of one half."""
    found = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            words, _sign, names = line.partition(" = ")
            found.append(Query(words, tuple(_path(name) for name in names.split())))
    return [query for query in found if query.is_measured == measured]


def score(queries: Iterable[Query], ask: Callable[[str], list[str]]) -> Score:
    """Score a search that answers a query by paths, the best first."""
    places, shares, missed = [], [], []
    for query in queries:
        paths = list(dict.fromkeys(re.split("[?#]", url)[0] for url in ask(query.words)))
        first = next((n for n, path in enumerate(paths, 1) if path in query.wanted), 0)
        share = len(set(paths[:WITHIN]) & set(query.wanted)) / min(len(query.wanted), WITHIN)
        places.append(1 / first if first else 0.0)
        shares.append(share)
        if first != 1 or share < 1:
            missed.append((query.words, query.wanted, tuple(paths[:WITHIN])))
    return Score(sum(places) / len(places), sum(shares) / len(shares), tuple(missed))


def _path(name: str) -> str:
    kind, sign, slug = name.partition(":")
    return PATHS[kind].format(slug) if sign else name
