"""Clinical sign-off: a record bound to the hash of exactly what was read."""

import calendar
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.manuscript import HASH_RECIPE, content_hash
from articles.models import Article, Review
from articles.rendering import Text, compose
from clinic import content
from clinic.models import Clinic, Practitioner, User


class NotSigned(Exception):
    """No review was recorded; the message says why."""


def sign(
    article: Article, *, reviewer: Practitioner, by: User | None, at: datetime, note: str = ""
) -> Review:
    """Record that `reviewer` has read this manuscript and stands for it.

    Raises NotSigned if the clinic does not let authors review their own texts and this is one.
    """
    clinic = Clinic.objects.get(id=1)
    if article.author_id == reviewer.pk and not clinic.reviewer_may_be_author:
        raise NotSigned(_("An author does not review their own text."))
    text = Text.of_article(article)
    digest = content_hash(text, article.certainty, compose(text, at=at).cited)
    today = timezone.localdate(at, clinic.zone)
    with transaction.atomic():
        review = Review.objects.create(
            article=article,
            content_hash=digest,
            hash_recipe=HASH_RECIPE,
            reviewer=reviewer,
            reviewer_name=reviewer.name,
            signed_by=by,
            signed_at=at,
            next_due_on=months_later(today, clinic.review_interval_months),
            note=note,
        )
        content.raise_version()
    return review


def months_later(day: date, months: int) -> date:
    """The same day some months later, the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
