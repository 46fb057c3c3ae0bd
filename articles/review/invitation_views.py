"""The page that an invitation's link opens: read the manuscript, comment, send back, approve."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from articles.models import Invitation
from articles.review import invitations, reviews
from articles.review.reviews import NotSigned
from clinic.lib.fields.visible_text import VisibleCharField

SAID = {
    "comment": _("Thank you. Your comment has been sent to the clinic."),
    "return": _("Thank you. The article was returned to its author with your comment."),
    "code": _("We have emailed you a code. Enter it here."),
    "approved": _("Thank you. You have approved this article. It will show your name as reviewer."),
}


class AnswerForm(forms.Form):
    """`read`: the hash of the text that the page showed."""

    read = forms.CharField(widget=forms.HiddenInput)
    comment = VisibleCharField(
        label=_("Comment"),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        max_length=5000,
    )
    code = forms.CharField(
        label=_("Code from the email"),
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


def context_of(request: HttpRequest, invitation: Invitation, form: AnswerForm) -> dict[str, Any]:
    """What articles/answer.html shows beside the preview."""
    return {
        "invitation": invitation,
        "answer_form": form,
        "said": SAID.get(request.GET.get("said", "")),
        "asks_for_code": request.GET.get("said") == "code" or bool(form.data.get("code")),
    }


def form_of(request: HttpRequest, invitation: Invitation) -> AnswerForm:
    """The form as sent, or empty with the hash of what is shown now."""
    read = reviews.hash_of(invitation.article, at=timezone.now())
    return AnswerForm(request.POST or None, initial={"read": read})


def act(request: HttpRequest, invitation: Invitation, form: AnswerForm) -> HttpResponse | None:
    """Do what was sent and lead back to the page; None, with the reason in the form, if refused."""
    if not form.is_valid():
        return None
    try:
        said = _act(request.POST.get("do", ""), invitation, form.cleaned_data)
    except NotSigned as refusal:
        form.add_error(None, str(refusal))
        return None
    return HttpResponseRedirect(f"{request.path}?said={said}#answer")


def _act(do: str, invitation: Invitation, given: dict[str, Any]) -> str:
    at = timezone.now()
    reader, article = invitation.practitioner, invitation.article
    match do:
        case "code":
            invitations.send_code(invitation, read=given["read"], at=at)
            return "code"
        case "approve":
            code, note = given["code"], given["comment"]
            invitations.approve(invitation, code=code, at=at, note=note)
            return "approved"
        case "return":
            words = given["comment"]
            invitations.count_answer(invitation, at=at)
            reviews.send_back(article, reviewer=reader, by=None, at=at, comment=words)
            return "return"
        case "comment" if given["comment"].strip():
            invitations.count_answer(invitation, at=at)
            reviews.remark(article, name=reader.name, by=None, at=at, comment=given["comment"])
            return "comment"
    raise NotSigned(_t("Enter a comment first."))
