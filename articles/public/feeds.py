"""The feed of the newest articles (Atom, RFC 4287)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from articles.models import Edition
from clinic.lib.fields.visible_text import visible_line
from clinic.lib.web.pagestore import declare
from clinic.site import page_context

NEWEST = 20


@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """The newest public articles, with their summaries."""
    at = timezone.now()
    clinic = page_context.current().clinic
    feed = Atom1Feed(
        title=visible_line(clinic.full_name),
        link=f"{settings.SITE_URL}/articles/",
        description=visible_line(clinic.lead),
        language=get_language(),
        feed_url=f"{settings.SITE_URL}/articles/feed/",
    )
    newest = Edition.objects.live(at).articles().newest_first()
    for edition in newest.only(
        "title", "summary", "slug", "kind", "author_name", "first_live_at", "goes_live_at"
    )[:NEWEST]:
        address = settings.SITE_URL + edition.get_absolute_url()
        feed.add_item(
            title=visible_line(edition.title),  # editions of old may hold what XML does not allow
            link=address,
            unique_id=address,
            description=visible_line(edition.summary),
            author_name=visible_line(edition.author_name) or None,
            pubdate=edition.first_live_at,
            updateddate=edition.goes_live_at,
        )
    response = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    feed.write(response, "utf-8")
    return declare(response, until=page_context.current().until)
