"""Footnotes and comments, as Word, Google Docs, LibreOffice, WordPress and wikis write them."""

import re
from dataclasses import dataclass, field

from articles.importers.from_html.told import Surroundings
from articles.importers.from_html.tree import BLOCKS, Node

_LABEL = re.compile(r"[\[(]?\s*(?:\d{1,3}|[a-z]{1,2}|[ivxlc]{1,6}|[*†‡§¶]{1,4})\s*[\])]?", re.I)
_BACK = frozenset({"↩", "↩︎", "↑", "^", "⤴", "↵"})
_NOTE_NAME = re.compile(r"fn|ftn|edn|note|cite|ref", re.I)
_HOLDERS = ("li", "p", "dd", "td")
_BRACKETS = re.compile(r"[\[\]()\s,;]*")


@dataclass
class _Map:
    """Where things are in a tree: order and parent of each node, and what a name names."""

    order: dict[int, int] = field(default_factory=dict)
    parents: dict[int, Node] = field(default_factory=dict)
    named: dict[str, Node] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Node) -> "_Map":
        made = cls()
        for number, node in enumerate(root.walk()):
            made.order[id(node)] = number
            for child in node.children:
                made.parents[id(child)] = node
            for name in (node.attributes.get("id"), node.attributes.get("name")):
                if name:
                    made.named.setdefault(name, node)
        return made

    def above(self, node: Node) -> list[Node]:
        out = []
        while (parent := self.parents.get(id(node))) is not None:
            out.append(node := parent)
        return out


def drop_comments(root: Node, around: Surroundings) -> None:
    """Comments at the margin (Word, Google Docs): the marks in the text and what they say."""
    for node in root.walk():
        is_word = "msocomtxt" in node.classes
        is_docs = node.tag in ("div", "p") and _points_to(node, "#cmnt_ref")
        if is_word or is_docs:
            words = re.sub(r"^\s*\[\w{1,8}\]\s*", "", node.words)
            around.tell_once("comment", words)
            node.tag, node.children, node.attributes = "x-gone", [], {}
    root.remove(
        lambda node: (
            node.tag == "x-gone"
            or "msocomanchor" in node.classes
            or "MsoCommentReference" in node.classes
            or node.style.get("mso-element") == "comment-list"
            or (node.tag in ("sup", "a") and _points_to(node, "#cmnt"))
        )
    )


def _points_to(node: Node, start: str) -> bool:
    """Whether the first link within it has an address that begins so."""
    link = node.find("a")
    return link is not None and link.attributes.get("href", "").startswith(start)


def gather_notes(root: Node, around: Surroundings) -> list[tuple[int, Node]]:
    """Put a `note` node in the place of each reference, and take the notes out of the tree.

    Returns them by number. A reference without its note is left out and told.
    """
    here = _Map.of(root)
    numbers: dict[int, int] = {}
    notes: list[tuple[int, Node]] = []
    replaced: dict[int, list[Node]] = {}
    for node in list(root.walk()):
        name = _refers_to(node)
        label = node.words if name else ""
        if not name or (node.tag == "a" and not _LABEL.fullmatch(label) and label not in _BACK):
            continue
        target = here.named.get(name)
        if target is not None and here.order[id(target)] > here.order[id(node)]:
            holder = _holder(target, here)
            is_note = node.tag == "sup" or _NOTE_NAME.search(name)
            if holder is None or not (is_note or _links_back(holder, node, here)):
                continue
            if id(holder) not in numbers:
                numbers[id(holder)] = around.first_note + len(notes)
                notes.append((numbers[id(holder)], holder))
            number = str(numbers[id(holder)])
            replaced[id(node)] = [Node("note", attributes={"number": number})]
        elif target is not None or label in _BACK:
            if label in _BACK or any(_is_within(node, holder, here) for _n, holder in notes):
                replaced[id(node)] = []
        elif _NOTE_NAME.search(name) or _is_raised(node, here):
            around.tell_once("note", label.strip("[]() "))
            replaced[id(node)] = []
    held = {id(holder) for _number, holder in notes}
    copies = [(number, Node("root", children=holder.children)) for number, holder in notes]
    for tree in (root, *(copy for _number, copy in copies)):
        tree.remove(lambda node: id(node) in held)
        tree.rewrite(lambda node: replaced.get(id(node)))
        tree.rewrite(_bare)
    root.remove(lambda node: node.tag == "hr" and _is_after_text(node, here))
    for _number, copy in copies:
        _trim_start(copy)
    return copies


def _refers_to(node: Node) -> str:
    """The name that a link within the text points to."""
    if node.tag == "sup" and node.attributes.get("data-fn"):
        return node.attributes["data-fn"]
    if node.tag != "a":
        return ""
    return node.attributes.get("href", "").partition("#")[2]


def _holder(target: Node, here: _Map) -> Node | None:
    """The block that is the note; None for what cannot be one."""
    above = [target, *here.above(target)]
    if any(node.tag in ("h1", "h2", "h3", "h4", "h5", "h6") for node in above):
        return None
    holder = next((node for node in above if node.tag in _HOLDERS), None)
    if target.tag in BLOCKS:
        holder = target
    if holder is None:
        return None
    # Word and LibreOffice put each note, of several paragraphs perhaps, into a division.
    parent = here.parents.get(id(holder))
    if (
        parent
        and parent.tag in ("div", "aside")
        and re.match(r"(?:ftn|edn|sdfootnote|sdendnote)\d", parent.attributes.get("id", ""))
    ):
        return parent
    return holder


def _links_back(holder: Node, reference: Node, here: _Map) -> bool:
    names = {
        node.attributes.get(key)
        for node in (reference, *here.above(reference)[:2], *reference.children)
        for key in ("id", "name")
    }
    return any(part.tag == "a" and _refers_to(part) in names for part in holder.walk())


def _is_within(node: Node, holder: Node, here: _Map) -> bool:
    return any(above is holder for above in (node, *here.above(node)))


def _is_raised(node: Node, here: _Map) -> bool:
    around = (node, *here.above(node)[:2], *node.children)
    return any(part.tag == "sup" or part.style.get("vertical-align") == "super" for part in around)


def _bare(node: Node) -> list[Node] | None:
    """A reference is written raised anyway: no sup and no brackets around it."""
    if node.tag not in ("sup", "span"):
        return None
    notes = [part for part in node.walk() if part.tag == "note"]
    if notes and _BRACKETS.fullmatch(node.words):
        return notes
    # What stood around a reference that was left out.
    return [] if node.tag == "sup" and not notes and _BRACKETS.fullmatch(node.words) else None


def _is_after_text(rule: Node, here: _Map) -> bool:
    """The rule above the notes of Word, which are gone."""
    return any(
        node.style.get("mso-element", "") in ("footnote-list", "endnote-list")
        for node in here.above(rule)
    )


def _trim_start(note: Node) -> None:
    """Without its own number before its words: `[1]`, `1.`, where the link to it was."""
    for part in note.walk():
        if not part.tag and part.text.strip():
            part.text = re.sub(r"^\s*(?:\[\d{1,3}\]|\d{1,3}[.)](?=\s)|[\]:.])\s*", "", part.text)
            if part.text.strip():
                return
