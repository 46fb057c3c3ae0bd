"""What articles tells the ground floor when it starts."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from articles import day, demo, due, filling, handing_over, messages, shown
from articles.models import Article, Edition, Reference, Topic
from articles.models.article import Kind
from articles.page import all_topics
from articles.rendering import rerender
from articles.watch.panel import notice_panel
from clinic import addresses, content, frame, registry
from clinic.lib import guards

RENDERED_AT_ONCE = 200


def connect() -> None:
    """Called once, when Django has loaded all apps."""
    guards.register(
        guards.Frozen("articles_edition", once=("withdrawn_at",)),
        guards.Frozen("articles_edition_topics"),
        guards.Frozen("articles_edition_services"),
        guards.Frozen("articles_edition_images"),
        guards.Frozen("articles_citation"),
        guards.Frozen("articles_review"),
    )
    registry.named["article"] = registry.Named("article", _find_article, _edition_urls)
    registry.named["page"] = registry.Named("page", _find_page, _edition_urls)
    registry.named["topic"] = registry.Named("topic", _find_topic, _topic_urls)
    registry.named["reference"] = registry.Named("reference", _find_reference, _reference_urls)
    registry.duties.append(
        registry.Duty("look up references", timedelta(minutes=1), _look_up_references)
    )
    registry.duties.append(registry.Duty("render again", timedelta(minutes=1), _render_again))
    registry.message_kinds.update(messages.KINDS)
    registry.duties += [
        registry.Duty("remind of reviews", timedelta(hours=1), due.remind),
        registry.Duty("watch references by files", timedelta(days=1), _watch_by_files),
        registry.Duty("watch references at Crossref", timedelta(minutes=5), _watch_at_crossref),
    ]
    registry.desk_panels += [
        notice_panel,
        day.reviews_panel,
        day.drafts_panel,
        day.scheduled_panel,
        day.due_panel,
    ]
    registry.picture_texts.append(registry.PictureTexts(shown.showing, shown.shown))
    registry.menus.append(_menu)
    registry.moments.append(_next_edition)
    registry.search_sources["edition"] = _found_editions
    registry.sitemaps.append(_sitemap)
    registry.demos.append(registry.Demo(20, demo.load, demo.remove, demo.is_empty))
    registry.fillers += [
        registry.Filler(10, "references", filling.add_references),
        registry.Filler(20, "articles", filling.add_articles),
    ]
    registry.setup_tasks.append(_privacy_task)
    registry.hand_overs += handing_over.HAND_OVERS
    registry.published.origin = _origin
    registry.published.texts = _texts
    registry.published.page_edition = _page_edition


def _privacy_task() -> registry.SetupTask:
    """Done once staff have published a privacy text of their own over the prepared one."""
    page = Article.objects.filter(kind=Kind.PAGE, slug="privacy").first()
    return registry.SetupTask(
        _("Privacy text"),
        _("Read the prepared text, put in what is true for you, and publish it."),
        is_done=Edition.objects.filter(article=page, number__gt=1).exists(),
        url=reverse("admin:articles_article_change", args=[page.pk]) if page else "/privacy/",
    )


def _find(kind: str, slug: str) -> int | None:
    found = Article.objects.filter(kind=kind, slug=slug).values_list("pk", flat=True).first()
    return found or addresses.past_holder(kind, slug)


def _find_article(slug: str) -> int | None:
    return _find(Kind.ARTICLE, slug)


def _find_page(slug: str) -> int | None:
    return _find(Kind.PAGE, slug)


def _find_topic(slug: str) -> int | None:
    found = Topic.objects.filter(slug=slug).values_list("pk", flat=True).first()
    return found or addresses.past_holder("topic", slug)


def _find_reference(key: str) -> int | None:
    return next((found.pk for found in Reference.objects.by_key([key]).values()), None)


def _edition_urls(ids: Iterable[int], at: datetime) -> dict[int, str]:
    editions = Edition.objects.live(at).filter(article__in=list(ids))
    return {
        article: addresses.path_of(kind, slug)
        for article, kind, slug in editions.values_list("article", "kind", "slug")
    }


def _topic_urls(ids: Iterable[int], at: datetime) -> dict[int, str]:
    slugs = {topic.pk: topic.slug for topic in all_topics()}
    return {pk: addresses.path_of("topic", slugs[pk]) for pk in ids if pk in slugs}


def _reference_urls(ids: Iterable[int], at: datetime) -> dict[int, str]:
    """Of a reference that was merged, the address of the one that stayed."""
    asked = set(ids)
    public = Reference.objects.cited(at).filter(Q(pk__in=asked) | Q(merged__in=asked))
    return {
        pk: reverse("evidence:reference", args=[key])
        for stayed, gone, key in public.values_list("pk", "merged", "key")
        for pk in (stayed, gone)
        if pk in asked
    }


def _menu(at: datetime) -> Iterable[registry.MenuEntry]:
    yield registry.MenuEntry(20, _("Articles"), reverse("articles:list"))
    pages = Edition.objects.live(at).filter(kind=Kind.PAGE, article__menu_order__isnull=False)
    for slug, title, order in pages.values_list("slug", "title", "article__menu_order"):
        yield registry.MenuEntry(order or 0, title, reverse("page", args=[slug]))


def _next_edition(at: datetime) -> datetime | None:
    waiting = Edition.objects.waiting(at)
    return waiting.aggregate(moment=Min("goes_live_at"))["moment"]


def _found_editions(ids: list[int], at: datetime) -> dict[int, registry.SearchResult]:
    editions = Edition.objects.live(at).filter(pk__in=ids)
    return {
        edition.pk: registry.SearchResult(
            edition.get_absolute_url(), edition.title, edition.get_kind_display()
        )
        for edition in editions.only("pk", "kind", "slug", "title")
    }


def _sitemap(at: datetime) -> Iterable[tuple[str, datetime | None]]:
    yield reverse("articles:list"), None
    yield reverse("evidence:list"), None
    for topic in Topic.objects.all():
        yield topic.get_absolute_url(), None
    live = Edition.objects.live(at).order_by("id")
    for edition in live.only("kind", "slug", "goes_live_at").iterator(chunk_size=2000):
        yield edition.get_absolute_url(), edition.goes_live_at
    for reference in Reference.objects.cited(at).only("key").iterator(chunk_size=2000):
        yield reference.get_absolute_url(), None


def _origin(edition_id: int, at: datetime) -> registry.Origin | None:
    edition = Edition.objects.filter(pk=edition_id).only("kind", "slug", "title").first()
    return registry.Origin(edition.title, edition.get_absolute_url()) if edition else None


def _texts(edition_ids: Iterable[int], at: datetime) -> dict[int, registry.Origin]:
    article_of = dict(Edition.objects.filter(pk__in=edition_ids).values_list("pk", "article"))
    editions = Edition.objects.filter(article__in=set(article_of.values()), goes_live_at__lte=at)
    newest = {  # the last of each article stays
        edition.article_id: registry.Origin(edition.title, edition.get_absolute_url())
        for edition in editions.order_by("number").only("article", "kind", "slug", "title")
    }
    return {pk: newest[article] for pk, article in article_of.items() if article in newest}


def _page_edition(slug: str, at: datetime) -> int | None:
    def find() -> int | None:
        live = Edition.objects.live(at).filter(kind=Kind.PAGE, slug=slug)
        return live.values_list("pk", flat=True).first()

    return frame.once(f"edition of page {slug}", find)


def _render_again(at: datetime) -> None:
    """After an upgrade, or when the clinic prefers another style of references; some each time,
    the worker has mail to send too. Until then pages are made when they are asked for."""
    if rerender(at=at, most=RENDERED_AT_ONCE):
        content.raise_version()


def _look_up_references(at: datetime) -> None:
    from articles import lookups  # only the worker pays for the HTTP client

    lookups.complete_waiting(at)


def _watch_by_files(at: datetime) -> None:
    from articles.watch import duties  # only the worker pays for the HTTP client

    duties.watch_by_files(at)


def _watch_at_crossref(at: datetime) -> None:
    from articles.watch import duties

    duties.watch_at_crossref(at)
