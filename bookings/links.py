"""Private links: a patient's way to their request, without an account.

Only the serial is stored, so whoever holds the database alone can open none, and worker and
repeated sending can make the same link again. Raising the serial revokes all links given out.
"""

import base64
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import base36_to_int, int_to_base36

from bookings.models import Enquiry
from clinic.models import Clinic

MAC_BYTES = 24  # 192 bits


class NoSuchLink(Exception):
    """Nobody was given this link."""


class LinkIsOver(Exception):
    """It was a good link once: revoked, run out, or its request has been erased."""


def token(enquiry: Enquiry) -> str:
    """`<id>-<serial>-<HMAC>`, fit for a URL."""
    stem = f"{int_to_base36(enquiry.pk)}-{int_to_base36(enquiry.link_serial)}"
    return f"{stem}-{_mac(stem)}"


def path(enquiry: Enquiry) -> str:
    """The path of the patient's own page."""
    return reverse("bookings:request", args=[token(enquiry)])


def url(enquiry: Enquiry) -> str:
    """The whole address of the patient's own page, for mails."""
    return f"{settings.SITE_URL}{path(enquiry)}"


def resolve(given: str, *, at: datetime) -> Enquiry:
    """The enquiry that a token opens at this moment. Raises NoSuchLink or LinkIsOver."""
    stem, _, mac = given.partition("-")
    serial, _, mac = mac.partition("-")
    stem = f"{stem}-{serial}"
    if not constant_time_compare(mac, _mac(stem)):
        raise NoSuchLink
    number, serial = stem.split("-")
    enquiry = (
        Enquiry.objects.select_related("service", "practitioner", "location")
        .filter(pk=base36_to_int(number), link_serial=base36_to_int(serial))
        .first()
    )
    if enquiry is None or at > runs_out_at(enquiry):
        raise LinkIsOver
    return enquiry


def runs_out_at(enquiry: Enquiry) -> datetime:
    """A link works for the clinic's number of days since the request last moved."""
    days = Clinic.objects.values_list("link_days", flat=True).get()
    return enquiry.state_since + timedelta(days=days)


def _mac(stem: str) -> str:
    digest = salted_hmac("bookings.links", stem, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:MAC_BYTES]).decode()
