"""What an editor does with an article: each a page of its own that asks, and a POST that does."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import permissions, publishing
from articles.admin.forms import PublishForm, RepublishForm, RescheduleForm, WithdrawForm
from articles.editor import copying, diff, previews, status_text, working_copies
from articles.manuscript.rendering import Grade, Text, compose
from articles.models import Article, Edition
from articles.publishing import NotPublished, TextHasProblems
from articles.review import reviews
from clinic.accounts.staff_accounts import user_of
from clinic.admin import stale
from clinic.site import page_context


def publish_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Publish the saved manuscript, now or at a time."""
    article = article_for(request, article_id)
    at = timezone.now()
    waiting = _waiting(article, at)
    composition = compose(Text.of_article(article), at=at)  # once for all that asks
    issues = publishing.issues_of(article, at=at, composition=composition)
    is_signed = reviews.signed(article, at=at, composition=composition) is not None
    asks_for_review = page_context.current().clinic.review_before_publishing and not is_signed
    form = PublishForm(
        request.POST or None,
        article=article,
        waiting=waiting,
        asks_for_review=asks_for_review,
        may_be_minor=not is_signed and article.reviews.exists(),
        should=[issue for issue in issues if issue.grade is Grade.SHOULD],
    )
    refuse_stale(request, article, form)
    problems: tuple[Any, ...] = tuple(issue for issue in issues if issue.must)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("revision") != str(article.revision):
            form.add_error(
                None,
                _(
                    "The article has been saved since you opened this page. "
                    "Review it, then publish."
                ),
            )
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
                    composition=composition,
                    unchanged=unchanged(request),
                )
            except stale.ChangedSince:
                article = fresh(article)
                form.add_error(None, why_refused(article))
            except TextHasProblems as refusal:
                problems = refusal.issues
            except NotPublished as refusal:
                form.add_error(None, str(refusal))
            else:
                done = (
                    _("Edition %(number)s is scheduled (%(moment)s).")
                    if later
                    else _("Edition %(number)s is live.")
                )
                return back(
                    request,
                    article,
                    done
                    % {
                        "number": edition.number,
                        "moment": status_text.moment(edition.goes_live_at),
                    },
                )
    context = context_of(request, article, _("Publish"))
    context |= {
        "form": form,
        "problems": problems,
        "issues": [issue for issue in issues if not issue.must],
        "waiting": waiting,
        "unsaved": working_copies.unsaved(article),
        "elsewhere": previews.elsewhere(article),
    }
    return render(request, "admin/articles/article/publish.html", context)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _waiting(article: Article, at: datetime) -> Edition | None:
    return Edition.objects.waiting(at).filter(article=article).first()


def _if_waiting(waiting: Edition | None) -> str:
    """Which edition waits for its time, as a sentence; else nothing."""
    if waiting is None:
        return ""
    return _("Edition %(number)s is scheduled (%(moment)s).") % {
        "number": waiting.number,
        "moment": status_text.moment(waiting.goes_live_at),
    }


def withdraw_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Take what is live from the public."""
    article = article_for(request, article_id)
    waiting = _waiting(article, timezone.now())
    form = WithdrawForm(_posted(request), waiting=waiting)
    words = _(
        "Readers will see that the page was withdrawn, and no earlier edition replaces it. "
        "You can publish it again at any time."
    )
    return ask(
        request,
        article,
        _("Withdraw"),
        f"{words} {_if_waiting(waiting)}",
        lambda **given: publishing.withdraw(
            article,
            by=user_of(request),
            at=timezone.now(),
            note=form.cleaned_data["note"],
            waiting=form.cleaned_data.get("waiting"),
            **given,
        ),
        _("The page has been withdrawn."),
        form=form,
    )


def reschedule_view(request: HttpRequest, article_id: int, number: int) -> HttpResponse:
    """Give the edition that waits another time."""
    article = article_for(request, article_id)
    edition = get_object_or_404(Edition, article=article, number=number)
    start = {"goes_live_at": edition.goes_live_at}
    form = RescheduleForm(_posted(request), initial=start)
    words = _("Only the time changes: the text and its change note for readers stay the same.")
    return ask(
        request,
        article,
        _("Reschedule"),
        f"{_if_waiting(edition)} {words}",
        lambda **given: publishing.reschedule(
            edition,
            by=user_of(request),
            at=timezone.now(),
            goes_live_at=form.cleaned_data["goes_live_at"],
            **given,
        ),
        _("The edition has been rescheduled."),
        form=form,
    )


def cancel_view(request: HttpRequest, article_id: int, number: int) -> HttpResponse:
    """Cancel an edition whose time has not come."""
    article = article_for(request, article_id)
    edition = get_object_or_404(Edition, article=article, number=number)
    return ask(
        request,
        article,
        _("Cancel the scheduled edition"),
        _(
            "Edition %(number)s will not go live on %(moment)s as planned. The draft does not "
            "change."
        )
        % {"number": number, "moment": status_text.moment(edition.goes_live_at)},
        partial(publishing.cancel, edition, by=user_of(request), at=timezone.now()),
        _("The scheduled edition has been cancelled."),
    )


def republish_view(request: HttpRequest, article_id: int, number: int) -> HttpResponse:
    """Publish an old edition's content again."""
    article = article_for(request, article_id)
    edition = get_object_or_404(Edition, article=article, number=number)
    waiting = _waiting(article, timezone.now())
    form = RepublishForm(_posted(request), waiting=waiting)
    words = _(
        "Its content will be published as a new edition. The draft you are working on does "
        "not change."
    )
    return ask(
        request,
        article,
        _("Publish edition %(number)s again") % {"number": number},
        f"{words} {_if_waiting(waiting)}",
        lambda **given: publishing.republish(
            edition,
            by=user_of(request),
            at=timezone.now(),
            waiting=form.cleaned_data.get("waiting"),
            unreviewed_reason=_("Republished from an earlier edition."),
            **given,
        ),
        _("The earlier content has been published as a new edition."),
        form=form,
    )


def duplicate_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Make a new draft of what is saved."""
    article = article_for(request, article_id, "articles.add_article")
    if not permissions.may_write(user_of(request), article):
        raise PermissionDenied
    made: list[Article] = []
    answer = ask(
        request,
        article,
        _("Duplicate"),
        _("A new draft will have the same content, and a title and slug of its own."),
        lambda **given: made.append(copying.duplicate(article, by=user_of(request), **given)),
        _("This is the new draft. Give it its own title and slug."),
    )
    if made:
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[made[0].pk]))
    return answer


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
    context = context_of(request, article, _("Changes"))
    context |= {"editions": editions, "old": old, "new": new}
    context["parts"] = diff.between(older, newer)
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


def seen_of(article: Article) -> str:
    """The state of an article that its pages show: the manuscript, its editions, who was asked."""
    editions = article.editions.aggregate(last=Max("number"), withdrawn=Count("withdrawn_at"))
    invited = article.invitations.aggregate(last=Max("pk"), revoked=Count("revoked_at"))
    signed = article.reviews.aggregate(last=Max("pk"))
    return stale.digest(article, editions, invited, signed)


def unchanged(request: HttpRequest) -> Callable[[Article], None]:
    """Return what a verb calls with the locked article; it raises ChangedSince."""
    return lambda article: stale.refuse(request, seen_of(article))


def fresh(article: Article) -> Article:
    """Read the article and its state again: a verb found that it has changed."""
    return Article.objects.with_state(timezone.now()).get(pk=article.pk)


def refuse_stale(request: HttpRequest, article: Article, form: Form) -> None:
    """Make the form invalid if the article has changed since its page was opened."""
    if stale.is_stale(request, seen_of(article)):
        form.full_clean()
        form.add_error(None, why_refused(article))


def why_refused(article: Article) -> str:
    """Why nothing was done, and the article's state now."""
    return f"{stale.refusal(article)} {status_text.words(article, at=timezone.now())}"


def context_of(request: HttpRequest, article: Article, title: str) -> dict[str, Any]:
    """What every page about one article is given."""
    at = timezone.now()
    status_text.count_changes([article], at=at)
    return {
        **admin.site.each_context(request),
        "opts": Article._meta,
        "article": article,
        "seen": seen_of(article),
        "title": title,
        "subtitle": article.title,
        "state": status_text.words(article, at=at),
        "may_publish": request.user.has_perm("articles.publish_article"),
    }


def ask(
    request: HttpRequest,
    article: Article,
    title: str,
    question: str,
    act: Callable[..., object],
    done: str,
    form: Form | None = None,
) -> HttpResponse:
    """Ask on GET, act on POST; what is refused is said on the article's page. Asks again where the
    article has changed since, or where `form`, which may have no fields, is not valid. `act` is
    given `unchanged`."""
    if stale.is_stale(request, seen_of(article)):
        messages.error(request, why_refused(article))
    elif request.method == "POST" and (form is None or form.is_valid()):
        try:
            act(unchanged=unchanged(request))
        except stale.ChangedSince:
            article = fresh(article)
            messages.error(request, why_refused(article))
        except NotPublished as refusal:
            return back(request, article, str(refusal), messages.ERROR)
        else:
            return back(request, article, done)
    context = context_of(request, article, title) | {"question": question, "form": form}
    return render(request, "admin/articles/article/ask.html", context)


def back(
    request: HttpRequest, article: Article, words: str, level: int = messages.SUCCESS
) -> HttpResponse:
    """To the article's page, with a sentence about what was done."""
    messages.add_message(request, level, words)
    return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))
