"""HTML of a post in our own writing format: headings, lists, tables, quotes, figures."""

import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from articles.wordpress.tree import Node, parse
from articles.wordpress.words import DROPPED, Surroundings, Words, escape, paragraphs_of

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PLAYED = frozenset({"iframe", "video", "audio", "embed", "object"})
_HIGHEST, _LOWEST = 2, 4  # the title of the page is the first level
_ADDRESS_ALONE = re.compile(r"https?://\S+")
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n\s*")


def written(html: str, around: Surroundings) -> str:
    """The Markdown of a piece of HTML, without an empty line around it."""
    return _Writer(around).write(parse(html))


class _Writer:
    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.words = Words(around)
        self._levels: dict[str, int] = {}

    def write(self, root: Node) -> str:
        used = sorted({node.tag for node in root.walk() if node.tag in _HEADINGS})
        # Whatever levels it used, they begin below the title and skip none.
        self._levels = {tag: min(_HIGHEST + n, _LOWEST) for n, tag in enumerate(used)}
        return "\n\n".join(self._blocks(root.children))

    def _blocks(self, nodes: Iterable[Node]) -> list[str]:
        """Blocks and, between them, runs of words: each run one or more paragraphs."""
        blocks: list[str] = []
        run: list[Node] = []

        def flush() -> None:
            blocks.extend(self._run(run))
            run.clear()

        for node in nodes:
            if node.is_block:
                flush()
                blocks += self._block(node)
            elif node.tag and any(part.is_block for part in node.walk()):
                flush()
                blocks += self._blocks(node.children)
            elif not node.tag and self.around.keeps_breaks:
                first, *others = _BLANK_LINE.split(node.text)
                run.append(Node("", first))
                for part in others:
                    flush()
                    run.append(Node("", part))
            else:
                run.append(node)
        flush()
        return [block for block in blocks if block.strip()]

    def _run(self, nodes: Sequence[Node]) -> list[str]:
        """Paragraphs; a picture among the words stands before them, on its own."""
        pictures, rest = [], []
        for node in nodes:
            picture = node.find("img")
            if picture and not node.words:
                self._tell_of_link(node)
                pictures.append(self.words.picture(picture))
            else:
                rest.append(node)
        said = "".join(node.words for node in rest).strip()
        if _ADDRESS_ALONE.fullmatch(said) and not any(node.find("a") for node in rest):
            return [*pictures, self._address(said)]
        return [*pictures, *paragraphs_of(self.words.run(rest))]

    def _tell_of_link(self, node: Node) -> None:
        """A picture that links to itself, larger, loses nothing; other links are told of."""
        link = node.find("a")
        address = link.attributes.get("href", "") if link else ""
        if address and not re.search(r"\.(?:jpe?g|png|gif|webp)$", address, re.IGNORECASE):
            self.around.tell(_("A picture linked to %(address)s.") % {"address": address})

    def _block(self, node: Node) -> list[str]:
        tag = node.tag
        if tag in self._levels:
            return self._heading(node)
        if tag in ("ul", "ol"):
            return [self._list(node)]
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
        if tag == "dt":
            return [f"**{line}**"] if (line := self.words.one_line(node.children)) else []
        if tag == "summary":
            return [f"**{line}**"] if (line := self.words.one_line(node.children)) else []
        if tag in _PLAYED:
            return self._played(node)
        if tag == "form":
            self.around.tell_once(_("A form was left out."))
            return []
        if tag in DROPPED:
            return []
        return self._blocks(node.children)

    def _heading(self, node: Node) -> list[str]:
        pictures = [self.words.picture(part) for part in node.walk() if part.tag == "img"]
        line = " ".join(escape(node.words).split())
        return [*pictures, f"{'#' * self._levels[node.tag]} {line}"] if line else pictures

    def _list(self, node: Node) -> str:
        number = int(start) if (start := node.attributes.get("start", "")).isdecimal() else 1
        items: list[list[str]] = []
        for child in node.children:
            if child.tag in ("ul", "ol") and items:  # a list that lies beside its item
                items[-1].append(self._list(child))
            elif child.tag == "li":
                items.append(self._blocks(child.children))
            elif child.words:
                items.append(self._blocks([child]))
        is_loose = any(_is_loose(item) for item in items)
        out = []
        for place, item in enumerate(filter(None, items)):
            marker = f"{number + place}. " if node.tag == "ol" else "- "
            inner = ("\n\n" if is_loose else "\n").join(item)
            out.append(marker + _indented(inner, len(marker)))
        return ("\n\n" if is_loose else "\n").join(out)

    def _table(self, node: Node) -> list[str]:
        rows = [row for row in node.walk() if row.tag == "tr"]
        cells = [[c for c in row.children if c.tag in ("td", "th")] for row in rows]
        cells = [row for row in cells if row]
        caption = next((part for part in node.children if part.tag == "caption"), None)
        said = [f"*{line}*"] if caption and (line := self.words.one_line(caption.children)) else []
        width = max(map(len, cells), default=0)
        if width == 0:
            return said
        if any(
            c.attributes.get(span, "1") != "1"
            for row in cells
            for c in row
            for span in ("colspan", "rowspan")
        ):
            self.around.tell(_("A table had cells that reach over others; look it over."))
        has_head = node.find("thead") is not None or all(c.tag == "th" for c in cells[0])
        lines = [self._row(row, width) for row in cells]
        head = lines.pop(0) if has_head else self._row([], width)
        return [*said, "\n".join([head, "|" + " --- |" * width, *lines])]

    def _row(self, cells: Sequence[Node], width: int) -> str:
        texts = [self._cell(cell) for cell in cells]
        texts += [""] * (width - len(texts))
        return "| " + " | ".join(texts) + " |"

    def _cell(self, cell: Node) -> str:
        words = " ".join(self._blocks(cell.children)).replace("\\\n", " ")
        return " ".join(words.split()).replace("|", "\\|")

    def _figure(self, node: Node) -> list[str]:
        caption = next((part for part in node.children if part.tag == "figcaption"), None)
        rest = [part for part in node.children if part is not caption]
        line = self.words.one_line(caption.children) if caption else ""
        pictures = [part for child in rest for part in child.walk() if part.tag == "img"]
        inner = [part for child in rest for part in child.walk() if part.is_block]
        if len(pictures) == 1 and not any(part.tag in ("figure", "table") for part in inner):
            self._tell_of_link(node)
            return [self.words.picture(pictures[0], line)]
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
            self.around.tell(_("Something that was shown in a frame was left out."))
            return []
        return [self._address(address)]

    def _address(self, address: str) -> str:
        """What was embedded is a link: nothing of another host is loaded by a page."""
        self.around.tell(_("What was embedded is a link now: %(address)s") % {"address": address})
        return f"[{escape(address)}]({address})"


def _is_loose(item: Sequence[str]) -> bool:
    """Whether it holds more than words and a list within."""
    return any(not re.match(r"(?:-|\d+\.) ", block) for block in item[1:])


def _fenced(node: Node) -> str:
    text = "".join("\n" if part.tag == "br" else part.text for part in node.walk()).strip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}\n{text}\n{fence}" if text.strip() else ""


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join(f"{prefix}{line}".rstrip() for line in text.split("\n")) if text else ""


def _indented(text: str, by: int) -> str:
    return re.sub(r"\n(?=[^\n])", "\n" + " " * by, text)
