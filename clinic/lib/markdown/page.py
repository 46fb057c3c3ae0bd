"""What one rendering gathers while it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.utils.html import escape
from django.utils.text import slugify

from clinic.lib.markdown.contract import Heading, Mark, Problem
from clinic.lib.markdown.marks import place, without_marks


def text_html(text: str) -> str:
    """Escape text of a writer. All user text passes here, so none can hold a mark."""
    return str(escape(without_marks(text)))


class Page:
    """Marks, problems, headings, ids and plain text of one rendering."""

    def __init__(self, id_prefix: str = "") -> None:
        self.marks: list[Mark] = []
        self.problems: list[Problem] = []
        self.toc: list[Heading] = []
        self.said: list[str] = []
        self._id_prefix = id_prefix
        self._ids: set[str] = set()
        self._repeats: Counter[str] = Counter()

    def mark(self, what: Mapping[str, Any]) -> str:
        """Add a mark and return what stands for it in the HTML."""
        self.marks.append(dict(what))
        return place(len(self.marks) - 1)

    def problem(self, line: int, code: str, message: str, *, must: bool = False) -> None:
        """Note a problem of this line (from 1)."""
        self.problems.append(Problem(line, code, message, must))

    def new_id(self, words: str) -> str:
        """Return an ASCII id after these words that nothing else on the page has."""
        base = self._id_prefix + (slugify(words)[:80].strip("-") or "section")
        name = base
        while name in self._ids:
            self._repeats[base] += 1
            name = f"{base}-{self._repeats[base] + 1}"
        self._ids.add(name)
        return name
