"""Free times that staff choose for a request: how the calendar's address and the forms of the
request's page hold them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import Enquiry
from bookings.rosters import wishes
from bookings.rosters.wishes import Wish
from bookings.workflow import holds
from clinic.lib.fields.numbers import whole_number

SHORTEST, LONGEST = 5, 480  # minutes, as the forms of the request's page allow


def chosen(query: QueryDict) -> list[Wish]:
    """Return the times that are chosen, in order; what names none is left out."""
    found = {wishes.named(text) for text in query.getlist("slot")}
    return sorted(wish for wish in found if wish)


def minutes(query: QueryDict) -> int | None:
    """Return the length that is asked for, if it is possible."""
    number = whole_number(query.get("minutes", ""))
    return number if number and SHORTEST <= number <= LONGEST else None


def problem(times: Sequence[Wish], most: int) -> str:
    """Return why these times can't be offered together, or nothing."""
    if not most:
        return _("No more times can be held. Release one before you offer another.")
    if not times:
        return _("Choose a time first.")
    if len(times) > most:
        words = ngettext(
            "Choose no more than %(n)d time.", "Choose no more than %(n)d times.", most
        )
        return words % {"n": most}
    if len({wish[1:] for wish in times}) > 1:
        return _("Choose times with the same practitioner at the same location.")
    return ""


def most_for(enquiry: Enquiry, verb: str) -> int:
    """Return how many times may be chosen: for a new time of an appointment, one."""
    if verb == "move":
        return 1
    return max(holds.MOST_OFFERED - enquiry.offers.held().count(), 0)


def page_with(enquiry: Enquiry, times: Iterable[Wish], length: int, verb: str) -> str:
    """Return the address of the request's page on which these times are filled in."""
    values = [("slot", wish.name) for wish in times] + [("minutes", str(length))]
    page = reverse("admin:bookings_enquiry_change", args=[enquiry.pk])
    return f"{page}?{urlencode(values)}#do-{verb}"


def filled_in(query: QueryDict, at: datetime) -> dict[str, Any]:
    """Return what the forms of the request's page begin with; nothing unless times are chosen."""
    times = [wish for wish in chosen(query) if wish.start > at][: holds.MOST_OFFERED]
    if not times:
        return {}
    first = times[0]
    values = {"practitioner": first.practitioner, "location": first.location}
    starts = {f"start_{n}": wish.start for n, wish in enumerate(times)}
    length = minutes(query)
    return values | starts | {"starts_at": first.start} | ({"minutes": length} if length else {})
