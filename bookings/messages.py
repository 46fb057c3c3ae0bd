"""The mails about a request: what they say is made when they are sent.

They carry fields of the classes contact and scheduling only (bookings.privacy): no words of the
patient, no service, nothing that tells of a body. Subjects are neutral.
"""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from bookings import links
from bookings.models import Enquiry, Offer
from clinic.models import Clinic, Message


def received(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: we have it, and answer by then."""
    return _to_patient(message, "received", _("We have your request"))


def changed(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: we have what was sent again, or the new contact details."""
    return _to_patient(message, "changed", _("We have your change"))


def times(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: these times are held. Nothing when none is any more."""
    return _to_patient(message, "times", _("We have times for you"), Offer.State.OFFERED)


def booked(message: Message) -> EmailMultiAlternatives | None:
    """To the patient: when and where the visit is. Nothing when it is booked no longer."""
    return _to_patient(message, "booked", _("Your visit is booked"), Offer.State.ACCEPTED)


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
    "enquiry-new": new,
    "enquiry-news": news,
}


def _to_patient(
    message: Message, name: str, subject: str, shows: Offer.State | None = None
) -> EmailMultiAlternatives | None:
    enquiry = Enquiry.objects.filter(pk=message.object_id).exclude(email="").first()
    if enquiry is None:
        return None
    offers = []
    if shows:
        held = enquiry.offers.held().filter(state=shows)
        offers = list(held.select_related("practitioner", "location"))
        if not offers:
            return None
    # Not the enquiry itself: a template cannot show what it was not given.
    context = {
        "number": enquiry.number,
        "answer_by": enquiry.answer_by,
        "offers": offers,
        "link": links.url(enquiry),
    }
    return _mail(name, subject, enquiry.email, context)


def _to_clinic(message: Message, subject: str) -> EmailMultiAlternatives | None:
    number = Enquiry.objects.filter(pk=message.object_id).values_list("number", flat=True).first()
    address = Clinic.objects.values_list("email", flat=True).get()
    if number is None or not address:
        return None
    path = reverse("admin:bookings_enquiry_change", args=[message.object_id])
    context = {"number": number, "link": f"{settings.SITE_URL}{path}"}
    return _mail("staff", subject % {"number": number}, address, context)


def _mail(name: str, subject: str, to: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    clinic = Clinic.objects.get()
    context |= {"clinic": clinic, "subject": subject}
    sender = clinic.email or settings.DEFAULT_FROM_EMAIL
    mail = EmailMultiAlternatives(
        subject,
        render_to_string(f"mail/{name}.txt", context),
        f'"{_one_line(clinic.name)}" <{sender}>',
        [to],
    )
    mail.attach_alternative(render_to_string(f"mail/{name}.html", context), "text/html")
    return mail


def _one_line(text: str) -> str:
    """Fit for a header: no line ends, no quotes."""
    return " ".join(text.replace('"', "").replace("\\", "").split())
