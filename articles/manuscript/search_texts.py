"""What editions, topics and sources are found by."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from articles.manuscript.rendering import recompose
from articles.models import Edition, Reference, Rendering, Topic
from articles.models.choices import Kind
from clinic import hooks
from clinic.hooks import Passage, SearchText
from clinic.lib import markdown
from clinic.site import data_blocks, redirects


def of_edition(edition: Edition, rendering: Rendering) -> SearchText:
    """Return the words of an edition, as its page shows them."""
    keys = markdown.plain_of(
        markdown.fill(
            rendering.takeaways.get("html", ""),
            rendering.takeaways.get("marks", ()),
            lambda mark: str(mark.get("text") or ""),
        )
    )
    html = markdown.fill(rendering.html, rendering.marks, _said)
    first, *others = markdown.passages(html)
    about = [entry["name"] for entry in (*edition.topic_list, *edition.service_list)]
    return SearchText(
        edition.get_absolute_url(),
        edition.title,
        (
            Passage("", "", f"{edition.summary}\n{keys}\n{first[2]}"),
            *(Passage(*part) for part in others),
            *(Passage(a["id"], a["question"], _answer(a)) for a in rendering.faq),
        ),
        " ".join([*about, edition.summary, edition.seo_title, edition.seo_description]),
    )


def _said(mark: Mapping[str, Any]) -> str:
    """What stands in the place of a mark for the search: citations that are read aloud, and the
    details that a block shows now."""
    if mark["kind"] == "show" and mark["name"] in data_blocks.FOUND:
        return data_blocks.draw(mark["name"])
    return str(mark.get("text") or "")


def of_editions(ids: Iterable[int]) -> dict[int, SearchText]:
    """Return the words of these editions. Where none has been stored yet a rendering is made."""
    editions = Edition.objects.filter(pk__in=list(ids)).select_related("rendering")
    return {edition.pk: of_edition(edition, _rendering(edition)) for edition in editions}


def editions_to_find(at: datetime) -> dict[int, str]:
    """Return those that are live, or will be."""
    wanted = Edition.objects.filter(
        Q(pk__in=Edition.objects.live(at).values("pk"))
        | Q(pk__in=Edition.objects.waiting(at).values("pk"))
    )
    stamps = dict.fromkeys(wanted.values_list("pk", flat=True).iterator(), "")
    showing = wanted.filter(kind=Kind.PAGE, body__contains="](show:").values_list("pk", flat=True)
    if pks := list(showing):
        shown = "".join(map(data_blocks.draw, data_blocks.FOUND))
        stamps |= dict.fromkeys(pks, sha256(shown.encode()).hexdigest()[:16])
    return stamps


def of_topics(ids: Iterable[int] | None) -> dict[int, SearchText]:
    """Return the words of these topics, or of all."""
    topics = Topic.objects.all() if ids is None else Topic.objects.filter(pk__in=list(ids))
    return {
        topic.pk: SearchText(
            topic.get_absolute_url(),
            topic.name,
            (Passage("", "", f"{topic.hint}\n{markdown.render(topic.introduction).plain}"),),
            f"{topic.get_place_display() if topic.place else ''} {topic.hint}",
        )
        for topic in topics
    }


def of_references(ids: Iterable[int]) -> dict[int, SearchText]:
    """Return the words of these sources."""
    found = Reference.objects.filter(pk__in=list(ids))
    return {
        reference.pk: SearchText(
            reference.get_absolute_url(),
            reference.title or reference.key,
            (Passage("", "", reference.plain),),
            " ".join(
                [
                    *(reference.authors, str(reference.year or ""), reference.kind),
                    *(reference.csl.get(name) or "" for name in ("container-title", "publisher")),
                    *(reference.key, reference.doi),
                ]
            ),
        )
        for reference in found
    }


def references_to_find(at: datetime) -> dict[int, str]:
    """Return those that a live edition cites."""
    cited = Reference.objects.cited(at).values_list("pk", "updated_at")
    return {pk: changed.isoformat() for pk, changed in cited.iterator()}


def present_references(ids: list[int], at: datetime) -> dict[int, hooks.SearchResult]:
    cited = Reference.objects.cited(at).filter(pk__in=ids)
    return {
        reference.pk: hooks.SearchResult(
            reference.get_absolute_url(),
            reference.title or reference.key,
            _("Source"),
            _("Sources"),
        )
        for reference in cited
    }


def present_topics(ids: list[int], at: datetime) -> dict[int, hooks.SearchResult]:
    topics = Topic.objects.filter(pk__in=ids)
    return {
        topic.pk: hooks.SearchResult(
            redirects.path_of("topic", topic.slug), topic.name, _("Topic"), _("Topics")
        )
        for topic in topics
    }


def present_editions(ids: list[int], at: datetime) -> dict[int, hooks.SearchResult]:
    editions = Edition.objects.live(at).filter(pk__in=ids)
    kinds = {"article": _("Articles"), "page": _("Pages")}
    return {
        pk: hooks.SearchResult(
            redirects.path_of(kind, slug), title, str(Kind(kind).label), kinds[kind]
        )
        for pk, kind, slug, title in editions.values_list("pk", "kind", "slug", "title")
    }


def _rendering(edition: Edition) -> Rendering:
    try:
        return edition.rendering
    except Rendering.DoesNotExist:
        return recompose(edition, at=edition.goes_live_at).rendering(edition, at=edition.created_at)


def _answer(entry: dict[str, object]) -> str:
    return str(entry.get("plain") or "") or markdown.plain_of(str(entry.get("html") or ""))
