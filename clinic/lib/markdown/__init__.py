"""The one way from staff text to safe HTML.

CommonMark with tables and footnotes, and the clinic's own forms: citations, callouts, lists that
begin with ✓ ✗ •, links by name, pictures of the picture store. No HTML passes from the text.

Everything may call it. It must not know a model: names are resolved by its caller.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from clinic.lib.markdown.blocks import BlockWriter
from clinic.lib.markdown.callouts import callouts
from clinic.lib.markdown.citations import citations
from clinic.lib.markdown.contract import CiteItem, Heading, Mark, Problem, Rendered, Resolver
from clinic.lib.markdown.inlines import InlineWriter
from clinic.lib.markdown.marks import fill, without_marks
from clinic.lib.markdown.notes import Notes, footnotes, take_notes
from clinic.lib.markdown.page import Page
from clinic.lib.markdown.passages import passages, plain_of
from clinic.lib.markdown.plain import plain_text
from clinic.lib.markdown.raised import raised_signs
from clinic.lib.markdown.signs import sign_lists
from clinic.lib.markdown.wall import sanitise

__all__ = [
    "FORMAT",
    "RENDERER_VERSION",
    "CiteItem",
    "Heading",
    "Mark",
    "Problem",
    "Rendered",
    "Resolver",
    "fill",
    "passages",
    "plain_inline",
    "plain_of",
    "render",
    "render_inline",
]

# Raise it when the same text gives other HTML: stored renderings are then made again.
RENDERER_VERSION = 7

# Raise it when a sign gets a meaning that it did not have: editions keep the format of their text.
FORMAT = 2

# What is before a row in a quote or list, and where a cell ends.
_BEFORE_ROW = re.compile(r"^[\s>]*(?:(?:[-*+]|\d+[.)])\s+)?")
_CELL_END = re.compile(r"(?<!\\)\|")

# Blocks within blocks: a list in a list counts four. The parser drops what lies deeper.
_DEEPEST = 20


def render(
    text: str, *, resolver: Resolver | None = None, id_prefix: str = "", format: int = FORMAT
) -> Rendered:
    """Turn a text, written in this format, into safe HTML with marks for what may change later
    (see `fill`).

    Every id begins with `id_prefix`, so that several texts can share a page. Without a resolver
    citations and links by name stay plain text and a picture is its alt text, without problems.
    Never raises, whatever the text; time grows with its length.
    """
    page = Page(id_prefix)
    tokens, defined = take_notes(
        _parser().parse(without_marks(text), {"resolver": resolver, "format": format})
    )
    notes = Notes(defined, page)
    html = BlockWriter(page, notes, resolver).write(tokens)
    _check_rows(page, text, [*tokens, *(token for note in defined for token in note.tokens)])
    _check_depth(page, [*tokens, *(token for note in defined for token in note.tokens)])
    for note in notes.never_shown():
        page.problem(
            note.line,
            "unused-note",
            _(
                "This footnote is not shown: nothing refers to it, or another footnote has the "
                "same label. Put [^%(label)s] where it belongs."
            )
            % {"label": note.label},
        )
    plain = "\n".join(said for said in page.said if said.strip())
    return Rendered(
        html=sanitise(html),
        toc=tuple(page.toc),
        problems=tuple(sorted(page.problems, key=lambda problem: problem.line)),
        marks=tuple(page.marks),
        words=len(plain.split()),
        plain=plain,
    )


def render_inline(text: str, *, resolver: Resolver | None = None) -> SafeString:
    """Turn one line into safe HTML without marks: emphasis, citations, links by address.

    Links by name become their words, pictures their alt text, a citation that the resolver gives
    as a mark the mark's `text`. Use `render` where these are wanted.
    """
    page = Page()
    writer = InlineWriter(page, Notes([], page), resolver)
    html = "".join(writer.write(token) for token in _parse_line(text, resolver))
    return fill(
        sanitise(html), page.marks, lambda mark: escape(mark.get("alt") or mark.get("text") or "")
    )


def plain_inline(text: str) -> str:
    """Return what one line of markup says, without the markup: for summaries and titles."""
    return "".join(plain_text(token.children) for token in _parse_line(text, None)).strip()


@cache
def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST}).enable("table")
    # Addresses are judged by the writer, which names the problem; the sanitiser judges them again.
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    for extension in (footnotes, citations, callouts, sign_lists, raised_signs):
        md.use(extension)
    return md


def _parse_line(text: str, resolver: Resolver | None) -> list[Token]:
    return _parser().parseInline(without_marks(text), {"resolver": resolver})


def _check_rows(page: Page, text: str, tokens: list[Token]) -> None:
    """Note rows with more cells than the head of their table: the parser drops these."""
    lines = text.split("\n")
    for token in tokens:
        if token.type != "table_open" or not token.map:
            continue
        first, end = token.map
        width = len(_cells(lines[first]))
        for number in range(first + 2, end):
            if extra := [cell for cell in _cells(lines[number])[width:] if cell.strip()]:
                page.problem(
                    number + 1,
                    "extra-cells",
                    _(
                        "“%(words)s” is not shown, because this row has more cells than the head "
                        "of the table. Add a column to the head, or join the cells."
                    )
                    % {"words": " ".join(extra)[:80].strip()},
                    must=True,
                )


def _cells(line: str) -> list[str]:
    row = _BEFORE_ROW.sub("", line.rstrip()).removeprefix("|")
    return _CELL_END.split(row[:-1] if re.search(r"(?<!\\)\|$", row) else row)


def _check_depth(page: Page, tokens: list[Token]) -> None:
    line = 1
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        if token.level >= _DEEPEST - 1 and token.nesting == 1:
            page.problem(
                line,
                "too-deep",
                _("Lists and quotes are nested too deeply here; deeper levels are not shown."),
                must=True,
            )
            return
