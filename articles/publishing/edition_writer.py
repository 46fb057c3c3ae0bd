"""The rows that make an edition: written by articles.publishing, in its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from articles.manuscript import search_texts
from articles.manuscript.content_hash import HASH_RECIPE
from articles.manuscript.rendering import Composition, Text, compose, recompose
from articles.models import Article, Citation, Edition, Rendering
from clinic.finding import indexing
from clinic.lib.calendar import wall_time
from clinic.models import Clinic, Redirect, User
from clinic.site import redirects


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

    def columns(self) -> dict[str, Any]:
        """What an edition stores of it, by the name of the field."""
        text = self.text
        return {
            "kind": self.kind,
            "title": text.title,
            "slug": self.slug,
            "summary": text.summary,
            "takeaways": list(text.takeaways),
            "body": text.body,
            "faq": [{"question": q, "answer": a} for q, a in text.faq],
            "format": text.format,
            "hero_id": self.hero_id,
            "hero_alt": self.hero_alt,
            "author_id": self.author_id,
            "author_name": self.author_name,
            "topic_list": [{"id": pk, "name": name} for pk, name in self.topics],
            "service_list": [{"id": pk, "name": name} for pk, name in self.services],
            "related_ids": list(self.related_ids),
            "certainty": self.certainty,
            "seo_title": self.seo_title,
            "seo_description": self.seo_description,
            "references": [source.as_json() for source in self.composition.cited],
        }

    def is_in(self, edition: Edition) -> bool:
        """Whether this edition has exactly the same content."""
        return all(getattr(edition, name) == value for name, value in self.columns().items())


def snapshot_of(
    article: Article, *, at: datetime, composition: Composition | None = None
) -> Snapshot:
    """The manuscript as it is now. Renders, unless it is given the `composition` of the text; call
    it outside a transaction."""
    text = Text.of_article(article)
    return Snapshot(
        text=text,
        composition=composition or compose(text, at=at),
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


def snapshot_again(edition: Edition, *, at: datetime) -> Snapshot:
    """Return the content of an edition, to be published once more. Renders it."""
    return Snapshot(
        text=Text.of_edition(edition),
        composition=recompose(edition, at=at),
        kind=edition.kind,
        slug=edition.slug,
        hero_id=edition.hero_id,
        hero_alt=edition.hero_alt,
        author_id=edition.author_id,
        author_name=edition.author_name,
        topics=tuple((topic["id"], topic["name"]) for topic in edition.topic_list),
        services=tuple((service["id"], service["name"]) for service in edition.service_list),
        related_ids=tuple(edition.related_ids),
        certainty=edition.certainty,
        seo_title=edition.seo_title,
        seo_description=edition.seo_description,
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
    passed: Sequence[dict[str, Any]],
    checks_reason: str,
) -> Edition:
    """Write the next edition of an article with its rendering, citations, redirects and search
    document. For articles.publishing, in its transaction; `revision`, `passed` as there."""
    earlier = Edition.objects.filter(article=article)
    last = earlier.order_by("-number").first()
    first_live_at = (
        earlier.not_cancelled()
        .order_by("goes_live_at")
        .values_list("goes_live_at", flat=True)
        .first()
    )
    composition = snapshot.composition
    edition = Edition.objects.create(
        article=article,
        number=last.number + 1 if last else 1,
        **snapshot.columns(),
        manuscript_revision=revision,
        content_hash=digest,
        hash_recipe=HASH_RECIPE,
        goes_live_at=live_at,
        goes_live_agreed=_agreed(live_at) if live_at > at else "",
        first_live_at=min(first_live_at or live_at, live_at),
        created_at=at,
        published_by=by,
        published_by_name=str(by) if by else "",
        change_note=change_note if last else "",
        unreviewed_reason=unreviewed_reason,
        checks_passed=list(passed),
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
    rendering = composition.rendering(edition, at=at)
    rendering.save()
    gone_live = earlier.gone_live(at)
    past = set(gone_live.exclude(slug=snapshot.slug).values_list("slug", flat=True))
    waiting = Edition.objects.waiting(at).filter(article=article).exclude(slug=snapshot.slug)
    if waiting.exists():
        past.add(snapshot.slug)  # it will be, when the time of that one comes
    for slug in past:
        # The address that is live is found before redirects are asked for.
        Redirect.objects.update_or_create(
            path=redirects.path_of(snapshot.kind, slug),
            defaults={"kind": snapshot.kind, "object_id": article.pk, "to_path": ""},
        )
    _index(edition, rendering, at)
    return edition


def _agreed(live_at: datetime) -> str:
    return wall_time.written(live_at, Clinic.objects.get(id=1).zone)


def _index(edition: Edition, rendering: Rendering, at: datetime) -> None:
    """One search document for each edition that is live or may become so."""
    own = Edition.objects.filter(article=edition.article_id)
    still_counting = set(own.waiting(at).values_list("pk", flat=True))
    if edition.goes_live_at > at:
        still_counting |= set(own.live(at).values_list("pk", flat=True))
    for pk in own.exclude(pk=edition.pk).values_list("pk", flat=True):
        if pk not in still_counting:
            indexing.remove("edition", pk)
    indexing.put("edition", edition.pk, search_texts.of_edition(edition, rendering))
