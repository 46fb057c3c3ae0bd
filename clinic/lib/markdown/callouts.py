"""Callouts: `!!! tip "Title"` and a body that is indented by four spaces."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

TITLES: dict[str, Promise] = {
    "insight": _("From the treatment room"),
    "case": _("Example"),
    "tip": _("Tip"),
    "warning": _("Before you continue"),
    "urgent": _("Get help today"),
    "emergency": _("Get help now"),
}
# Said before the title to those who do not see the card's colour; the words of NHS care cards,
# https://service-manual.nhs.uk/design-system/components/care-cards
URGENCY: dict[str, Promise] = {
    "warning": _("Important: "),
    "urgent": _("Urgent advice: "),
    "emergency": _("Immediate action required: "),
}
WITH_EMERGENCY_NUMBERS = frozenset({"urgent", "emergency"})

_INDENT = 4
_OPENING = re.compile(r"!!![ \t]*(?P<kind>[^\W\d_][\w-]*)[ \t]*(?P<title>.*)")
_QUOTES = "\"'“”„‟«»‘’"


def callouts(md: MarkdownIt) -> None:
    """Teach the parser callouts."""
    md.block.ruler.before(
        "fence", "callout", _rule, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("!!!", first):
        return False
    line = state.src[first : state.eMarks[start]]
    opening = _OPENING.fullmatch(line)
    if opening is None:
        return False
    if silent:
        return True
    body_end = _body_end(state, start, end)
    kind = opening["kind"].lower()
    if kind in TITLES:
        token = state.push("callout_open", "", 1)
        token.meta = {"kind": kind, "empty": body_end == start + 1}
        _inline(state, _without_quotes(opening["title"].strip()), start)
        _body(state, start + 1, body_end)
        state.push("callout_close", "", -1).meta = {"kind": kind}
    else:
        token = state.push("unknown_callout", "", 0)
        token.meta = {"kind": opening["kind"]}
        token.map = [start, start + 1]
        state.push("paragraph_open", "p", 1)
        _inline(state, line.strip(), start)
        state.push("paragraph_close", "p", -1)
        _body(state, start + 1, body_end)
    state.line = body_end
    return True


def _without_quotes(title: str) -> str:
    return title.strip(_QUOTES) if title and title[0] in _QUOTES else title


def _body_end(state: StateBlock, start: int, end: int) -> int:
    """Return the line after the last indented one."""
    last = start
    for line in range(start + 1, end):
        if state.isEmpty(line):
            continue
        if state.sCount[line] - state.blkIndent < _INDENT:
            break
        last = line
    return last + 1


def _inline(state: StateBlock, content: str, line: int) -> None:
    token = state.push("inline", "", 0)
    token.content = content
    token.map = [line, line + 1]
    token.children = []


def _body(state: StateBlock, start: int, end: int) -> None:
    line_max, parent, tight = state.lineMax, state.parentType, state.tight
    state.lineMax, state.parentType = end, "callout"
    state.blkIndent += _INDENT
    state.md.block.tokenize(state, start, end)
    state.blkIndent -= _INDENT
    state.lineMax, state.parentType, state.tight = line_max, parent, tight
