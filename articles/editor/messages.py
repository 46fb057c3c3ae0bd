"""The mails of the publishing desk: what they say is made when they are sent."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import permissions
from articles.models import Article, Invitation, ReferenceNotice, Remark, Review
from articles.models.notice import NoticeState
from articles.references.watch import recording
from articles.review import invitations, reminders, reviews
from clinic import hooks
from clinic.mail import composer
from clinic.models import Clinic, Message, Practitioner, User


def wanted(message: Message) -> EmailMultiAlternatives | None:
    """To the reviewer, or all of them where none is named: a text waits. Nothing once it waits no
    longer."""
    article = (
        Article.objects.filter(pk=message.object_id, submitted_at__isnull=False)
        .select_related("reviewer__user", "submitted_by", "author__user")
        .first()
    )
    if article is None:
        return None
    reviewers = [article.reviewer] if article.reviewer else _free_reviewers(article, message)
    return _mail(
        "review_wanted",
        _("An article is waiting for your review"),
        [reviewer.address for reviewer in reviewers if reviewer.address],
        {"article": article, "link": _desk("review", article.pk)},
    )


def _free_reviewers(article: Article, message: Message) -> list[Practitioner]:
    """Those who had no part in the text."""
    found = Practitioner.objects.filter(user__in=permissions.reviewers()).select_related("user")
    at = message.written_at
    return [person for person in found if permissions.may_review(article, person, at=at)]


def returned(message: Message) -> EmailMultiAlternatives | None:
    """To the author and the owner: the reviewer sent the text back, with this comment."""
    remark = (
        Remark.objects.filter(pk=message.object_id)
        .select_related("article__owner", "article__author__user")
        .first()
    )
    if remark is None:
        return None
    link = _desk("change", remark.article_id)
    context = {"remark": remark, "article": remark.article, "link": link}
    return _mail(
        "review_returned",
        _("Your article was returned by the reviewer"),
        remark.article.addresses(),
        context,
    )


def signed(message: Message) -> EmailMultiAlternatives | None:
    """Tell the author, the owner and those who may publish, but not the reviewer, of a sign-off;
    publishers only while there is something to publish."""
    review = (
        Review.objects.filter(pk=message.object_id)
        .select_related("article__owner", "article__author__user", "reviewer__user")
        .first()
    )
    if review is None:
        return None
    is_out = reviews.is_out(review, at=message.written_at)
    publishers = [] if is_out else permissions.publishers().order_by("pk")
    to = {
        address.casefold(): address
        for address in [*review.article.addresses(), *(user.email for user in publishers)]
        if address and address.casefold() != review.reviewer.address.casefold()
    }
    link = _desk("change", review.article_id)
    context = {"review": review, "article": review.article, "is_out": is_out, "link": link}
    return _mail("review_signed", _("An article was approved"), list(to.values()), context)


def invited(message: Message) -> EmailMultiAlternatives | None:
    """To the practitioner who was asked: the link. Nothing once it was taken back, or their
    address has changed."""
    invitation = _invitation(message)
    if invitation is None:
        return None
    path = reverse("shared_preview", args=[invitations.token(invitation)])
    context = {
        "invitation": invitation,
        "article": invitation.article,
        "link": f"{settings.SITE_URL}{path}",
        "days": invitations.LASTS.days,
    }
    return _mail("review_invitation", _("Please review this article"), invitation.email, context)


def code(message: Message) -> EmailMultiAlternatives | None:
    """To the same address: the code that approving asks for. Nothing once a newer one is asked."""
    invitation = _invitation(message)
    if invitation is None or invitation.code_serial != message.serial:
        return None
    context = {
        "article": invitation.article,
        "code": invitations.code_of(invitation),
        "minutes": int(invitations.CODE_LASTS.total_seconds() // 60),
    }
    return _mail("review_code", _("Your code to approve an article"), invitation.email, context)


def review_due(message: Message) -> EmailMultiAlternatives | None:
    """To an owner: every text of theirs whose review is due or will be within 30 days."""
    owner = User.objects.filter(pk=message.object_id, is_active=True).first()
    at = message.written_at
    mine = [entry for entry in reminders.reviews_due(at) if entry.owner == owner]
    if owner is None or not mine:
        return None
    link = f"{settings.SITE_URL}{reverse('admin:articles_article_changelist')}?state=due"
    context = {"dues": mine, "today": timezone.localdate(at), "link": link}
    return _mail("review_due", _("Reviews due"), owner.email, context)


def notice_found(message: Message) -> EmailMultiAlternatives | None:
    """To an owner, or the clinic where nobody looks after a text: what became of a source of
    theirs. Nothing once the notice was dismissed, or no text of theirs cites the source."""
    notice = (
        ReferenceNotice.objects.exclude(state=NoticeState.DISMISSED)
        .filter(pk=message.object_id)
        .select_related("reference")
        .first()
    )
    owner = User.objects.filter(pk=message.serial, is_active=True).first()
    if notice is None:
        return None
    articles = [
        article
        for article in recording.affected(notice.reference, message.written_at)
        if article.responsible_user() == owner
    ]
    if not articles:
        return None
    link = reverse("admin:articles_referencenotice_change", args=[notice.pk])
    return _mail(
        "reference_notice",
        _("A source you cite has changed"),
        owner.email if owner else Clinic.objects.get(id=1).email,
        {"notice": notice, "articles": articles, "link": f"{settings.SITE_URL}{link}"},
    )


KINDS = {
    reviews.WANTED: wanted,
    reviews.RETURNED: returned,
    reviews.SIGNED: signed,
    invitations.INVITED: invited,
    invitations.CODE: code,
    reminders.KIND: review_due,
    recording.KIND: notice_found,
}
# What staff read of them in the list of emails.
WORDS = {
    reviews.WANTED: gettext_lazy("To reviewers: an article is waiting for review"),
    reviews.RETURNED: gettext_lazy("To author and owner: the article was returned"),
    reviews.SIGNED: gettext_lazy("To author, owner and editors: the article was approved"),
    invitations.INVITED: gettext_lazy("To a reviewer: invitation to review"),
    invitations.CODE: gettext_lazy("To a reviewer: code to approve the article"),
    reminders.KIND: gettext_lazy("To an owner: reviews due"),
    recording.KIND: gettext_lazy("To an owner: a cited source has changed"),
}
# How the object of each leads to its article.
_PATHS = {
    reviews.WANTED: (Article, "pk"),
    reviews.RETURNED: (Remark, "article"),
    reviews.SIGNED: (Review, "article"),
    invitations.INVITED: (Invitation, "article"),
    invitations.CODE: (Invitation, "article"),
}


def outgoing() -> dict[str, hooks.Outgoing]:
    """What the list of emails says of ours."""
    about: dict[str, Any] = {kind: partial(_about_article, *path) for kind, path in _PATHS.items()}
    about |= {reminders.KIND: _about_owner, recording.KIND: _about_source}
    return {kind: hooks.Outgoing(words, about[kind]) for kind, words in WORDS.items()}


def _about_article(
    model: Any, path: str, request: HttpRequest, ids: Iterable[int]
) -> dict[int, hooks.PanelRow]:
    by_article = dict(model.objects.filter(pk__in=ids).values_list("pk", path))
    titles = dict(Article.objects.filter(pk__in=by_article.values()).values_list("pk", "title"))
    if not request.user.has_perm("articles.view_article"):
        return dict.fromkeys(by_article, hooks.PanelRow(_("An article")))
    return {
        pk: hooks.PanelRow(
            titles[article], url=reverse("admin:articles_article_change", args=[article])
        )
        for pk, article in by_article.items()
    }


def _about_owner(request: HttpRequest, ids: Iterable[int]) -> dict[int, hooks.PanelRow]:
    return {user.pk: hooks.PanelRow(str(user)) for user in User.objects.filter(pk__in=ids)}


def _about_source(request: HttpRequest, ids: Iterable[int]) -> dict[int, hooks.PanelRow]:
    found = ReferenceNotice.objects.filter(pk__in=ids).values_list("pk", "reference__key")
    may = request.user.has_perm("articles.view_referencenotice")
    return {
        pk: hooks.PanelRow(
            key, url=reverse("admin:articles_referencenotice_change", args=[pk]) if may else ""
        )
        for pk, key in found
    }


def _invitation(message: Message) -> Invitation | None:
    found = Invitation.objects.select_related("article", "practitioner__user", "invited_by")
    invitation = found.filter(pk=message.object_id).first()
    return invitation if invitation and invitations.may_answer(invitation) else None


def _desk(name: str, article_id: int) -> str:
    return f"{settings.SITE_URL}{reverse(f'admin:articles_article_{name}', args=[article_id])}"


def _mail(
    name: str, subject: str, to: str | list[str], context: dict[str, Any]
) -> EmailMultiAlternatives:
    return composer.write(name, subject, to, context, html=False)
