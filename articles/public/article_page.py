"""What the template of an article's page is given, for the live edition and for previews alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from articles.manuscript.named_links import urls_of
from articles.manuscript.rendering import rendering_of
from articles.models import Edition, Rendering, Topic
from articles.models.choices import Kind
from articles.public import live_articles
from articles.public.citation_html import citation
from articles.references import notices, study_card
from clinic.lib import markdown
from clinic.models import Credential, Image, Practitioner, Service
from clinic.pictures import renditions
from clinic.site import data_blocks, page_context

RELATED = 3
MOST_PANELS = 2


@dataclass(frozen=True)
class Answer:
    question: str
    id: str
    html: SafeString


@dataclass(frozen=True)
class Stamp:
    """A sign-off of exactly this content."""

    practitioner: Practitioner | None
    name: str
    signed_at: datetime
    next_due_on: date


def context_of(
    edition: Edition, *, at: datetime, rendering: Rendering | None = None
) -> dict[str, Any]:
    """The context of articles/article.html and articles/page.html. At most four queries beside
    the edition's own; `rendering` is given for what is not published."""
    rendering = rendering or rendering_of(edition, at=at)
    filler = Filler(edition, rendering, at)
    people = page_context.practitioners()
    author = people.get(edition.author_id or 0)
    services = {service.pk: service for service in page_context.services()}
    topics = {topic.pk: topic for topic in all_topics()}
    own_topics = [topics[t["id"]] for t in edition.topic_list if t["id"] in topics]
    own_services = [services[s["id"]] for s in edition.service_list if s["id"] in services]
    stamp = stamp_of(edition, people)
    today = timezone.localdate(at)
    sources = [
        {
            **source,
            "entry": filler.fill(source["entry"], None),
            "coins": filler.fill(source["coins"], None),
            "notices": notices.of_key(source["key"]),
            "study": study_card.card_of(source["csl"]),
        }
        for source in rendering.sources
    ]
    return {
        "edition": edition,
        "rendering": rendering,
        "takeaways": filler.fill(
            rendering.takeaways.get("html", ""), rendering.takeaways.get("marks")
        ),
        "body": filler.fill(rendering.html, rendering.marks),
        "toc": rendering.toc,
        "faq": [
            Answer(a["question"], a["id"], filler.fill(a["html"], a["marks"]))
            for a in rendering.faq
        ],
        "sources": sources,
        "doubts": [
            source
            for source in sources
            if any(notice.is_grave and notice.is_open for notice in source["notices"])
        ],
        "topic": own_topics[0] if own_topics else None,
        "author": author if author and author.is_public else None,
        "author_credentials": valid_credentials(author, today),
        "review": stamp,
        "reviewer": stamp.practitioner if stamp else None,
        "reviewer_credentials": valid_credentials(stamp.practitioner if stamp else None, today),
        "services": own_services,
        "practitioners": who_treats([s.pk for s in own_services], place_of(edition.topic_list)),
        # Two invitations to book are enough, and the text may have both.
        "has_own_panels": filler.panels >= MOST_PANELS,
        # One service: its panel at the end; of several none is the obvious one.
        "panel_service": own_services[0] if len(own_services) == 1 else None,
        **read_next(edition, own_topics, at=at),
        "updates": updates_of(edition, at=at),
    }


def valid_credentials(person: Practitioner | None, on: date) -> list[Credential]:
    """Those that have not expired, from what `practitioners` prefetched."""
    if person is None:
        return []
    return [c for c in person.credentials.all() if c.valid_until is None or c.valid_until >= on]


def stamp_of(edition: Edition, people: dict[int, Practitioner]) -> Stamp | None:
    """The stamp of an edition that has what `with_stamp` annotates."""
    signed_at = getattr(edition, "checked_at", None)
    if signed_at is None:
        return None
    reviewer = people.get(edition.checked_by_id)
    return Stamp(
        reviewer if reviewer and reviewer.is_public else None,
        edition.checked_by,
        signed_at,
        edition.check_due_on,
    )


def all_topics() -> tuple[Topic, ...]:
    """All topics, kept for the content version."""
    return page_context.once("topics", lambda: tuple(Topic.objects.prefetch_related("services")))


def place_of(topics: Iterable[Mapping[str, Any]]) -> str:
    """Return the place on the body that the first of these topics with one has. Rows with `id`."""
    places = {topic.pk: topic.place for topic in all_topics()}
    return next(filter(None, (places.get(entry["id"], "") for entry in topics)), "")


def who_treats(service_ids: Sequence[int], place: str) -> list[Practitioner]:
    """Return the public practitioners who can be booked, give one of these services and treat that
    part of the body: first those who name it, then by the order of the services."""

    def given(person: Practitioner) -> list[int]:
        own = {service.pk for service in person.services.all()}
        return [number for number, pk in enumerate(service_ids) if pk in own]

    found = [
        person
        for person in page_context.practitioners().values()
        if person.is_public and person.takes_bookings and person.treats(place) and given(person)
    ]
    return sorted(found, key=lambda person: (not person.places, given(person)[0]))


def read_next(edition: Edition, topics: Sequence[Topic], *, at: datetime) -> dict[str, Any]:
    """What leads on from an article: `related`, what to read next; `newer` and `older`, the
    articles beside it in the list of its first topic, none for what is not published. One query.
    """
    if edition.kind != Kind.ARTICLE:
        return {"related": (), "newer": None, "older": None}
    live = live_articles.current(at)
    related = live.related(edition, RELATED)
    newer, older = live.beside(edition, topics[0].pk) if topics else (None, None)
    wanted = {row.pk: row for row in (*related, newer, older) if row}
    found = {edition.pk: edition for edition in live_articles.shown(wanted.values())}
    return {
        "related": tuple(found[row.pk] for row in related),
        "newer": found[newer.pk] if newer else None,
        "older": found[older.pk] if older else None,
    }


def updates_of(edition: Edition, *, at: datetime) -> tuple[Edition, ...]:
    """The first edition and those with a note for readers, up to this one. One query, none for a
    first edition."""
    if edition.number < 2:
        return (edition,) if edition.number else ()
    return tuple(
        Edition.objects.gone_live(at)
        .filter(article=edition.article_id, number__lte=edition.number)
        .exclude(Q(change_note="") & Q(number__gt=1))
        .only("number", "goes_live_at", "change_note", "article_id")
        .order_by("-goes_live_at", "-number")
    )


class Filler:
    """Fills the marks of a page: what may differ from view to view of the same edition."""

    def __init__(self, edition: Edition, rendering: Rendering, at: datetime) -> None:
        self.edition = edition
        self.at = at
        marks = [*rendering.marks, *rendering.takeaways.get("marks", [])]
        for answer in rendering.faq:
            marks += answer["marks"]
        self.urls = urls_of(marks, at)
        self.panels = sum(mark["kind"] == "booking" for mark in marks)
        self.images = self._images(marks)
        self.services = {service.pk: service for service in page_context.services()}
        self.around = {"clinic": page_context.current().clinic}

    def _images(self, marks: list[dict[str, Any]]) -> dict[int, Image]:
        ids = {mark["id"] for mark in marks if mark["kind"] == "image"}
        return Image.objects.in_bulk(ids) if ids else {}

    def fill(self, html: str, marks: list[dict[str, Any]] | None) -> SafeString:
        return markdown.fill(html, marks or [], self.draw)

    def draw(self, mark: dict[str, Any]) -> str:
        match mark["kind"]:
            case "link-open":
                url = self._url(mark)
                return format_html('<a href="{}">', url) if url else ""
            case "link-close":
                return "</a>" if self._url(mark) else ""
            case "cite":
                return citation(mark)
            case "image":
                return self._picture(mark)
            case "booking":
                return self._booking_panel(mark)
            case "show":
                return data_blocks.draw(mark["name"])
            case "emergency-numbers":
                return render_to_string("partials/emergency_numbers.html", self.around)
        raise ValueError(f"A mark of an unknown kind: {mark['kind']}")

    def _url(self, mark: dict[str, Any]) -> str:
        if mark["to"] == "book":
            return book_url(self.edition, self.services.get(mark["id"] or 0), mark.get("place", 0))
        return self.urls.get((mark["to"], mark["id"]), "")

    def _picture(self, mark: dict[str, Any]) -> str:
        image = self.images.get(mark["id"])
        if image is None:
            return str(mark["alt"])
        return renditions.picture(image, alt=mark["alt"] or image.alt, sizes=renditions.TEXT_SIZES)

    def _booking_panel(self, mark: dict[str, Any]) -> str:
        return render_to_string(
            "partials/book_panel.html",
            {
                **self.around,
                "service": self.services.get(mark["id"] or 0),
                "origin": origin_of(self.edition, mark.get("place", 0)),
                "label": mark["label"],
                "heading": "h2",
            },
        )


def origin_of(edition: Edition, place: int) -> str:
    """What a Book link carries to tell where it stood: `<edition id>-<place>`; previews nothing."""
    return f"{edition.pk}-{place}" if edition.pk else ""


def book_url(edition: Edition, service: Service | None, place: int) -> str:
    """The address of the booking form, with the service and where the link stood."""
    outside = service.booking_url if service else ""
    outside = outside or page_context.current().clinic.booking_url
    if outside:
        return outside
    query = {"service": service.slug} if service else {}
    if origin := origin_of(edition, place):
        query["from"] = origin
    return reverse("bookings:book") + (f"?{urlencode(query)}" if query else "")
