"""The pages of the clinical review: submit, read and answer, invite a reader by email; and those
that revoke a link to the preview."""

from datetime import datetime
from functools import partial

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from articles import permissions, publishing
from articles.admin import actions
from articles.editor import previews, working_copies
from articles.editor.status_text import moment
from articles.manuscript.rendering import Text, compose
from articles.models import Article
from articles.models.choices import Certainty
from articles.review import invitations, reviews
from articles.review.reviews import NotSigned
from clinic.accounts.staff_accounts import user_of
from clinic.admin import stale
from clinic.lib.fields.visible_text import VisibleCharField
from clinic.models import Practitioner


class ReviewForm(forms.Form):
    """What a reviewer answers. `read`: the hash of the text that the page showed."""

    read = forms.CharField(widget=forms.HiddenInput)
    certainty = forms.ChoiceField(
        label=_("How strong is the evidence?"),
        choices=[("", _("Not stated")), *Certainty.choices],
        widget=forms.RadioSelect,
        required=False,
    )
    comment = VisibleCharField(
        label=_("Comment"),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        max_length=5000,
        help_text=_("For the author. Required when you return the article."),
    )


class InviteForm(forms.Form):
    practitioner = forms.ModelChoiceField(
        label=_("Reviewer"),
        queryset=Practitioner.objects.all(),
        help_text=_(
            "They will receive a link by email to read the article and approve or return it."
        ),
    )


def _for_writing(request: HttpRequest, article_id: int) -> Article:
    """The article, for those who may write it; else 403, 404."""
    article = actions.article_for(request, article_id, "articles.change_article")
    if not permissions.may_write(user_of(request), article):
        raise PermissionDenied
    return article


def submit_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Hand the text in for its review."""
    article = _for_writing(request, article_id)
    return actions.ask(
        request,
        article,
        _t("Submit for review"),
        _who_will_read(article, at=timezone.now()),
        partial(reviews.submit, article, by=user_of(request), at=timezone.now()),
        _t("The article is waiting for review."),
    )


def _who_will_read(article: Article, *, at: datetime) -> str:
    """What handing in leads to, and what the text still lacks."""
    if article.reviewer:
        words = _t(
            "We’ll notify %(reviewer)s by email. You can keep writing: the reviewer approves "
            "the version they read."
        ) % {"reviewer": article.reviewer}
    else:
        words = _t("No reviewer is chosen. We’ll notify every reviewer by email.")
    said = []
    composition = compose(Text.of_article(article), at=at)
    signed = reviews.signed(article, at=at, composition=composition)
    if signed:
        signer = {"name": signed.reviewer_name, "moment": moment(signed.signed_at)}
        said.append(_t("On %(moment)s, %(name)s approved this exact version.") % signer)
    elif article.submitted_at:
        since = {"moment": moment(article.submitted_at)}
        said.append(_t("It was submitted on %(moment)s and is waiting for review.") % since)
    issues = publishing.issues_of(article, at=at, composition=composition)
    missing = [issue.message for issue in issues if issue.must]
    if missing:
        said.append(_t("Still needed before publishing: %s") % " ".join(missing))
    return " ".join([*said, *working_copies.unsaved(article), words])


def review_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Read the manuscript; sign it, or send it back with a comment."""
    article = actions.article_for(request, article_id, "articles.review_article")
    user, at = user_of(request), timezone.now()
    reviewer = permissions.practitioner_of(user)
    composition = compose(Text.of_article(article), at=at)  # once for all that asks
    digest = reviews.hash_of(article, at=at, composition=composition)
    start = {"read": digest, "certainty": article.certainty}
    form = ReviewForm(request.POST or None, initial=start)
    actions.refuse_stale(request, article, form)
    if request.method == "POST" and form.is_valid():
        if reviewer is None:
            raise PermissionDenied
        try:
            return _answer(request, article, form, reviewer)
        except stale.ChangedSince:
            article = actions.fresh(article)
            form.add_error(None, actions.why_refused(article))
        except NotSigned as refusal:
            form.add_error(None, str(refusal))
    context = actions.context_of(request, article, _t("Review"))
    context |= {
        "form": form,
        "issues": publishing.issues_of(article, at=at, composition=composition),
        "remarks": article.remarks.all()[:20],
        "reviewer": reviewer,
        "is_own": reviewer is not None and not permissions.may_review(article, reviewer, at=at),
        "signed": reviews.signed(article, at=at, composition=composition),
        "has_editions": article.editions.exists(),
        "unsaved": working_copies.unsaved(article),
    }
    return render(request, "admin/articles/article/review.html", context)


def _answer(
    request: HttpRequest, article: Article, form: ReviewForm, reviewer: Practitioner
) -> HttpResponse:
    given = form.cleaned_data
    user, at, unchanged = user_of(request), timezone.now(), actions.unchanged(request)
    if request.POST.get("do") == "return":
        reviews.send_back(
            article,
            reviewer=reviewer,
            by=user,
            at=at,
            comment=given["comment"],
            unchanged=unchanged,
        )
        return actions.back(request, article, _t("The article was returned to its author."))
    reviews.sign(
        article,
        reviewer=reviewer,
        by=user,
        at=at,
        note=given["comment"],
        read=given["read"],
        certainty=given["certainty"],
        unchanged=unchanged,
    )
    return actions.back(request, article, _t("You have approved this article."))


def invite_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Ask a practitioner, by email, to read the text and answer without an account."""
    article = _for_writing(request, article_id)
    form = InviteForm(request.POST or None, initial={"practitioner": article.reviewer_id})
    actions.refuse_stale(request, article, form)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["practitioner"]
        try:
            invitations.invite(
                article,
                chosen,
                by=user_of(request),
                at=timezone.now(),
                unchanged=actions.unchanged(request),
            )
        except stale.ChangedSince:
            article = actions.fresh(article)
            form.add_error(None, actions.why_refused(article))
        except invitations.NotInvited as refusal:
            form.add_error("practitioner", str(refusal))
        else:
            words = _t("We’ll email the link to %(name)s.") % {"name": chosen}
            return actions.back(request, article, words, messages.SUCCESS)
    context = actions.context_of(request, article, _t("Share the preview by email"))
    context |= {
        "form": form,
        "invited": invitations.of_article(article, at=timezone.now()),
        "days": invitations.LASTS.days,
    }
    return render(request, "admin/articles/article/invite.html", context)


def take_back_view(request: HttpRequest, article_id: int, invitation_id: int) -> HttpResponse:
    """Take back the link that a practitioner was sent."""
    article = _for_writing(request, article_id)
    invited = article.invitations.select_related("practitioner", "article")
    invitation = get_object_or_404(invited, pk=invitation_id)
    return actions.ask(
        request,
        article,
        _t("Revoke link"),
        _t(
            "The link sent to %(name)s on %(moment)s, and any code emailed to them, will stop "
            "working. Any answer they gave is kept."
        )
        % {"name": invitation.practitioner, "moment": moment(invitation.invited_at)},
        partial(invitations.revoke, invitation, by=user_of(request), at=timezone.now()),
        _t("The link has been revoked."),
    )


def renew_link_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Put a new link to the preview in the place of the one that was passed on."""
    article = _for_writing(request, article_id)
    return actions.ask(
        request,
        article,
        _t("Replace link"),
        _t(
            "The current preview link, and any older ones, will stop working. Links sent by "
            "email are not affected: revoke those one at a time."
        ),
        partial(previews.renew_share_link, article, by=user_of(request)),
        _t("The old link no longer works. The new one is below."),
    )
