"""Entities and tags that other programs leave in text: `M&uuml;ller`, `<jats:italic>`, `&lt;i&gt;`.

CSL-JSON knows four tags: `i`, `b`, `sub` and `sup`.
"""

import html
import re
from html.entities import html5

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_TAG = re.compile(r"<(/?)((?:jats|mml|ce|m|h):)?([A-Za-z][A-Za-z0-9-]{0,30})(?:\s[^<>]*)?/?>")
_KEPT = {"i": "i", "b": "b", "sub": "sub", "sup": "sup"} | {
    "em": "i", "italic": "i", "strong": "b", "bold": "b", "inf": "sub",
}  # fmt: skip
# Of these the text stays. Others (`<script>`, "<6") are no markup and stay as they are.
_DROPPED = re.compile(
    "p|br|div|title|sec|u|sc|font|small|big|tt|underline|roman|list|list-item|abstract|math|"
    "m[ion]|mrow|mtext|mstyle|msub|msup|mspace|inline-formula|alternatives|tex-math|xref"
)
_APART = ("p", "br", "title", "sec", "list-item")
_DEEPEST = 2  # "&amp;#x2013;": escaped by two programs, one after the other


def undo_entities(text: str) -> str:
    """Return the text with the signs that its entities name; `&` alone stays."""
    for _level in range(_DEEPEST):
        if "&" not in text:
            break
        text = _ENTITY.sub(_sign, text)
    return text


def _sign(found: re.Match[str]) -> str:
    entity = found.group()
    known = entity[1] == "#" or entity[1:] in html5
    return html.unescape(entity).replace("\N{NO-BREAK SPACE}", " ") if known else entity


def tidy(text: str) -> str:
    """Return a text without entities, with the tags that CSL-JSON knows under its names.

    A tag without its other half is no markup and stays as it is.
    """
    if "&" not in text and "<" not in text:
        return text
    text = undo_entities(text)
    pieces: list[str] = []
    opened: list[tuple[str, int]] = []  # tags that are open, and where their piece is
    end = 0
    for found in _TAG.finditer(text):
        closes, prefix, name = found[1], found[2], found[3].lower()
        kept = _KEPT.get(name)
        if not (kept or prefix or _DROPPED.fullmatch(name)):
            continue
        pieces.append(text[end : found.start()])
        end = found.end()
        if not kept:
            pieces.append(" " if name in _APART else "")
        elif not closes:
            opened.append((kept, len(pieces)))
            pieces.append(found.group())
        elif opened and opened[-1][0] == kept:
            pieces[opened.pop()[1]] = f"<{kept}>"
            pieces.append(f"</{kept}>")
        else:
            pieces.append(found.group())
    if not end:
        return text
    text = "".join([*pieces, text[end:]])
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


def without_tags(text: str) -> str:
    """Return a text without entities and without any of these tags."""
    return re.sub(r"</?(?:i|b|sub|sup)>", "", tidy(text))
