"""What differs between two texts: by words in the history, counted in the state."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from articles.manuscript.rendering import Text
from articles.models import Article, Edition
from clinic.lib.comparing import Effort, Matcher, Part, by_words, paragraphs


@dataclass(frozen=True)
class Change:
    """One part of a text that differs. `places`: paragraphs of the text that were changed, put in
    or taken out; 1 for any other part."""

    label: str
    places: int


def between(old: "Article | Edition | None", new: "Article | Edition") -> list[Part]:
    """The parts that differ, in reading order; all of `new` where there is nothing older."""
    titles, effort = _titles(filter(None, (old, new))), Effort()
    found = [
        Part(label, by_words(before, after, effort))
        for label, before, after in _pairs(old, new, titles)
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
    titles, effort = _titles([*manuscripts.values(), *live]), Effort()
    return {
        edition.article_id: [
            Change(label, _changed_paragraphs(before, after, effort) if label == _("Text") else 1)
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


def _changed_paragraphs(old: str, new: str, effort: Effort) -> int:
    before, after = ([part.strip() for part in paragraphs(text)] for text in (old, new))
    found = Matcher(before, after, effort).get_opcodes()
    return sum(max(j - i, m - k) for tag, i, j, k, m in found if tag != "equal")


def _parts(thing: Article | Edition, titles: dict[int, str]) -> Iterator[tuple[str, str]]:
    text = Text.of_edition(thing) if isinstance(thing, Edition) else Text.of_article(thing)
    yield _("Title"), text.title
    yield _("Slug"), thing.slug
    yield _("In short"), text.summary
    yield _("Key takeaways"), "\n\n".join(text.takeaways)
    yield _("Text"), text.body
    for number, (question, answer) in enumerate(text.faq, start=1):
        yield _("Question %(n)d") % {"n": number}, f"{question}\n\n{answer}"
    yield _("Evidence"), thing.get_certainty_display()
    yield _("Written by"), _author(thing)
    yield _("Topics"), ", ".join(_names(thing, "topic"))
    yield _("Services"), ", ".join(_names(thing, "service"))
    yield _("Hero image"), _picture(thing)
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
