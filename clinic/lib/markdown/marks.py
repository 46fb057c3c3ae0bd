"""Marks: numbered places in rendered HTML for what may change after publishing.

In HTML a mark is its number between two private-use characters. User text never contains
them (`without_marks`), so a mark cannot be forged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from django.utils.safestring import SafeString, mark_safe

from clinic.lib.markdown.contract import Mark

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([0-9]{{1,9}}){_CLOSE}")
# Lone surrogates too: they are no characters and cannot be written as UTF-8. And NUL, which an
# address may hold (%00) and PostgreSQL does not take.
_NEVER_IN_TEXT = re.compile("[\0\ue000\ue001\ud800-\udfff]")


def without_marks(text: str) -> str:
    """Return the text without the characters that make a mark, NUL and lone surrogates."""
    return _NEVER_IN_TEXT.sub("", text)


def place(number: int) -> str:
    """Return the characters that stand in the HTML for the mark of this number."""
    return f"{_OPEN}{number}{_CLOSE}"


def fill(html: str, marks: Sequence[Mark], filler: Callable[[Mark], str]) -> SafeString:
    """Replace each mark in one pass by what `filler` returns: trusted HTML (`format_html`).

    What a filler returns is not searched again. A number without a mark becomes nothing.
    """

    def draw(match: re.Match[str]) -> str:
        number = int(match[1])
        return filler(marks[number]) if number < len(marks) else ""

    return mark_safe(_MARK.sub(draw, html))  # noqa: S308 (sanitised by the renderer)
