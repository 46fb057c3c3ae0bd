"""What the clinic's own things are found by: services, practitioners, locations, announcements."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from clinic import hooks
from clinic.finding.indexing import digest
from clinic.hooks import Passage, SearchResult, SearchText
from clinic.lib import markdown
from clinic.lib.fields import phones
from clinic.models import Announcement, Location, Practitioner, Service
from clinic.models.location import OpeningPeriod
from clinic.site import page_context, redirects


def sources() -> dict[str, hooks.SearchSource]:
    """Return what the ground floor registers."""
    return {
        "service": _source(Service, _service, ("locations",), rank=1.15),
        "practitioner": _source(Practitioner, _practitioner, ("locations", "services"), rank=0.9),
        "location": _source(Location, _location, ("periods",)),
        "announcement": hooks.SearchSource(
            _present_announcements, _announcements, _stamps_of_announcements, rank=0.7
        ),
        "fixed": hooks.SearchSource(_present_fixed, _fixed, _stamps_of(_fixed)),
    }


def fixed_pages() -> dict[int, Callable[[], hooks.FixedPage]]:
    """Return the lists of practitioners and services, and the contact page."""

    def practitioners() -> hooks.FixedPage:
        names = Practitioner.objects.filter(is_public=True).values_list("name", "role")
        said = "\n".join(f"{name}, {role}" for name, role in names)
        return hooks.FixedPage(
            SearchText(
                reverse("practitioners"),
                _("Practitioners"),
                (Passage("", "", said),),
                _("team, staff, therapists, physiotherapists, who works here"),
            ),
        )

    def services() -> hooks.FixedPage:
        names = Service.objects.filter(is_public=True).values_list("name", flat=True)
        return hooks.FixedPage(
            SearchText(
                reverse("services"),
                _("Services"),
                (Passage("", "", "\n".join(names)),),
                _("treatments, therapies, what we treat"),
            ),
        )

    def contact() -> hooks.FixedPage:
        places = page_context.current().locations
        said = "\n".join(place.name for place in places)  # their own pages have the addresses
        return hooks.FixedPage(
            SearchText(
                reverse("contact"),
                _("Contact"),
                (Passage("", "", said),),
                _("phone number, telephone, call us, email, address, map"),
            ),
            replaced_by="contact",
        )

    return {1: practitioners, 2: services, 3: contact}


def _source(
    model: type[models.Model],
    text_of: Callable[[Any], SearchText],
    related: tuple[str, ...],
    rank: float = 1.0,
) -> hooks.SearchSource:
    kind = model._meta.model_name or ""
    public = model._default_manager.filter(is_public=True)

    def texts(ids: Iterable[int] | None) -> dict[int, SearchText]:
        rows = public if ids is None else public.filter(pk__in=list(ids))
        return {row.pk: text_of(row) for row in rows.prefetch_related(*related)}

    def present(ids: list[int], at: datetime) -> dict[int, SearchResult]:
        label, labels = str(model._meta.verbose_name), str(model._meta.verbose_name_plural)
        return {
            pk: SearchResult(
                redirects.path_of(kind, slug), name, label.capitalize(), labels.capitalize()
            )
            for pk, slug, name in public.filter(pk__in=ids).values_list("pk", "slug", "name")
        }

    return hooks.SearchSource(present, texts, _stamps_of(texts), rank)


def _stamps_of(
    texts: Callable[[Iterable[int] | None], dict[int, SearchText]],
) -> Callable[[datetime], dict[int, str]]:
    """For things of which there are few: their texts are their stamps."""
    return lambda at: {pk: digest(text) for pk, text in texts(None).items()}


def _service(service: Service) -> SearchText:
    facts = [service.price_text, service.typical_course]
    for words, minutes in (
        (_("First appointment: %(minutes)d minutes"), service.first_minutes),
        (_("Follow-up appointments: %(minutes)d minutes"), service.follow_minutes),
    ):
        facts += [words % {"minutes": minutes}] if minutes else []
    places = [place.name for place in service.locations.all() if place.is_public]
    passages = [
        Passage("", "", service.summary),
        *_parts(service.description),
        Passage("not-for", _("Not suitable if"), service.not_for),
        Passage("risks", _("Risks"), service.risks, _("side effects safe")),
        Passage("facts", _("At a glance"), "\n".join([*facts, *places]), _("price cost fee")),
        Passage("red-flags", _("Get medical help now if"), "", _("red flags urgent")),
    ]
    place = service.get_place_display() if service.place else ""
    return SearchText(
        service.get_absolute_url(), service.name, _filled(passages), f"{place} {service.summary}"
    )


def _practitioner(person: Practitioner) -> SearchText:
    services = [service.name for service in person.services.all() if service.is_public]
    places = [place.name for place in person.locations.all() if place.is_public]
    passages = [
        Passage("", "", f"{person.role}\n{person.summary}"),
        Passage("works", "", markdown.render(person.biography).plain),
        Passage("treats", "", "\n".join(services)),
        Passage("facts", _("Languages"), person.languages, f"{person.languages} {_('speaks')}"),
        Passage("facts", "", "\n".join(places)),
    ]
    topic = " ".join([person.role, person.summary, _("practitioner")])
    return SearchText(person.get_absolute_url(), person.name, _filled(passages), topic)


def _location(place: Location) -> SearchText:
    # With the number as it is dialled here and without spaces.
    region = page_context.current().clinic.region
    phone = phones.display(place.phone, region) if place.phone else ""
    address = [place.street, f"{place.postal_code} {place.city}", place.state, phone, place.email]
    periods = list(place.periods.all())
    days = " ".join({str(period.get_weekday_display()): "" for period in periods})
    passages = [
        Passage("", "", place.how_to_find),
        Passage("hours", _("Opening hours"), _hours(periods), _("open closed times %s") % days),
        Passage(
            "find",
            _("Address"),
            "\n".join(filter(None, address)),
            _("phone number email contact map where we are"),
        ),
        *_under("getting", _("Getting here"), place.directions, _("directions")),
        *_under("access", _("Accessibility"), place.accessibility, _("wheelchair disabled")),
    ]
    topic = f"{place.city} {_('location address')}"
    return SearchText(place.get_absolute_url(), place.name, _filled(passages), topic)


def _hours(periods: list[OpeningPeriod]) -> str:
    return "\n".join(
        _("%(day)s: %(opens)s to %(closes)s")
        % {
            "day": period.get_weekday_display(),
            "opens": time_format(period.opens, "TIME_FORMAT"),
            "closes": time_format(period.closes, "TIME_FORMAT"),
        }
        for period in periods
    )


def _parts(text: str) -> list[Passage]:
    """A text in Markdown, cut at its headings."""
    rendered = markdown.render(text)
    return [Passage(*part) for part in markdown.passages(str(rendered.html), rendered.marks)]


def _under(anchor: str, heading: str, text: str, words: str) -> list[Passage]:
    return [Passage(anchor, heading, markdown.render(text).plain, words)] if text else []


def _filled(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    return tuple(p for n, p in enumerate(passages) if not n or p.text or p.heading)


def _announcements(ids: Iterable[int]) -> dict[int, SearchText]:
    return {
        row.pk: SearchText(row.url or reverse("home"), "", (Passage("", "", ""),), row.text)
        for row in Announcement.objects.filter(pk__in=list(ids))
    }


def _stamps_of_announcements(at: datetime) -> dict[int, str]:
    """Those that are not over; which of them is shown now is asked for each search."""
    rows = Announcement.objects.filter(ends_at__gt=at)
    return {pk: digest(text) for pk, text in _announcements(row.pk for row in rows).items()}


def _present_announcements(ids: list[int], at: datetime) -> dict[int, SearchResult]:
    shown = Announcement.objects.shown(at).filter(pk__in=ids)
    return {
        row.pk: SearchResult(
            row.url or reverse("home"), row.text, _("Announcement"), _("Announcements")
        )
        for row in shown
    }


def _fixed(ids: Iterable[int] | None) -> dict[int, SearchText]:
    pages = {pk: make() for pk, make in hooks.fixed_pages.items() if ids is None or pk in set(ids)}
    return {pk: page.text for pk, page in pages.items()}


def _present_fixed(ids: list[int], at: datetime) -> dict[int, SearchResult]:
    pages = {pk: hooks.fixed_pages[pk]() for pk in ids if pk in hooks.fixed_pages}
    return {
        pk: SearchResult(page.text.url, page.text.title, _("Page"), _("Pages"))
        for pk, page in pages.items()
        if page.is_there()
        and not (page.replaced_by and hooks.published.page_edition(page.replaced_by, at))
    }
