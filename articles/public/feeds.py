"""Feeds of the newest articles, of all and of each topic (Atom, RFC 4287)."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from articles.models import Edition
from articles.public.article_page import all_topics
from clinic import hooks
from clinic.lib import markdown
from clinic.lib.fields.visible_text import visible_line
from clinic.lib.web.pagestore import declare
from clinic.site import page_context

NEWEST = 20


class PlainFeed(Atom1Feed):
    """A feed whose summaries are text: Django's are HTML, in which “<” begins a tag (3.1.1)."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, {**item, "description": None})
        if item["description"]:
            handler.addQuickElement("summary", item["description"], {"type": "text"})


@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """The newest public articles, with their summaries."""
    clinic = page_context.current().clinic
    feed = _feed(clinic.full_name, clinic.lead, reverse("articles:list"), reverse("articles:feed"))
    return _answer(feed, Edition.objects.live(timezone.now()))


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest public articles of one topic; a slug that it once had leads to the present one."""
    found = next((topic for topic in all_topics() if topic.slug == slug), None)
    at = timezone.now()
    if found is None:
        pk = hooks.named["topic"].find(slug)
        now = next((topic.slug for topic in all_topics() if topic.pk == pk), None)
        if now is None:
            raise Http404
        there = reverse("articles:topic_feed", args=[now])
        return declare(HttpResponsePermanentRedirect(there), until=page_context.current().until)
    feed = _feed(
        f"{found.name} | {page_context.current().clinic.full_name}",
        found.hint,
        found.get_absolute_url(),
        reverse("articles:topic_feed", args=[slug]),
        # Its name for readers, whatever its slug becomes.
        guid=f"{settings.SITE_URL}/articles/feed/#topic-{found.pk}",
    )
    return _answer(feed, Edition.objects.live(at).filter(topics=found))


def _feed(title: str, description: str, path: str, feed_path: str, guid: str = "") -> PlainFeed:
    return PlainFeed(
        title=visible_line(title),
        link=settings.SITE_URL + path,
        description=visible_line(description),
        language=get_language(),
        feed_url=settings.SITE_URL + feed_path,
        feed_guid=guid or None,
        author_name=visible_line(page_context.current().clinic.full_name),
    )


def _answer(feed: PlainFeed, live: Any) -> HttpResponse:
    newest = live.articles().newest_first().select_related("article")
    for edition in newest.only(
        *("title", "summary", "slug", "kind", "author_name", "first_live_at", "goes_live_at"),
        "article__feed_id",
    )[:NEWEST]:
        feed.add_item(
            title=visible_line(edition.title),  # editions of old may hold what XML does not allow
            link=settings.SITE_URL + edition.get_absolute_url(),
            unique_id=edition.article.feed_id,
            description=visible_line(markdown.plain_inline(edition.summary)),
            author_name=visible_line(edition.author_name) or None,
            pubdate=edition.first_live_at,
            updateddate=edition.goes_live_at,
        )
    response = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    feed.write(response, "utf-8")
    return declare(response, until=page_context.current().until)
