"""HTML as a tree, however carelessly it was written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "center", "dd", "details", "div", "dl"),
        *("dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "header", "hr", "iframe", "li", "main", "nav", "ol", "p", "pre"),
        *("section", "summary", "table", "ul", "video", "audio", "object"),
    }
)
_TABLE_PARTS = frozenset({"thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup"})
# What a start tag closes, up to the element that holds it (the HTML standard's optional tags).
_CLOSES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "td": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "th": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    "tbody": (frozenset({"thead", "tbody", "tfoot"}), frozenset({"table"})),
    "tfoot": (frozenset({"thead", "tbody", "tfoot"}), frozenset({"table"})),
}
_DEEPEST = 100  # elements within elements; what is nested deeper is hung up here


@dataclass
class Node:
    """An element, a text (`tag` is ""), or the root (`tag` is "root")."""

    tag: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)

    @property
    def is_block(self) -> bool:
        return self.tag in BLOCKS

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def walk(self) -> Iterator["Node"]:
        """The node and all within it, in the order of the text."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, *tags: str) -> "Node | None":
        return next((node for node in self.walk() if node.tag in tags), None)

    @property
    def words(self) -> str:
        """All that it says, white space as one space."""
        said = "".join(node.text if node.tag != "br" else " " for node in self.walk())
        return re.sub(r"[ \t\r\n]+", " ", said).strip()


def parse(html: str) -> Node:
    """The tree of a piece of HTML. Never fails; comments are left out."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("root")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _CLOSES:
            self._close_any(*_CLOSES[tag])
        elif tag in BLOCKS:
            self._close_any(frozenset({"p"}), BLOCKS | _TABLE_PARTS)
        node = Node(tag, attributes={name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in VOID and len(self._open) < _DEEPEST:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID and self._open[-1].tag == tag:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return
            if self._open[place].tag in ("td", "th", "table") and tag not in _TABLE_PARTS:
                return  # an end tag too many does not leave its cell

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(Node("", data))

    def _close_any(self, tags: frozenset[str], within: frozenset[str]) -> None:
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag in tags:
                del self._open[place:]
                return
            if self._open[place].tag in within:
                return
