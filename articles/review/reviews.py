"""Clinical review: handed in, signed or sent back; due again after some months.

A sign-off is a record bound to the hash of exactly what was read, and to the author. Who may do
what is asked here, in the verbs. Texts are rendered before a transaction begins, never in it.
"""

import calendar
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import contributions, permissions
from articles.manuscript.citations import Source
from articles.manuscript.content_hash import HASH_RECIPE, RECIPES, content_hash
from articles.manuscript.rendering import Composition, Text, compose
from articles.models import Article, Edition, Remark, Review
from articles.models.choices import Certainty
from clinic.lib.database.locking import locked
from clinic.mail import outbox
from clinic.models import Clinic, Practitioner, User
from clinic.site import content_version

# Raises if the locked article is not what was seen when the act was asked for.
ArticleCheck = Callable[[Article], None]
# Kinds of mail.
WANTED, RETURNED, SIGNED = "review-wanted", "review-returned", "review-signed"
LOOKED_AT = 24  # articles, for the dashboard
PRESSED_TWICE = timedelta(minutes=1)  # in which the same sign-off is not recorded again


class NotSigned(Exception):
    """No review was recorded; the message says why."""


def hash_of(article: Article, *, at: datetime, composition: Composition | None = None) -> str:
    """The content hash of the manuscript as it is now. `composition`: of the same text, where the
    caller has rendered it already."""
    text = Text.of_article(article)
    cited = (composition or compose(text, at=at)).cited
    return content_hash(text, article.certainty, cited)


def signed(
    article: Article, *, at: datetime, composition: Composition | None = None
) -> Review | None:
    """The newest sign-off that counts for exactly the manuscript as it is now, and its author."""
    text = Text.of_article(article)
    cited = (composition or compose(text, at=at)).cited
    return find(article, article.author_id, text, article.certainty, cited)


def find(
    article: Article,
    author_id: int | None,
    text: Text,
    certainty: str,
    cited: Sequence[Source],
) -> Review | None:
    """The newest sign-off that counts for these words and this author, each compared by the recipe
    of its own hash."""
    reviews = Review.objects.counting().of_author(author_id).filter(article=article)
    same = Q(pk=None)
    for recipe in set(reviews.order_by().values_list("hash_recipe", flat=True)) & RECIPES.keys():
        digest = content_hash(text, certainty, cited, recipe=recipe)
        same |= Q(hash_recipe=recipe, content_hash=digest)
    return reviews.filter(same).first()


def submit(
    article: Article, *, by: User, at: datetime, unchanged: ArticleCheck | None = None
) -> None:
    """Submit the article for clinical review and notify the reviewer it names, or all of them."""
    with locked(article, unchanged) as fresh:
        if not permissions.may_write(by, fresh):
            raise PermissionDenied
        Article.objects.filter(pk=fresh.pk).update(submitted_at=at, submitted_by=by)
        outbox.queue(WANTED, fresh.pk, serial=fresh.revision, at=at)


def sign(
    article: Article,
    *,
    reviewer: Practitioner,
    by: User | None,
    at: datetime,
    note: str = "",
    read: str = "",
    certainty: str | None = None,
    unchanged: ArticleCheck | None = None,
) -> Review:
    """Record that `reviewer` has read this manuscript and stands for it, and tell its author and
    who may publish.

    `by` signs for themselves; None where the reviewer has no account or the operator acts. `read`
    is the hash of what was shown to them; `certainty` how firm they judge the evidence (None: as it
    is). Raises PermissionDenied, or NotSigned if the text was changed since, or if they had a part
    in it.
    """
    _require_reviewer(reviewer, by)
    clinic = Clinic.objects.get(id=1)
    seen = Article.objects.get(pk=article.pk)
    text = Text.of_article(seen)
    cited = compose(text, at=at).cited
    if read and read != content_hash(text, seen.certainty, cited):
        raise NotSigned(_("The article changed while you were reading it. Please read it again."))
    with locked(article, unchanged) as fresh:
        if fresh.revision != seen.revision:
            raise NotSigned(
                _("The article changed while you were reading it. Please read it again.")
            )
        if not permissions.may_review(fresh, reviewer, at=at):
            raise NotSigned(
                _(
                    "You can’t review your own article. Someone who did not work on it must "
                    "approve it."
                )
            )
        if certainty is not None and certainty != fresh.certainty:
            fresh.certainty = Certainty(certainty) if certainty else ""
            fresh.revision = F("revision") + 1
            fresh.save(update_fields=["certainty", "revision"])
        today = timezone.localdate(at, clinic.zone)
        firm = fresh.certainty if certainty is None else certainty
        recipe = _recipe_for(fresh, text, firm, cited, at=at)
        same = {
            "article": fresh,
            "content_hash": content_hash(text, firm, cited, recipe=recipe),
            "hash_recipe": recipe,
            "author_id": fresh.author_id,
            "reviewer": reviewer,
            "signed_by": by,
            "note": note,
        }
        twice = Review.objects.filter(**same, signed_at__gt=at - PRESSED_TWICE, carried_from=None)
        if already := twice.first():
            return already
        review = Review.objects.create(
            **same,
            reviewer_name=reviewer.name,
            signed_at=at,
            next_due_on=months_later(today, clinic.review_interval_months),
        )
        review.changed_by.set(contributions.users_since_last_review(fresh, at=at))
        _no_longer_waits(fresh)
        outbox.queue(SIGNED, review.pk, at=at)
        content_version.raise_version()
    return review


def _recipe_for(
    article: Article, text: Text, certainty: str, cited: Sequence[Source], *, at: datetime
) -> int:
    """The recipe of the live edition where it has exactly these words, so that its page shows the
    new sign-off; otherwise the newest."""
    live = Edition.objects.live(at).filter(article=article).first()
    if live is not None and live.hash_recipe in RECIPES:
        digest = content_hash(text, certainty, cited, recipe=live.hash_recipe)
        if digest == live.content_hash:
            return live.hash_recipe
    return HASH_RECIPE


def ready_to_publish(among: Q, *, at: datetime) -> list[tuple[Article, datetime]]:
    """Return the articles of `among` that were signed off as they are now and have not been
    published or scheduled since, with the moment of the sign-off; the newest first. Renders each
    that may be one, at most LOOKED_AT."""
    made = Edition.objects.not_cancelled().filter(article=OuterRef("pk"))
    signed_off = Review.objects.filter(article=OuterRef("pk"), carried_from=None)
    may_be = (
        Article.objects.filter(among)
        .annotate(
            made_last=Subquery(made.order_by("-created_at").values("created_at")[:1]),
            signed_last=Subquery(signed_off.order_by("-signed_at").values("signed_at")[:1]),
        )
        .filter(Q(made_last=None) | Q(made_last__lt=F("signed_last")), signed_last__isnull=False)
        .order_by("-signed_last", "pk")
    )
    reviews = [(article, signed(article, at=at)) for article in may_be[:LOOKED_AT]]
    return [
        (article, review.signed_at)
        for article, review in reviews
        if review and not is_out(review, at=at)
    ]


def is_out(review: Review, *, at: datetime) -> bool:
    """Return whether exactly what was signed off is public or scheduled."""
    same = Edition.objects.filter(article=review.article_id, content_hash=review.content_hash)
    live = Q(pk__in=Edition.objects.live(at).values("pk"))
    return same.filter(live | Q(pk__in=Edition.objects.waiting(at).values("pk"))).exists()


def returned(articles: Q) -> dict[int, Remark]:
    """Return the last comment on each of these articles that a reviewer has returned and that is
    still with its author, by the key of the article."""
    later = {"article": OuterRef("article")}
    remarks = Remark.objects.filter(
        article__in=Article.objects.filter(articles, submitted_at=None), sends_back=True
    )
    open_ones = remarks.exclude(
        Exists(Review.objects.filter(**later, signed_at__gte=OuterRef("made_at")))
    ).exclude(Exists(Edition.objects.filter(**later, created_at__gte=OuterRef("made_at"))))
    return {each.article_id: each for each in open_ones.order_by("made_at", "pk")}


def send_back(
    article: Article,
    *,
    reviewer: Practitioner,
    by: User | None,
    at: datetime,
    comment: str,
    unchanged: ArticleCheck | None = None,
) -> Remark:
    """Return the article to its author with a comment, by email.

    `by` None where the reviewer has no account. Raises PermissionDenied; NotSigned without comment.
    """
    _require_reviewer(reviewer, by)
    if not comment.strip():
        raise NotSigned(_("Explain what needs to change: the author sees only your comment."))
    remark = _remark(article, comment, reviewer.name, by, at, sends_back=True)
    with locked(article, unchanged):
        remark.save()
        _no_longer_waits(article)
        outbox.queue(RETURNED, remark.pk, at=at)
    return remark


def remark(article: Article, *, name: str, by: User | None, at: datetime, comment: str) -> Remark:
    """Keep a comment that neither signs nor sends back."""
    kept = _remark(article, comment, name, by, at, sends_back=False)
    kept.save()
    return kept


def _remark(
    article: Article, comment: str, name: str, by: User | None, at: datetime, *, sends_back: bool
) -> Remark:
    """The row, not saved: the text is rendered for its hash."""
    return Remark(
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
    permissions.require(by, "articles.review_article")
    if by is not None and reviewer.user_id != by.pk:
        raise PermissionDenied


def _no_longer_waits(article: Article) -> None:
    Article.objects.filter(pk=article.pk).update(submitted_at=None, submitted_by=None)


def months_later(day: date, months: int) -> date:
    """The same day some months later, the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
