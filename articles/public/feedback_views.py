"""What readers say at the end of an article: whether it was helpful, and what is wrong in it.

The page of an article is the same for everybody and sets no cookie, so its form has no token.
None is needed: nobody is signed in whom another site could use, and only what the browser says was
sent from our own pages is taken. Votes are numbers of a day; of who votes or reports, the throttle
knows a scrambled address for a day, and nothing else is kept.
"""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from articles.models import Edition, MistakeReport
from articles.models.choices import Kind
from clinic.lib import throttle
from clinic.lib.fields.visible_text import VisibleCharField
from clinic.lib.web.counting import count_as
from clinic.lib.web.network import sender
from clinic.models import DailyCount, Throttle
from clinic.site import refilled_forms

PER = timedelta(days=1)
REPORTS, REPORTS_OF_ALL = 5, 100  # in that time
MOST_OPEN = 50  # reports of an article that nobody has dealt with
LONGEST = 1000  # characters
VOTES = {"yes": DailyCount.What.HELPFUL, "no": DailyCount.What.UNHELPFUL}


class MistakeForm(forms.Form):
    """What is wrong; with a field that people do not see and machines fill."""

    text = VisibleCharField(
        label=_("What is wrong, and where?"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "Please do not write about your own health, or who you are: we can’t reply here."
        ),
        error_messages={"required": _("Tell us what is wrong.")},
    )
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a vote or a report about an article; show the form for a report, and thanks.

    Query name: `thanks`, for a vote or a report that was taken.
    """
    at = timezone.now()
    live = Edition.objects.live(at).filter(kind=Kind.ARTICLE, slug=slug)
    edition = live.only("article", "number", "kind", "slug", "title").first()
    if edition is None:
        raise Http404
    if request.method != "POST":
        return _show(request, edition, MistakeForm(label_suffix=""))
    if "helpful" in request.POST:
        return _vote(request, edition, at)
    form = MistakeForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _show(request, edition, form, status=422)
    if not refilled_forms.is_from_here(request):
        form.add_error(None, _t("Your report has not been sent yet. Please send it again."))
        return _show(request, edition, form, status=403)
    if form.cleaned_data["website"]:
        return _thanks(request, "report")
    if not _may_report(request, edition, at):
        form.add_error(None, _t("We’ve received too many reports today. Please try tomorrow."))
        return _show(request, edition, form, status=429)
    MistakeReport.objects.create(
        article_id=edition.article_id,
        edition=edition.number,
        text=form.cleaned_data["text"],
        reported_at=at,
    )
    return _thanks(request, "report")


def _vote(request: HttpRequest, edition: Edition, at: datetime) -> HttpResponse:
    """Count the first vote of a day about an article, and thank for each."""
    response = _thanks(request, "vote")
    vote = VOTES.get(request.POST["helpful"])
    key = f"helpful {edition.article_id} {sender(request)}"
    if vote is None or not refilled_forms.is_from_here(request):
        return response
    if not throttle.allow(Throttle.objects, key, limit=1, per=PER, at=at):
        return response
    return count_as(response, vote, edition.get_absolute_url())


def _may_report(request: HttpRequest, edition: Edition, at: datetime) -> bool:
    if MistakeReport.objects.open().filter(article=edition.article_id).count() >= MOST_OPEN:
        return False
    rows, key = Throttle.objects, f"mistake {sender(request)}"
    return throttle.allow(rows, key, limit=REPORTS, per=PER, at=at) and throttle.allow(
        rows, "mistakes", limit=REPORTS_OF_ALL, per=PER, at=at
    )


def _thanks(request: HttpRequest, taken: str) -> HttpResponse:
    return HttpResponseRedirect(f"{request.path}?thanks={taken}")


def _show(
    request: HttpRequest, edition: Edition, form: MistakeForm, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "edition": edition,
        "form": form,
        "thanks": request.GET.get("thanks", "") if not form.is_bound else "",
        "article_url": reverse("articles:article", args=[edition.slug]),
        "noindex": True,
    }
    return render(request, "articles/feedback.html", context, status=status)
