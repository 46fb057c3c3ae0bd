"""Words that mean the same: what staff entered, ready to be found in a query."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from clinic.lib.search.words import stems
from clinic.models import SynonymGroup
from clinic.site import page_context

Phrase = tuple[str, ...]  # stems


@dataclass(frozen=True)
class Synonyms:
    """others: of each phrase the others of its groups. pages: what to show first for it."""

    others: dict[Phrase, tuple[Phrase, ...]]
    pages: dict[Phrase, str]
    longest: int  # stems of the longest phrase

    def longest_at(self, query: Sequence[str], start: int) -> Phrase | None:
        """Return the longest phrase that begins at this place of a query."""
        for length in range(min(self.longest, len(query) - start), 0, -1):
            phrase = tuple(query[start : start + length])
            if phrase in self.others:
                return phrase
        return None


def current() -> Synonyms:
    """Return all synonyms; kept for the content version."""
    return page_context.once("search synonyms", _read)


def _read() -> Synonyms:
    others: dict[Phrase, dict[Phrase, None]] = defaultdict(dict)
    pages: dict[Phrase, str] = {}
    for words, page in SynonymGroup.objects.order_by("id").values_list("words", "page"):
        phrases = [phrase for part in words.split(",") if (phrase := tuple(stems(part)))]
        for phrase in phrases:
            others[phrase] |= {other: None for other in phrases if other != phrase}
            if page:
                pages.setdefault(phrase, page)
    return Synonyms(
        {phrase: tuple(found) for phrase, found in others.items()},
        pages,
        max(map(len, others), default=0),
    )
