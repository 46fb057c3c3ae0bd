"""Who had a part in a text: none of them can be its reviewer."""

from datetime import datetime

from django.db.models import Q, QuerySet

from articles.models import Article, Contribution, Edition
from clinic.models import Practitioner, User

# The fields of the manuscript that hold its words; its questions are the rest.
WORDS = frozenset({"title", "summary", "takeaways", "body"})


def record(article: Article, *, by: User | None = None, past_author_id: int | None = None) -> None:
    """Note that `by` saved a change of the words, or that the practitioner `past_author_id` was the
    author until now.

    For the transaction of that save; `article` with its new revision.
    """
    at_revision = {"revision": article.revision}
    parts = Contribution.objects.filter(article=article)
    if by is not None:
        parts.update_or_create(article=article, user=by, defaults=at_revision)
    if past_author_id is not None:
        parts.update_or_create(
            article=article, practitioner_id=past_author_id, defaults=at_revision
        )


def copy(article: Article, duplicate: Article) -> None:
    """Note in an article that was made from another one whoever ever had a part in its words."""
    for part in Contribution.objects.filter(article=article):
        part.pk, part.article, part.revision = None, duplicate, duplicate.revision
        part.save(force_insert=True)


def since_last_review(article: Article, *, at: datetime) -> QuerySet[Contribution]:
    """Everybody's part in the text since the last edition that was public with a sign-off.

    An edition that was published without a review starts no new count: its authors cannot
    review it afterwards.
    """
    found = Contribution.objects.filter(article=article)
    reviewed = (
        Edition.objects.filter(article=article, manuscript_revision__isnull=False)
        .gone_live(at)
        .with_stamp()
        .exclude(checked_at=None)  # type: ignore[misc]
        .order_by("-manuscript_revision")
        .values_list("manuscript_revision", flat=True)
        .first()
    )
    return found if reviewed is None else found.filter(revision__gt=reviewed)


def has_part(article: Article, reviewer: Practitioner, *, at: datetime) -> bool:
    """Whether this practitioner is the author, submitted the text for review, or has had a part
    in it since the last review.

    A reviewer without an account is known by the address that receives the code: people
    with the same address count as one person.
    """
    if article.author_id == reviewer.pk:
        return True
    mine = Q(practitioner=reviewer)
    if reviewer.user_id is not None:
        if article.submitted_by_id == reviewer.user_id:
            return True
        mine |= Q(user=reviewer.user_id)
    elif address := reviewer.address:
        authors = [article.author.address] if article.author else []
        submitters = [article.submitted_by.email] if article.submitted_by else []
        if address.casefold() in {each.casefold() for each in authors + submitters}:
            return True
        mine |= Q(user__email__iexact=address) | Q(practitioner__email__iexact=address)
    return since_last_review(article, at=at).filter(mine).exists()


def users_since_last_review(article: Article, *, at: datetime) -> QuerySet[User]:
    """The accounts behind `since_last_review`: what a sign-off stores."""
    parts = since_last_review(article, at=at)
    return User.objects.filter(
        Q(pk__in=parts.values("user")) | Q(practitioner__in=parts.values("practitioner"))
    ).order_by("pk")
