"""HTML as a tree, however carelessly it was written."""

import re
from collections.abc import Callable, Iterator, Sequence
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
        *("section", "summary", "table", "ul", "video", "audio", "object", "embed"),
    }
)
TABLE_PARTS = frozenset({"thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup"})
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
_SHEET_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_CLASS = re.compile(r"[A-Za-z0-9]*\.[\w-]+", re.ASCII)
_MEANT = re.compile(
    r"(?<![\w-])(?:font-weight|font-style|text-decoration|vertical-align|display|visibility|mso-hide)"
    r"\s*:[^;{}]*",
    re.IGNORECASE,
)
_DEEPEST = 100  # elements within elements; what is nested deeper is hung up here


@dataclass
class Node:
    """An element, a text (`tag` is ""), or the root (`tag` is "root")."""

    tag: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)

    @property
    def is_structure(self) -> bool:
        return self.tag in BLOCKS or self.tag in TABLE_PARTS

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
    def style(self) -> dict[str, str]:
        """Its style declarations, in lower case."""
        pairs = (part.split(":", 1) for part in self.attributes.get("style", "").split(";"))
        return {pair[0].strip().lower(): pair[1].strip().lower() for pair in pairs if pair[1:]}

    def remove(self, test: "Callable[[Node], bool]") -> None:
        """Remove every node within it that passes the test, the outermost first."""
        self.children = [child for child in self.children if not test(child)]
        for child in self.children:
            child.remove(test)

    def rewrite(self, rule: "Callable[[Node], Sequence[Node] | None]") -> None:
        """Replace every node within it by what the rule returns (None: itself), the innermost
        first."""
        out: list[Node] = []
        for child in self.children:
            child.rewrite(rule)
            made = rule(child)
            out += [child] if made is None else made
        self.children = out

    @property
    def words(self) -> str:
        """All that it says, white space and the bounds of blocks as one space."""
        return re.sub(r"[ \t\r\n]+", " ", "".join(self._said())).strip()

    def _said(self) -> Iterator[str]:
        is_apart = self.is_structure or self.tag == "br"
        yield " " if is_apart else self.text
        for child in self.children:
            yield from child._said()
        yield " " if is_apart else ""


def parse(html: str) -> Node:
    """The tree of a piece of HTML. Never fails; comments are left out.

    Pages, Word and Google Docs style classes in the head: what matters of it is put into the style
    of each element.
    """
    builder = _Builder()
    builder.feed(html)
    builder.close()
    sheets = [node.children for node in builder.root.walk() if node.tag == "style"]
    rules = _rules("".join(part.text for sheet in sheets for part in sheet))
    if rules:
        for node in builder.root.walk():
            said = [
                rules.get(f"{tag}.{name}", "") for name in node.classes for tag in ("", node.tag)
            ]
            if any(said):
                node.attributes["style"] = ";".join([*said, node.attributes.get("style", "")])
    return builder.root


def _rules(sheet: str) -> dict[str, str]:
    """What a style sheet declares for a class (`.c1`), or for one of an element (`span.c1`)."""
    rules: dict[str, str] = {}
    for rule in _SHEET_COMMENT.sub("", sheet).split("}")[:-1]:
        selectors, _, declared = rule.rpartition("{")
        said = ";".join(_MEANT.findall(declared))
        for selector in selectors.rpartition("{")[2].split(","):
            if said and _CLASS.fullmatch(selector.strip()):
                name = selector.strip().lower()
                rules[name] = f"{rules.get(name, '')};{said}"
    return rules


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("root")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _CLOSES:
            self._close_any(*_CLOSES[tag])
        elif tag in BLOCKS:
            self._close_any(frozenset({"p"}), BLOCKS | TABLE_PARTS)
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
            if self._open[place].tag in ("td", "th", "table") and tag not in TABLE_PARTS:
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
