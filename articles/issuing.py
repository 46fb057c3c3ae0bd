"""The rows that make an edition: written by articles.publishing, in its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from articles.manuscript import HASH_RECIPE
from articles.models import Article, Citation, Edition
from articles.models.edition import cancelled
from articles.rendering import Composition, Issue, Text, compose
from clinic import addresses
from clinic.lib import search
from clinic.models import Redirect, SearchDocument, User


@dataclass(frozen=True)
class Snapshot:
    """All that goes into an edition, with the words rendered."""

    text: Text
    composition: Composition
    kind: str
    slug: str
    hero_id: int | None
    hero_alt: str
    author_id: int | None
    author_name: str
    topics: tuple[tuple[int, str], ...]
    services: tuple[tuple[int, str], ...]
    related_ids: tuple[int, ...]
    certainty: str
    seo_title: str
    seo_description: str


def snapshot_of(article: Article, *, at: datetime) -> Snapshot:
    """The manuscript as it is now. Renders; call it outside a transaction."""
    text = Text.of_article(article)
    return Snapshot(
        text=text,
        composition=compose(text, at=at),
        kind=article.kind,
        slug=article.slug,
        hero_id=article.hero_id,
        hero_alt=article.hero.alt if article.hero else "",
        author_id=article.author_id,
        author_name=article.author.name if article.author else "",
        topics=tuple(article.topics.values_list("pk", "name")),
        services=tuple(article.services.values_list("pk", "name")),
        related_ids=tuple(
            Article.related.through.objects.filter(from_article=article)
            .order_by("pk")
            .values_list("to_article", flat=True)
        ),
        certainty=article.certainty,
        seo_title=article.seo_title,
        seo_description=article.seo_description,
    )


def write(
    article: Article,
    snapshot: Snapshot,
    digest: str,
    *,
    revision: int | None,
    by: User | None,
    at: datetime,
    live_at: datetime,
    change_note: str,
    unreviewed_reason: str,
    passed: Sequence[Issue],
    checks_reason: str,
) -> Edition:
    """Write the next edition of an article with its rendering, citations, redirects and search
    document. For articles.publishing, in its transaction; `revision`, `passed` as there."""
    earlier = Edition.objects.filter(article=article)
    last = earlier.order_by("-number").first()
    first_live_at = (
        earlier.exclude(cancelled())
        .order_by("goes_live_at")
        .values_list("goes_live_at", flat=True)
        .first()
    )
    composition = snapshot.composition
    edition = Edition.objects.create(
        article=article,
        number=last.number + 1 if last else 1,
        kind=snapshot.kind,
        title=snapshot.text.title,
        slug=snapshot.slug,
        summary=snapshot.text.summary,
        takeaways=list(snapshot.text.takeaways),
        body=snapshot.text.body,
        faq=[{"question": q, "answer": a} for q, a in snapshot.text.faq],
        hero_id=snapshot.hero_id,
        hero_alt=snapshot.hero_alt,
        author_id=snapshot.author_id,
        author_name=snapshot.author_name,
        topic_list=[{"id": pk, "name": name} for pk, name in snapshot.topics],
        service_list=[{"id": pk, "name": name} for pk, name in snapshot.services],
        related_ids=list(snapshot.related_ids),
        certainty=snapshot.certainty,
        seo_title=snapshot.seo_title,
        seo_description=snapshot.seo_description,
        references=[source.as_json() for source in composition.cited],
        manuscript_revision=revision,
        content_hash=digest,
        hash_recipe=HASH_RECIPE,
        goes_live_at=live_at,
        first_live_at=min(first_live_at or live_at, live_at),
        created_at=at,
        published_by=by,
        published_by_name=str(by) if by else "",
        change_note=change_note if last else "",
        unreviewed_reason=unreviewed_reason,
        checks_passed=[{"code": i.code, "where": i.where, "line": i.line} for i in passed],
        checks_reason=checks_reason,
    )
    edition.topics.set([pk for pk, _name in snapshot.topics])
    edition.services.set([pk for pk, _name in snapshot.services])
    images = set(composition.image_ids)
    edition.images.set(images | {snapshot.hero_id} if snapshot.hero_id else images)
    Citation.objects.bulk_create(
        Citation(
            edition=edition,
            reference_id=use.source.id,
            number=use.number,
            position=position,
            locator=use.locator[:80],
            prefix=use.prefix[:200],
            suffix=use.suffix[:200],
            sentence=use.sentence,
            anchor=use.anchor,
        )
        for position, use in enumerate(composition.uses, start=1)
    )
    composition.rendering(edition, at=at).save()
    gone_live = earlier.exclude(cancelled()).filter(goes_live_at__lte=at)
    past = set(gone_live.exclude(slug=snapshot.slug).values_list("slug", flat=True))
    waiting = Edition.objects.waiting(at).filter(article=article).exclude(slug=snapshot.slug)
    if waiting.exists():
        past.add(snapshot.slug)  # it will be, when the time of that one comes
    for slug in past:
        # The address that is live is found before redirects are asked for.
        Redirect.objects.update_or_create(
            path=addresses.path_of(snapshot.kind, slug),
            defaults={"kind": snapshot.kind, "object_id": article.pk, "to_path": ""},
        )
    _index(edition, composition, at)
    return edition


def _index(edition: Edition, composition: Composition, at: datetime) -> None:
    """One search document for each edition that is live or may become so."""
    own = Edition.objects.filter(article=edition.article_id)
    still_counting = set(own.waiting(at).values_list("pk", flat=True))
    if edition.goes_live_at > at:
        still_counting |= set(own.live(at).values_list("pk", flat=True))
    for pk in own.exclude(pk=edition.pk).values_list("pk", flat=True):
        if pk not in still_counting:
            search.remove(SearchDocument, "edition", pk)
    search.put(SearchDocument, "edition", edition.pk, edition.title, composition.plain)
