"""What the staff's first page says about texts: mine, to be reviewed, scheduled, due again."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from articles.editor import status_text
from articles.models import Article, Edition, Remark, Review
from articles.review import reminders, reviews
from clinic.hooks import DeskPanel, PanelRow
from clinic.models import Practitioner

SHOWN = 6
LONGEST_REMARK = 120  # characters of what a reviewer said


def drafts_panel(request: HttpRequest) -> DeskPanel | None:
    """What I write or look after and that is not public as it stands; what a reviewer returned
    comes first."""
    if not request.user.has_perm("articles.change_article"):
        return None
    at = timezone.now()
    mine = own_texts(request.user)
    remarks = reviews.returned(mine)
    articles = Article.objects.with_state(at).order_by("-updated_at", "-id")
    changed = Q(edition_number=None) | Q(edition_revision__lt=F("revision"))
    returned = list(articles.filter(pk__in=remarks)[:SHOWN])
    unfinished = articles.filter(mine).filter(changed).exclude(pk__in=remarks)
    rest = list(unfinished[: SHOWN - len(returned)])
    status_text.count_changes(rest, at=at)
    return DeskPanel(
        order=15,
        title=_("My drafts"),
        rows=[
            *(
                PanelRow(article.title, _returned_by(remarks[article.pk]), _address(article.pk))
                for article in returned
            ),
            *(
                PanelRow(article.title, status_text.words(article, at=at), _address(article.pk))
                for article in rest
            ),
        ],
        empty=_("You have no drafts."),
        action=PanelRow(_("Write a new article"), url=reverse("admin:articles_article_add")),
    )


def _returned_by(remark: Remark) -> str:
    first_line = next(filter(None, map(str.strip, remark.text.splitlines())), "")
    words = {"name": remark.name, "words": Truncator(first_line).chars(LONGEST_REMARK)}
    return _("Returned by %(name)s: %(words)s") % words


def ready_panel(request: HttpRequest) -> DeskPanel | None:
    """What was signed off and can be published: mine, and to editors everybody's."""
    user = request.user
    if not user.has_perm("articles.change_article"):
        return None
    among = Q() if user.has_perm("articles.publish_article") else own_texts(user)
    ready = reviews.ready_to_publish(among, at=timezone.now())
    if not ready:
        return None
    return DeskPanel(
        order=13,
        title=_("Approved, ready to publish"),
        rows=[
            PanelRow(
                article.title,
                _("approved %(moment)s") % {"moment": status_text.moment(signed_at)},
                _address(article.pk),
            )
            for article, signed_at in ready[:SHOWN]
        ],
    )


def reviews_panel(request: HttpRequest) -> DeskPanel | None:
    """What was handed in to me, or to nobody in particular."""
    user = request.user
    if not user.has_perm("articles.review_article"):
        return None
    waiting = (
        Article.objects.filter(submitted_at__isnull=False)
        .only("title", "submitted_at", "reviewer_id")
        .order_by("submitted_at", "id")
    )
    person = _person(user)
    # Few texts wait at a time: chosen here, they are found by the index of those that wait.
    for_me = [a for a in waiting if a.reviewer_id in (None, person.pk if person else None)]
    return DeskPanel(
        order=12,
        title=_("Waiting for my review"),
        rows=[
            PanelRow(
                article.title,
                _("submitted %(moment)s") % {"moment": status_text.moment(article.submitted_at)},
                _address(article.pk),
            )
            for article in for_me[:SHOWN]
            if article.submitted_at
        ],
        empty=_("There is nothing for you to review."),
    )


def scheduled_panel(request: HttpRequest) -> DeskPanel | None:
    """Everything that waits for its moment, in the order in which it will be public."""
    if not request.user.has_perm("articles.view_article"):
        return None
    waiting = (
        Edition.objects.waiting(timezone.now())
        .only("title", "goes_live_at", "article_id")
        .order_by("goes_live_at", "id")[: SHOWN * 2]
    )
    if not waiting:
        return None
    return DeskPanel(
        order=20,
        title=_("Scheduled"),
        rows=[
            PanelRow(
                edition.title,
                status_text.moment(edition.goes_live_at),
                _address(edition.article_id),
            )
            for edition in waiting
        ],
    )


def due_panel(request: HttpRequest) -> DeskPanel | None:
    """Public texts whose review ended with a change of a service, or ends within 30 days: mine,
    and to editors everybody's."""
    user = request.user
    if not user.has_perm("articles.view_article"):
        return None
    at = timezone.now()
    ending = Review.objects.filter(next_due_on__lte=timezone.localdate(at) + reminders.WARNING)
    # Few reviews end at a time: asked first, they leave few editions to look at.
    found = reminders.editions_due(at).filter(article__in=ending.values("article"))
    ended = reminders.editions_ended(at)
    if not user.has_perm("articles.publish_article"):
        mine = Article.objects.filter(own_texts(user))
        found, ended = found.filter(article__in=mine), ended.filter(article__in=mine)
    rows = [
        PanelRow(
            edition.title,
            _("A service it shows has changed"),
            _address(edition.article_id),
            urgent=True,
        )
        for edition in ended.only("title", "article_id")[:SHOWN]
    ]
    rows += [_due_row(edition, at) for edition in found.only("title", "article_id")[:SHOWN]]
    return DeskPanel(order=25, title=_("Review due"), rows=rows) if rows else None


def _due_row(edition: Any, at: datetime) -> PanelRow:
    """`edition` from `due.editions_due`."""
    return PanelRow(
        edition.title,
        _("by %(day)s") % {"day": date_format(edition.check_due_on)},
        _address(edition.article_id),
        urgent=edition.check_due_on < timezone.localdate(at),
    )


def own_texts(user: Any) -> Q:
    """Return what finds the texts that this user wrote or looks after."""
    person = _person(user)
    return Q(owner=user) | Q(author=person) if person else Q(owner=user)


def _person(user: Any) -> Practitioner | None:
    """Who of the clinic's people signs in as this user. Asked by itself: with a join in it, the
    question for their texts would read all texts."""
    return Practitioner.objects.filter(user=user).first()


def _address(article_id: int) -> str:
    return reverse("admin:articles_article_change", args=[article_id])
