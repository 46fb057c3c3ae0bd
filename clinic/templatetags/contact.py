"""Template tags for reaching the clinic: phone numbers, opening hours, booking links."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic.lib.calendar import opening_hours
from clinic.lib.fields import phones
from clinic.models import Closure, Location, WayToStart
from clinic.site import page_context
from clinic.site.book_links import book_link

register = template.Library()
register.simple_tag(book_link)


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
def week_hours(location: Location) -> list[opening_hours.WeekLine]:
    """The week's opening hours, equal neighbouring days together; empty while none are known."""
    periods = location.weekly_hours()
    return opening_hours.week_lines(periods) if periods else []


@register.simple_tag
def weekday_today() -> int:
    """The day of the week at the clinic (0 is Monday). A page that says it is made again at
    midnight (clinic.startup)."""
    return timezone.localdate(timezone=page_context.current().clinic.zone).weekday()


@register.simple_tag
def closed_today(location: Location) -> Closure | None:
    """The closure that keeps a location closed today, if one does."""
    today = timezone.localdate(timezone=page_context.current().clinic.zone)
    closed = location.closures_of(page_context.closures())
    return next((one for one in closed if one.starts_on <= today <= one.ends_on), None)


@register.simple_tag
def opening_words(location: Location, at: datetime | None = None) -> str:
    """Whether a location is open now, and when that changes; empty while no hours are known.

    A page that says it is made again at the next opening, closing or midnight (clinic.startup).
    """
    periods = location.weekly_hours()
    if not periods:
        return ""
    zone = page_context.current().clinic.zone
    at = at or timezone.now()
    closed = location.closed_days(page_context.closures())
    return opening_hours.state_words(opening_hours.state_at(periods, closed, zone, at), zone, at)


@register.simple_tag
def map_link(location: Location) -> str:
    """The place as an address that a phone opens with its own map (RFC 5870); may be empty."""
    if location.latitude is None or location.longitude is None:
        return ""
    place = f"{location.latitude},{location.longitude}"
    return f"geo:{place}?{urlencode({'q': f'{place} ({_one_line(location)})'})}"


@register.simple_tag
def map_page(location: Location) -> str:
    """The address of a map in the web, which every browser opens: OpenStreetMap, which asks for
    no account. With no coordinates it searches for the address."""
    if location.latitude is None or location.longitude is None:
        return f"https://www.openstreetmap.org/search?{urlencode({'query': _one_line(location)})}"
    place = {"mlat": str(location.latitude), "mlon": str(location.longitude)}
    view = f"#map=17/{location.latitude}/{location.longitude}"
    return f"https://www.openstreetmap.org/?{urlencode(place)}{view}"


@register.simple_tag
def apple_map(location: Location) -> str:
    """The address of a place that an iPhone opens with its own map, as it does not know `geo:`."""
    query = {"q": _one_line(location)}
    if location.latitude is not None and location.longitude is not None:
        query["ll"] = f"{location.latitude},{location.longitude}"
    return f"https://maps.apple.com/?{urlencode(query)}"


def _one_line(location: Location) -> str:
    return f"{location.street}, {location.city}"


@register.simple_tag
def way_url(way: WayToStart, phone: str) -> str:
    """Where a way to start leads; `phone` (E.164) is the clinic's. Empty: nowhere yet."""
    match way.kind:
        case WayToStart.Kind.CALL:
            return phones.tel(phone) if phone else ""
        case WayToStart.Kind.BOOK:
            return book_link().url
        case _:
            return way.url
