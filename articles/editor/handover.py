"""What of a colleague who leaves goes to another: texts they look after, and reviews they owe."""

from datetime import datetime

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from articles import permissions
from articles.models import Article
from articles.models.article import ArticleQuerySet
from articles.review.reviews import WANTED
from clinic import hooks
from clinic.mail import outbox
from clinic.models import User


def looked_after(user: User) -> ArticleQuerySet:
    """Return the articles with this owner, or with no owner and this author: the user is notified
    when a review is due (articles.review.reminders)."""
    return Article.objects.filter(Q(owner=user) | Q(owner=None, author__user=user))


def to_review(user: User) -> ArticleQuerySet:
    """Texts handed in for review to this member of the staff."""
    return Article.objects.filter(reviewer__user=user, submitted_at__isnull=False)


def give_texts(user: User, *, to: User | None, by: User, at: datetime) -> int:
    """Make `to` the owner. The words do not change, so neither does the revision."""
    return Article.objects.filter(pk__in=looked_after(user).values("pk")).update(owner=to)


def give_reviews(user: User, *, to: User | None, by: User, at: datetime) -> int:
    """Submit the articles to `to`, who is notified by email. A text of their own goes to whichever
    reviewer comes first: all are notified."""
    reviewer = permissions.practitioner_of(to) if to else None
    articles = list(to_review(user).select_related("author"))
    for article in articles:
        may = reviewer is not None and permissions.may_review(article, reviewer, at=at)
        rows = Article.objects.filter(pk=article.pk)
        rows.update(reviewer=reviewer if may else None, revision=F("revision") + 1)
        outbox.queue(WANTED, article.pk, serial=article.revision + 1, at=at)
    return len(articles)


HAND_OVERS = [
    hooks.HandOver(
        "texts",
        _("Articles they own"),
        lambda user: looked_after(user).count(),
        permissions.writers,
        give_texts,
    ),
    hooks.HandOver(
        "reviews",
        _("Articles waiting for their review"),
        lambda user: to_review(user).count(),
        permissions.reviewers,
        give_reviews,
    ),
]
