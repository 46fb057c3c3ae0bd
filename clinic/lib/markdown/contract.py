"""What goes into the renderer and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.safestring import SafeString

Mark = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CiteItem:
    """One source within a citation, in the terms of Pandoc's grammar.

    `locator` is the place in the source as written ("p. 3"; a bare "3" becomes "p. 3").
    """

    key: str
    locator: str = ""
    prefix: str = ""
    suffix: str = ""
    suppress_author: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the table of contents; `level` is 2 or 3."""

    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the writer should look at. `line` counts from 1 in the given text.

    `must` problems stop publishing: part of the text would be wrong or missing.
    """

    line: int
    code: str
    message: str
    must: bool


@dataclass(frozen=True, slots=True)
class Rendered:
    """Safe HTML with numbered marks (see `fill`), and what was learnt on the way.

    `plain` is the text without any markup, for search; `words` is its length in words.
    """

    html: SafeString
    toc: tuple[Heading, ...]
    problems: tuple[Problem, ...]
    marks: tuple[Mark, ...]
    words: int
    plain: str


class Resolver(Protocol):
    """What the renderer asks about things it does not know: sources, names and pictures.

    `cite` is called in reading order, once for each citation; the other methods may be called
    more often than that and should be cheap.
    """

    @property
    def schemes(self) -> frozenset[str]:
        """Schemes of links by name, such as `article` in `article:low-back-pain`."""

    def known(self, key: str) -> bool:
        """Say whether there is a source of this key."""

    def cite(
        self, items: Sequence[CiteItem], *, narrative: bool, line: int, sentence: str
    ) -> str | Mark | None:
        """Return the HTML of a citation, or a mark to be filled later; None if unknown.

        `narrative` citations are part of the sentence ("Chys et al., 2023, found"). `sentence`
        is the plain text around the citation: bracketed citations are left out of it,
        narrative ones stand as `@key`.
        """

    def link(self, scheme: str, name: str) -> Mapping[str, Any] | None:
        """Return what the mark of a named link holds, or None if there is no such thing."""

    def image(self, src: str) -> Mapping[str, Any] | None:
        """Return what the mark of a picture holds, or None if it is not one of ours."""
