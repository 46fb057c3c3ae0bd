"""Words that were meant: those of a vocabulary that look most like one that is not in it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property

SHORTEST = 3  # letters of a word that may be misspelt
MOST_COMPARED = 60  # words that share most with it


class Vocabulary:
    """The words that can be found, and stems of them."""

    def __init__(self, stems: Iterable[str]) -> None:
        self.stems = frozenset(stems)

    def closest(self, stem: str, allowed: int) -> list[str]:
        """Return the words that are meant by a misspelt one, none if it is like none of them.

        So many letters may be wrong, missing, extra or in the place of their neighbours; of short
        words only one.
        """
        if len(stem) < SHORTEST or not stem.isalpha():
            return []
        allowed = min(allowed, 1 if len(stem) < 6 else 2)
        shared = Counter(
            other for part in set(_trigrams(stem)) for other in self._by_trigram.get(part, ())
        )
        near: dict[int, list[str]] = defaultdict(list)
        for other, _count in sorted(shared.items(), key=lambda item: (-item[1], item[0]))[
            :MOST_COMPARED
        ]:
            distance = edits(stem, other, allowed)
            if distance <= allowed and distance < len(other) - 1:
                near[distance].append(other)
        if not near:
            return []
        best = near[min(near)]
        # A first letter is seldom wrong.
        return [other for other in best if other[0] == stem[0]] or best

    def parts(self, stem: str) -> tuple[str, str] | None:
        """Return the two words that were written as one, None if they are not two."""
        for place in range(3, len(stem) - 1):
            if stem[:place] in self.stems and stem[place:] in self.stems:
                return stem[:place], stem[place:]
        return None

    @cached_property
    def _by_trigram(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for stem in sorted(self.stems):
            if len(stem) >= SHORTEST and stem.isalpha():
                for part in set(_trigrams(stem)):
                    found[part].append(stem)
        return dict(found)


def _trigrams(word: str) -> list[str]:
    padded = f"  {word} "
    return [padded[n : n + 3] for n in range(len(padded) - 2)]


def edits(one: str, other: str, most: int) -> int:
    """Return how many letters must be put in, taken out, changed or swapped with their neighbour
    to make one word of the other (optimal string alignment); `most` + 1 for more than that."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last_but_one, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = before[j - 1] + (letter != wanted)
            cost = min(cost, before[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last_but_one[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
