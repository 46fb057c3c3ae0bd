"""Removing content of editions permanently: the one way in which an edition changes.

For what must not be kept at all: a court order, a patient who could be recognized, a text that
belongs to someone else, an image of a person whose consent has ended. A page that should only stop
being public is withdrawn instead.
"""

from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.manuscript import search_texts
from articles.manuscript.content_hash import HASH_RECIPE, content_hash
from articles.manuscript.image_usage import with_picture
from articles.manuscript.rendering import Text, compose, recompose
from articles.models import Article, Citation, Edition, Rendering
from clinic.finding import indexing
from clinic.lib.database import guards
from clinic.models import Image, SearchDocument
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


def forget_image(image: Image, *, at: datetime) -> list[tuple[Article, str]]:
    """Take an image of the library out of every edition that shows it, and return their articles,
    each with words that name the editions.

    Where a text showed it, a note says that an image was removed; its alt text and its caption go
    too. Everything else stays, the review as well. Call it outside a transaction.
    """
    shown = Edition.objects.filter(Q(images=image) | Q(hero=image)).values("pk")
    editions = list(
        Edition.objects.filter(pk__in=shown).select_related("article").order_by("number")
    )
    with page_context.local_conventions():
        note = f"*{_('Image removed')}*"
    for edition in editions:
        edition.body = with_picture(edition.body, image, None, note)
        edition.takeaways = [with_picture(t, image, None, note) for t in edition.takeaways]
        edition.faq = [
            {**entry, "answer": with_picture(entry["answer"], image, None, note)}
            for entry in edition.faq
        ]
        if edition.hero_id == image.pk:
            edition.hero, edition.hero_alt = None, ""
    compositions = [recompose(edition, at=at) for edition in editions]
    indexed = SearchDocument.objects.filter(kind="edition", object_id__in=[e.pk for e in editions])
    with guards.stand_aside(connection):
        is_indexed = set(indexed.values_list("object_id", flat=True))
        for edition, composition in zip(editions, compositions, strict=True):
            edition.images.remove(image)
            edition.save(update_fields=["body", "takeaways", "faq", "hero", "hero_alt"])
            Rendering.objects.filter(edition=edition).delete()
            rendering = composition.rendering(edition, at=at)
            rendering.save()
            if edition.pk in is_indexed:
                indexing.put("edition", edition.pk, search_texts.of_edition(edition, rendering))
        content_version.raise_version()
    words = _("An image was removed from these editions, because consent has ended: %(numbers)s.")
    numbers: dict[Article, list[str]] = {}
    for edition in editions:
        numbers.setdefault(edition.article, []).append(str(edition.number))
    return [(article, words % {"numbers": ", ".join(n)}) for article, n in numbers.items()]
