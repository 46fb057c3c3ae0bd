"""Tables: laid out on a grid, and those that are only a frame taken apart."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from articles.importers.from_html.told import Surroundings
from articles.importers.from_html.tree import Node

_CELLS = ("td", "th")
_MOST = 100  # columns or rows that one cell may span
_LARGEST = 20_000  # cells of a table on its grid; of a larger one, the words are kept


@dataclass
class Table:
    """The rows of a table, each with as many cells as the widest; the first is its head."""

    caption: Node | None = None
    rows: list[list[Node]] = field(default_factory=list)


def unwrap_frames(root: Node) -> None:
    """Replace each table that holds one cell, or headings, by what it holds."""

    def rule(node: Node) -> list[Node] | None:
        if node.tag != "table":
            return None
        cells = [cell for row in _rows(node) for cell in row.children if cell.tag in _CELLS]
        is_frame = (
            len(cells) == 1
            or _area(node) > _LARGEST
            or any(cell.find("h1", "h2", "h3", "h4", "h5", "h6", "table") for cell in cells)
        )
        return [Node("div", children=cell.children) for cell in cells] if is_frame else None

    root.rewrite(rule)


def _area(node: Node) -> int:
    """How many cells there would be on the grid, at most."""
    rows = [[cell for cell in row.children if cell.tag in _CELLS] for row in _rows(node)]
    widest = max((sum(_span(cell, "colspan") for cell in row) for row in rows), default=0)
    spans = (_span(cell, "colspan") * _span(cell, "rowspan") for row in rows for cell in row)
    return len(rows) * widest + sum(spans)


def table_of(node: Node, around: Surroundings) -> Table:
    """The table on a grid: a cell that spans several has its words in the first of them."""
    table = Table(next((part for part in node.children if part.tag == "caption"), None))
    rows = list(_rows(node))
    taken: dict[tuple[int, int], Node] = {}
    merged = ""
    for y, row in enumerate(rows):
        x = 0
        for cell in (part for part in row.children if part.tag in _CELLS):
            while (y, x) in taken:
                x += 1
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            for down in range(min(high, len(rows) - y)):
                for along in range(wide):
                    empty = Node(cell.tag)
                    taken.setdefault((y + down, x + along), empty if down or along else cell)
            if (wide > 1 or high > 1) and not merged:
                merged = cell.words or "…"
            x += wide
    if not taken:
        return table
    if merged:
        around.tell_once("merged", merged)
    width = 1 + max(x for _y, x in taken)
    for y in range(len(rows)):
        is_head = all(cell.tag != "td" for cell in rows[y].children)
        tag = "th" if is_head else "td"
        line = [taken.get((y, x)) or Node(tag) for x in range(width)]
        if any(cell.words or cell.find("img", "note") for cell in line):
            table.rows.append(line)
    if table.rows and not _has_head(node, table.rows):
        table.rows.insert(0, [Node("th") for _cell in range(width)])
    return table


def _has_head(node: Node, rows: list[list[Node]]) -> bool:
    """Whether the first row can be the head: unless the table has heads of rows only."""
    if node.find("thead") or all(cell.tag == "th" for cell in rows[0]):
        return True
    return not any(cell.tag == "th" for row in rows for cell in row)


def _rows(node: Node) -> Iterator[Node]:
    """Its rows in the order in which they are shown: the foot, wherever it is written, last."""
    feet = [part for part in node.children if part.tag == "tfoot"]
    for part in (*(child for child in node.children if child not in feet), *feet):
        if part.tag == "tr":
            yield part
        elif part.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(part)


def _span(cell: Node, name: str) -> int:
    value = cell.attributes.get(name, "").strip()
    return min(max(int(value), 1), _MOST) if value.isdecimal() and len(value) < 5 else 1
