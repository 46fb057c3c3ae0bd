"""Clinical review: handed in, signed or sent back; due again after some months.

A sign-off is a record bound to the hash of exactly what was read. Who may do what is asked here,
in the verbs.
"""

import calendar
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import rules
from articles.manuscript import HASH_RECIPE, content_hash
from articles.models import Article, Remark, Review
from articles.models.article import Certainty
from articles.rendering import Text, compose
from clinic import content, outbox
from clinic.models import Clinic, Practitioner, User

WANTED, RETURNED = "review-wanted", "review-returned"  # kinds of mail


class NotSigned(Exception):
    """No review was recorded; the message says why."""


def hash_of(article: Article, *, at: datetime) -> str:
    """The content hash of the manuscript as it is now."""
    text = Text.of_article(article)
    return content_hash(text, article.certainty, compose(text, at=at).cited)


def signed(article: Article, *, at: datetime) -> Review | None:
    """The newest sign-off of exactly the manuscript as it is now."""
    return Review.objects.filter(article=article, content_hash=hash_of(article, at=at)).first()


def submit(article: Article, *, by: User, at: datetime) -> None:
    """Hand the text in for its clinical review, and tell whoever is to review it."""
    if not rules.may_write(by, article):
        raise PermissionDenied
    with transaction.atomic():
        Article.objects.filter(pk=article.pk).update(submitted_at=at, submitted_by=by)
        if article.reviewer_id:
            outbox.queue(WANTED, article.pk, serial=article.revision, at=at)


def sign(
    article: Article,
    *,
    reviewer: Practitioner,
    by: User | None,
    at: datetime,
    note: str = "",
    read: str = "",
    certainty: str | None = None,
) -> Review:
    """Record that `reviewer` has read this manuscript and stands for it.

    `by` signs for themselves; None where the reviewer has no account or the operator acts. `read`
    is the hash of what was shown to them; `certainty` how firm they judge the evidence (None: as it
    is). Raises PermissionDenied, or NotSigned if the text was changed since, or is their own in a
    clinic that does not let authors review their own texts.
    """
    _require_reviewer(reviewer, by)
    clinic = Clinic.objects.get(id=1)
    with transaction.atomic():
        fresh = Article.objects.select_for_update().get(pk=article.pk)
        if not rules.may_review(fresh, reviewer, clinic):
            raise NotSigned(_("An author does not review their own text."))
        if read and read != hash_of(fresh, at=at):
            raise NotSigned(_("The text was changed while you read it. Please read it again."))
        if certainty is not None and certainty != fresh.certainty:
            fresh.certainty = Certainty(certainty) if certainty else ""
            fresh.revision = F("revision") + 1
            fresh.save(update_fields=["certainty", "revision"])
        today = timezone.localdate(at, clinic.zone)
        review = Review.objects.create(
            article=fresh,
            content_hash=hash_of(fresh, at=at),
            hash_recipe=HASH_RECIPE,
            reviewer=reviewer,
            reviewer_name=reviewer.name,
            signed_by=by,
            signed_at=at,
            next_due_on=months_later(today, clinic.review_interval_months),
            note=note,
        )
        _no_longer_waits(fresh)
        content.raise_version()
    return review


def send_back(
    article: Article, *, reviewer: Practitioner, by: User | None, at: datetime, comment: str
) -> Remark:
    """Give the text back to its author with a comment; they are told by mail.

    `by` None where the reviewer has no account. Raises PermissionDenied; NotSigned without comment.
    """
    _require_reviewer(reviewer, by)
    if not comment.strip():
        raise NotSigned(_("Say what is to be done: the author reads only your comment."))
    with transaction.atomic():
        remark = _remark(article, comment, reviewer.name, by, at, sends_back=True)
        _no_longer_waits(article)
        outbox.queue(RETURNED, remark.pk, at=at)
    return remark


def remark(article: Article, *, name: str, by: User | None, at: datetime, comment: str) -> Remark:
    """Keep a comment that neither signs nor sends back."""
    return _remark(article, comment, name, by, at, sends_back=False)


def _remark(
    article: Article, comment: str, name: str, by: User | None, at: datetime, *, sends_back: bool
) -> Remark:
    return Remark.objects.create(
        article=article,
        text=comment.strip(),
        sends_back=sends_back,
        name=name,
        by=by,
        content_hash=hash_of(article, at=at),
        made_at=at,
    )


def _require_reviewer(reviewer: Practitioner, by: User | None) -> None:
    """Staff answer in their own name only."""
    rules.require(by, "articles.review_article")
    if by is not None and reviewer.user_id != by.pk:
        raise PermissionDenied


def _no_longer_waits(article: Article) -> None:
    Article.objects.filter(pk=article.pk).update(submitted_at=None, submitted_by=None)


def months_later(day: date, months: int) -> date:
    """The same day some months later, the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
