"""What an editor does with an article: each a page of its own that asks, and a POST that does."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import differences, publishing, states
from articles.admin.forms import PublishForm
from articles.models import Article, Edition, Review
from articles.publishing import NotPublished, TextHasProblems
from articles.rendering import Grade
from articles.reviewing import hash_of
from clinic import frame
from clinic.accounts import user_of


def publish_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Publish the saved manuscript, now or at a time."""
    article = article_for(request, article_id)
    at = timezone.now()
    waiting = Edition.objects.waiting(at).filter(article=article).first()
    issues = publishing.issues_of(article, at=at)
    signed = Review.objects.filter(article=article)
    is_signed = signed.filter(content_hash=hash_of(article, at=at)).exists()
    asks_for_review = frame.current().clinic.review_before_publishing and not is_signed
    form = PublishForm(
        request.POST or None,
        article=article,
        waiting=waiting,
        asks_for_review=asks_for_review,
        may_be_minor=not is_signed and signed.exists(),
        should=[issue for issue in issues if issue.grade is Grade.SHOULD],
    )
    problems: tuple[Any, ...] = tuple(issue for issue in issues if issue.must)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("revision") != str(article.revision):
            form.add_error(None, _("The text was saved again meanwhile. Look at it, then publish."))
        else:
            later = form.cleaned_data["when"] == "later"
            try:
                edition = publishing.publish(
                    article,
                    by=user_of(request),
                    at=at,
                    goes_live_at=form.cleaned_data["goes_live_at"] if later else None,
                    change_note=form.cleaned_data.get("change_note", ""),
                    unreviewed_reason=form.cleaned_data.get("unreviewed_reason", ""),
                    checks_reason=form.cleaned_data.get("checks_reason", ""),
                    minor=form.cleaned_data.get("minor", False),
                    waiting=form.cleaned_data.get("waiting") or None,
                )
            except TextHasProblems as refusal:
                problems = refusal.issues
            except NotPublished as refusal:
                form.add_error(None, str(refusal))
            else:
                done = (
                    _("Edition %(number)s goes live on %(moment)s.")
                    if later
                    else _("Edition %(number)s is public.")
                )
                return back(
                    request,
                    article,
                    done
                    % {"number": edition.number, "moment": states.moment(edition.goes_live_at)},
                )
    context = context_of(request, article, _("Publish"))
    context |= {
        "form": form,
        "problems": problems,
        "issues": [issue for issue in issues if not issue.must],
        "waiting": waiting,
    }
    return render(request, "admin/articles/article/publish.html", context)


def withdraw_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Take what is live from the public."""
    article = article_for(request, article_id)
    return ask(
        request,
        article,
        _("Withdraw"),
        _(
            "Readers will see that the page was taken back, and no older edition comes in its "
            "place. You can publish it again at any time."
        ),
        lambda: publishing.withdraw(article, by=user_of(request), at=timezone.now()),
        _("The page is withdrawn."),
    )


def cancel_view(request: HttpRequest, article_id: int, number: int) -> HttpResponse:
    """Cancel an edition whose time has not come."""
    article = article_for(request, article_id)
    edition = get_object_or_404(Edition, article=article, number=number)
    return ask(
        request,
        article,
        _("Cancel the scheduled edition"),
        _("Edition %(number)s will not go live on %(moment)s. The text stays as it is.")
        % {"number": number, "moment": states.moment(edition.goes_live_at)},
        lambda: publishing.cancel(edition, by=user_of(request), at=timezone.now()),
        _("The scheduled edition is cancelled."),
    )


def republish_view(request: HttpRequest, article_id: int, number: int) -> HttpResponse:
    """Publish an old edition's content again."""
    article = article_for(request, article_id)
    edition = get_object_or_404(Edition, article=article, number=number)
    return ask(
        request,
        article,
        _("Publish edition %(number)s again") % {"number": number},
        _(
            "Its text becomes public as a new edition. The manuscript that you are working on "
            "stays as it is."
        ),
        lambda: publishing.republish(
            edition,
            by=user_of(request),
            at=timezone.now(),
            waiting="keep",
            unreviewed_reason=_("An earlier edition, published again."),
        ),
        _("The earlier text is public again, as a new edition."),
    )


def editions_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Every edition of an article, newest first."""
    article = article_for(request, article_id, "articles.view_article")
    at = timezone.now()
    context = context_of(request, article, _("Editions"))
    live = Edition.objects.live(at).filter(article=article).first()
    editions = article.editions.order_by("-number").defer("body", "faq", "references")
    context |= {"editions": editions, "live": live, "now": at}
    return render(request, "admin/articles/article/editions.html", context)


def compare_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """What differs by words: any two editions, or the manuscript (0) against one; without a
    choice, the manuscript against what is live."""
    article = article_for(request, article_id, "articles.view_article")
    editions = list(article.editions.order_by("-number").only("number", "goes_live_at", "article"))
    live = Edition.objects.live(timezone.now()).filter(article=article).first()
    newest = live or (editions[0] if editions else None)
    old = _number(request.GET.get("old"), newest.number if newest else 0)
    new = _number(request.GET.get("new"), 0)
    older = get_object_or_404(Edition, article=article, number=old) if old else None
    newer = get_object_or_404(Edition, article=article, number=new) if new else article
    context = context_of(request, article, _("What changed"))
    context |= {"editions": editions, "old": old, "new": new}
    context["parts"] = differences.between(older, newer)
    return render(request, "admin/articles/article/compare.html", context)


def _number(given: str | None, otherwise: int) -> int:
    """The number of an edition in a query, or what stands for none. Raises Http404."""
    if given is None:
        return otherwise
    if not (given.isascii() and given.isdigit() and len(given) < 7):
        raise Http404
    return int(given)


def article_for(
    request: HttpRequest, article_id: int, permission: str = "articles.publish_article"
) -> Article:
    """The article with its state, for staff who have this permission; else 403, 404."""
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return get_object_or_404(Article.objects.with_state(timezone.now()), pk=article_id)


def context_of(request: HttpRequest, article: Article, title: str) -> dict[str, Any]:
    """What every page about one article is given."""
    at = timezone.now()
    states.count_changes([article], at=at)
    return {
        **admin.site.each_context(request),
        "opts": Article._meta,
        "article": article,
        "title": title,
        "subtitle": article.title,
        "state": states.words(article, at=at),
        "may_publish": request.user.has_perm("articles.publish_article"),
    }


def ask(
    request: HttpRequest,
    article: Article,
    title: str,
    question: str,
    act: Callable[[], object],
    done: str,
) -> HttpResponse:
    """Ask on GET, act on POST; what is refused is said on the article's page."""
    if request.method == "POST":
        try:
            act()
        except NotPublished as refusal:
            return back(request, article, str(refusal), messages.ERROR)
        return back(request, article, done)
    context = context_of(request, article, title) | {"question": question}
    return render(request, "admin/articles/article/ask.html", context)


def back(
    request: HttpRequest, article: Article, words: str, level: int = messages.SUCCESS
) -> HttpResponse:
    """To the article's page, with a sentence about what was done."""
    messages.add_message(request, level, words)
    return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))
