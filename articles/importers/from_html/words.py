"""Runs of words: one paragraph, heading or cell as Markdown.

Within a run a line break is one `\\n`; `lines_of` turns it into the format's own.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from articles.importers.from_html.marks import is_letter
from articles.importers.from_html.told import Surroundings
from articles.importers.from_html.tree import Node

_OURS = re.compile(r"(\[-?@[^\[\]]+\]|\[\^\d+\])")  # a sign of the clinic's own format is meant
_ALWAYS = re.compile(r"([\\`*\[\]<])")
_RAISING = re.compile(r"([\^~])")
_UNDERSCORE = re.compile("_")
_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]+;)")
# What would begin a heading, list, quote, callout, rule or code block at the start of a line.
_LINE_START = re.compile(r"(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|!!!|~~~|=+\s*$|-{2,}\s*$)")
_NUMBER_START = re.compile(r"([0-9]{1,9})([.)](?:\s|$))")
_SIGNS = ("✓", "✔", "✗", "✘", "•")
_RAISED = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")
# Raised by nature, or as readable on the line.
_PLAIN_RAISED = re.compile(r"(?:st|nd|rd|th|[®™©ªº°*†‡§]+|[⁰¹²³⁴-⁹⁺⁻]+)", re.IGNORECASE)
# What the format raises or lowers; anything longer stays on the line.
_CAN_BE_RAISED = re.compile(r"[^\s\[\]]{1,80}")
_REDIRECT = re.compile(
    r"https?://(?:www\.google\.[a-z.]+/url\?(?:[^#]*&)?q|[a-z0-9.]+\.safelinks\.protection\.outlook"
    r"\.com/\?(?:[^#]*&)?url)=(https?(?::|%3A)[^&#]+)",
    re.IGNORECASE,
)
_EMOJI = re.compile(r"[^\x00-\u203b]{1,8}")


class Words:
    """Writes runs of words."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around

    def run(self, nodes: Iterable[Node]) -> str:
        """The nodes as Markdown, a line break as one `\\n`."""
        return "".join(map(self._one, nodes))

    def one_line(self, nodes: Iterable[Node]) -> str:
        """The nodes as Markdown in one line."""
        return " ".join(self.run(nodes).split())

    def picture(self, node: Node, caption: str = "") -> str:
        """`![alt](address "caption")`; a link, or nothing, where the picture is not at hand."""
        facts = node.attributes
        alt = " ".join(facts.get("alt", "").split())
        is_sign = {"emoji", "wp-smiley"} & set(node.classes)
        if alt and (is_sign or _EMOJI.fullmatch(alt)):
            return self.escape(alt)
        source = facts.get("src", "")
        if not source or (source.startswith("data:") and facts.get("data-src")):
            source = facts.get("data-src", source)
        if not source or facts.get("width") in ("0", "1") or facts.get("height") in ("0", "1"):
            return self.escape(caption)  # a place holder, or a pixel that counts readers
        found = self.around.picture(source, alt)
        if found is not None:
            address, alt = found
            title = caption.replace("\\", "").replace('"', "”")
            title = ' "' + _ENTITY.sub(r"\\&", title) + '"' if title else ""
            return f"![{self.escape(alt)}]({address}{title})"
        name = source.partition("?")[0].rsplit("/", 1)[-1]
        is_address = source.startswith(("http://", "https://"))
        self.around.tell_once("picture", alt or (name if is_address else caption))
        link = f"[{self.escape(alt or name)}]({target(source)})" if is_address else ""
        return f"{link} {self.escape(caption)}".strip() or " "

    def escape(self, text: str) -> str:
        """Plain text in which nothing is markup but the signs of our own format."""
        return "".join(
            part if place % 2 else self._escaped(part)
            for place, part in enumerate(_OURS.split(text))
        )

    def _escaped(self, text: str) -> str:
        def underscore(found: re.Match[str]) -> str:
            before, after = text[found.start() - 1 : found.start()], text[found.end() :][:1]
            return "_" if is_letter(before) and is_letter(after) else "\\_"

        text = _ALWAYS.sub(r"\\\1", text)
        if self.around.raises_signs:
            text = _RAISING.sub(r"\\\1", text)
        return _ENTITY.sub(r"\\&", _UNDERSCORE.sub(underscore, text))

    def _one(self, node: Node) -> str:
        match node.tag:
            case "":
                return self.escape(re.sub(r"[ \t\r\n\f]+", " ", node.text))
            case "br":
                return "\n"
            case "wbr":
                return ""
            case "img":
                return self.picture(node)
            case "strong":
                return f"**{self.run(node.children)}**"
            case "em":
                return f"*{self.run(node.children)}*"
            case "a":
                return self._link(node)
            case "code":
                return code(node.words)
            case "note":
                return f"[^{node.attributes['number']}]"
            case "sup" | "sub":
                return self._small(node)
        return self.run(node.children)

    def _link(self, node: Node) -> str:
        inner = self.one_line(node.children)
        address = _without_redirect(node.attributes["href"])
        to = self.around.link(address) if inner and not address.startswith("#") else ""
        if not to and inner and not address.startswith("#"):
            self.around.tell_once("link", address)
        return f"[{inner}]({target(to)})" if to else self.run(node.children)

    def _small(self, node: Node) -> str:
        """Raised or lowered: as the format has it, or in Unicode's own signs."""
        words = node.words
        is_raised = node.tag == "sup"
        if not words or (is_raised and _PLAIN_RAISED.fullmatch(words)):
            return self.run(node.children)
        if is_raised and words == "TM":
            return "™"
        table = _RAISED if is_raised else _LOWERED
        if not self.around.raises_signs and all(ord(sign) in table for sign in words):
            return words.translate(table)
        if node.find("img", "note", "br"):
            return self.run(node.children)
        mark, run = "^" if is_raised else "~", self.run(node.children).strip()
        return f"{mark}{run}{mark}" if _CAN_BE_RAISED.fullmatch(run) else run


def code(text: str) -> str:
    """Text between as many backticks as it needs."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{room}{text}{room}{fence}" if text else ""


def paragraphs_of(run: str) -> list[str]:
    """The paragraphs of a run: two line breaks end one."""
    parts = re.split(r"\n(?:[ \t]*\n)+", run)
    return [paragraph for part in parts if (paragraph := lines_of(part))]


def lines_of(run: str) -> str:
    """One paragraph: its lines do not begin anything, and end in the format's line break."""
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in run.strip().split("\n")]
    out = ""
    for line in filter(None, lines):
        line = f"\\{line}" if _LINE_START.match(line) else line
        if found := _NUMBER_START.match(line):
            line = f"{found[1]}\\{line[found.end(1) :]}"
        # Lines that begin with a sign are the items of a list, not broken lines.
        glue = "\n" if line.startswith(_SIGNS) else "\\\n"
        out = f"{out}{glue}{line}" if out else line
    return out


def _without_redirect(address: str) -> str:
    """The address behind those through which Google Docs and Outlook lead."""
    found = _REDIRECT.match(address)
    return unquote(found[1]) if found else address


def target(address: str) -> str:
    """An address as the target of a link."""
    address = re.sub(r"\s", "%20", address.strip())
    if re.search(r"[()<>]", address):
        return "<" + address.replace("<", "%3C").replace(">", "%3E") + ">"
    return address
