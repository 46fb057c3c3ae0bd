"""Comparing two texts by words, with a limit on the work, whatever they hold."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import Literal

Kind = Literal["same", "gone", "new"]
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
AROUND = 12  # words shown before and after a difference in a long part
MOST_STEPS = 4_000_000  # for one page: a second or two


class Effort:
    """How many steps one page may still spend on comparing."""

    def __init__(self) -> None:
        self.left = MOST_STEPS


class Matcher(SequenceMatcher[str]):
    """Stops looking for what two lists share when its effort is spent: the rest counts as changed.

    Looking for the longest match in a part of `a` takes a step for each pair of equal items.
    """

    def __init__(self, a: Sequence[str], b: Sequence[str], effort: Effort) -> None:
        super().__init__(None, a, b, autojunk=False)
        self._effort, self._lengths = effort, (len(a), len(b))
        places: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]
        self._steps = [0, *accumulate(len(places.get(item, ())) + 1 for item in a)]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """The longest run that both lists have there; none once the effort is spent."""
        ahi = self._lengths[0] if ahi is None else ahi
        bhi = self._lengths[1] if bhi is None else bhi
        self._effort.left -= self._steps[ahi] - self._steps[alo]
        if self._effort.left < 0:
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)


@dataclass(frozen=True)
class Piece:
    """Words that stand in both texts, only in the older, or only in the newer one."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Part:
    """One part of a text (title, summary, paragraph …) that differs."""

    label: str
    pieces: tuple[Piece, ...]


def by_words(old: str, new: str, effort: Effort | None = None) -> tuple[Piece, ...]:
    """Compare two texts by paragraphs, changed paragraphs by sentences, and changed sentences by
    words. Long stretches without a difference are cut to the words around it.

    Texts with too little in common are not compared to the end: the rest is shown as replaced.
    """
    pieces = _compared(old, new, (paragraphs, _sentences, _WORDS.findall), effort or Effort())
    return tuple(_shortened(list(_merged(pieces))))


def _compared(
    old: str, new: str, ways: Sequence[Callable[[str], list[str]]], effort: Effort
) -> Iterator[Piece]:
    """Compare by the first of these ways to part a text, and what differs by the next ones."""
    before, after = ways[0](old), ways[0](new)
    for tag, i, j, k, m in Matcher(before, after, effort).get_opcodes():
        left, right = "".join(before[i:j]), "".join(after[k:m])
        if tag == "equal":
            yield Piece("same", left)
        elif tag == "replace" and len(ways) > 1:
            yield from _compared(left, right, ways[1:], effort)
        else:
            yield from (Piece("gone", left), Piece("new", right))


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Without empty pieces, and neighbours of one kind as one."""
    kept: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if kept and kept.kind == piece.kind:
            kept = Piece(kept.kind, kept.text + piece.text)
            continue
        if kept:
            yield kept
        kept = piece
    if kept:
        yield kept


def _shortened(pieces: list[Piece]) -> Iterator[Piece]:
    for place, piece in enumerate(pieces):
        words = _WORDS.findall(piece.text)
        if piece.kind != "same" or len(words) <= 6 * AROUND:
            yield piece
            continue
        start = "".join(words[: 2 * AROUND]) if place else ""
        end = "".join(words[-2 * AROUND :]) if place < len(pieces) - 1 else ""
        yield Piece("same", f"{start} … {end}")


def _sentences(text: str) -> list[str]:
    return re.findall(r".+?(?:[.!?]\s+|\n|\Z)", text, re.DOTALL)


def paragraphs(text: str) -> list[str]:
    """Cut a text into its paragraphs, each with the blank lines after it."""
    return re.findall(r".+?(?:\n\s*\n|\Z)", text, re.DOTALL)
