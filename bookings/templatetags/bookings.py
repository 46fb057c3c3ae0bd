"""Template tags that put the values of a request into words."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _

from bookings.models import CloseReason, Enquiry, Event, ForWhom, Part
from clinic import phones
from clinic.models import Clinic, Message

register = template.Library()


@register.filter
def national(number: str, clinic: Clinic) -> str:
    """A phone number (E.164) as it is written in the clinic's country."""
    return phones.display(number, clinic.region) if number else ""


@register.filter
def whom(value: str) -> str:
    """For whom a request is, as staff say it; empty where it was not said."""
    return str(ForWhom(value).to_staff) if value else ""


@register.simple_tag
def preferred_times(enquiry: Enquiry) -> str:
    """The days and parts of the day that suit: “Mon, Tue and Fri, mornings”, “Any time”."""
    names = WEEKDAYS if len(enquiry.days) == 1 else WEEKDAYS_ABBR
    days = [str(names[day]) for day in enquiry.days]
    parts = [str(Part(part).label).lower() for part in enquiry.parts]
    words = [get_text_list(group, _("and")) for group in (days, parts) if group]
    return capfirst(", ".join(words)) or _("Any time")


@register.filter
def erased_at(enquiry: Enquiry, keep: dict[str, timedelta]) -> datetime:
    """When a closed request is erased; `keep` says how long by the reason (retention.periods)."""
    assert enquiry.closed_at is not None  # by a constraint of the database
    return enquiry.closed_at + keep[enquiry.close_reason]


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
        case Event.Kind.MOVED:
            words = _("visit moved to %(time)s") % {"time": _moment(data["start"])}
        case Event.Kind.JOINED:
            words = _("joined with %(number)s") % {"number": data["number"]}
        case Event.Kind.UNDONE:
            words = _("undone: %(what)s") % {"what": Event.Kind(data["what"]).label}
        case Event.Kind.CLOSED:
            words = _("closed: %(reason)s") % {"reason": CloseReason(data["reason"]).label}
        case _other:
            words = str(Event.Kind(event.kind).label).lower()
    return f"{event.by_name}: {words}" if event.by_name else words


@register.simple_tag
def mail_words(message: Message) -> str:
    """What became of a mail: “Your visit is booked: sent”."""
    names = {
        "enquiry-received": _("receipt"),
        "enquiry-changed": _("receipt of a change"),
        "enquiry-times": _("offered times"),
        "enquiry-booked": _("booked visit"),
        "enquiry-moved": _("new time of the visit"),
        "enquiry-cancelled": _("cancelled visit"),
        "enquiry-reminder": _("reminder"),
        "enquiry-answered": _("notice of our answer"),
        "enquiry-link": _("new link"),
        "enquiry-new": _("notice to reception"),
        "enquiry-news": _("notice to reception"),
    }
    if message.sent_at:
        state = message.error or _("sent")
    elif message.failed_at:
        state = _("given up: %(error)s") % {"error": message.error}
    elif message.error:
        state = _("will be tried again: %(error)s") % {"error": message.error}
    else:
        state = _("waits")
    return f"{names[message.kind]}: {state}"


def _moment(text: str) -> str:
    """A moment of an event's data (ISO 8601), in the clinic's time."""
    return date_format(timezone.localtime(datetime.fromisoformat(text)), "l j F, G:i")
