"""What the verbs of the workflow stand on: the lock, what is allowed when, moves and mails."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from bookings import holds, promise, timeline, undo
from bookings.holds import NotAllowed
from bookings.models import CloseReason, Enquiry, Event, Offer, State
from bookings.models.enquiry import OPEN
from clinic import outbox
from clinic.models import Clinic, User

ALLOWED: dict[str, tuple[State, ...]] = {
    "note": tuple(State),
    "assign": OPEN,
    "correct": OPEN,
    "contacted": (State.NEEDS_REPLY, State.WAITING),
    "answer": OPEN,
    "offer": (State.NEEDS_REPLY, State.WAITING),
    "accept": (State.WAITING,),
    "decline": (State.WAITING,),
    "move": (State.BOOKED,),
    "release": (State.WAITING, State.BOOKED),
    "lapse": (State.WAITING,),
    "new_link": tuple(State),
    "join": OPEN,
    "genuine": tuple(State),
    "withdraw": OPEN,
    "close": OPEN,
    "reopen": (State.CLOSED,),
}


def allowed(enquiry: Enquiry, verb: str) -> bool:
    return enquiry.state in ALLOWED[verb]


@contextmanager
def acting(enquiry: Enquiry, verb: str, *, by: User | None = None) -> Iterator[Enquiry]:
    """The enquiry as it is now, locked until the block ends. Raises NotAllowed.

    What staff do in it can be undone for a while.
    """
    with transaction.atomic():
        locked = Enquiry.objects.select_for_update().get(pk=enquiry.pk)
        if not allowed(locked, verb):
            raise NotAllowed(
                _("This cannot be done now: the request is “%(state)s”.")
                % {"state": locked.get_state_display()}
            )
        before = undo.snapshot(locked) if by else None
        yield locked
        if by and before is not None:
            undo.remember(locked, before, by=by)


def move_to(enquiry: Enquiry, state: State, at: datetime) -> None:
    """Any state but closed."""
    enquiry.state, enquiry.state_since = state, at
    enquiry.answer_by = (
        promise.answer_by(at, enquiry.location) if state == State.NEEDS_REPLY else None
    )
    enquiry.close_reason, enquiry.closed_at = "", None
    _save_state(enquiry)


def move_to_closed(enquiry: Enquiry, reason: CloseReason, at: datetime, by: User | None) -> None:
    """Closed, with all its times free; the calendar entry of a visit to come is taken back."""
    visit = enquiry.offers.held().filter(state=Offer.State.ACCEPTED, ends_at__gt=at).first()
    holds.release_all(enquiry, at)
    enquiry.state, enquiry.state_since = State.CLOSED, at
    enquiry.answer_by, enquiry.close_reason, enquiry.closed_at = None, reason, at
    _save_state(enquiry)
    if visit:
        tell_patient(enquiry, "enquiry-cancelled", visit.pk, at=at, by=by)


def our_turn(
    enquiry: Enquiry, kind: Event.Kind, at: datetime, by: User | None, text: str = ""
) -> None:
    timeline.record(enquiry, kind, at=at, by=by, text=text)
    move_to(enquiry, State.NEEDS_REPLY, at)


def tell_patient(
    enquiry: Enquiry, kind: str, serial: int, *, at: datetime, by: User | None
) -> None:
    """Queue a mail, if there is an address; one that staff caused waits until it cannot be undone
    any more."""
    if enquiry.email:
        due_at = at + undo.WITHIN if by else at
        outbox.queue(kind, enquiry.pk, at=at, serial=serial, due_at=due_at)


def remind(enquiry: Enquiry, visit: Offer, event: Event, at: datetime) -> None:
    """Queue the reminder of a visit, if its moment is still to come; 0 hours: none is sent."""
    hours = Clinic.objects.values_list("reminder_hours", flat=True).get()
    due_at = visit.starts_at - timedelta(hours=hours)
    if hours and enquiry.email and due_at > at + undo.WITHIN:
        outbox.queue("enquiry-reminder", enquiry.pk, at=at, serial=event.pk, due_at=due_at)


def tell_clinic(enquiry: Enquiry, at: datetime, by: User | None) -> None:
    """Mail to the clinic about what the patient did; the last line of the timeline says what."""
    if by is None:
        last = enquiry.events.order_by("-id").values_list("pk", flat=True)[0]
        outbox.queue("enquiry-news", enquiry.pk, at=at, serial=last)


def _save_state(enquiry: Enquiry) -> None:
    enquiry.save(update_fields=["state", "state_since", "answer_by", "close_reason", "closed_at"])
