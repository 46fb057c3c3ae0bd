"""The words around what was found, as safe HTML."""

from collections.abc import Collection

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from clinic.lib.search.words import places, stem

WORDS = 28
BEFORE = 6  # words before the first that was found


def snippet(
    text: str, phrases: Collection[tuple[str, ...]], beginnings: Collection[str] = ()
) -> SafeString:
    """Cut out of a text the place that has most of these phrases of stems, and mark them there."""
    found = list(places(text))
    stems = [stem(word) for word, _start, _end in found]
    alone = {phrase[0] for phrase in phrases if len(phrase) == 1}
    begins = tuple(beginnings)
    hits = [stem in alone or (bool(begins) and stem.startswith(begins)) for stem in stems]
    for phrase in phrases:
        if len(phrase) > 1 and phrase[0] in stems:
            for n in range(len(stems) - len(phrase) + 1):
                if tuple(stems[n : n + len(phrase)]) == phrase:
                    hits[n : n + len(phrase)] = [True] * len(phrase)
    first = _best_place(hits)
    last = min(first + WORDS, len(found)) - 1
    if last < 0:
        return format_html("{}", text)
    begin = found[first][1] if first else 0
    end = found[last][2] if last < len(found) - 1 else len(text)
    pieces: list[tuple[SafeString | str]] = [("… " if first else "",)]
    at = begin
    for (_word, start, stop), hit in zip(found[first : last + 1], hits[first:], strict=False):
        if hit:
            pieces += [(text[at:start],), (format_html("<mark>{}</mark>", text[start:stop]),)]
            at = stop
    pieces += [(text[at:end],), ("" if last == len(found) - 1 else " …",)]
    return format_html_join("", "{}", pieces)


def _best_place(hits: list[bool]) -> int:
    """Return the first word of the stretch with most hits, with some words before them."""
    best, place = 0, 0
    for n, hit in enumerate(hits):
        if hit and (count := sum(hits[n : n + WORDS - BEFORE])) > best:
            best, place = count, n
    place = max(place - BEFORE, 0)
    return max(min(place, len(hits) - WORDS), 0)
