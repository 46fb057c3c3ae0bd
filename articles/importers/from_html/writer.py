"""The normalised tree in the writing format: headings, lists, tables, quotes, figures, notes."""

import re
from collections.abc import Iterable, Sequence

from articles.importers.from_html.tables import table_of
from articles.importers.from_html.told import Surroundings
from articles.importers.from_html.tree import Node
from articles.importers.from_html.words import Words, paragraphs_of, target

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LISTS = ("ul", "ol")
_PLAYED = frozenset({"iframe", "video", "audio", "embed", "object"})
_HIGHEST, _LOWEST = 2, 4  # the title of the page is the first level
_ADDRESS_ALONE = re.compile(r"https?://\S+")
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp)(?:\?.*)?$", re.IGNORECASE)
_ITEM = re.compile(r"(?:[-*✓]|[0-9]+[.)]) ")
_END = (".", ",", ";", ":", "!", "?")


class Writer:
    """Writes the blocks of one text."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.words = Words(around)
        self._levels: dict[str, int] = {}

    def write(self, root: Node, notes: Sequence[tuple[int, Node]]) -> str:
        """The text, then its notes."""
        used = sorted({node.tag for node in root.walk() if node.tag in _HEADINGS})
        # Whatever levels it used, they begin below the title and skip none.
        self._levels = {tag: min(_HIGHEST + n, _LOWEST) for n, tag in enumerate(used)}
        blocks = self._blocks(root.children)
        if notes and blocks and blocks[-1] == "---":
            blocks.pop()  # the rule above the notes
        for number, note in notes:
            said = "\n\n".join(self._blocks(note.children)) or "…"
            blocks.append(f"[^{number}]: " + _indented(said, 4))
        return "\n\n".join(blocks)

    def _blocks(self, nodes: Iterable[Node]) -> list[str]:
        """Blocks and, between them, runs of words: each run one or more paragraphs."""
        blocks: list[str] = []
        run: list[Node] = []
        last, is_second = "", False  # of two lists in a row, which would be one
        for node in [*nodes, None]:
            if node is not None and not node.is_structure:
                run.append(node)
                continue
            if words := self._run(run):
                blocks, last = blocks + words, ""
            run = []
            if node is None:
                break
            is_second = node.tag == last and not is_second
            made = [self._list(node, is_second)] if node.tag in _LISTS else self._block(node)
            if made := [block for block in made if block.strip()]:
                blocks, last = blocks + made, node.tag
        return blocks

    def _run(self, nodes: Sequence[Node]) -> list[str]:
        """Paragraphs; a picture among the words stands before them, on its own."""
        pictures, rest = [], []
        for node in nodes:
            picture = node.find("img")
            if picture and not node.words:
                written = self._picture(picture, node)
                if written.startswith("!["):
                    pictures.append(written)
                elif written:
                    rest.append(Node("x-written", written))
            else:
                rest.append(node)
        said = "".join(node.words for node in rest).strip()
        if _ADDRESS_ALONE.fullmatch(said) and all(not node.tag for node in rest):
            return [*pictures, self._address(said)]
        return [*pictures, *paragraphs_of("".join(map(self._one, rest)))]

    def _one(self, node: Node) -> str:
        return node.text if node.tag == "x-written" else self.words.run([node])

    def _picture(self, picture: Node, within: Node, caption: str = "") -> str:
        """Drop an image's link to its own larger copy; report any other link."""
        link = within.find("a")
        address = link.attributes.get("href", "") if link else ""
        if address and not _PICTURE_FILE.search(address):
            self.around.tell_once("picture-link", address)
        return self.words.picture(picture, caption)

    def _block(self, node: Node) -> list[str]:
        tag = node.tag
        if tag in self._levels:
            return self._heading(node)
        if tag == "blockquote":
            return [_prefixed("\n\n".join(self._blocks(node.children)), "> ")]
        if tag == "pre":
            return [_fenced(node)]
        if tag == "table":
            return self._table(node)
        if tag == "figure":
            return self._figure(node)
        if tag == "hr":
            return ["---"]
        if tag in ("dt", "summary"):
            line = self.words.one_line(_inline(node.children))
            return [f"**{line}**"] if line else []
        if tag in _PLAYED:
            return self._played(node)
        return self._blocks(node.children)

    def _heading(self, node: Node) -> list[str]:
        pictures = [self._picture(part, node) for part in node.walk() if part.tag == "img"]
        line = self.words.one_line(part for part in _inline(node.children) if part.tag != "img")
        line = re.sub(r"(?<!\S)(#+)$", r"\\\1", line)  # or it would close the heading
        return [*pictures, f"{'#' * self._levels[node.tag]} {line}"] if line else pictures

    def _list(self, node: Node, is_second: bool) -> str:
        number = _start(node)
        items = list(filter(None, map(self._item, node.children)))
        is_loose = any(_is_loose(item) for _check, item in items)
        out = []
        for place, (is_check, item) in enumerate(items):
            marker = "* " if is_second else "- "
            if node.tag == "ol":
                marker = f"{number + place}{')' if is_second else '.'} "
            if is_check:
                marker = "✓ "
            inner = ("\n\n" if is_loose else "\n").join(item)
            out.append(marker + _indented(inner, len(marker)))
        return ("\n\n" if is_loose else "\n").join(out)

    def _item(self, node: Node) -> tuple[bool, list[str]] | None:
        blocks = self._blocks(node.children)
        return ("data-check" in node.attributes, blocks) if blocks else None

    def _table(self, node: Node) -> list[str]:
        table = table_of(node, self.around)
        said = self.words.one_line(_inline(table.caption.children)) if table.caption else ""
        above = [f"*{said}*"] if said else []
        if not table.rows:
            return above
        lines = [f"| {' | '.join(map(self._cell, row))} |" for row in table.rows]
        lines.insert(1, "|" + " --- |" * len(table.rows[0]))
        return [*above, "\n".join(lines)]

    def _cell(self, cell: Node) -> str:
        """What a cell says, in one line: its paragraphs and items with semicolons between."""
        out = ""
        for part in self._cell_parts(cell):
            out += f"{'' if not out else ' ' if out.endswith(_END) else '; '}{part}"
        return out.replace("|", "\\|")

    def _cell_parts(self, node: Node) -> list[str]:
        parts: list[str] = []
        run: list[Node] = []
        number = _start(node)
        for child in [*node.children, None]:
            if child is not None and not child.is_structure:
                run.append(child)
                continue
            if line := self.words.one_line(run):
                parts.append(line)
            run = []
            if child is None:
                continue
            inner = self._cell_parts(child)
            if child.tag == "pre":
                inner = [self.words.one_line([Node("", child.words)])]
            if child.tag in _PLAYED:
                inner = self._played(child)
            if child.tag == "li" and inner:
                mark = f"{number}. " if node.tag == "ol" else ""
                mark = "✓ " if "data-check" in child.attributes else mark
                inner[0] = mark + inner[0]
                number += 1
            parts += inner
        return parts

    def _figure(self, node: Node) -> list[str]:
        caption = next((part for part in node.children if part.tag == "figcaption"), None)
        rest = [part for part in node.children if part is not caption]
        pictures = [part for child in rest for part in child.walk() if part.tag == "img"]
        inner = [part for child in rest for part in child.walk() if part.is_structure]
        if len(pictures) == 1 and not any(part.tag in ("figure", "table") for part in inner):
            said = self._picture(pictures[0], node, caption.words if caption else "")
            return [said] if said.strip() else []
        line = self.words.one_line(_inline(caption.children)) if caption else ""
        blocks = self._blocks(rest)
        return [*blocks, f"*{line}*"] if line else blocks

    def _played(self, node: Node) -> list[str]:
        sources = [
            part.attributes.get("src") or part.attributes.get("data") or "" for part in node.walk()
        ]
        address = next(filter(None, sources), "")
        if address.startswith("//"):
            address = f"https:{address}"
        if not address.startswith("http"):
            self.around.tell_once("frame", node.attributes.get("title", ""))
            return []
        # Nothing of another host is loaded by a page.
        self.around.tell_once("embedded", address)
        return [self._address(address, node.attributes.get("title", ""))]

    def _address(self, address: str, title: str = "") -> str:
        return f"[{self.words.escape(' '.join((title or address).split()))}]({target(address)})"


def _inline(nodes: Iterable[Node]) -> list[Node]:
    """What is said in blocks, without the blocks."""
    out: list[Node] = []
    for node in nodes:
        out += [*_inline(node.children), Node("", " ")] if node.is_structure else [node]
    return out


def _start(node: Node) -> int:
    start = node.attributes.get("start", "")
    return int(start) if start.isdecimal() else 1


def _is_loose(item: Sequence[str]) -> bool:
    """Whether it holds more than words and a list within."""
    return any(not _ITEM.match(block) for block in item[1:])


def _fenced(node: Node) -> str:
    text = "".join("\n" if part.tag == "br" else part.text for part in node.walk()).strip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}\n{text}\n{fence}" if text.strip() else ""


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join(f"{prefix}{line}".rstrip() for line in text.split("\n")) if text else ""


def _indented(text: str, by: int) -> str:
    return re.sub(r"\n(?=[^\n])", "\n" + " " * by, text)
