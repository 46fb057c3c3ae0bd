"""Practitioners' calendars are read again and again: the worker's duty, and files by hand.

An address is a secret. It is never logged, and no problem repeats it.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

import httpx
from django.conf import settings

from bookings.calendars import reader
from bookings.calendars.counts import USUAL, Counts
from bookings.models import Offer, PractitionerCalendar
from bookings.models.calendar import Span, as_minutes
from clinic.lib.fields.visible_text import visible_signs
from clinic.lib.web import outside
from clinic.models import Clinic, Practitioner

logger = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=6)
A_ROUND = 3  # calendars in one round of the worker, which has mail to send too
WHOLE = timedelta(days=1)  # how far the window may move on before a file is read that is unchanged
REFUSALS = {401: "forbidden", 403: "forbidden", 404: "gone", 410: "gone"}


def enter(
    practitioner: Practitioner, address: str, *, at: datetime, counts: Counts = USUAL
) -> None:
    """Read the calendar at this address from now on. What was busy stays busy until then.

    Raises reader.Refused for what is no address.
    """
    values: dict[str, object] = {"address": normal(address), "entered_at": at, "read_at": None}
    values |= {"etag": "", "last_modified": "", "problem": "", "tries": 0, "next_at": at}
    values |= counts._asdict()
    PractitionerCalendar.objects.update_or_create(practitioner=practitioner, defaults=values)


def normal(address: str) -> str:
    """Return an address as it was meant, with https for webcal. Raises reader.Refused."""
    address = visible_signs(address)
    scheme, _colon, rest = address.partition(":")
    if scheme.lower() in ("webcal", "webcals"):
        address = f"https:{rest}"
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise reader.Refused("address") from None
    is_inside = url.host in settings.PRIVATE_CALENDAR_HOSTS
    if not url.host or url.scheme not in (("http", "https") if is_inside else ("https",)):
        raise reader.Refused("address")
    return address


def count(calendar: PractitionerCalendar, counts: Counts, *, at: datetime) -> None:
    """Let the worker read a calendar next, and count what is in it like this."""
    calendars = PractitionerCalendar.objects.filter(pk=calendar.pk).exclude(next_at=None)
    unread = {"entered_at": at, "etag": "", "last_modified": "", "next_at": at, "tries": 0}
    calendars.update(**unread, **counts._asdict())


def take_file(
    practitioner: Practitioner, data: bytes, *, at: datetime, counts: Counts = USUAL
) -> None:
    """Read a file by hand, once, in place of what was known. Raises reader.Refused."""
    values = _known(_spans(practitioner, data, at, counts), at) | counts._asdict()
    values |= {"entered_at": at, "address": "", "etag": "", "last_modified": "", "next_at": None}
    PractitionerCalendar.objects.update_or_create(practitioner=practitioner, defaults=values)


def read_soon(calendar: PractitionerCalendar, *, at: datetime) -> None:
    """Let the worker read a calendar next."""
    calendars = PractitionerCalendar.objects.filter(pk=calendar.pk).exclude(next_at=None)
    calendars.update(next_at=at, tries=0)


def read_due(at: datetime) -> None:
    """Read the calendars whose time has come: the worker's duty. Doing it twice is harmless."""
    due = PractitionerCalendar.objects.filter(next_at__lte=at).order_by("next_at", "id")
    for calendar in due.select_related("practitioner__user")[:A_ROUND]:
        # Another worker passes it over; if this one ends, the next round reads it.
        mine = PractitionerCalendar.objects.filter(pk=calendar.pk, next_at=calendar.next_at)
        if mine.update(next_at=at + EVERY):
            read(calendar, at=at)


def read(calendar: PractitionerCalendar, *, at: datetime) -> None:
    """Read a calendar from its address and keep when its owner is busy, or why it was not read."""
    values: dict[str, object] = {"problem": "", "tries": 0, "next_at": at + EVERY}
    try:
        values |= _fetched(calendar, at)
    except (outside.Unreachable, reader.Refused) as error:
        problem = error.reason if isinstance(error, outside.Unreachable) else error.problem
        tries = min(calendar.tries + 1, 20)
        pause = min(EVERY * 2 ** (tries - 1), LONGEST_PAUSE)
        values = {"problem": problem, "tries": tries, "next_at": at + pause}
        logger.warning("The calendar with id %s was not read (%s).", calendar.pk, problem)
    # An address that was entered meanwhile is read in its own round.
    same = PractitionerCalendar.objects.filter(pk=calendar.pk, entered_at=calendar.entered_at)
    same.update(**values)


def _fetched(calendar: PractitionerCalendar, at: datetime) -> dict[str, object]:
    headers = {"User-Agent": f"clinic-website ({settings.SITE_URL})", "Accept": "text/calendar"}
    known = calendar.known_until
    if calendar.read_at and known and known > at + reader.AFTER - WHOLE:
        if calendar.etag:
            headers["If-None-Match"] = calendar.etag
        if calendar.last_modified:
            headers["If-Modified-Since"] = calendar.last_modified
    answer = outside.fetch(
        calendar.address,
        headers=headers,
        most_bytes=reader.MOST_BYTES,
        inside=settings.PRIVATE_CALENDAR_HOSTS,
    )
    if answer.status == 304:
        return {"read_at": at}
    if answer.status != 200:
        raise outside.Unreachable(REFUSALS.get(answer.status, "away"))
    counts = Counts(calendar.tentative_is_free, calendar.declined_is_busy)
    values = _known(_spans(calendar.practitioner, answer.content, at, counts), at)
    # What does not fit is no validator for us.
    etag, last_modified = answer.etag, answer.last_modified
    values["etag"] = etag if len(etag) <= 200 and etag.isprintable() else ""
    values["last_modified"] = last_modified if len(last_modified) <= 60 else ""
    return values


def _spans(practitioner: Practitioner, data: bytes, at: datetime, counts: Counts) -> list[Span]:
    return reader.read(
        data,
        at=at,
        zone=Clinic.objects.only("time_zone").get().zone,
        addresses=_addresses(practitioner),
        ours=list(Offer.objects.filter(practitioner=practitioner).values_list("uid", flat=True)),
        counts=counts,
    )


def _addresses(practitioner: Practitioner) -> Collection[str]:
    user = practitioner.user
    return {address for address in (practitioner.email, user and user.email) if address}


def _known(spans: list[Span], at: datetime) -> dict[str, object]:
    return {
        "spans": as_minutes(spans),
        "known_until": at + reader.AFTER,
        "read_at": at,
        "problem": "",
        "tries": 0,
    }
