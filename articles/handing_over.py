"""What of a colleague who leaves goes to another: texts they look after, and reviews they owe."""

from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from articles import rules
from articles.models import Article
from articles.models.article import ArticleQuerySet
from articles.reviewing import WANTED
from clinic import outbox, registry
from clinic.models import Clinic, User

BACKEND = "django.contrib.auth.backends.ModelBackend"


def looked_after(user: User) -> ArticleQuerySet:
    """Texts that have this owner, or no owner and this author: they are told when a review of one
    is due (articles.due)."""
    return Article.objects.filter(Q(owner=user) | Q(owner=None, author__user=user))


def to_review(user: User) -> ArticleQuerySet:
    """Texts handed in for review to this member of the staff."""
    return Article.objects.filter(reviewer__user=user, submitted_at__isnull=False)


def writers() -> QuerySet[User]:
    return User.objects.with_perm("articles.change_article", backend=BACKEND)


def reviewers() -> QuerySet[User]:
    """Who may sign: with the right to it, and a name on the site."""
    allowed = User.objects.with_perm("articles.review_article", backend=BACKEND)
    return allowed.filter(practitioner__isnull=False)


def give_texts(user: User, *, to: User | None, by: User, at: datetime) -> int:
    """Make `to` the owner. The words do not change, so neither does the revision."""
    return Article.objects.filter(pk__in=looked_after(user).values("pk")).update(owner=to)


def give_reviews(user: User, *, to: User | None, by: User, at: datetime) -> int:
    """Hand the texts in to `to`, who is told by mail. A text of their own goes to whichever
    reviewer comes first."""
    clinic, reviewer = Clinic.objects.get(id=1), rules.practitioner_of(to) if to else None
    articles = list(to_review(user).select_related("author"))
    for article in articles:
        may = reviewer is not None and rules.may_review(article, reviewer, clinic)
        rows = Article.objects.filter(pk=article.pk)
        rows.update(reviewer=reviewer if may else None, revision=F("revision") + 1)
        if may:
            outbox.queue(WANTED, article.pk, serial=article.revision + 1, at=at)
    return len(articles)


HAND_OVERS = [
    registry.HandOver(
        "texts",
        _("Texts they look after"),
        lambda user: looked_after(user).count(),
        writers,
        give_texts,
    ),
    registry.HandOver(
        "reviews",
        _("Texts that wait for their review"),
        lambda user: to_review(user).count(),
        reviewers,
        give_reviews,
    ),
]
