"""Runs of words: what stands in one paragraph, heading or cell, as Markdown.

Within a run a line break is one `\\n`; `lines_of` turns it into the format's own.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from articles.wordpress.tree import Node

_STRONG, _EMPHASIS, _STRUCK = {"strong", "b"}, {"em", "i"}, {"s", "del", "strike"}
_ALWAYS = re.compile(r"([\\`*\[\]<])")
_AT_EDGES = re.compile(r"(?<!\w)_|_(?!\w)")
_ENTITY = re.compile(r"&(?=#?\w+;)")
# What would begin a heading, list, quote, callout, rule or code block at the start of a line.
_LINE_START = re.compile(r"(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|!!!|~~~|=+\s*$|-{2,}\s*$)")
_NUMBER_START = re.compile(r"(\d{1,9})([.)](?:\s|$))")
_SIGNS = ("✓", "✔", "✗", "✘", "•")
_RAISED = str.maketrans("0123456789+-()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-()", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎")
DROPPED = frozenset(
    {"script", "style", "noscript", "template", "svg", "input", "button", "select", "textarea"}
)


@dataclass
class Surroundings:
    """What a text refers to, and where it tells what is lost or doubtful.

    link(address) -> where it leads now, "" for nowhere. picture(address, alt) -> the address of
    our picture and its alternative text, None where it is not at hand. note(id) -> the number of
    a footnote.
    """

    link: Callable[[str], str]
    picture: Callable[[str, str], tuple[str, str] | None]
    note: Callable[[str], str]
    tell: Callable[[str], None]
    keeps_breaks: bool = False  # a classic post: a new line is a line break, an empty one a new
    # paragraph
    told: set[str] = field(default_factory=set)

    def tell_once(self, message: str) -> None:
        if message not in self.told:
            self.told.add(message)
            self.tell(message)


class Words:
    """Writes runs of words."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self._within: list[str] = []  # the emphasis that is open

    def run(self, nodes: Sequence[Node]) -> str:
        """The nodes as Markdown, a line break as one `\\n`."""
        nodes = _joined(nodes)
        out = []
        for place, node in enumerate(nodes):
            before = _text(nodes[place - 1])[-1:] if place else ""
            after = _text(nodes[place + 1])[:1] if place + 1 < len(nodes) else ""
            out.append(self._one(node, before, after))
        return "".join(out)

    def one_line(self, nodes: Sequence[Node]) -> str:
        return " ".join(self.run(nodes).split())

    def picture(self, node: Node, caption: str = "") -> str:
        """`![alt](address "caption")`; a link where the picture is not at hand."""
        source = node.attributes.get("src", "") or node.attributes.get("data-src", "")
        alt = " ".join(node.attributes.get("alt", "").split())
        found = self.around.picture(source, alt) if source else None
        if found is None:
            shown = escape(alt or source.rsplit("/", 1)[-1])
            link = f"[{shown}]({_target(source)})" if source.startswith("http") else shown
            return f"{link} {caption}".strip()
        address, alt = found
        title = ' "' + caption.replace("\\", "").replace('"', "”") + '"' if caption else ""
        return f"![{escape(alt)}]({address}{title})"

    def _one(self, node: Node, before: str, after: str) -> str:
        tag = node.tag
        if not tag:
            return self._plain(node.text)
        if tag == "br":
            return "\n"
        if tag in DROPPED:
            if tag == "script":
                self.around.tell_once(_("A script was left out."))
            return ""
        if tag == "img":
            return self.picture(node)
        if tag in _STRONG or tag in _EMPHASIS:
            return self._emphasis("**" if tag in _STRONG else "*", node, before, after)
        if tag == "a":
            return self._link(node)
        if tag in ("code", "kbd", "samp", "tt"):
            return code(node.words)
        if tag == "sup" and "data-fn" in node.attributes:
            return f"[^{self.around.note(node.attributes['data-fn'])}]"
        if tag in ("sup", "sub"):
            return self._small(node)
        if tag in _STRUCK:
            self.around.tell_once(_("Words that were struck out are plain now."))
        if tag == "q":
            return f"“{self.run(node.children)}”"
        return self.run(node.children)

    def _plain(self, text: str) -> str:
        text = text.replace("\u00a0", " ").replace("\u00ad", "").replace("\u200b", "")
        if self.around.keeps_breaks:
            text = re.sub(r"[ \t\r]*\n[ \t\r]*", "\n", text)
            text = re.sub(r"[ \t\r]+", " ", text)
        else:
            text = re.sub(r"[ \t\r\n]+", " ", text)
        return escape(text)

    def _emphasis(self, marker: str, node: Node, before: str, after: str) -> str:
        if marker in self._within:
            return self.run(node.children)
        self._within.append(marker)
        inner = re.sub(r"\n+", "\n", self.run(node.children))
        self._within.pop()
        core = inner.strip()
        if not core:
            return inner
        lead, trail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        # Next to a letter, a marker does not count when it stands against punctuation.
        if after.isalnum() and not trail:
            core, moved = _cut(core, at_end=True)
            trail = moved
        if before.isalnum() and not lead:
            core, moved = _cut(core, at_end=False)
            lead = moved
        return f"{lead}{marker}{core}{marker}{trail}" if core else lead + trail

    def _link(self, node: Node) -> str:
        inner = re.sub(r"\s*\n\s*", " ", self.run(node.children))
        address = node.attributes.get("href", "").strip()
        if not address or not inner.strip():
            return inner
        target = self.around.link(address)
        if not target:
            return inner
        lead, trail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        return f"{lead}[{inner.strip()}]({_target(target)}){trail}"

    def _small(self, node: Node) -> str:
        table = _RAISED if node.tag == "sup" else _LOWERED
        words = node.words
        if words and all(ord(sign) in table for sign in words):
            return words.translate(table)
        return self.run(node.children)


def escape(text: str) -> str:
    """Plain text in which nothing is markup."""
    text = _ALWAYS.sub(r"\\\1", text)
    return _ENTITY.sub(r"\\&", _AT_EDGES.sub(r"\\_", text))


def code(text: str) -> str:
    """Text between as many backticks as it needs."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{room}{text}{room}{fence}" if text else ""


def paragraphs_of(run: str) -> list[str]:
    """The paragraphs of a run: two line breaks end one."""
    parts = re.split(r"\s*\n(?:[ \t]*\n)+\s*", run)
    return [paragraph for part in parts if (paragraph := lines_of(part))]


def lines_of(run: str) -> str:
    """One paragraph: its lines do not begin anything, and end in the format's line break."""
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in run.strip().split("\n")]
    lines = [
        _NUMBER_START.sub(r"\1\\\2", _LINE_START.sub(r"\\\1", line, count=1), count=1)
        if _begins_something(line)
        else line
        for line in lines
        if line
    ]
    out = ""
    for line in lines:
        # Lines that begin with a sign are the items of a list, not broken lines.
        glue = "\n" if line.startswith(_SIGNS) else "\\\n"
        out = f"{out}{glue}{line}" if out else line
    return out


def _begins_something(line: str) -> bool:
    return bool(_LINE_START.match(line) or _NUMBER_START.match(line))


def _cut(text: str, *, at_end: bool) -> tuple[str, str]:
    """The text without the punctuation at one of its ends, and that punctuation."""
    kept = re.sub(r"[^\w)]+$" if at_end else r"^[^\w(\[]+", "", text)
    if "\\" in text[:1] + text[-2:]:
        return text, ""
    return (kept, text[len(kept) :]) if at_end else (kept, text[: len(text) - len(kept)])


def _joined(nodes: Sequence[Node]) -> list[Node]:
    """Neighbours of the same emphasis as one: `<b>a</b><b>b</b>`."""
    out: list[Node] = []
    for node in nodes:
        for family in (_STRONG, _EMPHASIS):
            if out and node.tag in family and out[-1].tag in family:
                out[-1] = Node(node.tag, children=[*out[-1].children, *node.children])
                break
        else:
            out.append(node)
    return out


def _text(node: Node) -> str:
    return "".join("\n" if part.tag == "br" else part.text for part in node.walk())


def _target(address: str) -> str:
    address = re.sub(r"\s", "%20", address)
    if re.search(r"[()<>]", address):
        return "<" + address.replace("<", "%3C").replace(">", "%3E") + ">"
    return address
