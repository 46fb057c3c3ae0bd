"""Articles in templates of other pages: home, practitioners, services."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from articles.models import Edition, Topic
from articles.public import live_articles, metadata
from articles.public.article_page import all_topics, origin_of, place_of
from articles.references import machine_readable, styles
from clinic.models import Practitioner, Service

register = template.Library()


@register.filter
def place(edition: Edition) -> str:
    """The place on the body of an edition's topics, "" where they have none."""
    return place_of(edition.topic_list)


@register.filter
def origin(edition: Edition, place: int) -> str:
    """What a Book link of this page carries: `<edition id>-<place>`; nothing in a preview."""
    return origin_of(edition, place)


@register.filter("printed")
def printed_entry(csl: Mapping[str, Any]) -> SafeString:
    """A reference as it stands in lists of sources, in the clinic's style."""
    return styles.printed(csl)


@register.filter
def coins(csl: Mapping[str, Any]) -> SafeString:
    """What a reference manager's button in the browser reads of a source."""
    return machine_readable.coins(csl)


@register.filter
def coins_of(edition: Edition) -> SafeString:
    """The same of an article."""
    return machine_readable.coins(metadata.csl_of(edition))


@register.simple_tag
def topics_with_place() -> list[Topic]:
    return [topic for topic in all_topics() if topic.place]


@register.simple_tag
def article_count() -> int:
    """How many articles are public."""
    return len(live_articles.current(timezone.now()).rows)


@register.simple_tag
def newest_articles(count: int) -> Sequence[Edition]:
    """The newest public articles, for rows. One query."""
    return live_articles.shown(live_articles.current(timezone.now()).rows[:count])


@register.simple_tag
def articles_by(practitioner: Practitioner) -> Sequence[Edition]:
    """Return a practitioner's articles, newest first, at most twelve. One query."""
    live = live_articles.current(timezone.now())
    return live_articles.shown(live.about("author", practitioner.pk)[:12])


@register.simple_tag
def articles_about(service: Service) -> Sequence[Edition]:
    """Texts about a service, newest first, six at the most. One query."""
    live = live_articles.current(timezone.now())
    return live_articles.shown(live.about("service", service.pk)[:6])
