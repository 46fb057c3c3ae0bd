"""The mails about a request: what they say is made when they are sent.

They carry fields of the classes contact and scheduling only (bookings.privacy.field_classes): no
words of the patient, no service, nothing that tells of a body. Subjects name the clinic, and the
day of an appointment.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext as _

from bookings.models import Enquiry, Event, Offer, State
from bookings.models.offer import OfferQuerySet
from bookings.patient import calendar_files, correspondence, private_links
from bookings.workflow.transitions import is_repeated
from clinic import formats
from clinic.lib.calendar import wall_time
from clinic.mail import composer
from clinic.models import Clinic, Message


def received(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: we have it, and answer by then."""
    return _to_patient(message, "received", _("We’ve received your request"))


def changed(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: we have what was sent again, or the new contact details."""
    return _to_patient(message, "changed", _("We’ve received your changes"))


def address_changed(message: Message) -> EmailMultiAlternatives | None:
    """To the earlier address of a patient: it was replaced. No link: it may not be theirs."""
    number = Enquiry.objects.filter(pk=message.object_id).values_list("number", flat=True).first()
    if number is None:
        return None
    subject = _("Your email address was changed")
    return composer.write("address_changed", subject, message.to_address, {"number": number})


def times(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: these times are held. Nothing when none is any more."""
    offered = Offer.objects.held().filter(enquiry=message.object_id, state=Offer.State.OFFERED)
    offers = list(offered.select_related("practitioner", "location"))
    return (
        _to_patient(message, "times", _("Choose a time for your appointment"), offers)
        if offers
        else None
    )


def booked(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: when and where the visit is, with its calendar entry. Nothing when it is
    booked no longer."""
    return _about_visit(message, "booked", _("Your appointment is booked"))


def moved(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: the new time of the visit; its calendar entry is updated."""
    return _about_visit(message, "booked", _("Your appointment has been rescheduled"))


def stays(message: Message) -> EmailMultiAlternatives | None:
    """To the patient, who asked for another time: none was possible."""
    return _about_visit(
        message, "stays", _("We couldn’t reschedule your appointment"), invites=False
    )


def clocks(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: the zone's rules changed, the visit keeps its wall time, and this is its new
    calendar entry."""
    return _about_visit(message, "clocks", _("A new calendar entry for your appointment"))


def cancelled(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: the visit will not take place; its calendar entry is taken back.

    The serial of the message is the key of the visit.
    """
    offers = Offer.objects.filter(pk=message.serial, enquiry=message.object_id)
    return _about_visit(
        message,
        "cancelled",
        _("Your appointment is cancelled"),
        offers.filter(state=Offer.State.CANCELLED),
    )


def released(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: the time that they chose is no longer held. Nothing where it is again, or
    where another email says how things are.

    The serial of the message is the key of the time.
    """
    offers = Offer.objects.filter(
        pk=message.serial,
        enquiry=message.object_id,
        enquiry__state__in=(State.NEEDS_REPLY, State.CLOSED),
        state__in=(Offer.State.CANCELLED, Offer.State.EXPIRED),
    )
    return _about_visit(
        message, "released", _("We’re no longer holding your time"), offers, invites=False
    )


def reminder(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: the visit is near. Nothing when it was moved, cancelled, or has begun.

    The serial of the message is the key of the line that booked it.
    """
    line = Event.objects.filter(pk=message.serial, enquiry=message.object_id).first()
    if line is None:
        return None
    start = wall_time.instant(line.data["start"])
    if start <= message.written_at:
        return None
    booked = _booked(message).filter(starts_at=start)
    return _about_visit(
        message, "reminder", _("Reminder of your appointment"), booked, invites=False
    )


def still(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: do they still need an appointment? Nothing once something has happened."""
    enquiry = Enquiry.objects.filter(pk=message.object_id).first()
    if enquiry is None or not enquiry.is_open or not correspondence.is_asked(enquiry):
        return None
    return _to_patient(message, "still", _("Do you still need an appointment?"))


def answered(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: we have written; the words are on the private page."""
    return _to_patient(message, "answered", _("We’ve replied to your request"))


def link(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: a new private link, in place of those before."""
    return _to_patient(message, "link", _("Your new private link"))


def new(message: Message) -> EmailMultiAlternatives | None:
    """To the clinic: a new request."""
    return _to_clinic(message, _("New request %(number)s"))


def news(message: Message) -> EmailMultiAlternatives | None:
    """To the clinic: what a patient has done with their request.

    The serial of the message is the key of the line that says it.
    """
    line = Event.objects.filter(pk=message.serial, enquiry=message.object_id).first()
    done = _done(line, message.written_at) if line else ""
    if not done:
        return _to_clinic(message, _("The patient has changed request %(number)s"))
    return _to_clinic(message, _("Request %(number)s: ") + done.replace("%", "%%"))


KINDS = {
    "enquiry-received": received,
    "enquiry-changed": changed,
    "enquiry-address": address_changed,
    "enquiry-times": times,
    "enquiry-booked": booked,
    "enquiry-moved": moved,
    "enquiry-stays": stays,
    "enquiry-clocks": clocks,
    "enquiry-cancelled": cancelled,
    "enquiry-released": released,
    "enquiry-reminder": reminder,
    "enquiry-answered": answered,
    "enquiry-link": link,
    "enquiry-still": still,
    "enquiry-new": new,
    "enquiry-news": news,
}
# Whose subject names the day.
ABOUT_VISIT = ("booked", "stays", "clocks", "cancelled", "released", "reminder")
TO_CLINIC = ("enquiry-new", "enquiry-news")


def _done(line: Event, at: datetime) -> str:
    """What a patient did, in a few words: “accepted Dec 3, 10:00 a.m.”."""
    starts = [line.data["start"]] if "start" in line.data else line.data.get("starts", [])
    times = "; ".join(
        formats.dated(wall_time.instant(start), at, "SHORT_DAY_TIME_FORMAT") for start in starts
    )
    words = {
        Event.Kind.CHANGED: _("sent again with changes"),
        Event.Kind.CORRECTED: _("contact details corrected"),
        Event.Kind.GIVEN_BACK: _("gave the held time back"),
        Event.Kind.ACCEPTED: _("accepted %(times)s"),
        Event.Kind.DECLINED: _("asks for other times"),
        Event.Kind.MOVE_ASKED: _("asks to reschedule to %(times)s")
        if times
        else _("asks to reschedule"),
        Event.Kind.MOVE_DROPPED: _("no longer asks to reschedule"),
        Event.Kind.KEPT: _("still needs an appointment"),
        Event.Kind.WITHDRAWN: _("cancelled %(times)s") if times else _("cancelled"),
        Event.Kind.UNDONE: _("took the cancellation back"),
    }
    return words.get(Event.Kind(line.kind), "") % {"times": times}


def _booked(message: Message) -> OfferQuerySet:
    return Offer.objects.held().filter(enquiry=message.object_id, state=Offer.State.ACCEPTED)


def _about_visit(
    message: Message,
    name: str,
    subject: str,
    visits: OfferQuerySet | None = None,
    *,
    invites: bool = True,
) -> EmailMultiAlternatives | None:
    """About the one visit (by default the one that is booked), with its calendar entry."""
    rows = _booked(message) if visits is None else visits
    visit = rows.select_related("practitioner", "location", "enquiry").first()
    if visit is None:
        return None
    mail = _to_patient(message, name, subject, [visit])
    if mail and invites:
        _invite(mail, visit, at=message.created_at)
    return mail


def _invite(mail: EmailMultiAlternatives, visit: Offer, *, at: datetime) -> None:
    """As an alternative, which calendars answer to, and as a file for all others."""
    [address] = mail.to
    entry = calendar_files.entry(visit, attendee=address, at=at)
    method = calendar_files.method(visit, address)
    mail.attach_alternative(entry, f"{calendar_files.TYPE}; method={method}")
    mail.attach("appointment.ics", entry.encode(), "application/ics")


def _to_patient(
    message: Message, name: str, subject: str, offers: Sequence[Offer] = ()
) -> EmailMultiAlternatives | None:
    enquiry = Enquiry.objects.filter(pk=message.object_id).exclude(email="").first()
    if enquiry is None or is_repeated(message):
        return None
    # Not the enquiry itself: a template cannot show what it was not given.
    clinic = Clinic.objects.values_list("name", flat=True).get()
    context = {
        "title": subject,
        "number": enquiry.number,
        "answer_by": enquiry.answer_by,
        "offers": offers,
        "is_open": enquiry.is_open,
        "until": min((offer.held_until for offer in offers), default=None),
        "at": message.written_at,
        "link": private_links.url(enquiry),
        "site": settings.SITE_URL,
    }
    if name in ABOUT_VISIT:
        day = formats.dated(offers[0].starts_at, message.written_at, "WEEKDAY_FORMAT")
        subject = _("%(subject)s: %(day)s") % {"subject": subject, "day": day}
    named = _("%(subject)s (%(clinic)s)") % {"subject": subject, "clinic": clinic}
    return composer.write(name, named, enquiry.email, context)


def _to_clinic(message: Message, subject: str) -> EmailMultiAlternatives | None:
    number = Enquiry.objects.filter(pk=message.object_id).values_list("number", flat=True).first()
    address = Clinic.objects.values_list("email", flat=True).get()
    if number is None or not address:
        return None
    path = reverse("admin:bookings_enquiry_change", args=[message.object_id])
    context = {"number": number, "link": f"{settings.SITE_URL}{path}"}
    return composer.write("staff", subject % {"number": number}, address, context)
