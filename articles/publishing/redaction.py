"""Removing the content of an edition permanently: the one way in which an edition changes.

For what must not be kept at all: a court order, a patient who could be recognized, a text that
belongs to someone else. A page that should only stop being public is withdrawn instead.
"""

from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.manuscript.content_hash import HASH_RECIPE, content_hash
from articles.manuscript.rendering import Text, compose
from articles.models import Citation, Edition, Rendering
from clinic.finding import indexing
from clinic.lib.database import guards
from clinic.site import content_version, page_context


def redact(edition: Edition, *, reason: str, at: datetime) -> None:
    """Put a notice with the reason in place of all words, pictures and references of an edition.

    Number, address, dates, author, topics and services stay; the content hash becomes that of the
    notice, so no review is shown with it. Whether it is public stays, too. Manuscript, other
    editions and backups are not touched. Call it outside a transaction.
    """
    text = _notice(reason, at)
    composition = compose(text, at=at, library={})
    rendering = composition.rendering(edition, at=at)
    with guards.stand_aside(connection):
        edition.images.clear()
        Citation.objects.filter(edition=edition).delete()
        Edition.objects.filter(pk=edition.pk).update(
            title=text.title,
            summary=text.summary,
            takeaways=list(text.takeaways),
            body=text.body,
            faq=[],
            hero=None,
            hero_alt="",
            certainty="",
            seo_title="",
            seo_description="",
            references=[],
            content_hash=content_hash(text, "", ()),
            hash_recipe=HASH_RECIPE,
            change_note=_("The content of this edition was removed.")
            if edition.change_note
            else "",
            withdrawal_note=None,
            unreviewed_reason="",
            checks_passed=[],
            checks_reason="",
        )
        Rendering.objects.filter(edition=edition).delete()
        rendering.save()
        indexing.remove("edition", edition.pk)
        content_version.raise_version()


def _notice(reason: str, at: datetime) -> Text:
    with page_context.local_conventions():
        day = date_format(timezone.localdate(at))
    body = _("This content was removed on %(day)s.\n\nReason: %(reason)s")
    return Text(_("Content removed"), "", (), body % {"day": day, "reason": reason}, ())
