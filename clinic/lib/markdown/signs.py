"""Lists whose lines begin with a sign: ✓ check list, ✗ "not for you" list, • plain list.

They come in pasted text, so spaces before the sign and empty lines between items do not matter,
and a line that is not indented ends its item. Lists of `- ✓ text` become the same lists.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_KINDS = {"✓": "ticks", "✔": "ticks", "✗": "crosses", "✘": "crosses", "•": ""}
_SIGN = re.compile("([✓✔✗✘•])\ufe0f?[ \t\u00a0]*")
# How much deeper than the first sign of its list a line stands that belongs to an item (text)
# or that begins a list within it (a sign).
_TEXT_INDENT, _SIGN_INDENT = 2, 4


def sign_lists(md: MarkdownIt) -> None:
    """Teach the parser lists that begin with a sign."""
    md.block.ruler.before(
        "code", "sign_list", _rule, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.core.ruler.after("inline", "sign_items", _mark_bullet_lists)


def _sign(state: StateBlock, line: int) -> re.Match[str] | None:
    return _SIGN.match(state.src, state.bMarks[line] + state.tShift[line], state.eMarks[line])


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    sign = _sign(state, start)
    if sign is None:
        return False
    if silent:
        return True
    if _begins_marked_item(state):
        return False
    kind = _KINDS[sign[1]]
    base = state.sCount[start]
    opening = state.push("bullet_list_open", "ul", 1)
    opening.meta = {"signs": kind}
    line, next_line = start, start
    while sign is not None and _KINDS[sign[1]] == kind:
        next_line = _item_end(state, line, end, base)
        _item(state, line, next_line, sign.end(), base)
        line = next_line
        while line < end and state.isEmpty(line):
            line += 1
        if line >= end or state.sCount[line] < state.blkIndent:
            break
        sign = _sign(state, line)
    state.push("bullet_list_close", "ul", -1).meta = {"signs": kind}
    opening.map = [start, next_line]
    state.line = next_line
    return True


def _begins_marked_item(state: StateBlock) -> bool:
    """Say whether the sign follows a list's own marker, as in `- ✓ text`."""
    last = state.tokens[-1] if state.tokens else None
    return last is not None and last.type == "list_item_open" and bool(last.markup)


def _item_end(state: StateBlock, start: int, end: int, base: int) -> int:
    """Return the line after the last one of the item that starts here."""
    last = start
    for line in range(start + 1, end):
        if state.isEmpty(line):
            continue
        deeper = state.sCount[line] - base
        if deeper < (_SIGN_INDENT if _sign(state, line) else _TEXT_INDENT):
            break
        last = line
    return last + 1


def _item(state: StateBlock, start: int, end: int, content: int, base: int) -> None:
    """Parse one item, whose text starts at offset `content`, as a list item of its own."""
    opening = state.push("list_item_open", "li", 1)
    opening.map = [start, end]
    first_token = len(state.tokens)
    before = (state.lineMax, state.blkIndent, state.tight, state.parentType)
    first_line = (state.bMarks[start], state.tShift[start], state.sCount[start])
    state.lineMax, state.tight, state.parentType = end, True, "list"
    state.blkIndent = base + _TEXT_INDENT
    state.bMarks[start], state.tShift[start], state.sCount[start] = content, 0, state.blkIndent
    state.md.block.tokenize(state, start, end)
    if state.tight:
        for token in state.tokens[first_token:]:
            if token.level == opening.level + 1 and token.tag == "p":
                token.hidden = True
    state.bMarks[start], state.tShift[start], state.sCount[start] = first_line
    state.lineMax, state.blkIndent, state.tight, state.parentType = before
    state.push("list_item_close", "li", -1)


def _mark_bullet_lists(state: StateCore) -> None:
    """Find bullet lists of which every item begins with the same kind of sign."""
    open_lists: list[tuple[Token, list[Token | None]]] = []
    for number, token in enumerate(state.tokens):
        if token.type == "bullet_list_open":
            open_lists.append((token, []))
        elif token.type == "list_item_open" and open_lists:
            open_lists[-1][1].append(_first_text(state.tokens, number))
        elif token.type == "bullet_list_close":
            opening, texts = open_lists.pop()
            _take_signs(opening, texts)
        elif token.type == "ordered_list_open":
            open_lists.append((token, []))
        elif token.type == "ordered_list_close":
            open_lists.pop()


def _first_text(tokens: list[Token], item: int) -> Token | None:
    """Return the text that an item begins with, if it begins with text."""
    for token in tokens[item + 1 : item + 3]:
        if token.type == "inline" and token.children and token.children[0].type == "text":
            return token.children[0]
    return None


def _take_signs(opening: Token, texts: list[Token | None]) -> None:
    if opening.meta.get("signs") is not None:
        return
    signs = [_SIGN.match(text.content) if text else None for text in texts]
    kinds = {_KINDS[sign[1]] if sign else None for sign in signs}
    if len(kinds) != 1 or None in kinds:
        return
    opening.meta["signs"] = kinds.pop()
    for text, sign in zip(texts, signs, strict=True):
        if text and sign:
            text.content = text.content[sign.end() :]
