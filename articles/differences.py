"""What differs between two texts, by words and inline: for staff, in the history."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from django.utils.translation import gettext as _

from articles.models import Article, Edition
from articles.rendering import Text

Kind = Literal["same", "gone", "new"]
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
AROUND = 12  # words shown before and after a difference in a long part


@dataclass(frozen=True)
class Piece:
    """Words that stand in both texts, only in the older, or only in the newer one."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Part:
    """One part of a text (title, summary, paragraph …) that differs."""

    label: str
    pieces: tuple[Piece, ...]


def between(old: "Article | Edition | None", new: "Article | Edition") -> list[Part]:
    """The parts that differ, in reading order; all of `new` where there is nothing older."""
    before, after = dict(_parts(old)) if old else {}, dict(_parts(new))
    labels = [*after, *(label for label in before if label not in after)]
    found = [Part(label, by_words(before.get(label, ""), after.get(label, ""))) for label in labels]
    return [part for part in found if any(piece.kind != "same" for piece in part.pieces)]


def by_words(old: str, new: str) -> tuple[Piece, ...]:
    """Compare two texts paragraph by paragraph, and within changed paragraphs word by word. Long
    stretches without a difference are cut to the words around it."""
    before, after = _paragraphs(old), _paragraphs(new)
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        left, right = "".join(before[i:j]), "".join(after[k:m])
        pieces += [Piece("same", left)] if tag == "equal" else list(_words(left, right))
    return tuple(_shortened(pieces))


def _words(old: str, new: str) -> Iterator[Piece]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(before[i:j]))
            continue
        if i < j:
            yield Piece("gone", "".join(before[i:j]))
        if k < m:
            yield Piece("new", "".join(after[k:m]))


def _shortened(pieces: list[Piece]) -> Iterator[Piece]:
    for place, piece in enumerate(pieces):
        words = _WORDS.findall(piece.text)
        if piece.kind != "same" or len(words) <= 6 * AROUND:
            yield piece
            continue
        start = "".join(words[: 2 * AROUND]) if place else ""
        end = "".join(words[-2 * AROUND :]) if place < len(pieces) - 1 else ""
        yield Piece("same", f"{start} … {end}")


def _paragraphs(text: str) -> list[str]:
    return re.findall(r".+?(?:\n\s*\n|\Z)", text, re.DOTALL)


def _parts(thing: Article | Edition) -> Iterator[tuple[str, str]]:
    text = Text.of_edition(thing) if isinstance(thing, Edition) else Text.of_article(thing)
    yield _("Title"), text.title
    yield _("Address word"), thing.slug
    yield _("In short"), text.summary
    yield _("Key takeaways"), "\n\n".join(text.takeaways)
    yield _("Text"), text.body
    for number, (question, answer) in enumerate(text.faq, start=1):
        yield _("Question %(n)d") % {"n": number}, f"{question}\n\n{answer}"
    yield _("Evidence"), thing.get_certainty_display()
    yield _("Written by"), _author(thing)
    yield _("Topics"), ", ".join(_names(thing, "topic"))
    yield _("Services"), ", ".join(_names(thing, "service"))


def _author(thing: Article | Edition) -> str:
    if isinstance(thing, Edition):
        return thing.author_name
    return thing.author.name if thing.author else ""


def _names(thing: Article | Edition, kind: str) -> list[str]:
    if isinstance(thing, Edition):
        return [entry["name"] for entry in getattr(thing, f"{kind}_list")]
    return list(getattr(thing, f"{kind}s").values_list("name", flat=True))
