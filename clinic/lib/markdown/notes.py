"""Footnotes: `[^a]` in the text and `[^a]: what it says` anywhere."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from string import ascii_lowercase

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from clinic.lib.markdown.page import Page

_REFERENCE = re.compile(r"\[\^([^\]\s\[]{1,80})\]")


@dataclass(slots=True)
class Note:
    """What one footnote says and where (line from 1); number and ids once it is referred to."""

    label: str
    line: int
    tokens: list[Token] = field(default_factory=list)
    number: int = 0
    id: str = ""
    reference_id: str = ""

    @property
    def sign(self) -> str:
        """Return the letter of the note, a to z, then aa: numbers are those of the sources."""
        sign, number = "", self.number
        while number:
            number, letter = divmod(number - 1, 26)
            sign = ascii_lowercase[letter] + sign
        return sign


class Notes:
    """The footnotes of one text, numbered as the references to them are met."""

    def __init__(self, notes: Iterable[Note], page: Page) -> None:
        self._page = page
        self._defined: dict[str, Note] = {}
        self._repeated: list[Note] = []
        self._waiting: deque[Note] = deque()
        self._count = 0
        for note in notes:
            if note.label in self._defined:
                self._repeated.append(note)
            else:
                self._defined[note.label] = note

    def refer(self, label: str) -> tuple[Note, str] | None:
        """Return a note and the id for this reference to it; None if there is no such note."""
        note = self._defined.get(label)
        if note is None:
            return None
        if note.number:
            return note, self._page.new_id(f"fnref-{note.number}")
        self._count += 1
        note.number = self._count
        note.id = self._page.new_id(f"fn-{note.number}")
        note.reference_id = self._page.new_id(f"fnref-{note.number}")
        self._waiting.append(note)
        return note, note.reference_id

    def take_waiting(self) -> Iterator[Note]:
        """Yield the notes that were referred to and are not yet placed, also those met now."""
        while self._waiting:
            yield self._waiting.popleft()

    def never_shown(self) -> list[Note]:
        """Return notes that nothing refers to, and second notes of the same name."""
        return [*(note for note in self._defined.values() if not note.number), *self._repeated]


def footnotes(md: MarkdownIt) -> None:
    """Teach the parser footnotes.

    The plug-in reads the definitions. Its rule for references looks ahead without bound and
    passes over those without a definition, so ours takes its place.
    """
    footnote_plugin(md, inline=False, move_to_end=False)
    md.inline.ruler.at("footnote_ref", _rule)


def take_notes(tokens: list[Token]) -> tuple[list[Token], list[Note]]:
    """Split tokens into the text and the notes that are defined in it."""
    text: list[Token] = []
    notes: list[Note] = []
    open_notes: list[Note] = []
    for token in tokens:
        if token.type == "footnote_reference_open":
            line = token.map[0] + 1 if token.map else 1
            open_notes.append(Note(token.meta["label"], line))
            notes.append(open_notes[-1])
        elif token.type == "footnote_reference_close":
            open_notes.pop()
        else:
            (open_notes[-1].tokens if open_notes else text).append(token)
    return text, notes


def _rule(state: StateInline, silent: bool) -> bool:
    reference = _REFERENCE.match(state.src, state.pos, state.posMax)
    if reference is None:
        return False
    if not silent:
        token = state.push("note", "", 0)
        token.content = reference[0]
        token.meta = {"label": reference[1]}
    state.pos = reference.end()
    return True
