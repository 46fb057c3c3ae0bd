"""The mails of the publishing desk: what they say is made when they are sent."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import due, invitations, reviewing
from articles.models import Article, Invitation, ReferenceNotice, Remark
from articles.models.notice import NoticeState
from articles.watch import recording
from clinic import mails
from clinic.models import Clinic, Message, User


def wanted(message: Message) -> EmailMultiAlternatives | None:
    """To the reviewer: a text waits. Nothing once it waits no longer."""
    article = (
        Article.objects.filter(pk=message.object_id, submitted_at__isnull=False)
        .select_related("reviewer__user", "submitted_by")
        .first()
    )
    if article is None or article.reviewer is None:
        return None
    return _mail(
        "review_wanted",
        _("A text waits for your review"),
        invitations.address_of(article.reviewer),
        {"article": article, "link": _desk("review", article.pk)},
    )


def returned(message: Message) -> EmailMultiAlternatives | None:
    """To the owner: the reviewer sent the text back, with this comment."""
    remark = (
        Remark.objects.filter(pk=message.object_id)
        .select_related("article__owner", "article__author__user")
        .first()
    )
    owner = due.owner_of(remark.article) if remark else None
    if remark is None or owner is None:
        return None
    link = _desk("change", remark.article_id)
    context = {"remark": remark, "article": remark.article, "link": link}
    return _mail("review_returned", _("A text came back from its review"), owner.email, context)


def invited(message: Message) -> EmailMultiAlternatives | None:
    """To the practitioner who was asked: the link. Nothing once it was taken back."""
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
    return _mail("review_invitation", _("Please read this text"), invitation.email, context)


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
    return _mail("review_code", _("Your code to approve a text"), invitation.email, context)


def review_due(message: Message) -> EmailMultiAlternatives | None:
    """To an owner: every text of theirs whose review is due or will be within 30 days."""
    owner = User.objects.filter(pk=message.object_id, is_active=True).first()
    at = timezone.now()
    mine = [entry for entry in due.reviews_due(at) if entry.owner == owner]
    if owner is None or not mine:
        return None
    link = f"{settings.SITE_URL}{reverse('admin:articles_article_changelist')}?state=due"
    context = {"dues": mine, "today": timezone.localdate(at), "link": link}
    return _mail("review_due", _("Reviews that are due"), owner.email, context)


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
        for article in recording.affected(notice.reference, timezone.now())
        if due.owner_of(article) == owner
    ]
    if not articles:
        return None
    link = reverse("admin:articles_referencenotice_change", args=[notice.pk])
    return _mail(
        "reference_notice",
        _("A source of your texts has changed"),
        owner.email if owner else Clinic.objects.get(id=1).email,
        {"notice": notice, "articles": articles, "link": f"{settings.SITE_URL}{link}"},
    )


KINDS = {
    reviewing.WANTED: wanted,
    reviewing.RETURNED: returned,
    invitations.INVITED: invited,
    invitations.CODE: code,
    due.KIND: review_due,
    recording.KIND: notice_found,
}


def _invitation(message: Message) -> Invitation | None:
    found = Invitation.objects.filter(revoked_at=None)
    found = found.select_related("article", "practitioner", "invited_by")
    return found.filter(pk=message.object_id).first()


def _desk(name: str, article_id: int) -> str:
    return f"{settings.SITE_URL}{reverse(f'admin:articles_article_{name}', args=[article_id])}"


def _mail(name: str, subject: str, to: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    return mails.write(name, subject, to, context, html=False)
