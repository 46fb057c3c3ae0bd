"""A practitioner's appointments as a calendar that their own calendar reads (RFC 5545).

Others may see that calendar, so it says when and where; no name, and nothing of health. UIDs are
those of the invitations. Where that calendar is read in again, they are passed over.
"""

import base64
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import base36_to_int, int_to_base36
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from bookings.models import CalendarFeed, Offer
from clinic.lib.fields.visible_text import visible_line
from clinic.models import Clinic, Practitioner

TYPE = "text/calendar"
BACK = timedelta(days=30)  # how long past appointments stay in it
AGAIN = timedelta(minutes=15)  # how often a calendar should look; most look less often
MAC_BYTES = 24  # 192 bits


class NoSuchFeed(Exception):
    """Nobody was given this address, or it has been revoked."""


def make(practitioner: Practitioner, *, at: datetime) -> CalendarFeed:
    """Make a feed with a new address; one that there was is revoked."""
    revoke(practitioner)
    return CalendarFeed.objects.create(practitioner=practitioner, made_at=at)


def revoke(practitioner: Practitioner) -> bool:
    """Let the address end; whether there was one."""
    return bool(CalendarFeed.objects.filter(practitioner=practitioner).delete()[0])


def url(feed: CalendarFeed) -> str:
    """The whole address. Its secret is not in the database."""
    token = f"{int_to_base36(feed.pk)}-{_mac(feed)}"
    return f"{settings.SITE_URL}{reverse('bookings:feed', args=[token])}"


def resolve(token: str) -> CalendarFeed:
    """Return the feed that a token opens. Raises NoSuchFeed; a colleague who left has none."""
    number, _dash, mac = token.partition("-")
    try:
        found = CalendarFeed.objects.filter(pk=base36_to_int(number))
        feed = found.exclude(practitioner__user__is_active=False).first()
    except (ValueError, OverflowError):
        feed = None
    if feed is None or not constant_time_compare(mac, _mac(feed)):
        raise NoSuchFeed
    return feed


def text(feed: CalendarFeed, *, at: datetime) -> str:
    """Return the calendar: booked times, and offered ones as tentative."""
    clinic = Clinic.objects.get()
    calendar = Calendar()
    calendar.add("prodid", "-//Clinic website//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add(
        "x-wr-calname", _("Appointments at %(clinic)s") % {"clinic": visible_line(clinic.name)}
    )
    calendar.add("refresh-interval", AGAIN, parameters={"value": "DURATION"})  # RFC 7986
    for offer in _shown(feed.practitioner, at):
        calendar.add_component(_event(offer))
    return calendar.to_ical().decode()


def _shown(practitioner: Practitioner, at: datetime) -> list[Offer]:
    held = Offer.objects.held().filter(practitioner=practitioner, ends_at__gt=at - BACK)
    shown = held.exclude(pk__in=Offer.objects.expired(at)).select_related("location")
    return list(shown.order_by("starts_at", "id"))


def _event(offer: Offer) -> Event:
    is_booked = offer.state == Offer.State.ACCEPTED
    place = offer.location
    event = Event()
    event.add("uid", offer.uid)
    event.add("sequence", offer.sequence)
    event.add("dtstamp", offer.created_at.astimezone(UTC))
    event.add("dtstart", offer.starts_at.astimezone(UTC))
    event.add("dtend", offer.ends_at.astimezone(UTC))
    event.add("summary", _("Appointment") if is_booked else _("Appointment (offered)"))
    where = ", ".join(part for part in (place.name, place.street, place.city) if part)
    event.add("location", visible_line(where))
    event.add("status", "CONFIRMED" if is_booked else "TENTATIVE")
    event.add("class", "PRIVATE")
    return event


def _mac(feed: CalendarFeed) -> str:
    stem = f"{feed.pk}-{feed.practitioner_id}-{feed.key}"
    digest = salted_hmac("bookings.calendars.feed", stem, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:MAC_BYTES]).decode()
