"""Keys of references: readable, unique, never changed. `chys2023`, then `chys2023a`."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, product
from string import ascii_lowercase
from typing import Any

from articles.references.styles import ama

LONGEST_BASE = 48  # of the 60 characters that a key may have
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_FOLDED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


class Keys:
    """Hands out keys that are not taken."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._endings: dict[str, Iterator[str]] = {}

    def make(self, csl: Mapping[str, Any], wish: str = "") -> str:
        """A new key: the wish, if it is one and free; else of first author and year."""
        key = wish if _KEY.fullmatch(wish) else ""
        if not key or key in self._taken:
            base = key or base_of(csl)
            key = base
            endings = self._endings.setdefault(base, _endings(base))
            while key in self._taken:
                key = next(endings)
        self._taken.add(key)
        return key


def base_of(csl: Mapping[str, Any]) -> str:
    """`chys2023` for Chys et al., 2023; without an author, of the first words of the title."""
    name = _letters(ama.short_name({"author": csl.get("author"), "editor": csl.get("editor")}))
    words = map(_letters, ama.plain_title(csl).split())
    who = name or "".join([word for word in words if len(word) > 3][:2])
    return f"{(who or 'source')[: LONGEST_BASE - 4]}{ama.year(csl)}"


def _letters(text: str) -> str:
    """The letters of the Latin alphabet in a name, small and without accents."""
    text = re.sub(r"(?:,| et al\.| and ).*", "", text).lower().translate(_FOLDED)
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", text))


def _endings(base: str) -> Iterator[str]:
    """basea … basez, baseaa …; after a base that ends in a letter with a hyphen between."""
    joint = "" if base[-1:].isdigit() else "-"
    for length in count(1):
        for letters in product(ascii_lowercase, repeat=length):
            yield f"{base[:52]}{joint}{''.join(letters)}"
