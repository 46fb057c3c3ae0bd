"""HTML brought into one shape, whoever wrote it: a step for each kind of thing."""

import re
import unicodedata
from itertools import pairwise

from articles.importers.from_html.lists import build_word_lists, mark_checklists, mend_lists
from articles.importers.from_html.marks import spread_marks
from articles.importers.from_html.notes import drop_comments, gather_notes
from articles.importers.from_html.tables import unwrap_frames
from articles.importers.from_html.told import Surroundings
from articles.importers.from_html.tree import Node

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SILENT = frozenset(
    {"style", "title", "meta", "link", "noscript", "template", "xml", "head", "base"}
)
_TOLD = {
    "script": "script",
    "svg": "drawing",
    "canvas": "drawing",
    "nav": "navigation",
    "form": "form",
    "button": "control",
    "input": "control",
    "select": "control",
    "textarea": "control",
}
_STRUCK = frozenset({"s", "strike"})
_NEVER_SEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
                         "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")  # fmt: skip
_SPACES = re.compile("[\u00a0\u202f\u2007]")
_LONGEST_HEADING = 90
_ENDS_SENTENCE = (".", ",", ";", ":", "!", "…")  # a heading may ask


def normalised(root: Node, around: Surroundings) -> tuple[Node, list[tuple[int, Node]]]:
    """The tree with one way to say each thing, and its notes by number. The tree is changed."""
    clean_text(root)
    drop_comments(root, around)
    drop_unseen(root, around)
    mark_checklists(root, around)
    drop_deleted(root, around)
    name_roles(root)
    build_word_lists(root, around)
    notes = gather_notes(root, around)
    for tree in (root, *(note for _number, note in notes)):
        drop_controls(tree, around)
        mend_lists(tree, around)
        unwrap_frames(tree)
        spread_marks(tree)
    find_bold_lines(root, around)
    return root, notes


def clean_text(root: Node) -> None:
    """Leave out signs that nobody sees; a space that does not break is a space."""
    for node in root.walk():
        if node.text:
            text = _SPACES.sub(" ", _NEVER_SEEN.sub("", node.text))
            node.text = unicodedata.normalize("NFC", text)


def drop_unseen(root: Node, around: Surroundings) -> None:
    """Leave out what the page did not show, or what only a program reads."""

    def is_gone(node: Node) -> bool:
        if node.tag in _SILENT:
            return True
        style = node.style
        is_hidden = (
            style.get("display") == "none"
            or style.get("visibility") == "hidden"
            or style.get("mso-hide") == "all"
            or "hidden" in node.attributes
        )
        if is_hidden and node.words:
            around.tell_once("hidden", node.words)
        return is_hidden

    root.remove(is_gone)


def drop_deleted(root: Node, around: Surroundings) -> None:
    """Leave out what was deleted or struck through. Google Docs strikes through what is ticked in
    a check list: this stays."""

    def drop(node: Node, is_ticked: bool) -> None:
        kept = []
        for child in node.children:
            style = child.style
            line = f"{style.get('text-decoration', '')} {style.get('text-decoration-line', '')}"
            is_struck = child.tag in _STRUCK or "line-through" in line
            if child.tag == "del" or (is_struck and not is_ticked):
                around.tell_once("deleted", child.words) if child.words else None
                continue
            drop(child, is_ticked or child.attributes.get("data-check") == "ticked")
            kept.append(child)
        node.children = kept

    drop(root, False)


def name_roles(root: Node) -> None:
    """Call headings and quotes by their names, where a class or a role says what they are."""
    for node in root.walk():
        level = node.attributes.get("aria-level", "")
        if node.attributes.get("role") == "heading" and node.tag not in _HEADINGS:
            node.tag = f"h{level}" if level in ("1", "2", "3", "4", "5", "6") else "h2"
        elif "MsoTitle" in node.classes:
            node.tag = "h1"
        elif node.tag == "p" and {"MsoQuote", "MsoIntenseQuote"} & set(node.classes):
            node.tag, node.children = "blockquote", [Node("p", children=node.children)]
        elif node.tag == "math":
            said = node.attributes.get("alttext") or node.words
            node.tag, node.children = "x-math", [Node("", said)]


def drop_controls(root: Node, around: Surroundings) -> None:
    """Leave out what one works with and does not read; formulas are text from here on."""

    def is_gone(node: Node) -> bool:
        kind = _TOLD.get(node.tag)
        if kind and (node.words or kind in ("script", "form")):
            around.tell_once(kind, "" if kind == "script" else node.words)
        if node.tag == "x-math":
            around.tell_once("formula", node.words)
        return kind is not None

    root.remove(is_gone)


def find_bold_lines(root: Node, around: Surroundings) -> None:
    """A line in bold above a block looks like a heading: make it one, or tell."""
    level = 1
    for node in list(root.walk()):
        if node.tag in _HEADINGS:
            level = int(node.tag[1])
        if node.tag not in ("root", "div", "section", "article", "main"):
            continue
        blocks = [child for child in node.children if child.tag or child.text.strip()]
        bold = [_is_bold_line(block) for block in blocks]
        for place, (block, following) in enumerate(pairwise(blocks)):
            level = int(block.tag[1]) if block.tag in _HEADINGS else level
            is_alone = bold[max(place - 1, 0) : place + 2].count(True) == 1
            if not (bold[place] and is_alone) or following.tag in _HEADINGS:
                continue
            if around.bold_headings:
                block.tag = f"h{min(level + 1, 6)}"
                block.children = block.children[0].children
            else:
                around.tell_once("bold-line", block.words)


def _is_bold_line(node: Node) -> bool:
    inner = [child for child in node.children if child.tag or child.text.strip()]
    words = node.words
    return (
        node.tag == "p"
        and [child.tag for child in inner] == ["strong"]
        and node.find("br", "img", "note") is None
        and 0 < len(words) <= _LONGEST_HEADING
        and not words.endswith(_ENDS_SENTENCE)
    )
