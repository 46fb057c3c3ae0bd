"""Private links: a patient's way to their request, without an account.

Only the serial is stored, so a copy of the database alone opens none, and the worker can make the
same link again for a repeated email. Raising the serial revokes all earlier links.
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
    pk, serial = _read(given)
    enquiry = (
        Enquiry.objects.select_related("service", "practitioner", "location")
        .filter(pk=pk, link_serial=serial)
        .first()
    )
    if enquiry is None or at > runs_out_at(enquiry):
        raise LinkIsOver
    return enquiry


def owner(given: str) -> Enquiry | None:
    """The enquiry that a token was once made for, though it may open it no longer: good for
    sending its owner a new link, and for nothing else. Raises NoSuchLink."""
    return Enquiry.objects.filter(pk=_read(given)[0]).first()


def _read(given: str) -> tuple[int, int]:
    """Key and serial of a token that we made. Raises NoSuchLink."""
    stem, _, mac = given.partition("-")
    serial, _, mac = mac.partition("-")
    stem = f"{stem}-{serial}"
    if not constant_time_compare(mac, _mac(stem)):
        raise NoSuchLink
    number, serial = stem.split("-")
    return base36_to_int(number), base36_to_int(serial)


def runs_out_at(enquiry: Enquiry) -> datetime:
    """A link works for the clinic's number of days since the request last moved, or since it was
    asked for anew."""
    days = Clinic.objects.values_list("link_days", flat=True).get()
    since = max(enquiry.state_since, enquiry.link_since or enquiry.state_since)
    return since + timedelta(days=days)


def _mac(stem: str) -> str:
    digest = salted_hmac("bookings.links", stem, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:MAC_BYTES]).decode()
