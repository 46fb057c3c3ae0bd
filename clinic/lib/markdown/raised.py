"""Raised and lowered signs: `10^2^`, `H~2~O`.

No blanks and no square brackets are within, as in Pandoc
(https://pandoc.org/MANUAL.html#superscripts-and-subscripts), and lowered signs follow a letter, a
digit or a bracket, so that "~5–~10" stays as it is.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

# The first format that has them; texts of an earlier one keep their signs.
SINCE_FORMAT = 2

_ESCAPED = r"\\[!-/:-@\[-`{-~]"
_PATTERNS = {
    "^": re.compile(rf"\^((?:{_ESCAPED}|[^\s\\^\[\]]){{1,80}})\^"),
    "~": re.compile(rf"(?<=[\w)\]*])~((?:{_ESCAPED}|[^\s\\~\[\]]){{1,80}})~"),
}
# Where these signs mean something else: code, notes and addresses.
_ELSEWHERE = re.compile(
    r"(^(?:```|~~~).*?^(?:```|~~~)[ \t]*$|(?<!`)`++[^`]++`++|\[\^[^\]\s]{1,80}\]"
    r"|\]\((?:[^)\]]|\](?!\()){0,2000}+\))",
    re.M | re.S,
)
_TYPES = {"^": "raised", "~": "lowered"}
_UNESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_RAISED_DIGITS = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_HAS_RAISED = re.compile(r"[0-9+\-−()n]+")


def raised_signs(md: MarkdownIt) -> None:
    """Teach the parser raised and lowered signs. Off if `env["format"]` is an earlier one."""
    md.inline.ruler.after("emphasis", "raised", _rule)


def escaped(text: str) -> str:
    """Return a text of an earlier format so that it says the same in this one. For migrations."""
    parts = _ELSEWHERE.split(text)
    for index in range(0, len(parts), 2):
        for pattern in _PATTERNS.values():
            parts[index] = re.sub(
                rf"(?<!\\){pattern.pattern}",
                lambda found: f"\\{found[0][:-1]}\\{found[0][-1]}",
                parts[index],
            )
    return "".join(parts)


def plain(kind: str, text: str) -> str:
    """Return what raised or lowered signs are in plain text: 10², not 102."""
    if kind == "raised" and _HAS_RAISED.fullmatch(text):
        return text.translate(_RAISED_DIGITS)
    return text


def _rule(state: StateInline, silent: bool) -> bool:
    pattern = _PATTERNS.get(state.src[state.pos])
    if pattern is None or state.env.get("format", SINCE_FORMAT) < SINCE_FORMAT:
        return False
    found = pattern.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        token = state.push(_TYPES[found[0][0]], "", 0)
        token.content = _UNESCAPE.sub(r"\1", found[1])
    state.pos = found.end()
    return True
