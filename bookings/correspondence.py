"""What staff and patients write to each other, links, and putting requests in order.

Verbs like those of bookings.workflow.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from bookings import timeline, undo
from bookings.acting import acting, allowed, move_to, move_to_closed, tell_patient
from bookings.holds import NotAllowed
from bookings.models import CloseReason, Enquiry, Event, State
from clinic import outbox
from clinic.models import User


def answer(enquiry: Enquiry, *, text: str, by: User, at: datetime) -> Enquiry:
    """Write to the patient: the words stand on the private page, a mail only says so.

    Raises NotAllowed for somebody without an e-mail address.
    """
    with acting(enquiry, "answer", by=by) as enquiry:
        if not enquiry.email:
            raise NotAllowed(_("There is no e-mail address: call instead, and note the call."))
        event = timeline.record(enquiry, Event.Kind.ANSWERED, at=at, by=by, text=text)
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
        event = timeline.record(enquiry, Event.Kind.LINKED, at=at, by=by)
        if enquiry.email:
            outbox.queue("enquiry-link", enquiry.pk, at=at, serial=event.pk)
    return enquiry


def join(enquiry: Enquiry, *, number: str, by: User, at: datetime) -> Enquiry:
    """Close the request of this number, made by the same person, in favour of this one.

    Raises NotAllowed for an unknown number, and one whose visit is booked.
    """
    with acting(enquiry, "join") as enquiry:
        other = Enquiry.objects.select_for_update().filter(number__iexact=number).first()
        if other is None or other.pk == enquiry.pk:
            raise NotAllowed(_("There is no other request with this number."))
        if other.state == State.BOOKED or not allowed(other, "join"):
            raise NotAllowed(_("That request is booked or closed: it cannot be joined."))
        move_to_closed(other, CloseReason.DUPLICATE, at, by)
        other.previous = enquiry
        other.save(update_fields=["previous"])
        timeline.record(other, Event.Kind.JOINED, at=at, by=by, number=enquiry.number)
        timeline.record(enquiry, Event.Kind.JOINED, at=at, by=by, number=other.number)
    return enquiry


def genuine(enquiry: Enquiry, *, by: User, at: datetime) -> Enquiry:
    """Take a request out of the box of those that a machine may have made."""
    with acting(enquiry, "genuine") as enquiry:
        if enquiry.suspected:
            enquiry.suspected = False
            enquiry.save(update_fields=["suspected"])
            timeline.record(enquiry, Event.Kind.GENUINE, at=at, by=by)
    return enquiry
