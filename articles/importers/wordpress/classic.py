"""Text of the classic editor, in which a new line is a line break and an empty one a paragraph.

https://developer.wordpress.org/reference/functions/wpautop/
"""

import re

from articles.importers.from_html.tree import Node

# Around what was written without blocks (blocks.plain_html puts it there).
TAG = "x-classic"
_BREAK = re.compile(r"(?<![ \t\r])[ \t\r]*+\n[ \t\r]*+")
_WHOLE = frozenset({"pre", "script", "style", "textarea", "table", "ul", "ol", "dl", "tr", "tbody"})


def lines_as_breaks(root: Node) -> None:
    """Put a `br` in the place of each new line within classic text."""
    for node in list(root.walk()):
        if node.tag == TAG:
            _break(node)


def _break(node: Node) -> None:
    out: list[Node] = []
    for place, child in enumerate(node.children):
        if child.tag:
            if child.tag not in _WHOLE:
                _break(child)
            elif child.tag in ("table", "ul", "ol", "dl"):
                for part in child.walk():
                    if part.tag in ("li", "td", "th", "dd"):
                        _break(part)
            out.append(child)
            continue
        text = child.text
        if _ends_line(node, place - 1):
            text = re.sub(r"^[ \t\r]*\n", "", text)
        if place + 1 == len(node.children) or _ends_line(node, place + 1):
            text = text.rstrip() if "\n" in text else text
        for number, line in enumerate(_BREAK.split(text)):
            out += [Node("br")] if number else []
            out += [Node("", line)] if line else []
    node.children = out


def _ends_line(node: Node, place: int) -> bool:
    """Whether a line ends there anyway: at a break, at a block, at the start."""
    if not 0 <= place < len(node.children):
        return node.is_structure or node.tag == TAG
    neighbour = node.children[place]
    return neighbour.tag == "br" or neighbour.is_structure
