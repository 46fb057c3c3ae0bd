"""Sources as files for reference managers: one of the evidence, or all that a text cites. And
the picture of a text where it is shared."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Edition, Reference
from articles.models.choices import Kind
from articles.public import evidence
from articles.public.article_page import place_of
from articles.references import study_card
from articles.references.formats.writing import WRITERS
from clinic.lib.web.pagestore import declare
from clinic.site import drawings, page_context, share_pictures

# What staff or their programs noted for themselves, and abstracts, which belong to publishers.
NOT_FOR_READERS = {"abstract", "annote", "note", "keyword", "custom", "file", "call-number"}


@require_safe
def reference(request: HttpRequest, key: str, ending: str) -> HttpResponse:
    """One public source; also by the key of one that was merged into it."""
    found = Reference.objects.by_key([key]).get(key)
    if found is None or not evidence.citations_of(found, at=timezone.now()):
        raise Http404
    entry = for_readers(found.key, found.csl, kind=found.kind, plain=found.plain)
    return file([entry], name=found.key, ending=ending)


@require_safe
def article(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """The sources of an article, by number, as its live edition has them."""
    live = Edition.objects.live(timezone.now()).filter(kind=Kind.ARTICLE, slug=slug)
    edition = get_object_or_404(live.only("slug", "references"))
    if not edition.references:
        raise Http404
    entries = [
        for_readers(entry["key"], entry["csl"], kind=entry["kind"], plain=entry["plain"])
        for entry in edition.references
    ]
    return file(entries, name=edition.slug, ending=ending)


@require_safe
def share_picture(request: HttpRequest, edition_id: int) -> HttpResponse:
    """What stands for a live edition where its address is shared."""
    edition = get_object_or_404(
        Edition.objects.live(timezone.now()).only("title", "topic_list"), pk=edition_id
    )
    body = drawn_for_sharing(edition.title, place_of(edition.topic_list))
    response = HttpResponse(body, content_type="image/png")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # shown on other sites
    return declare(response, until=page_context.current().until)


def drawn_for_sharing(title: str, place: str) -> bytes:
    """Return the picture, as PNG, of a text about a place on the body, or about none."""
    clinic = page_context.current().clinic
    figure = drawings.body(place) if place else drawings.POSES["read"]
    return share_pictures.png(title, clinic.full_name, figure, clinic.theme)


def for_readers(key: str, csl: Mapping[str, Any], *, kind: str, plain: str) -> dict[str, Any]:
    """A source as CSL-JSON with what its public page says of it, and nothing else of ours."""
    entry = {name: value for name, value in csl.items() if name not in NOT_FOR_READERS}
    ours = {"kind": kind, "plain": plain}
    entry |= {"id": key, "custom": {name: value for name, value in ours.items() if value}}
    card = study_card.card_of(csl)
    return study_card.with_card(entry, vars(card) if card else {})


def file(entries: Iterable[Mapping[str, Any]], *, name: str, ending: str) -> HttpResponse:
    """These sources as a file. Raises Http404 for an ending that nothing is written as."""
    if ending not in WRITERS:
        raise Http404
    media_type, write = WRITERS[ending]
    response = HttpResponse(write(entries), content_type=f"{media_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    response["X-Robots-Tag"] = "noindex"
    return declare(response, until=page_context.current().until)
