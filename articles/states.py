"""The state of an article in words: the same words in list, form and preview."""

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from articles.models import Article


def words(article: Article, *, at: datetime) -> str:
    """ "Published · edition 3 · changes not yet published · scheduled for 3 Dec 09:00".

    `article` from `Article.objects.with_state(at)`; times in the current time zone.
    """
    number: int | None = article.edition_number  # type: ignore[attr-defined]
    withdrawn_at: datetime | None = article.edition_withdrawn_at  # type: ignore[attr-defined]
    waiting_at: datetime | None = article.waiting_at  # type: ignore[attr-defined]
    parts = []
    if number is None:
        parts.append(_("Draft"))
    elif withdrawn_at and withdrawn_at <= at:
        parts += [_("Withdrawn"), _("edition %(number)s") % {"number": number}]
    else:
        parts += [_("Published"), _("edition %(number)s") % {"number": number}]
        if has_changes(article):
            parts.append(_("changes not yet published"))
    if article.submitted_at:
        parts.append(_("waiting for review"))
    if waiting_at:
        parts.append(_("scheduled for %(moment)s") % {"moment": moment(waiting_at)})
    return " · ".join(parts)


def has_changes(article: Article) -> bool:
    """The manuscript is not what was published last."""
    return article.edition_revision != article.revision  # type: ignore[attr-defined]


def moment(at: datetime) -> str:
    """A moment as staff read it: 3 Dec 2026, 09:00, in the current time zone."""
    return formats.date_format(timezone.localtime(at), "j M Y, H:i")
