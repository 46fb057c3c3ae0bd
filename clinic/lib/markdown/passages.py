"""The passages of rendered HTML: what stands under each heading, as plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from clinic.lib.markdown.contract import Mark
from clinic.lib.markdown.marks import fill, without_marks

# Those of the text: the titles of callouts have a class.
_HEADING = re.compile(r'<h[1-6] id="([^"]+)">(.*?)</h[1-6]>', re.DOTALL)
_BLOCK_END = re.compile(r"</(?:p|li|t[dhr]|h[1-6]|d[dt]|blockquote|figcaption|aside|div)>|<br\b")
_TAG = re.compile(r"<[^<>]*>")
# The signs of side notes, and the links back from them.
_NOTE_SIGNS = re.compile(
    r'<sup class="noteref"><a [^<>]*>[^<>]*</a></sup>'
    r'|<(a|span) class="note-(?:back|number)"[^<>]*>[^<>]*</\1>'
)


def passages(html: str, marks: Sequence[Mark] = ()) -> list[tuple[str, str, str]]:
    """Return (anchor, heading, text) of each part of the HTML; the first is what stands before
    all headings. Citations that are read aloud are their names, other marks nothing."""
    filled = str(fill(html, marks, lambda mark: str(mark.get("text") or "")))
    pieces = _HEADING.split(filled)
    found = [("", "", plain_of(pieces[0]))]
    for anchor, heading, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        found.append((anchor, " ".join(plain_of(heading).split()), plain_of(text)))
    return found


def plain_of(html: str) -> str:
    """Return what HTML of the renderer says, one line for each block."""
    said = _NOTE_SIGNS.sub("", html)
    lines = _TAG.sub("", _BLOCK_END.sub(r"\n\g<0>", said)).split("\n")
    words = (" ".join(unescape(line).split()) for line in lines)
    return without_marks("\n".join(re.sub(r" (?=[.,;:!?)])", "", line) for line in words if line))
