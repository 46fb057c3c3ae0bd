"""What staff and patients write to each other, links, and putting requests in order.

Verbs like those of bookings.workflow.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from bookings.models import CloseReason, Enquiry, Event, State
from bookings.patient import private_links
from bookings.workflow import audit_log, stale_pages, undo
from bookings.workflow.holds import NotAllowed
from bookings.workflow.transitions import (
    acting,
    allowed,
    move_to,
    move_to_closed,
    our_turn,
    tell_clinic,
    tell_patient,
)
from clinic.mail import outbox
from clinic.models import User


def answer(enquiry: Enquiry, *, text: str, by: User, at: datetime) -> Enquiry:
    """Write to the patient: the words stand on the private page, a mail only says so.

    Raises NotAllowed if there is no email address.
    """
    with acting(enquiry, "answer", by=by) as enquiry:
        if not enquiry.email:
            raise NotAllowed(_("There is no email address. Call instead, and log the call."))
        event = audit_log.record(enquiry, Event.Kind.ANSWERED, at=at, by=by, text=text)
        if enquiry.state == State.NEEDS_REPLY:
            move_to(enquiry, State.WAITING, at)
        tell_patient(enquiry, "enquiry-answered", event.pk, at=at, by=by)
    return enquiry


def told(enquiry: Enquiry, *, at: datetime) -> list[Event]:
    """What staff wrote to the patient and stands: nothing while it can still be taken back, and
    never what was."""
    written = enquiry.events.filter(kind=Event.Kind.ANSWERED, at__lte=at - undo.WITHIN)
    return [event for event in written.order_by("at", "id") if not event.data.get("undone")]


def new_link(enquiry: Enquiry, *, at: datetime, by: User | None = None) -> Enquiry:
    """Revoke every private link given out so far, and mail a new one where there is an address."""
    with acting(enquiry, "new_link") as enquiry:
        enquiry.link_serial += 1
        enquiry.link_since = at
        enquiry.save(update_fields=["link_serial", "link_since"])
        event = audit_log.record(enquiry, Event.Kind.LINKED, at=at, by=by)
        if enquiry.email:
            outbox.queue("enquiry-link", enquiry.pk, at=at, serial=event.pk)
    return enquiry


def send_link(enquiry: Enquiry, *, at: datetime) -> Enquiry:
    """Email the patient a new link, requested from an expired one.

    A link that still works is mailed again: an old link revokes nothing. One that has run out is
    replaced.
    """
    with acting(enquiry, "new_link") as locked:
        if at > private_links.runs_out_at(locked):
            return new_link(locked, at=at)
        event = audit_log.record(locked, Event.Kind.MAILED, at=at)
        if locked.email:
            outbox.queue("enquiry-link", locked.pk, at=at, serial=event.pk)
    return locked


def ask_if_needed(enquiry: Enquiry, *, at: datetime) -> Enquiry:
    """Ask a patient of whom nothing was heard whether they still need an appointment; without an
    email address the line asks staff to call. A link that has run out is replaced."""
    with acting(enquiry, "ask") as enquiry:
        by_email = bool(enquiry.email)
        if by_email:
            enquiry.link_serial += at > private_links.runs_out_at(enquiry)
            enquiry.link_since = at
            enquiry.save(update_fields=["link_serial", "link_since"])
        event = audit_log.record(enquiry, Event.Kind.ASKED, at=at, by_email=by_email)
        tell_patient(enquiry, "enquiry-still", event.pk, at=at, by=None)
    return enquiry


def is_asked(enquiry: Enquiry) -> bool:
    """Whether that question is the last thing that happened."""
    lines = enquiry.events.exclude(kind__in=stale_pages.QUIET).order_by("-at", "-id")
    return lines.values_list("kind", flat=True).first() == Event.Kind.ASKED


def keep(enquiry: Enquiry, *, at: datetime, by: User | None = None) -> Enquiry:
    """The patient still needs an appointment: it is our turn."""
    with acting(enquiry, "keep", by=by) as enquiry:
        if by is None and not is_asked(enquiry):  # a second press: it is known
            return enquiry
        our_turn(enquiry, Event.Kind.KEPT, at, by)
        tell_clinic(enquiry, at, by)
    return enquiry


def to_join(enquiry: Enquiry, number: str) -> Enquiry:
    """Return the request of this number, locked, if it may be closed in favour of this one.

    Call it in a transaction. Raises NotAllowed for an unknown number, and one that is booked or
    closed.
    """
    named = Enquiry.objects.filter(number__iexact=number).exclude(pk=enquiry.pk)
    # Without waiting: of two who merge a pair, each into the other, both would wait for ever.
    other = named.select_for_update(skip_locked=True).first()
    if other is None and named.exists():
        raise NotAllowed(_("Someone else is changing that request right now. Try again."))
    if other is None:
        raise NotAllowed(_("There is no other request with this number."))
    if other.state == State.BOOKED or not allowed(other, "join"):
        raise NotAllowed(_("That request is booked or closed, so it can’t be merged."))
    return other


def join(enquiry: Enquiry, *, number: str, by: User, at: datetime) -> Enquiry:
    """Close the request of this number, made by the same person, in favour of this one. Its held
    times are released. Raises NotAllowed as `to_join` does."""
    with acting(enquiry, "join", by=by) as enquiry:
        other = to_join(enquiry, number)
        before = undo.snapshot(other) | {"previous": other.previous_id}
        move_to_closed(other, CloseReason.DUPLICATE, at, by)
        other.previous = enquiry
        other.save(update_fields=["previous"])
        joined = Event.Kind.JOINED
        audit_log.record(other, joined, at=at, by=by, number=enquiry.number, parted=before)
        audit_log.record(enquiry, joined, at=at, by=by, number=other.number, joined=other.pk)
    return enquiry


def genuine(enquiry: Enquiry, *, by: User, at: datetime) -> Enquiry:
    """Take a request out of the box of those that a machine may have made."""
    with acting(enquiry, "genuine") as enquiry:
        if enquiry.suspected:
            enquiry.suspected = False
            enquiry.save(update_fields=["suspected"])
            audit_log.record(enquiry, Event.Kind.GENUINE, at=at, by=by)
    return enquiry
