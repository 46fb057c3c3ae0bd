"""Plain text of parsed inline markup, and the sentences in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from markdown_it.token import Token

from clinic.lib.markdown.marks import without_marks
from clinic.lib.markdown.raised import plain

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*\s+(?=[\"'“‘(]{0,3}[A-Z0-9À-Þ@])")
_ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|al|vs|cf|dr|mr|mrs|ms|prof|st|no|fig|approx)$", re.IGNORECASE
)


def plain_text(tokens: Sequence[Token] | None) -> str:
    """Return what inline tokens say: a picture is its alt text, a drawn citation its name."""
    return without_marks("".join(_said(token) for token in tokens or ()))


def _said(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    if token.type == "image":
        return plain_text(token.children)
    if token.type == "cite":
        return str(token.meta.get("said", token.content))
    if token.type in ("raised", "lowered"):
        return plain(token.type, token.content)
    if token.type == "note":
        return "" if token.meta.get("placed") else token.content
    return token.content


def sentences_of_citations(tokens: Sequence[Token]) -> dict[int, str]:
    """Return the sentence around each citation, by the citation's index in `tokens`.

    A bracketed citation belongs to the sentence before it, also when it stands after the
    full stop; a narrative one to the sentence that it is a word of.
    """
    pieces: list[str] = []
    length = end_of_words = 0
    offsets: dict[int, int] = {}
    for index, token in enumerate(tokens):
        said = _said(token)
        if token.type == "cite":
            narrative = token.meta["narrative"]
            offsets[index] = length if narrative else max(end_of_words - 1, 0)
            said = "@" + token.meta["items"][0].key if narrative else ""
        elif token.type == "note":
            said = ""
        pieces.append(said)
        if words := said.rstrip():
            end_of_words = length + len(words)
        length += len(said)
    if not offsets:
        return {}
    text = "".join(pieces)
    starts = [0, *_sentence_starts(text)]
    found: dict[int, str] = {}
    sentences: dict[int, str] = {}
    for index, offset in offsets.items():
        number = bisect_right(starts, offset) - 1
        if number not in sentences:
            end = starts[number + 1] if number + 1 < len(starts) else len(text)
            sentences[number] = tidy(without_marks(text[starts[number] : end]))
        found[index] = sentences[number]
    return found


def _sentence_starts(text: str) -> list[int]:
    return [
        match.end()
        for match in _SENTENCE_END.finditer(text)
        if not _ABBREVIATION.search(text, max(match.start() - 10, 0), match.start())
    ]


def tidy(text: str) -> str:
    """Close the gaps that left-out citations leave, and other extra space."""
    return re.sub(r" (?=[.,;:!?)])", "", " ".join(text.split()))
