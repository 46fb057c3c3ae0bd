"""Bold, emphasis, raised and lowered signs, and links: each leaf says what holds for it, and
neighbours that say the same are written together.

So it does not matter in how many runs a program wrote a sentence, whether marks lie around blocks
or in them, and on which side of a mark a space is.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from articles.importers.from_html.tree import Node

_TAGS = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "sup": "sup", "sub": "sub"}
_CODE = frozenset({"code", "kbd", "samp", "tt"})
_WHOLE = frozenset({"pre", "iframe", "video", "audio", "embed", "object"})
_ATOMS = frozenset({"br", "img", "note", "wbr"})
# What is written in bold or emphasis anyway.
_OWN = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "th", "dt", "summary"), "strong"),
    **dict.fromkeys(("figcaption", "caption"), "em"),
}
_NESTED = ("strong", "em", "sup", "sub")


@dataclass(frozen=True)
class _Leaf:
    node: Node
    marks: frozenset[str] = frozenset()
    link: str = ""

    @property
    def is_space(self) -> bool:
        return not self.node.tag and not self.node.text.strip()

    @property
    def first(self) -> str:
        return self.node.text[:1] if not self.node.tag else "!"

    @property
    def last(self) -> str:
        return self.node.text[-1:] if not self.node.tag else "!"

    def is_like(self, other: "_Leaf") -> bool:
        return (self.marks, self.link) == (other.marks, other.link)

    def with_text(self, text: str, marks: frozenset[str]) -> "_Leaf":
        return _Leaf(Node("", text), marks, self.link)


def spread_marks(root: Node) -> None:
    """Write the tree anew: blocks as they were, in them only text, breaks, images, code, notes,
    and around these `a`, in it `strong`, `em`, `sup` and `sub`."""
    root.children = _spread(root.children, frozenset(), "", "")


def _spread(nodes: Iterable[Node], marks: frozenset[str], link: str, own: str) -> list[Node]:
    out: list[Node] = []
    leaves: list[_Leaf] = []
    for entry in _entries(nodes, marks, link, own):
        if isinstance(entry, _Leaf):
            leaves.append(entry)
        else:
            out += _regrouped(leaves)
            leaves = []
            out.append(entry)
    return out + _regrouped(leaves)


def _entries(
    nodes: Iterable[Node], marks: frozenset[str], link: str, own: str
) -> Iterable[_Leaf | Node]:
    for node in nodes:
        if not node.tag or node.tag in _ATOMS:
            is_break = node.tag in ("br", "wbr")
            yield _Leaf(node, frozenset() if is_break else marks, "" if is_break else link)
        elif node.tag in _CODE:
            yield _Leaf(Node("code", children=[Node("", node.words)]), marks, link)
        elif node.tag in _WHOLE:
            yield node
        elif node.is_structure:
            inner_own = _OWN.get(node.tag, own)
            inner = _marks_of(node, marks) - {inner_own}
            yield replace(node, children=_spread(node.children, inner, link, inner_own))
        else:
            to = node.attributes.get("href", "").strip() if node.tag == "a" else ""
            quoted = [Node("", "“"), *node.children, Node("", "”")]
            inner_nodes = quoted if node.tag == "q" else node.children
            yield from _entries(inner_nodes, _marks_of(node, marks) - {own}, to or link, own)


def _marks_of(node: Node, marks: frozenset[str]) -> frozenset[str]:
    """The marks within a node: those around it, its own, and what its style says of them."""
    if node.tag in _TAGS:
        marks |= {_TAGS[node.tag]}
    style = node.style
    weight = style.get("font-weight", "")
    if weight in ("bold", "bolder") or (weight.isdecimal() and int(weight) >= 600):
        marks |= {"strong"}
    elif weight in ("normal", "lighter") or weight.isdecimal():
        marks -= {"strong"}
    if style.get("font-style", "").startswith(("italic", "oblique")):
        marks |= {"em"}
    elif style.get("font-style") == "normal":
        marks -= {"em"}
    if style.get("vertical-align") in ("super", "sub") and node.tag not in ("sup", "sub"):
        marks = marks - {"sup", "sub"} | {"sup" if style["vertical-align"] == "super" else "sub"}
    if {"sup", "sub"} <= marks:
        marks -= {"sub" if node.tag == "sup" else "sup"}
    return marks


def _regrouped(leaves: Sequence[_Leaf]) -> list[Node]:
    apart = _with_right_spaces(_with_spaces_apart(leaves))
    return _linked(_with_right_spaces(_with_right_edges(_without_tangles(apart))))


def _with_spaces_apart(leaves: Sequence[_Leaf]) -> list[_Leaf]:
    """Each leaf without space at its ends; spaces as leaves of their own; text in one piece."""
    out: list[_Leaf] = []
    for leaf in leaves:
        text = leaf.node.text
        if leaf.node.tag or not text:
            out += [leaf] if leaf.node.tag else []
            continue
        core = text.strip()
        start = len(text) - len(text.lstrip()) if core else len(text)
        for part in (text[:start], core, text[start + len(core) :]):
            last = out[-1] if out else None
            if not part:
                continue
            made = leaf.with_text(part, leaf.marks)
            if last and not last.node.tag and (
                (last.is_space and made.is_space)
                or (not made.is_space and not last.is_space and last.is_like(made))
            ):  # fmt: skip
                out[-1] = last.with_text(last.node.text + part, last.marks)
            else:
                out.append(made)
    return out


def _with_right_spaces(leaves: Sequence[_Leaf]) -> list[_Leaf]:
    """A space bears the marks that both its neighbours bear."""
    out = list(leaves)
    for place, leaf in enumerate(leaves):
        if leaf.is_space:
            before = leaves[place - 1] if place else _Leaf(leaf.node)
            after = leaves[place + 1] if place + 1 < len(leaves) else _Leaf(leaf.node)
            link = before.link if before.link == after.link else ""
            out[place] = _Leaf(leaf.node, before.marks & after.marks, link)
    return out


def _without_tangles(leaves: Sequence[_Leaf]) -> list[_Leaf]:
    """Within one word Markdown cannot tell emphasis that ends from bold that begins: bold stays."""
    out: list[_Leaf] = []
    for _key, group in groupby(
        leaves, lambda leaf: (leaf.is_space or leaf.node.tag == "br", leaf.link)
    ):
        word = list(group)
        marks = [leaf.marks & {"strong", "em"} for leaf in word]
        is_tangled = any(a and b and a != b for a, b in pairwise(marks))
        out += [replace(leaf, marks=leaf.marks - {"em"}) for leaf in word] if is_tangled else word
    return out


def _with_right_edges(leaves: Sequence[_Leaf]) -> list[_Leaf]:
    """Next to a letter, a mark does not count when punctuation is on its other side
    (https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run): it moves behind this."""
    out = list(leaves)
    place = 0
    while place + 1 < len(out):
        left, right = out[place], out[place + 1]
        gone = (left.marks - right.marks) & {"strong", "em"}
        come = (right.marks - left.marks) & {"strong", "em"}
        same = left.link == right.link
        if same and gone and is_letter(right.first) and not is_letter(left.last):
            kept = _without_end(left.node.text)
            out[place : place + 1] = _cut(
                left, kept, left.node.text[len(kept) :], gone, at_end=True
            )
            place = max(place - 1, 0)
            continue
        if same and come and is_letter(left.last) and not is_letter(right.first):
            kept = _without_start(right.node.text)
            cut = right.node.text[: len(right.node.text) - len(kept)]
            out[place + 1 : place + 2] = _cut(right, kept, cut, come, at_end=False)
        place += 1
    return out


def _cut(leaf: _Leaf, kept: str, cut: str, marks: frozenset[str], *, at_end: bool) -> list[_Leaf]:
    bare = leaf.marks - marks
    if leaf.node.tag or not kept:
        return [replace(leaf, marks=bare)]
    parts = [leaf.with_text(kept, leaf.marks), leaf.with_text(cut, bare)]
    return parts if at_end else parts[::-1]


def _without_end(text: str) -> str:
    end = len(text)
    while end and not is_letter(text[end - 1]):
        end -= 1
    return text[:end]


def _without_start(text: str) -> str:
    start = 0
    while start < len(text) and not is_letter(text[start]):
        start += 1
    return text[start:]


def is_letter(sign: str) -> bool:
    """Whether a sign counts as part of a word (a letter, digit or accent)."""
    return bool(sign) and unicodedata.category(sign)[0] in "LNM"


def _linked(leaves: Sequence[_Leaf]) -> list[Node]:
    """Neighbours that share a link within one node."""
    out: list[Node] = []
    for link, group in groupby(leaves, lambda leaf: leaf.link):
        inner = _nested(list(group))
        out += [Node("a", attributes={"href": link}, children=inner)] if link else inner
    return out


def _nested(leaves: Sequence[_Leaf]) -> list[Node]:
    """Neighbours that share a mark within one node, the mark that reaches furthest outermost."""
    out: list[Node] = []
    place = 0
    while place < len(leaves):
        leaf = leaves[place]
        reach = {mark: _reach(leaves, place, mark) for mark in _NESTED if mark in leaf.marks}
        if not reach or leaf.is_space:
            out.append(leaf.node)
            place += 1
            continue
        mark = max(reach, key=lambda mark: reach[mark])
        group = leaves[place : reach[mark]]
        inner = _nested([replace(part, marks=part.marks - {mark}) for part in group])
        out.append(Node(mark, children=inner))
        place = reach[mark]
    return out


def _reach(leaves: Sequence[_Leaf], start: int, mark: str) -> int:
    end = start
    while end < len(leaves) and mark in leaves[end].marks:
        end += 1
    return end
