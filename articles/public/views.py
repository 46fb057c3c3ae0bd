"""What visitors read: articles, pages, topics, the evidence behind them."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from articles.models import Edition, Reference
from articles.models.choices import Kind
from articles.public import evidence, live_articles, metadata, stamps, structured_data
from articles.public.article_page import all_topics, context_of, who_treats
from articles.public.live_articles import Live, LiveArticles
from articles.references import notices, study_card
from articles.references.styles import ama
from clinic.lib import markdown
from clinic.site import markdown_text, page_context
from clinic.site.structured_data import Share
from clinic.site.views import public

PER_PAGE = 12
EVIDENCE_NAMES = ("q", "topic", "kind", "year", "sort")


@require_safe
def article_list(request: HttpRequest) -> HttpResponse:
    live = live_articles.current(timezone.now())
    context = {**_listed(request, live.rows, live), "topic": None}
    return public(request, "articles/list.html", context, "page")


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    at = timezone.now()
    found = next((topic for topic in all_topics() if topic.slug == slug), None)
    if found is None:
        raise Http404
    service_ids = {service.pk for service in found.services.all()}
    services = [service for service in page_context.services() if service.pk in service_ids]
    live = live_articles.current(at)
    context = {
        "topic": found,
        "introduction": markdown_text.render(found.introduction, at),
        "share": Share(found.name, found.hint),
        "services": services,
        "practitioners": who_treats([service.pk for service in services], found.place),
        **_listed(request, live.about("topic", found.pk), live),
    }
    return public(request, "articles/topic.html", context, "page")


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    return _edition(request, Kind.ARTICLE, slug, "articles/article.html")


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page that staff wrote: about, fees, privacy."""
    return _edition(request, Kind.PAGE, slug, "articles/page.html")


def _edition(request: HttpRequest, kind: str, slug: str, template: str) -> HttpResponse:
    at = timezone.now()
    edition = (
        Edition.objects.decisive(at)
        .filter(kind=kind, slug=slug)
        .select_related("rendering", "hero")
        .defer(*live_articles.UNLISTED)
        .first()
    )
    if edition is None:
        raise Http404
    if edition.withdrawn_at and edition.withdrawn_at <= at:
        return public(request, "410.html", {"note": edition.withdrawal_note}, status=410)
    stamps.put_on([edition])
    context = context_of(edition, at=at)
    context["structured_data"] = structured_data.of_edition(context)
    context["metadata"] = metadata.of_edition(context)
    context["share"] = Share(
        edition.title,
        edition.seo_description or markdown.plain_inline(edition.summary),
        picture=reverse("articles:share_picture", args=[edition.pk]),
        kind="article",
    )
    return public(request, template, context)


@require_safe
def evidence_list(request: HttpRequest) -> HttpResponse:
    """Every source that a public text cites: found, filtered, sorted."""
    at = timezone.now()
    wish = evidence.Wish.of(request.GET)
    chosen = next((topic for topic in all_topics() if topic.slug == wish.topic), None)
    ids = evidence.find(wish, topic_id=chosen.pk if chosen else None, at=at)
    page_obj = _page(request, ids, per_page=24)
    page_obj.object_list = evidence.shown(page_obj.object_list, at=at)
    kept = wish.as_query()
    context = {
        "page_obj": page_obj,
        "wish": wish,
        "library": evidence.library(at),
        "sorts": evidence.Sort.choices,
        "topics": all_topics(),
        "kept": urlencode(kept),
        "noindex": bool(kept),
    }
    return public(request, "evidence/list.html", context, *EVIDENCE_NAMES, "page")


@require_safe
def reference(request: HttpRequest, key: str) -> HttpResponse:
    """One source, and every public text that cites it, with the sentence."""
    at = timezone.now()
    found = Reference.objects.by_key([key]).get(key)
    citations = evidence.citations_of(found, at=at) if found else []
    if found is None or not citations:
        raise Http404
    if found.key != key:  # it was merged
        return redirect(found, permanent=True)
    context = {
        "reference": found,
        "citations": citations,
        "notices": notices.of_key(found.key),
        "study": study_card.card_of(found.csl),
        "web_url": ama.web_url(found.csl),
        "short_name": ama.short_name(found.csl),
    }
    return public(request, "evidence/detail.html", context)


def _listed(request: HttpRequest, rows: Sequence[Live], live: LiveArticles) -> dict[str, Any]:
    """A page of a list of articles, and the topics beside it with the count of each. One query."""
    page_obj = _page(request, rows)
    page_obj.object_list = live_articles.shown(page_obj.object_list)
    return {
        "page_obj": page_obj,
        "topic_counts": [(topic, len(live.about("topic", topic.pk))) for topic in all_topics()],
        "article_count": len(live.rows),
    }


def _page(request: HttpRequest, rows: Sequence[Any], per_page: int = PER_PAGE) -> "Page[Any]":
    """The page asked for. A number that is none, or too high, is 404: such pages do not exist."""
    number = request.GET.get("page", "1")
    paginator = Paginator(rows, per_page)
    if not (number.isascii() and number.isdigit() and len(number) < 7):
        raise Http404
    if int(number) not in paginator.page_range:
        raise Http404
    return paginator.page(int(number))
