"""Everything that is kept about one person: finding it, and giving it out (GDPR, articles 15, 17).

Erasing is bookings.retention.erase.
"""

from typing import Any

from django.db.models import Q

from bookings.messages import KINDS
from bookings.models import Enquiry
from bookings.models.enquiry import EnquiryQuerySet
from clinic.models import Message

NOT_TOLD = {"id", "form_key", "digest", "link_serial", "link_since", "given_to", "enquiry", "once"}


def requests_of(enquiry: Enquiry) -> EnquiryQuerySet:
    """All requests with the address or phone number of this one."""
    same = Q(pk=enquiry.pk)
    if enquiry.email:
        same |= Q(email__iexact=enquiry.email)
    if enquiry.phone:
        same |= Q(phone=enquiry.phone)
    return Enquiry.objects.filter(same).order_by("id")


def find(word: str) -> EnquiryQuerySet:
    """All requests of the person with this e-mail address, phone number (E.164) or request."""
    found = Enquiry.objects.filter(
        Q(email__iexact=word) | Q(phone=word) | Q(number__iexact=word)
    ).only("pk", "email", "phone")
    ids = {pk for each in found for pk in requests_of(each).values_list("pk", flat=True)}
    return Enquiry.objects.filter(pk__in=ids).order_by("id")


def export(requests: EnquiryQuerySet) -> list[dict[str, Any]]:
    """Each request with its timeline, times and mails, in words, as JSON holds them."""
    related = requests.select_related("service", "practitioner", "location", "previous")
    return [
        {
            **_told(enquiry),
            "timeline": [_told(event) for event in enquiry.events.order_by("at", "id")],
            "times": [
                _told(offer) for offer in enquiry.offers.select_related("practitioner", "location")
            ],
            "mails": [
                {"kind": mail.kind, "due_at": _plain(mail.due_at), "sent_at": _plain(mail.sent_at)}
                for mail in Message.objects.filter(kind__in=KINDS, object_id=enquiry.pk)
            ],
        }
        for enquiry in related
    ]


def _told(thing: Any) -> dict[str, Any]:
    """The values of a row but for keys and what names a member of staff's account."""
    return {
        field.name: _plain(getattr(thing, field.name))
        for field in thing._meta.concrete_fields
        if field.name not in NOT_TOLD and field.name != "by"
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
