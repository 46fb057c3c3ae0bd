"""Template tags for reaching the clinic: phone numbers, opening hours, booking links."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic import hours, phones
from clinic.models import Location, Practitioner, Service

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


@register.simple_tag
def week_hours(location: Location) -> list[hours.WeekLine]:
    """The week's opening hours, equal neighbouring days together; empty while none are known."""
    if not location.periods.all():
        return []
    return hours.week_lines(
        [hours.Period(p.weekday, p.opens, p.closes) for p in location.periods.all()]
    )


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
