"""Reviews that are due again: who is notified, and on which days."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from articles.models import Article, Edition, Review
from articles.models.edition import EditionQuerySet
from articles.models.review import services_changed_since
from clinic.mail import outbox
from clinic.models import Clinic, Message, User

KIND = "review-due"  # of mail; its object is a user, its serial the day's number
WARNING = timedelta(days=30)
WEEK = 7


@dataclass(frozen=True)
class Due:
    """A public text whose sign-off ends; `owner` None where nobody looks after it."""

    article: Article
    due_on: date
    owner: User | None


def editions_due(at: datetime) -> EditionQuerySet:
    """Public, signed editions whose next review is due within 30 days or is overdue, with
    `check_due_on`; the longest first."""
    stamped = Edition.objects.live(at).with_stamp()
    due = stamped.filter(check_due_on__lte=_today(at) + WARNING)  # type: ignore[misc]
    return due.order_by("check_due_on", "article")  # type: ignore[misc]


def editions_ended(at: datetime) -> EditionQuerySet:
    """Public editions whose sign-off ended because a service that they show has changed."""
    signed = Review.objects.filter(
        Exists(services_changed_since(OuterRef("signed_at"))),
        article=OuterRef("article"),
        content_hash=OuterRef("content_hash"),
    )
    stamped = Edition.objects.live(at).filter(Exists(signed)).with_stamp()
    return stamped.filter(checked_at=None).order_by("article")  # type: ignore[misc]


def reviews_due(at: datetime) -> list[Due]:
    """Return the articles of these editions with who is notified. One query."""
    editions = (
        editions_due(at)
        .select_related("article__owner", "article__author__user")
        .defer("body", "faq", "references", "article__body")
    )
    return [
        Due(edition.article, edition.check_due_on, edition.article.responsible_user())
        for edition in editions
    ]


def is_a_day_for_it(due_on: date, day: date) -> bool:
    """30 days before, on the day, and every seventh day after."""
    late = (day - due_on).days
    return late == -WARNING.days or (late >= 0 and late % WEEK == 0)


def remind(at: datetime) -> int:
    """Queue one digest for each owner for whom something has come up; count them.

    Repeated on the same day it queues nothing more. Days on which no worker ran are made up for,
    up to a week.
    """
    today = _today(at)
    queued = 0
    for owner, dues in _by_owner(reviews_due(at)).items():
        days = _days_since_last(owner, today)
        if any(is_a_day_for_it(due.due_on, day) for due in dues for day in days):
            outbox.queue(KIND, owner.pk, serial=today.toordinal(), at=at)
            queued += 1
    return queued


def _by_owner(dues: Iterable[Due]) -> dict[User, list[Due]]:
    found: dict[User, list[Due]] = defaultdict(list)
    for due in dues:
        if due.owner is not None:
            found[due.owner].append(due)
    return found


def _days_since_last(owner: User, today: date) -> list[date]:
    """Today, and the days before it since the last digest, at most a week in all."""
    mails = Message.objects.filter(kind=KIND, object_id=owner.pk)
    last = mails.order_by("-serial").values_list("serial", flat=True).first() or 0
    first = max(last + 1, today.toordinal() - WEEK + 1)
    return [date.fromordinal(number) for number in range(first, today.toordinal() + 1)]


def _today(at: datetime) -> date:
    return timezone.localdate(at, Clinic.objects.get(id=1).zone)
