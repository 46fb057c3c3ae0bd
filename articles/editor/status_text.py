"""The state of an article in words: the same words in list, form and preview."""

from collections.abc import Collection
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.editor import diff
from articles.models import Article


def count_changes(articles: Collection[Article], *, at: datetime) -> None:
    """Note on each of these articles (`Article.objects.with_state(at)`) what of it is not yet
    published, as `changes` (list of differences.Change): `words` counts them."""
    changed = [a for a in articles if _is_public(a, at) and _may_have_changes(a)]
    found = diff.changes_of(changed, at=at) if changed else {}
    for article in articles:
        article.changes = found.get(article.pk, [])  # type: ignore[attr-defined]


def words(article: Article, *, at: datetime) -> str:
    """ "Published · edition 3 · 2 changes not yet published · scheduled for 3 Dec 09:00".

    `article` from `Article.objects.with_state(at)`; times in the current time zone. How many
    changes is said where `count_changes` has counted them: each paragraph of the text that differs
    from the live edition, and each other field, is one.
    """
    number: int | None = article.edition_number  # type: ignore[attr-defined]
    waiting_at: datetime | None = article.waiting_at  # type: ignore[attr-defined]
    parts = []
    if number is None:
        parts.append(_("Draft"))
    elif _is_public(article, at):
        parts += [_("Published"), _("edition %(number)s") % {"number": number}]
        parts += filter(None, [_changes(article)])
    else:
        parts += [_("Withdrawn"), _("edition %(number)s") % {"number": number}]
    if article.submitted_at:
        parts.append(_("waiting for review"))
    if waiting_at:
        parts.append(_("scheduled for %(moment)s") % {"moment": _soon(waiting_at, at)})
    return " · ".join(parts)


def _changes(article: Article) -> str:
    if not _may_have_changes(article):
        return ""
    counted: list[diff.Change] | None = getattr(article, "changes", None)
    if counted is None:
        return _("unpublished changes")
    count = sum(change.places for change in counted)
    said = ngettext("%(n)d unpublished change", "%(n)d unpublished changes", count)
    return said % {"n": count} if count else ""


def _is_public(article: Article, at: datetime) -> bool:
    withdrawn_at: datetime | None = article.edition_withdrawn_at  # type: ignore[attr-defined]
    is_withdrawn = withdrawn_at is not None and withdrawn_at <= at
    return article.edition_number is not None and not is_withdrawn  # type: ignore[attr-defined]


def _may_have_changes(article: Article) -> bool:
    """The manuscript was saved since it was published, or is not what was published last."""
    return article.edition_revision != article.revision  # type: ignore[attr-defined]


def moment(at: datetime) -> str:
    """Return a moment as staff read it: Dec 3, 2026, 9:00 a.m., in the current time zone."""
    return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")


def _soon(moment_at: datetime, at: datetime) -> str:
    """Return the same without its year if that is this one: Dec 3, 9:00 a.m."""
    there, here = timezone.localtime(moment_at), timezone.localtime(at)
    name = "SHORT_DAY_TIME_FORMAT" if there.year == here.year else "DATETIME_FORMAT"
    return formats.date_format(there, name)
