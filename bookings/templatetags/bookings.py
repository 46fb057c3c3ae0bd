"""Template tags that put the values of a request into words."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _

from bookings.models import CloseReason, Enquiry, Event, Part
from clinic import phones
from clinic.models import Clinic

register = template.Library()


@register.filter
def national(number: str, clinic: Clinic) -> str:
    """A phone number (E.164) as it is written in the clinic's country."""
    return phones.display(number, clinic.region) if number else ""


@register.simple_tag
def preferred_times(enquiry: Enquiry) -> str:
    """The days and parts of the day that suit: “Mon, Tue and Fri, mornings”, “Any time”."""
    names = WEEKDAYS if len(enquiry.days) == 1 else WEEKDAYS_ABBR
    days = [str(names[day]) for day in enquiry.days]
    parts = [str(Part(part).label).lower() for part in enquiry.parts]
    words = [get_text_list(group, _("and")) for group in (days, parts) if group]
    return capfirst(", ".join(words)) or _("Any time")


@register.filter
def waited(since: datetime, at: datetime) -> str:
    """How long since then, in one unit: 40 min, 26 h, 3 d."""
    minutes = max(0, int((at - since).total_seconds() // 60))
    if minutes < 60:
        return _("%(count)d min") % {"count": minutes}
    if minutes < 48 * 60:
        return _("%(count)d h") % {"count": minutes // 60}
    return _("%(count)d d") % {"count": minutes // (24 * 60)}


@register.simple_tag
def event_words(event: Event) -> str:
    """One line of the timeline in words: who, and what happened."""
    data = event.data
    match event.kind:
        case Event.Kind.ASSIGNED:
            words = _("given to %(name)s") % {"name": data["to"] or _("nobody")}
        case Event.Kind.OFFERED:
            times = "; ".join(_moment(start) for start in data["starts"])
            words = _("offered %(times)s") % {"times": times}
        case Event.Kind.ACCEPTED:
            words = _("booked %(time)s") % {"time": _moment(data["start"])}
        case Event.Kind.CLOSED:
            words = _("closed: %(reason)s") % {"reason": CloseReason(data["reason"]).label}
        case _other:
            words = str(Event.Kind(event.kind).label).lower()
    return f"{event.by_name}: {words}" if event.by_name else words


def _moment(text: str) -> str:
    """A moment of an event's data (ISO 8601), in the clinic's time."""
    return date_format(timezone.localtime(datetime.fromisoformat(text)), "l j F, G:i")
