"""What differs between two texts: by words and inline in the history, counted in the state."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Literal

from django.db.models import prefetch_related_objects
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


@dataclass(frozen=True)
class Change:
    """One part of a text that differs. `places`: paragraphs of the text that were changed, put in
    or taken out; 1 for any other part."""

    label: str
    places: int


def between(old: "Article | Edition | None", new: "Article | Edition") -> list[Part]:
    """The parts that differ, in reading order; all of `new` where there is nothing older."""
    titles = _titles(filter(None, (old, new)))
    found = [
        Part(label, by_words(before, after)) for label, before, after in _pairs(old, new, titles)
    ]
    return [part for part in found if any(piece.kind != "same" for piece in part.pieces)]


def changes_of(articles: Iterable[Article], *, at: datetime) -> dict[int, list[Change]]:
    """Of each of these articles that is public, by its key: what of the manuscript is not.

    The queries are as many for one article as for all.
    """
    manuscripts = {article.pk: article for article in articles}
    prefetch_related_objects(
        list(manuscripts.values()),
        *("questions", "topics", "services", "related", "author", "hero"),
    )
    live = list(Edition.objects.live(at).filter(article__in=manuscripts).select_related("hero"))
    titles = _titles([*manuscripts.values(), *live])
    return {
        edition.article_id: [
            Change(label, _changed_paragraphs(before, after) if label == _("Text") else 1)
            for label, before, after in _pairs(edition, manuscripts[edition.article_id], titles)
            if before.strip() != after.strip()
        ]
        for edition in live
    }


def _pairs(
    old: "Article | Edition | None", new: "Article | Edition", titles: dict[int, str]
) -> Iterator[tuple[str, str, str]]:
    """Label, older and newer words of each part of two texts."""
    before, after = dict(_parts(old, titles)) if old else {}, dict(_parts(new, titles))
    for label in [*after, *(label for label in before if label not in after)]:
        yield label, before.get(label, ""), after.get(label, "")


def _changed_paragraphs(old: str, new: str) -> int:
    before, after = ([part.strip() for part in _paragraphs(text)] for text in (old, new))
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return sum(max(j - i, m - k) for tag, i, j, k, m in found if tag != "equal")


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


def _parts(thing: Article | Edition, titles: dict[int, str]) -> Iterator[tuple[str, str]]:
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
    yield _("Hero picture"), _picture(thing)
    yield _("Read next"), ", ".join(titles.get(pk, "–") for pk in _related(thing))
    yield _("Title in search results"), thing.seo_title
    yield _("Description in search results"), thing.seo_description


def _author(thing: Article | Edition) -> str:
    if isinstance(thing, Edition):
        return thing.author_name
    return thing.author.name if thing.author else ""


def _names(thing: Article | Edition, kind: str) -> list[str]:
    if isinstance(thing, Edition):
        return [entry["name"] for entry in getattr(thing, f"{kind}_list")]
    return [named.name for named in getattr(thing, f"{kind}s").all()]


def _picture(thing: Article | Edition) -> str:
    """What is said of the picture, and its number in the library."""
    if thing.hero is None:
        return ""
    alt = thing.hero_alt if isinstance(thing, Edition) else thing.hero.alt
    return f"{alt} ({thing.hero_id})"


def _related(thing: Article | Edition) -> list[int]:
    """The articles that staff chose to be read next; their order means nothing."""
    if isinstance(thing, Edition):
        return sorted(thing.related_ids)
    return sorted(article.pk for article in thing.related.all())


def _titles(things: Iterable[Article | Edition]) -> dict[int, str]:
    """The titles of all that is to be read next after these."""
    ids = {pk for thing in things for pk in _related(thing)}
    return dict(Article.objects.filter(pk__in=ids).values_list("pk", "title"))
