"""Template tags for reaching the clinic: phone numbers, opening hours, booking links."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic import frame, hours, phones
from clinic.models import Location, Practitioner, Service, WayToStart

register = template.Library()


@dataclass(frozen=True)
class BookLink:
    """Where a Book button leads; `outside` when that is another site."""

    url: str
    outside: bool


@register.simple_tag(takes_context=True)
def phone(context: Context, number: str, css: str = "") -> SafeString:
    """A number (E.164) to be called, written as people of the clinic's country write it."""
    if not number:
        return SafeString("")
    return format_html(
        '<a class="phone {}" href="{}">{}</a>',
        css,
        phones.tel(number),
        phones.display(number, context["clinic"].region),
    )


@register.simple_tag(takes_context=True)
def phone_text(context: Context, number: str) -> str:
    """A number (E.164) as text."""
    return phones.display(number, context["clinic"].region) if number else ""


@register.filter
def tel(number: str) -> str:
    """A number (E.164) as a `tel:` address."""
    return phones.tel(number)


@register.filter
def with_phone(locations: Iterable[Location]) -> list[Location]:
    """Those of the locations that can be called."""
    return [location for location in locations if location.phone]


@register.simple_tag
def week_hours(location: Location) -> list[hours.WeekLine]:
    """The week's opening hours, equal neighbouring days together; empty while none are known."""
    if not location.periods.all():
        return []
    return hours.week_lines(
        [hours.Period(p.weekday, p.opens, p.closes) for p in location.periods.all()]
    )


@register.simple_tag
def opening_words(location: Location, at: datetime | None = None) -> str:
    """Whether a location is open now, and when that changes; empty while no hours are known.

    A page that says it is made again at the next opening, closing or midnight (clinic.wiring).
    """
    periods = [hours.Period(p.weekday, p.opens, p.closes) for p in location.periods.all()]
    if not periods:
        return ""
    zone = frame.current().clinic.zone
    at = at or timezone.now()
    closed = [
        (closure.starts_on, closure.ends_on, closure.reason)
        for closure in frame.closures()
        if closure.location_id in (None, location.pk)
    ]
    return hours.state_words(hours.state_at(periods, closed, zone, at), zone, at)


@register.simple_tag
def map_link(location: Location) -> str:
    """The place as an address that a phone opens with its own map (RFC 5870); may be empty."""
    if location.latitude is None or location.longitude is None:
        return ""
    place = f"{location.latitude},{location.longitude}"
    name = f"{location.street}, {location.city}"
    return f"geo:{place}?{urlencode({'q': f'{place} ({name})'})}"


@register.simple_tag
def way_url(way: WayToStart, phone: str) -> str:
    """Where a way to start leads; `phone` (E.164) is the clinic's. Empty: nowhere yet."""
    match way.kind:
        case WayToStart.Kind.CALL:
            return phones.tel(phone) if phone else ""
        case WayToStart.Kind.BOOK:
            return reverse("bookings:book")
        case _:
            return way.url


@register.simple_tag
def book_link(
    *,
    practitioner: Practitioner | None = None,
    service: Service | None = None,
    location: Location | None = None,
    origin: Any = "",
) -> BookLink:
    """The booking form with these chosen, or the outside address that one of them names.

    `origin` is `<edition id>-<place>`: the text that the visitor came from, and which link of it
    (from 1; 0 is the panel at the end, 900 the author's box).
    """
    chosen = {"practitioner": practitioner, "service": service, "location": location}
    for thing in chosen.values():
        if thing and thing.booking_url:
            return BookLink(thing.booking_url, outside=True)
    query = {name: thing.slug for name, thing in chosen.items() if thing}
    if origin:
        query["from"] = str(origin)
    path = reverse("bookings:book")
    return BookLink(f"{path}?{urlencode(query)}" if query else path, outside=False)
