"""Lists: paragraphs of Word become some, and each list is nested in an item of another."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from articles.importers.from_html.told import Surroundings
from articles.importers.from_html.tree import Node

_LEVEL = re.compile(r"\blevel(\d)")
_ORDERED = re.compile(r"\(?((?:\d+\.)*)(\d+|[a-z]{1,2}|[ivxlcdm]+)[.):]?\)?", re.IGNORECASE)
_TYPED_SIGN = re.compile(r"\s*(?:[·•●▪■◦○–§\uf0b7\uf0a7]|o(?=\s{2})|(\d+)[.)])\s+")
_LISTS = ("ul", "ol")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LETTERED = re.compile(r"(?:upper|lower)-(?:alpha|latin|roman|greek)")


@dataclass(frozen=True)
class _Item:
    """A paragraph, or a list of one item, that is an item of a longer list."""

    level: int
    tag: str
    start: int
    family: str  # items of one list share it
    content: list[Node]


def build_word_lists(root: Node, around: Surroundings) -> None:
    """Word writes lists as paragraphs that begin with a sign, and on the web each item as a list
    of its own: make them lists."""
    for node in list(root.walk()):
        if any(_may_be_item(child) for child in node.children):
            node.children = list(_with_lists(node.children, around))


def _may_be_item(node: Node) -> bool:
    return (
        any(name.startswith("MsoListParagraph") for name in node.classes)
        or "level" in node.style.get("mso-list", "")
        or "ListContainerWrapper" in node.classes
    )


def _with_lists(nodes: Sequence[Node], around: Surroundings) -> Iterator[Node]:
    items: list[_Item] = []
    for node in nodes:
        found = _items(node, around) if _may_be_item(node) else []
        if found:
            items += found
        elif items and _may_be_item(node) and node.tag == "p":
            items[-1].content.append(node)  # a further paragraph of the item above
        elif node.tag or node.text.strip():
            yield from _nested(items)
            items = []
            yield node
    yield from _nested(items)


def _items(node: Node, around: Surroundings) -> list[_Item]:
    if "ListContainerWrapper" in node.classes:
        return list(_items_of_the_web(node, around))
    level = int(found[1]) if (found := _LEVEL.search(node.style.get("mso-list", ""))) else 1
    family = node.style.get("mso-list", "").replace(f"level{level}", "")
    sign = next((n for n in node.walk() if n.style.get("mso-list", "").startswith("ignore")), None)
    said = sign.words if sign else ""
    if sign:
        sign.children = []
    elif typed := _TYPED_SIGN.match("".join(part.text for part in node.walk())):
        said = f"{typed[1]}." if typed[1] else "•"
        _cut_start(node, len(typed[0]))
    else:
        return []
    if node.tag in _HEADINGS:
        if sign:
            sign.children = [Node("", f"{said} ")]
        return []
    number = _ORDERED.fullmatch(said) if said != "o" else None
    if number and number[1]:
        around.tell_once("numbering", said)
    elif number and not number[2].isdecimal():
        is_roman = re.fullmatch("[ivx]+", number[2], re.IGNORECASE)
        around.tell_once("numbering", "i, ii, iii" if is_roman else "a, b, c")
    start = int(number[2]) if number and number[2].isdecimal() else 1
    return [_Item(level, "ol" if number else "ul", start, family, list(node.children))]


def _items_of_the_web(node: Node, around: Surroundings) -> Iterator[_Item]:
    for group in node.walk():
        if group.tag not in _LISTS:
            continue
        _tell_of_letters(group, around)
        start = group.attributes.get("start", "")
        for item in group.children:
            if item.tag == "li":
                level = item.attributes.get("data-aria-level", "1")
                yield _Item(
                    int(level) if level.isdecimal() else 1,
                    group.tag,
                    int(start) if start.isdecimal() else 1,
                    item.attributes.get("data-listid", ""),
                    list(item.children),
                )


def _nested(items: Sequence[_Item]) -> Iterator[Node]:
    """Lists within lists, by the level of their items."""
    open_lists: list[tuple[_Item, Node]] = []
    for item in items:
        while open_lists and open_lists[-1][0].level > item.level:
            open_lists.pop()
        entry = Node("li", children=list(item.content))
        if open_lists and open_lists[-1][0].level == item.level:
            first, group = open_lists[-1]
            if (first.tag, first.family) == (item.tag, item.family):
                group.children.append(entry)
                continue
            open_lists.pop()
        facts = {"start": str(item.start)} if item.tag == "ol" and item.start != 1 else {}
        group = Node(item.tag, attributes=facts, children=[entry])
        if open_lists:
            open_lists[-1][1].children[-1].children.append(group)
        else:
            yield group
        open_lists.append((item, group))


def _cut_start(node: Node, length: int) -> None:
    for part in node.walk():
        cut = min(length, len(part.text))
        part.text, length = part.text[cut:], length - cut


def mend_lists(root: Node, around: Surroundings) -> None:
    """Each list holds items, each list within an item; numbers that go on are one list."""
    for node in list(root.walk()):
        if node.tag in _LISTS:
            _tell_of_letters(node, around)
            node.children = _only_items(node)
        elif any(child.tag == "li" for child in node.children):
            node.children = list(_with_homes(node.children))
    for node in list(root.walk()):
        if any(child.tag == "ol" for child in node.children):
            node.children = list(_with_joined_numbers(_split_by_numbers(node.children)))


def _tell_of_letters(node: Node, around: Surroundings) -> None:
    kind = node.attributes.get("type", "")
    style = f"{node.style.get('list-style-type', '')} {node.style.get('list-style', '')}"
    if node.tag == "ol" and "reversed" in node.attributes:
        around.tell_once("numbering", "3, 2, 1")
    elif node.tag == "ol" and (kind in ("i", "I") or "roman" in style):
        around.tell_once("numbering", "i, ii, iii")
    elif node.tag == "ol" and (kind in ("a", "A") or _LETTERED.search(style)):
        around.tell_once("numbering", "a, b, c")


def _only_items(node: Node) -> list[Node]:
    items: list[Node] = []
    for child in node.children:
        if child.tag == "li":
            items.append(child)
        elif child.tag in _LISTS and items:
            items[-1].children.append(child)
        elif child.tag in _LISTS or child.find("ul", "ol"):
            items += _only_items(child)
        elif child.words or child.find("img"):
            items.append(Node("li", children=[child]))
    return items


def _with_homes(nodes: Sequence[Node]) -> Iterator[Node]:
    """Items that lie in no list, as a list."""
    items: list[Node] = []
    for node in nodes:
        if node.tag == "li":
            items.append(node)
        elif node.tag or node.text.strip():
            if items:
                yield Node("ul", children=items)
                items = []
            yield node
    if items:
        yield Node("ul", children=items)


def _number(node: Node, name: str) -> int | None:
    value = node.attributes.get(name, "").strip()
    return int(value) if value.isdecimal() and len(value) < 10 else None


def _split_by_numbers(nodes: Sequence[Node]) -> Iterator[Node]:
    """An item with a number of its own begins a list."""
    for node in nodes:
        if node.tag != "ol":
            yield node
            continue
        start = _number(node, "start")
        start = 1 if start is None else start
        group = Node("ol", attributes={"start": str(start)})
        for item in node.children:
            value = _number(item, "value")
            if value is not None and value != start + len(group.children):
                if group.children:
                    yield group
                start = value
                group = Node("ol", attributes={"start": str(start)})
            group.children.append(item)
        yield group


def _with_joined_numbers(nodes: Iterator[Node]) -> Iterator[Node]:
    last: Node | None = None
    for node in nodes:
        goes_on = last and (_number(last, "start") or 0) + len(last.children)
        if last and node.tag == "ol" and _number(node, "start") == goes_on:
            last.children += node.children
            continue
        if not node.tag and not node.text.strip() and last:
            continue
        if last:
            yield last
        last = node if node.tag == "ol" else None
        if last is None:
            yield node
    if last:
        yield last


def mark_checklists(root: Node, around: Surroundings) -> None:
    """Say of each item of a check list that it is one, and whether it is ticked."""
    ticked, open_ = list[str](), 0
    for node in root.walk():
        if node.tag != "li":
            continue
        box = next((n for n in node.children if n.attributes.get("type") == "checkbox"), None)
        if box is None and node.children and node.children[0].tag in ("p", "label", "div"):
            inner = node.children[0].children
            box = next((n for n in inner[:1] if n.attributes.get("type") == "checkbox"), None)
        is_ticked: bool | None = None
        if box is not None and box.tag == "input":
            is_ticked = "checked" in box.attributes
        elif node.attributes.get("role") == "checkbox":
            is_ticked = node.attributes.get("aria-checked") == "true"
        if is_ticked is None:
            continue
        node.attributes["data-check"] = "ticked" if is_ticked else "open"
        node.remove(lambda n: n.attributes.get("type") == "checkbox" or (
            n.tag == "img" and "checkbox" in n.attributes.get("aria-roledescription", "")
        ))  # fmt: skip
        ticked += [node.words] if is_ticked else []
        open_ += not is_ticked
    if open_:
        for words in ticked:
            around.tell_once("ticked", words)
