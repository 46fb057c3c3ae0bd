"""Writes blocks: paragraphs, headings, lists, tables, callouts, figures and side notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from django.utils.translation import gettext as _
from markdown_it.token import Token

from clinic.lib.markdown.callouts import TITLES, URGENCY, WITH_EMERGENCY_NUMBERS
from clinic.lib.markdown.contract import Heading, Resolver
from clinic.lib.markdown.inlines import InlineWriter, caption
from clinic.lib.markdown.notes import Note, Notes
from clinic.lib.markdown.page import Page, text_html
from clinic.lib.markdown.plain import plain_text, tidy

# https://service-manual.nhs.uk/design-system/components/warning-callout
MOST_WARNINGS = 2
# A column head repeated in each cell of its column may not blow the page up.
_LONGEST_COLUMN_LABEL = 80
_MOST_IN_LABELS = 200_000  # characters on a page: each cell repeats the head of its column
_SIGN_LISTS: dict[str, Callable[[], str]] = {
    "ticks": lambda: _("Checklist"),
    "crosses": lambda: _("Not recommended"),
}


class BlockWriter:
    """Turns the tokens of a text into HTML, in reading order."""

    def __init__(self, page: Page, notes: Notes, resolver: Resolver | None) -> None:
        self._page = page
        self._notes = notes
        self._inlines = InlineWriter(page, notes, resolver)
        # The title of the article is h1. Within callouts headings are deeper still.
        self._highest_level = [2]
        self._last_level = 1
        self._warnings = 0
        self._columns: list[str] = []
        self._column = 0
        self._labelled = 0
        self._draw: dict[str, Callable[[Token], str]] = {
            "bullet_list_open": self._bullet_list,
            "ordered_list_open": self._ordered_list,
            "code_block": self._code,
            "fence": self._code,
            "table_open": self._table,
            "tr_open": self._row,
            "th_open": self._column_head,
            "th_close": self._column_head_end,
            "td_open": self._cell,
            "callout_close": self._callout_end,
        }

    def write(self, tokens: Sequence[Token]) -> str:
        """Return the HTML; each note follows the top-level block that refers to it."""
        out: list[str] = []
        for block in _top_level_blocks(tokens):
            out.append(self._blocks(block))
            out += [self._note(note) for note in self._notes.take_waiting()]
        return "".join(out)

    def _blocks(self, tokens: Sequence[Token]) -> str:
        out: list[str] = []
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.type == "inline":
                out.append(self._inlines.write(token))
            elif token.type == "paragraph_open":
                out.append(self._paragraph(token, tokens[index + 1]))
                index += 2
            elif token.type == "heading_open":
                out.append(self._heading(token, tokens[index + 1]))
                index += 2
            elif token.type == "callout_open":
                out.append(self._callout(token, tokens[index + 1]))
                index += 1
            elif token.type == "unknown_callout":
                self._unknown_callout(token)
            elif token.type in self._draw:
                out.append(self._draw[token.type](token))
            else:
                out.append(f"</{token.tag}>\n" if token.nesting < 0 else f"<{token.tag}>")
            index += 1
        return "".join(out)

    def _paragraph(self, token: Token, inline: Token) -> str:
        words = [child for child in inline.children or () if not _is_blank(child)]
        line = _line(inline)
        if words and all(child.type == "image" for child in words):
            return "".join(self._figure(child, line) for child in words)
        if words and (block := self._inlines.block_of(words, line)) is not None:
            return f"{block}\n" if block else f"<p>{text_html(plain_text(words))}</p>\n"
        html = self._inlines.write(inline)
        return html if token.hidden else f"<p>{html}</p>\n"

    def _figure(self, image: Token, line: int) -> str:
        alt = plain_text([image])
        self._page.said.append(f"{alt} {caption(image)}".strip())
        picture = self._inlines.picture(image, line)
        if picture is None:
            return f"<p>{text_html(alt)}</p>\n" if alt.strip() else ""
        words = caption(image)
        below = f"<figcaption>{text_html(words)}</figcaption>" if words else ""
        return f'<figure class="figure">{picture}{below}</figure>\n'

    def _heading(self, token: Token, inline: Token) -> str:
        line = _line(inline)
        if not plain_text(inline.children).strip():
            self._page.problem(
                line,
                "empty-heading",
                _("This heading is empty. Add text after the #, or remove it."),
            )
            return ""
        level = max(int(token.tag[1]), self._highest_level[-1])
        html = self._inlines.write(inline)
        text = tidy(plain_text(inline.children))
        name = self._page.new_id(text)
        if token.level == 0:
            self._place_heading(Heading(level, name, text), line)
        return f'<h{level} id="{name}">{html}</h{level}>\n'

    def _place_heading(self, heading: Heading, line: int) -> None:
        if heading.level > self._last_level + 1:
            self._page.problem(
                line,
                "heading-skipped",
                _("This heading skips a level. Start it with %(marks)s instead.")
                % {"marks": "#" * (self._last_level + 1)},
            )
        self._last_level = heading.level
        if heading.level <= 3:
            self._page.toc.append(heading)

    def _bullet_list(self, token: Token) -> str:
        kind = token.meta.get("signs")
        if not kind:
            return "<ul>\n"
        label = text_html(_SIGN_LISTS[kind]())
        return f'<ul class="{kind}" aria-label="{label}">\n'

    def _ordered_list(self, token: Token) -> str:
        start = token.attrs.get("start")
        return "<ol>\n" if start is None else f'<ol start="{start}">\n'

    def _code(self, token: Token) -> str:
        self._page.said.append(token.content)
        return f"<pre><code>{text_html(token.content)}</code></pre>\n"

    def _table(self, token: Token) -> str:
        self._columns = []
        return "<table>\n"

    def _row(self, token: Token) -> str:
        self._column = 0
        return "<tr>"

    def _column_head(self, token: Token) -> str:
        return f'<th scope="col"{_alignment(token)}>'

    def _column_head_end(self, token: Token) -> str:
        self._columns.append(text_html(self._page.said[-1][:_LONGEST_COLUMN_LABEL]))
        return "</th>"

    def _cell(self, token: Token) -> str:
        label = self._columns[self._column]
        self._column += 1
        if not label:
            return "<td>"
        self._labelled += len(label)
        named = f' data-label="{label}"' if self._labelled <= _MOST_IN_LABELS else ""
        return f"<td{named}{_alignment(token)}>"

    def _callout(self, token: Token, title: Token) -> str:
        kind = token.meta["kind"]
        if token.meta["empty"]:
            self._page.problem(
                _line(title),
                "empty-callout",
                _("This box is empty. Indent its text by four spaces."),
            )
        if kind == "warning":
            self._warnings += 1
            if self._warnings > MOST_WARNINGS:
                self._page.problem(
                    _line(title),
                    "too-many-warnings",
                    _("With more than %(most)d warnings on a page, readers stop noticing them.")
                    % {"most": MOST_WARNINGS},
                )
        if title.children:
            words = self._inlines.write(title)
        else:
            self._page.said.append(str(TITLES[kind]))
            words = text_html(str(TITLES[kind]))
        if kind not in URGENCY:
            self._highest_level.append(3)
            title_html = f'<div class="callout-title">{words}</div>\n'
            return f'<aside class="callout callout-{kind}">\n{title_html}'
        self._highest_level.append(4)
        card = self._page.new_id(f"card-{kind}")
        urgency = f'<span class="visually-hidden">{text_html(str(URGENCY[kind]))}</span>'
        return (
            f'<section class="card card-{kind}" aria-labelledby="{card}">\n'
            f'<h3 class="card-title" id="{card}">{urgency}{words}</h3>\n<div class="card-body">\n'
        )

    def _callout_end(self, token: Token) -> str:
        kind = token.meta["kind"]
        self._highest_level.pop()
        if kind not in URGENCY:
            return "</aside>\n"
        if kind not in WITH_EMERGENCY_NUMBERS:
            return "</div>\n</section>\n"
        return self._page.mark({"kind": "emergency-numbers"}) + "</div>\n</section>\n"

    def _unknown_callout(self, token: Token) -> None:
        self._page.problem(
            _line(token),
            "unknown-callout",
            _("There is no box type “%(kind)s”. Use one of: %(kinds)s.")
            % {"kind": token.meta["kind"], "kinds": ", ".join(TITLES)},
        )

    def _note(self, note: Note) -> str:
        back = text_html(_("Back to text"))
        return (
            f'<aside class="note" id="{note.id}" role="note">'
            f'<span class="note-number">{note.sign}</span>\n{self._blocks(note.tokens)}'
            f'<a class="note-back" href="#{note.reference_id}" role="doc-backlink" '
            f'aria-label="{back}">↩</a></aside>\n'
        )


def _top_level_blocks(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    start = depth = 0
    for index, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            yield tokens[start : index + 1]
            start = index + 1


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _is_blank(token: Token) -> bool:
    return token.type in ("softbreak", "hardbreak") or (
        token.type == "text" and not token.content.strip()
    )


def _alignment(token: Token) -> str:
    """Return the class for a column's alignment; style attributes are refused on our pages."""
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return f' class="align-{side}"' if side in ("center", "right") else ""
