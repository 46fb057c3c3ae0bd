"""The mails about a request: what they say is made when they are sent.

They carry fields of the classes contact and scheduling only (bookings.privacy): no words of the
patient, no service, nothing that tells of a body. Subjects are neutral.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import invitations, links
from bookings.models import Enquiry, Event, Offer
from bookings.models.offer import OfferQuerySet
from clinic import mails
from clinic.models import Clinic, Message


def received(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: we have it, and answer by then."""
    return _to_patient(message, "received", _("We have your request"))


def changed(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: we have what was sent again, or the new contact details."""
    return _to_patient(message, "changed", _("We have your change"))


def times(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: these times are held. Nothing when none is any more."""
    offered = Offer.objects.held().filter(enquiry=message.object_id, state=Offer.State.OFFERED)
    offers = list(offered.select_related("practitioner", "location"))
    return _to_patient(message, "times", _("We have times for you"), offers) if offers else None


def booked(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: when and where the visit is, with its calendar entry. Nothing when it is
    booked no longer."""
    return _about_visit(message, "booked", _("Your visit is booked"))


def moved(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: the new time of the visit; its calendar entry is updated."""
    return _about_visit(message, "booked", _("Your visit has a new time"))


def cancelled(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: the visit will not take place; its calendar entry is taken back.

    The serial of the message is the key of the visit.
    """
    offers = Offer.objects.filter(pk=message.serial, enquiry=message.object_id)
    return _about_visit(
        message,
        "cancelled",
        _("Your visit is cancelled"),
        offers.filter(state=Offer.State.CANCELLED),
    )


def reminder(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: the visit is near. Nothing when it was moved, cancelled, or has begun.

    The serial of the message is the key of the line that booked it.
    """
    line = Event.objects.filter(pk=message.serial, enquiry=message.object_id).first()
    if line is None:
        return None
    start = datetime.fromisoformat(line.data["start"])
    if start <= timezone.now():
        return None
    booked = _booked(message).filter(starts_at=start)
    return _about_visit(message, "reminder", _("Your visit is near"), booked, invites=False)


def answered(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: we have written; the words are on the private page."""
    return _to_patient(message, "answered", _("We have written to you"))


def link(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: a new private link, in place of those before."""
    return _to_patient(message, "link", _("Your new link"))


def new(message: Message) -> EmailMultiAlternatives | None:
    """To the clinic: a new request."""
    return _to_clinic(message, _("New request %(number)s"))


def news(message: Message) -> EmailMultiAlternatives | None:
    """To the clinic: a patient has done something with their request."""
    return _to_clinic(message, _("The patient has changed request %(number)s"))


KINDS = {
    "enquiry-received": received,
    "enquiry-changed": changed,
    "enquiry-times": times,
    "enquiry-booked": booked,
    "enquiry-moved": moved,
    "enquiry-cancelled": cancelled,
    "enquiry-reminder": reminder,
    "enquiry-answered": answered,
    "enquiry-link": link,
    "enquiry-new": new,
    "enquiry-news": news,
}
TO_CLINIC = ("enquiry-new", "enquiry-news")


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
    entry = invitations.entry(visit, number=visit.enquiry.number, attendee=address, at=at)
    method = invitations.method(visit, address)
    mail.attach_alternative(entry, f"{invitations.TYPE}; method={method}")
    mail.attach("visit.ics", entry.encode(), "application/ics")


def _to_patient(
    message: Message, name: str, subject: str, offers: Sequence[Offer] = ()
) -> EmailMultiAlternatives | None:
    enquiry = Enquiry.objects.filter(pk=message.object_id).exclude(email="").first()
    if enquiry is None:
        return None
    # Not the enquiry itself: a template cannot show what it was not given.
    context = {
        "number": enquiry.number,
        "answer_by": enquiry.answer_by,
        "offers": offers,
        "link": links.url(enquiry),
    }
    return mails.write(name, subject, enquiry.email, context)


def _to_clinic(message: Message, subject: str) -> EmailMultiAlternatives | None:
    number = Enquiry.objects.filter(pk=message.object_id).values_list("number", flat=True).first()
    address = Clinic.objects.values_list("email", flat=True).get()
    if number is None or not address:
        return None
    path = reverse("admin:bookings_enquiry_change", args=[message.object_id])
    context = {"number": number, "link": f"{settings.SITE_URL}{path}"}
    return mails.write("staff", subject % {"number": number}, address, context)
