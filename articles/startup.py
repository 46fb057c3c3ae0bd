"""What articles tells the ground floor when it starts."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache

from django.core.files.storage import default_storage
from django.db.models import Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import demo, permissions, sample_data
from articles.editor import dashboard, figures, handover, messages, mistakes
from articles.importers import leftovers, moving
from articles.importers.from_html.told import LABELS
from articles.manuscript import image_usage, search_texts
from articles.manuscript.rendering import rerender
from articles.models import Article, Edition, Reference, Topic
from articles.models.choices import Kind
from articles.public.article_page import all_topics
from articles.public.views import page
from articles.publishing import redaction, wall_times
from articles.references.watch.panel import notice_panel
from articles.review import reminders
from clinic import hooks
from clinic.finding.indexing import digest
from clinic.lib.database import guards
from clinic.lib.fields import reserved_slugs
from clinic.lib.web import link_masking
from clinic.site import content_version, page_context, redirects

RENDERED_AT_ONCE = 200
NAVIGATION = [
    hooks.NavigationEntry(
        "writing", 10, gettext_lazy("Articles"), "articles.article", "kind__exact=article"
    ),
    hooks.NavigationEntry(
        "writing", 20, gettext_lazy("Pages"), "articles.article", "kind__exact=page"
    ),
    hooks.NavigationEntry("writing", 30, gettext_lazy("Topics"), "articles.topic"),
    hooks.NavigationEntry("writing", 40, gettext_lazy("References"), "articles.reference"),
]
SEARCH_SOURCES = {
    "edition": hooks.SearchSource(
        search_texts.present_editions, search_texts.of_editions, search_texts.editions_to_find
    ),
    "topic": hooks.SearchSource(
        search_texts.present_topics,
        search_texts.of_topics,
        lambda at: {pk: digest(text) for pk, text in search_texts.of_topics(None).items()},
        rank=1.15,
    ),
    "reference": hooks.SearchSource(
        search_texts.present_references,
        search_texts.of_references,
        search_texts.references_to_find,
        rank=0.2,
    ),
}


def connect() -> None:
    """Called once, when Django has loaded all apps."""
    guards.register(
        guards.Frozen("articles_edition", once=("withdrawn_at", "withdrawal_note")),
        guards.Frozen("articles_edition_topics"),
        guards.Frozen("articles_edition_services"),
        guards.Frozen("articles_edition_images"),
        guards.Frozen("articles_citation"),
        guards.Frozen("articles_review"),
        guards.Frozen("articles_review_changed_by"),
    )
    reserved_slugs.reserve("articles", "evidence", "feed", "preview", "topics")
    link_masking.protect("/preview/", but_after="/admin")  # that one opens for staff only
    hooks.private_paths.append(hooks.PrivatePath("/preview", ("/preview/",)))
    hooks.kept["articles.topic"] = hooks.Kept(("name", "hint", "introduction", "place", "services"))
    hooks.permit(permissions.OF_ROLES)
    hooks.navigation += NAVIGATION
    for name in ("references", "pages", "pictures"):
        hooks.writing_lists[name] = f"admin:articles_article_suggest_{name}"
    hooks.paste_labels |= LABELS
    hooks.passing.add("articles.SiteImportFile")  # uploads that are not imported yet
    hooks.made_by_migrate |= {"articles.Article", "articles.Edition", "articles.Rendering"}
    hooks.named["article"] = hooks.Named("article", _find_article, _edition_urls, "/articles/{}/")
    hooks.named["page"] = hooks.Named("page", _find_page, _edition_urls, "/{}/")
    hooks.named["topic"] = hooks.Named("topic", _find_topic, _topic_urls, "/articles/topics/{}/")
    hooks.named["reference"] = hooks.Named("reference", _find_reference, _reference_urls)
    hooks.duties.append(hooks.Duty("look up references", timedelta(minutes=1), _look_up_references))
    hooks.duties.append(hooks.Duty("render again", timedelta(minutes=1), _render_again))
    hooks.message_kinds.update(messages.KINDS)
    hooks.outgoing |= messages.outgoing()
    hooks.duties += [
        hooks.Duty(
            "keep the wall times of scheduled editions",
            timedelta(minutes=10),
            wall_times.keep_editions,
            at_once=True,
        ),
        hooks.Duty("forget unfinished imports", timedelta(hours=1), leftovers.forget),
        hooks.Duty("forget imports of websites", timedelta(hours=1), moving.forget),
        hooks.Duty("import websites", timedelta(seconds=2), moving.work),
        hooks.Duty("forget closed reports of mistakes", timedelta(days=1), mistakes.forget),
        hooks.Duty("remind of reviews", timedelta(hours=1), reminders.remind),
        hooks.Duty("watch references by files", timedelta(days=1), _watch_by_files),
        hooks.Duty("watch references at Crossref", timedelta(minutes=5), _watch_at_crossref),
    ]
    hooks.desk_panels += [
        notice_panel,
        dashboard.reviews_panel,
        mistakes.panel,
        dashboard.ready_panel,
        dashboard.drafts_panel,
        dashboard.scheduled_panel,
        dashboard.due_panel,
    ]
    hooks.reports += [figures.reads, figures.rhythm]
    hooks.picture_texts.append(
        hooks.PictureTexts(
            image_usage.showing, image_usage.shown, image_usage.replace, redaction.forget_image
        )
    )
    hooks.menus.append(_menu)
    hooks.moments.append(_next_edition)
    hooks.search_sources |= SEARCH_SOURCES
    hooks.fixed_pages |= {10: _articles_page, 11: _evidence_page}
    hooks.sitemaps.append(_sitemap)
    hooks.demos += [
        hooks.Demo(20, demo.load, demo.remove, demo.is_empty),
        hooks.Demo(95, demo.add_votes, lambda: None),  # after all other counts
    ]
    hooks.fillers += [
        hooks.Filler(10, "references", sample_data.add_references),
        hooks.Filler(20, "articles", sample_data.add_articles),
    ]
    hooks.setup_tasks.append(_privacy_task)
    hooks.hand_overs += handover.HAND_OVERS
    hooks.published.origin = _origin
    hooks.published.texts = _texts
    hooks.published.page_edition = _page_edition
    hooks.published.page = page


def _privacy_task() -> hooks.SetupTask:
    """Done once staff have published a privacy text of their own over the prepared one."""
    page = Article.objects.filter(kind=Kind.PAGE, slug="privacy").first()
    return hooks.SetupTask(
        _("Privacy page"),
        _("Read the prepared text, fill in your own details, and publish it."),
        is_done=Edition.objects.filter(article=page, number__gt=1).exists(),
        url=reverse("admin:articles_article_change", args=[page.pk]) if page else "/privacy/",
        is_needed=True,
    )


def _find(kind: str, slug: str) -> int | None:
    found = Article.objects.filter(kind=kind, slug=slug).values_list("pk", flat=True).first()
    return found or redirects.past_holder(kind, slug)


def _find_article(slug: str) -> int | None:
    return _find(Kind.ARTICLE, slug)


def _find_page(slug: str) -> int | None:
    return _find(Kind.PAGE, slug)


def _find_topic(slug: str) -> int | None:
    found = Topic.objects.filter(slug=slug).values_list("pk", flat=True).first()
    return found or redirects.past_holder("topic", slug)


def _find_reference(key: str) -> int | None:
    return next((found.pk for found in Reference.objects.by_key([key]).values()), None)


def _edition_urls(ids: Iterable[int], at: datetime) -> dict[int, str]:
    editions = Edition.objects.live(at).filter(article__in=list(ids))
    return {
        article: redirects.path_of(kind, slug)
        for article, kind, slug in editions.values_list("article", "kind", "slug")
    }


def _topic_urls(ids: Iterable[int], at: datetime) -> dict[int, str]:
    slugs = {topic.pk: topic.slug for topic in all_topics()}
    return {pk: redirects.path_of("topic", slugs[pk]) for pk in ids if pk in slugs}


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


def _menu(at: datetime) -> Iterable[hooks.MenuEntry]:
    yield hooks.MenuEntry(20, _("Articles"), reverse("articles:list"))
    pages = Edition.objects.live(at).filter(kind=Kind.PAGE, article__menu_order__isnull=False)
    fields = ("slug", "title", "article__menu_order", "article__menu_below")
    for slug, title, order, is_below in pages.values_list(*fields):
        url = reverse("page", args=[slug])
        yield hooks.MenuEntry(order or 0, title, url, is_below=is_below)


def _next_edition(at: datetime) -> datetime | None:
    waiting = Edition.objects.waiting(at)
    return waiting.aggregate(moment=Min("goes_live_at"))["moment"]


def _articles_page() -> hooks.FixedPage:
    names = "\n".join(topic.name for topic in all_topics())
    return hooks.FixedPage(
        hooks.SearchText(reverse("articles:list"), _("Articles"), (hooks.Passage("", "", names),))
    )


def _evidence_page() -> hooks.FixedPage:
    said = _("All sources that our articles cite: studies, reviews and guidelines.")
    return hooks.FixedPage(
        hooks.SearchText(reverse("evidence:list"), _("Evidence"), (hooks.Passage("", "", said),))
    )


def _sitemap(at: datetime) -> Iterable[hooks.SitemapEntry]:
    yield hooks.SitemapEntry(reverse("articles:list"))
    yield hooks.SitemapEntry(reverse("evidence:list"))
    for topic in Topic.objects.all():
        yield hooks.SitemapEntry(topic.get_absolute_url())
    address = cache(default_storage.url)  # many articles show the same image
    shown: dict[int, list[str]] = defaultdict(list)
    live = Edition.objects.live(at).order_by("id")
    pictured = live.filter(images__isnull=False)
    pictured = pictured.order_by("id", "-images__uploaded_at", "-images__id")
    for edition, file in pictured.values_list("pk", "images__file"):
        shown[edition].append(address(file))
    rows = live.values_list("pk", "kind", "slug", "goes_live_at", "hero__file")
    for pk, kind, slug, changed, hero in rows.iterator(chunk_size=2000):
        first = [address(hero)] if hero else []
        images = tuple(dict.fromkeys([*first, *shown.get(pk, ())]))
        yield hooks.SitemapEntry(redirects.path_of(kind, slug), changed, images)
    for key in Reference.objects.cited(at).values_list("key", flat=True).iterator(chunk_size=2000):
        yield hooks.SitemapEntry(reverse("evidence:reference", args=[key]))


def _origin(edition_id: int, at: datetime) -> hooks.Origin | None:
    edition = Edition.objects.filter(pk=edition_id).only("kind", "slug", "title").first()
    return hooks.Origin(edition.title, edition.get_absolute_url()) if edition else None


def _texts(edition_ids: Iterable[int], at: datetime) -> dict[int, hooks.Origin]:
    article_of = dict(Edition.objects.filter(pk__in=edition_ids).values_list("pk", "article"))
    editions = Edition.objects.gone_live(at).filter(article__in=set(article_of.values()))
    newest = {  # the last of each article stays
        edition.article_id: hooks.Origin(edition.title, edition.get_absolute_url())
        for edition in editions.order_by("number").only("article", "kind", "slug", "title")
    }
    return {pk: newest[article] for pk, article in article_of.items() if article in newest}


def _page_edition(slug: str, at: datetime) -> int | None:
    def find() -> int | None:
        live = Edition.objects.live(at).filter(kind=Kind.PAGE, slug=slug)
        return live.values_list("pk", flat=True).first()

    return page_context.once(f"edition of page {slug}", find)


def _render_again(at: datetime) -> None:
    """After an upgrade, or when the clinic prefers another style of references; some each time,
    the worker has mail to send too. Until then pages are made when they are asked for."""
    if rerender(at=at, most=RENDERED_AT_ONCE):
        content_version.raise_version()


def _look_up_references(at: datetime) -> None:
    from articles.references import lookups  # only the worker pays for the HTTP client

    lookups.complete_waiting(at)


def _watch_by_files(at: datetime) -> None:
    from articles.references import nightly_watch  # only the worker pays for the HTTP client

    nightly_watch.watch_by_files(at)


def _watch_at_crossref(at: datetime) -> None:
    from articles.references import nightly_watch

    nightly_watch.watch_at_crossref(at)
