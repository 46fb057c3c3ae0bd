"""Where a Book button leads: the booking form, or another site."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from clinic import hooks
from clinic.models import Location, Practitioner, Service
from clinic.site import page_context


@dataclass(frozen=True)
class BookLink:
    """Where a Book button leads; `outside` when that is another site."""

    url: str
    outside: bool


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
    everywhere = page_context.current().clinic.booking_url
    if everywhere:
        return BookLink(everywhere, outside=True)
    query = {name: thing.slug for name, thing in chosen.items() if thing}
    if origin:
        query["from"] = str(origin)
    path = hooks.booking.form()
    return BookLink(f"{path}?{urlencode(query)}" if query else path, outside=False)
