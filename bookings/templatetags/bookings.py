"""Template tags that put the values of a request into words."""

from datetime import datetime, timedelta

from django import template
from django.forms import BoundField
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bookings.models import CloseReason, Enquiry, Event, ForWhom, Offer, Part
from bookings.rosters import wishes
from clinic import formats
from clinic.lib.calendar import wall_time
from clinic.lib.fields import phones
from clinic.models import Clinic, Message

register = template.Library()

# What an email about a request is for.
MAILS = {
    "enquiry-received": gettext_lazy("confirmation of the request"),
    "enquiry-changed": gettext_lazy("confirmation of a change"),
    "enquiry-address": gettext_lazy("notice to the earlier address"),
    "enquiry-times": gettext_lazy("offered times"),
    "enquiry-booked": gettext_lazy("booking confirmation"),
    "enquiry-moved": gettext_lazy("rescheduled appointment"),
    "enquiry-stays": gettext_lazy("appointment not rescheduled"),
    "enquiry-clocks": gettext_lazy("new calendar entry"),
    "enquiry-cancelled": gettext_lazy("cancelled appointment"),
    "enquiry-released": gettext_lazy("chosen time no longer held"),
    "enquiry-reminder": gettext_lazy("reminder"),
    "enquiry-answered": gettext_lazy("notification of our reply"),
    "enquiry-link": gettext_lazy("new link"),
    "enquiry-still": gettext_lazy("question whether the appointment is still needed"),
    "enquiry-new": gettext_lazy("notification of a new request"),
    "enquiry-news": gettext_lazy("notification of a change by the patient"),
}


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
    """The times that were asked for, or the days and parts of the day that suit: “Mon, Tue and Fri,
    mornings”, “Any time”."""
    names = WEEKDAYS if len(enquiry.days) == 1 else WEEKDAYS_ABBR
    days = [str(names[day]) for day in enquiry.days]
    parts = [str(Part(part).label).lower() for part in enquiry.parts]
    words = [get_text_list(group, _("and")) for group in (days, parts) if group]
    rest = capfirst(", ".join(words))
    soonest = [_("As early as possible")] if enquiry.soonest else []
    said = [*wishes.words(enquiry.wishes), *soonest, *([rest] if rest else [])]
    return "; ".join(said) or _("Any time")


@register.simple_tag
def first_control(field: BoundField) -> str:
    """The id of the first control of a question: where a link to its error leads."""
    if field.is_hidden:
        return f"field-{field.html_name}"
    return str(
        field.id_for_label or next((each.id_for_label for each in field), "") or field.auto_id
    )


@register.simple_tag
def child_age(enquiry: Enquiry) -> str:
    """How old the child is: “7 years old”."""
    if enquiry.child_age is None:
        return _("age not stated")
    words = ngettext("%(years)d year old", "%(years)d years old", enquiry.child_age)
    return words % {"years": enquiry.child_age}


@register.simple_tag
def cancellation(visit: Offer, clinic: Clinic, at: datetime) -> str:
    """What cancelling this appointment now means by the clinic's rule; empty where it has none."""
    hours = clinic.cancel_hours
    if hours is None:
        return ""
    until = visit.starts_at - timedelta(hours=hours)
    if at < until:
        words = _("Until %(time)s, you can cancel or reschedule free of charge.")
        return words % {"time": formats.dated(until, at)}
    words = ngettext(
        "It’s less than %(count)d hour before your appointment, so we may charge a fee if you "
        "cancel or reschedule.",
        "It’s less than %(count)d hours before your appointment, so we may charge a fee if you "
        "cancel or reschedule.",
        hours,
    )
    return words % {"count": hours}


@register.filter
def erased_at(enquiry: Enquiry, keep: dict[str, timedelta]) -> datetime:
    """When a closed request is erased; `keep` says how long by the reason (retention.periods)."""
    assert enquiry.closed_at is not None  # by a constraint of the database
    return enquiry.closed_at + keep[enquiry.close_reason]


@register.filter
def waited(since: datetime, at: datetime) -> str:
    """How long since then, in one unit: 40 minutes, 26 hours, 3 days."""
    count = max(0, int((at - since).total_seconds() // 60))
    if count < 60:
        return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
    count //= 60
    if count < 48:
        return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
    count //= 24
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


@register.simple_tag
def event_words(event: Event) -> str:
    """One line of the timeline in words: who, and what happened."""
    data = event.data
    match event.kind:
        case Event.Kind.ASSIGNED:
            named = data["to"]
            words = _("assigned to %(name)s") % {"name": named} if named else _("unassigned")
        case Event.Kind.OFFERED:
            times = "; ".join(_moment(start, event) for start in data["starts"])
            words = _("offered %(times)s") % {"times": times}
        case Event.Kind.HELD:
            words = _("chose %(time)s, held for them") % {"time": _moment(data["start"], event)}
        case Event.Kind.ACCEPTED:
            words = _("booked %(time)s") % {"time": _moment(data["start"], event)}
        case Event.Kind.MOVED:
            words = _("rescheduled to %(time)s") % {"time": _moment(data["start"], event)}
        case Event.Kind.MOVE_ASKED:
            times = "; ".join(_moment(start, event) for start in data["starts"])
            words = _("asked to reschedule to %(times)s") if times else _("asked to reschedule")
            words %= {"times": times}
        case Event.Kind.CLOCKS:
            line = _("time zone rules changed, still %(time)s")
            if data.get("overlaps"):
                line = _("time zone rules changed, %(time)s would overlap another held time")
            words = line % {"time": _moment(data["start"], event)}
        case Event.Kind.JOINED:
            words = _("merged with %(number)s") % {"number": data["number"]}
        case Event.Kind.ASKED if not data["by_email"]:
            words = _("nothing has happened for a month: call and ask if it is still needed")
        case Event.Kind.MAILED:
            words = _("private link emailed again")
        case Event.Kind.UNDONE:
            words = _("undone: %(what)s") % {"what": Event.Kind(data["what"]).label}
        case Event.Kind.CLOSED:
            words = _("closed: %(reason)s") % {"reason": CloseReason(data["reason"]).label}
        case _other:
            words = str(Event.Kind(event.kind).label).lower()
    return f"{event.by_name}: {words}" if event.by_name else words


@register.simple_tag
def patient_words(event: Event) -> str:
    """What happened to a request, as its patient reads it."""
    names = {
        Event.Kind.CHANGED: _("You sent your request again with changes"),
        Event.Kind.CORRECTED: _("The contact details were corrected"),
        Event.Kind.CONTACTED: _("We spoke with you"),
        Event.Kind.OFFERED: _("We offered you times"),
        Event.Kind.HELD: _("We held the time you chose"),
        Event.Kind.GIVEN_BACK: _("You gave back the time that was held for you"),
        Event.Kind.ACCEPTED: _("The appointment was booked"),
        Event.Kind.DECLINED: _("You asked for other times"),
        Event.Kind.MOVED: _("The appointment was rescheduled"),
        Event.Kind.MOVE_ASKED: _("You asked for another time"),
        Event.Kind.MOVE_DROPPED: _("You kept the time of your appointment"),
        Event.Kind.MOVE_REFUSED: _("We couldn’t reschedule the appointment"),
        Event.Kind.RELEASED: _("A time we offered was withdrawn"),
        Event.Kind.EXPIRED: _("The times we offered expired"),
        Event.Kind.ANSWERED: _("We sent you a message"),
        Event.Kind.ASKED: _("We asked if you still need an appointment"),
        Event.Kind.KEPT: _("You told us that you still need an appointment"),
        Event.Kind.JOINED: _("Two of your requests were merged"),
        Event.Kind.WITHDRAWN: _("The request was cancelled"),
        Event.Kind.CLOSED: _("The request was closed"),
        Event.Kind.UNDONE: _("The last change was undone"),
        Event.Kind.REOPENED: _("The request was reopened"),
    }
    return names.get(Event.Kind(event.kind), _("We updated the request"))


@register.simple_tag
def mail_words(message: Message) -> str:
    """What became of a mail: “Your visit is booked: sent”."""
    if message.sent_at:
        state = message.error or _("sent")
    elif message.failed_at:
        state = _("failed: %(error)s") % {"error": message.error}
    elif message.error:
        state = _("will retry: %(error)s") % {"error": message.error}
    else:
        state = _("queued")
    return f"{MAILS[message.kind]}: {state}"


def _moment(text: str, event: Event) -> str:
    """A time of an event's data as it was agreed, or its moment (clinic.lib.calendar.wall_time), in
    the clinic's time; with its year, if it is not that of the event."""
    return formats.dated(wall_time.instant(wall_time.renewed(text)), event.at)
