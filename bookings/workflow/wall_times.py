"""Visits and offered times keep their wall time when a zone gets new rules.

The worker moves the moments, writes a line into each timeline and, for a visit, mails the patient a
new calendar entry. What the desk says of it is here, too.
"""

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Enquiry, Event, Offer
from bookings.workflow import audit_log, holds
from bookings.workflow.transitions import remind, tell_patient
from clinic import formats
from clinic.hooks import DeskPanel, PanelRow
from clinic.lib.calendar import wall_time
from clinic.site import wall_times

logger = logging.getLogger(__name__)

# Where held times are put while they change places: no other time is held there.
ASIDE = timedelta(days=366 * 400)
TOLD_FOR = timedelta(days=14)  # on the desk
SHOWN = 8

Moving = list[tuple[Offer, str]]


def keep_visits(at: datetime) -> int:
    """Move the held times that are to come and whose zone has new rules; returns how many."""
    if not wall_times.may_move():
        return 0
    people = sorted({offer.practitioner_id for offer, _text in _moving(Q(), at)})
    return sum(_keep(person, at) for person in people)


def _moving(of: Q, at: datetime) -> Moving:
    """Held times that move, with their wall time as it is by the new rules."""
    held = Offer.objects.held().filter(of, ends_at__gt=at - wall_times.LONGEST_CHANGE)
    found = [
        (offer, text)
        for offer in held.order_by("starts_at", "id")
        if (text := wall_time.moved(offer.starts_agreed, offer.starts_at))
    ]
    return [(o, text) for o, text in found if max(o.starts_at, wall_time.instant(text)) > at]


def _keep(practitioner_id: int, at: datetime) -> int:
    """Move those of one practitioner: all, or none where two of them would overlap."""
    of = Q(practitioner=practitioner_id)
    with transaction.atomic():
        # Requests before practitioners, as the verbs of the workflow lock them.
        ids = [offer.enquiry_id for offer, _text in _moving(of, at)]
        locked = Enquiry.objects.filter(pk__in=ids).order_by("pk").select_for_update()
        enquiries = {enquiry.pk: enquiry for enquiry in locked}
        holds.one_at_a_time(practitioner_id)
        moving = _moving(of & Q(enquiry__in=enquiries), at)
        try:
            with transaction.atomic():
                _move(moving)
        except IntegrityError:
            logger.error("Time zone rules changed, and held times would overlap: none moved.")
            for offer, text in moving:
                _tell_that_it_stays(offer, text, at)
            return 0
        for offer, text in moving:
            _tell(enquiries[offer.enquiry_id], offer, text, at)
    return len(moving)


def _move(moving: Moving) -> None:
    """Give all of them their new moments. Raises IntegrityError where two would overlap."""
    for offer, _text in moving:
        Offer.objects.filter(pk=offer.pk).update(
            starts_at=offer.starts_at + ASIDE, ends_at=offer.ends_at + ASIDE
        )
    for offer, text in moving:
        before, offer.starts_at = offer.starts_at, wall_time.instant(text)
        offer.ends_at += offer.starts_at - before
        if offer.state in (
            Offer.State.OFFERED,
            Offer.State.ASKED,
        ):  # held until it begins, at the longest
            until = offer.starts_at - (before - offer.held_until)
            is_near = before - offer.held_until <= holds.BEFORE_VISIT
            offer.held_until = until if is_near else min(offer.held_until, offer.starts_at)
        offer.starts_agreed = text
        offer.sequence += 1
        offer.save(
            update_fields=["starts_at", "ends_at", "held_until", "starts_agreed", "sequence"]
        )


def _tell(enquiry: Enquiry, offer: Offer, text: str, at: datetime) -> None:
    event = audit_log.record(enquiry, Event.Kind.CLOCKS, at=at, start=text)
    if offer.state == Offer.State.ACCEPTED:
        tell_patient(enquiry, "enquiry-clocks", event.pk, at=at, by=None)
        remind(enquiry, offer, event, at)


def _tell_that_it_stays(offer: Offer, text: str, at: datetime) -> None:
    """Once for each change of the rules."""
    Event.objects.get_or_create(
        once=f"clocks:{offer.pk}:{wall_time.instant(text):%Y%m%dT%H%M}",
        defaults={
            "enquiry_id": offer.enquiry_id,
            "kind": Event.Kind.CLOCKS,
            "at": at,
            "data": {"start": text, "overlaps": True},
        },
    )


def panel(request: HttpRequest) -> DeskPanel | None:
    """The times that new rules have moved lately: their wall time is as it was."""
    if not request.user.has_perm("bookings.view_enquiry"):
        return None
    at = timezone.now()
    since = at - TOLD_FOR
    lately = Event.objects.filter(kind=Event.Kind.CLOCKS, at__gt=since).order_by("-at", "-id")
    rows = [_row(event, at) for event in lately.select_related("enquiry")[:SHOWN]]
    return DeskPanel(order=9, title=_("Time zone rules changed"), rows=rows) if rows else None


def _row(event: Event, at: datetime) -> PanelRow:
    enquiry = event.enquiry
    assert enquiry is not None  # by a constraint of the database
    overlaps = bool(event.data.get("overlaps"))
    if overlaps:
        fact = _(
            "Not changed: it would overlap another held time. Please reschedule or release it."
        )
    elif enquiry.email:
        fact = _("Kept at the agreed time. Booked patients are sent a new calendar entry.")
    else:
        fact = _("Kept at the agreed time. No email address for a new calendar entry.")
    return PanelRow(
        f"{enquiry.number}, {formats.dated(wall_time.instant(event.data['start']), at)}",
        fact,
        reverse("admin:bookings_enquiry_change", args=[enquiry.pk]),
        urgent=overlaps,
    )
