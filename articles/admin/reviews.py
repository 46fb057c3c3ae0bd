"""The pages of the clinical review: hand in, read and answer, ask somebody by e-mail; and those
that end a link to the preview."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from articles import drafts, invitations, publishing, reviewing, rules
from articles.admin import actions
from articles.models import Article
from articles.models.article import Certainty
from articles.reviewing import NotSigned
from articles.states import moment
from clinic import frame
from clinic.accounts import user_of
from clinic.models import Practitioner


class ReviewForm(forms.Form):
    """What a reviewer answers. `read`: the hash of the text that the page showed."""

    read = forms.CharField(widget=forms.HiddenInput)
    certainty = forms.ChoiceField(
        label=_("How firm is the evidence?"),
        choices=[("", _("Not stated")), *Certainty.choices],
        widget=forms.RadioSelect,
        required=False,
    )
    comment = forms.CharField(
        label=_("Comment"),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        max_length=5000,
        help_text=_("The author reads it. Needed when you send the text back."),
    )


class InviteForm(forms.Form):
    practitioner = forms.ModelChoiceField(
        label=_("Who is to read it?"),
        queryset=Practitioner.objects.all(),
        help_text=_("They get a link by e-mail, can read the text there, and approve it or not."),
    )


def _for_writing(request: HttpRequest, article_id: int) -> Article:
    """The article, for those who may write it; else 403, 404."""
    article = actions.article_for(request, article_id, "articles.change_article")
    if not rules.may_write(user_of(request), article):
        raise PermissionDenied
    return article


def submit_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Hand the text in for its review."""
    article = _for_writing(request, article_id)
    return actions.ask(
        request,
        article,
        _t("Hand in for review"),
        _who_will_read(article, at=timezone.now()),
        lambda: reviewing.submit(article, by=user_of(request), at=timezone.now()),
        _t("The text waits for its review."),
    )


def _who_will_read(article: Article, *, at: datetime) -> str:
    """What handing in leads to, and what the text still lacks."""
    if article.reviewer:
        words = _t(
            "%(reviewer)s will be told by e-mail. You can go on writing: what is signed is the "
            "text as it is then."
        ) % {"reviewer": article.reviewer}
    else:
        words = _t("Nobody is named as reviewer. The text will wait in the list of all reviewers.")
    said = []
    signed = reviewing.signed(article, at=at)
    if signed:
        signer = {"name": signed.reviewer_name, "moment": moment(signed.signed_at)}
        said.append(_t("%(name)s signed exactly this text already, on %(moment)s.") % signer)
    elif article.submitted_at:
        since = {"moment": moment(article.submitted_at)}
        said.append(_t("It waits already, since %(moment)s.") % since)
    missing = [issue.message for issue in publishing.issues_of(article, at=at) if issue.must]
    if missing:
        said.append(_t("Still missing before it can be published: %s") % " ".join(missing))
    return " ".join([*said, words])


def review_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Read the manuscript; sign it, or send it back with a comment."""
    article = actions.article_for(request, article_id, "articles.review_article")
    user, at = user_of(request), timezone.now()
    reviewer = rules.practitioner_of(user)
    digest = reviewing.hash_of(article, at=at)
    start = {"read": digest, "certainty": article.certainty}
    form = ReviewForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        if reviewer is None:
            raise PermissionDenied
        try:
            return _answer(request, article, form, reviewer)
        except NotSigned as refusal:
            form.add_error(None, str(refusal))
    context = actions.context_of(request, article, _t("Review"))
    context |= {
        "form": form,
        "issues": publishing.issues_of(article, at=at),
        "remarks": article.remarks.all()[:20],
        "reviewer": reviewer,
        "is_own": reviewer is not None
        and not rules.may_review(article, reviewer, frame.current().clinic),
        "signed": reviewing.signed(article, at=at),
        "has_editions": article.editions.exists(),
    }
    return render(request, "admin/articles/article/review.html", context)


def _answer(
    request: HttpRequest, article: Article, form: ReviewForm, reviewer: Practitioner
) -> HttpResponse:
    given = form.cleaned_data
    user, at = user_of(request), timezone.now()
    if request.POST.get("do") == "return":
        reviewing.send_back(article, reviewer=reviewer, by=user, at=at, comment=given["comment"])
        return actions.back(request, article, _t("The text went back to its author."))
    reviewing.sign(
        article,
        reviewer=reviewer,
        by=user,
        at=at,
        note=given["comment"],
        read=given["read"],
        certainty=given["certainty"],
    )
    return actions.back(request, article, _t("You have signed this text."))


def invite_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Ask a practitioner, by e-mail, to read the text and answer without an account."""
    article = _for_writing(request, article_id)
    form = InviteForm(request.POST or None, initial={"practitioner": article.reviewer_id})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["practitioner"]
        try:
            invitations.invite(article, chosen, by=user_of(request), at=timezone.now())
        except invitations.NotInvited as refusal:
            form.add_error("practitioner", str(refusal))
        else:
            words = _t("%(name)s will get the link by e-mail.") % {"name": chosen}
            return actions.back(request, article, words, messages.SUCCESS)
    context = actions.context_of(request, article, _t("Share the preview by e-mail"))
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
        _t("Take the link back"),
        _t(
            "%(name)s will no longer see the text by the link of %(moment)s, and a code that was "
            "mailed signs nothing. What they answered stays."
        )
        % {"name": invitation.practitioner, "moment": moment(invitation.invited_at)},
        lambda: invitations.revoke(invitation, by=user_of(request), at=timezone.now()),
        _t("The link is taken back."),
    )


def renew_link_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Put a new link to the preview in the place of the one that was passed on."""
    article = _for_writing(request, article_id)
    return actions.ask(
        request,
        article,
        _t("Renew the link"),
        _t(
            "Whoever has the link to the preview that you see now, or an older one, will no longer "
            "see the text by it. Links that were mailed to somebody are taken back one by one."
        ),
        lambda: drafts.renew_share_link(article, by=user_of(request)),
        _t("The old link is over. The new one stands below."),
    )
