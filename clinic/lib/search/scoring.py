"""The score of a row for a query: title before heading before topic before text.

It is computed here and not by the database, so that both order alike. A group of words counts by
how rare it is on the site, and by the best place at which the row has it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from clinic.lib.search.index import Wanted
from clinic.lib.search.words import STOP_WORDS

IN_NAME, IN_HEAD, IN_TOPIC, IN_TEXT = 10.0, 4.0, 2.5, 0.9
MOST_IN_TEXT = 2.2
OF_OTHER_WORDS = 0.75  # what a synonym counts
NEXT_TO_EACH_OTHER = 0.25  # added for each pair of the query's words that stand so
WHOLE_NAME = 1.35


@dataclass(frozen=True)
class Asked:
    """A group of words that mean one thing; the first is what was typed. `weight`: how rare."""

    ways: tuple[Wanted, ...]
    weight: float
    is_required: bool = False  # typed in quotes


class Row:
    """The stems of a row by field, ready to be looked through."""

    def __init__(self, name: str, heads: str, topic: str, rest: str) -> None:
        self.name, self.topic = f" {name} ", f" {topic} "
        self.heads = [f" {line} " for line in heads.split("\n")]
        self.rest = [f" {line} " for line in rest.split("\n")]
        self.all_heads, self.all_rest = "\n".join(self.heads), "\n".join(self.rest)
        self.all = "\n".join((self.name, self.all_heads, self.topic, self.all_rest))


@dataclass(frozen=True)
class Match:
    score: float
    has_all: bool


def match(row: Row, asked: Sequence[Asked], typed: Sequence[str]) -> Match | None:
    """Score a row; None if it has nothing of what was asked, or lacks what was in quotes.

    `typed`: the stems of the whole query, for those that stand next to each other.
    """
    score = had = 0.0
    found: list[Asked] = []
    for group in asked:
        value = max(
            (OF_OTHER_WORDS if n else 1.0) * _value(row, way) for n, way in enumerate(group.ways)
        )
        if value:
            score += group.weight * value
            had += group.weight
            found.append(group)
        elif group.is_required:
            return None
    if not found:
        return None
    wanted = sum(group.weight for group in asked)
    score *= (had / wanted) ** 2
    pairs = sum(
        f" {one} {other} " in row.name + row.all_heads or f" {one} {other} " in row.all_rest
        for one, other in pairwise(typed)
    )
    score *= 1 + NEXT_TO_EACH_OTHER * pairs / max(len(typed) - 1, 1)
    score *= 0.6 + 0.4 * _share_of_name(row, found)
    if row.name.split() == list(typed):
        score *= WHOLE_NAME
    return Match(score / wanted, len(found) == len(asked))


def rarity(rows: int, matched: int) -> float:
    """Return the weight of words that so many of all rows have."""
    return math.log(1 + (rows + 1) / (matched + 0.5))


def _value(row: Row, way: Wanted) -> float:
    """Of words that may lie apart the mean, if the row has all of them."""
    if any(f" {stem}" not in row.all for stem in way.stems):
        return 0.0
    if not way.phrase and len(way.stems) > 1:
        values = [_value(row, Wanted((stem,))) for stem in way.stems]
        return sum(values) / len(values) if all(values) else 0.0
    value = IN_NAME if _has(row.name, way) else 0.0
    if _has(row.all_heads, way):
        value += IN_HEAD
    if _has(row.topic, way):
        value += IN_TOPIC
    if times := _times(row.all_rest, way):
        value += min(IN_TEXT * math.log2(1 + times), MOST_IN_TEXT)
    return value


def _has(text: str, way: Wanted) -> bool:
    return _times(text, way) > 0


def _times(text: str, way: Wanted) -> int:
    """Return how often a text has these words; of words that may lie apart, the rarest."""
    if len(way.stems) == 1 and not way.prefix:
        return text.count(f" {way.stems[0]} ")
    parts = [" ".join(way.stems)] if way.phrase else list(way.stems)
    ends = [" "] * (len(parts) - 1) + ["" if way.prefix else " "]
    return min(text.count(f" {part}{end}") for part, end in zip(parts, ends, strict=True))


def _share_of_name(row: Row, found: Sequence[Asked]) -> float:
    """Of the words of the name that decide; synonyms count where what was typed is not there."""
    stems = {stem for stem in row.name.split() if stem not in STOP_WORDS}
    named: set[str] = set()
    for group in found:
        named |= next(filter(None, (_named(row, way) for way in group.ways)), set())
    return min(len(named) / len(stems), 1.0) if stems else 0.0


def _named(row: Row, way: Wanted) -> set[str]:
    """Return which of the words the name has; of a phrase all or none."""
    if way.phrase or way.prefix:
        return set(way.stems) if _has(row.name, way) else set()
    return {stem for stem in way.stems if f" {stem} " in row.name}


def passage(row: Row, asked: Sequence[Asked]) -> int:
    """Return the number of the passage that says most of what the name does not say; 0, the
    beginning, if none is better."""
    unnamed = [group for group in asked if not any(_has(row.name, way) for way in group.ways)]
    best, place = 0.0, 0
    for n, (head, rest) in enumerate(zip(row.heads, row.rest, strict=False)):
        value = 0.0
        for group in unnamed:
            ways = [3.0 * _has(head, way) + min(1.0 * _times(rest, way), 2.0) for way in group.ways]
            value += group.weight * max(ways)
        if value > best:
            best, place = value, n
    return place
