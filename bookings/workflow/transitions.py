"""What the verbs of the workflow stand on: the lock, what is allowed when, moves and mails."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bookings.models import CloseReason, Enquiry, Event, Offer, State
from bookings.models.enquiry import OPEN
from bookings.workflow import audit_log, holds, response_deadline, undo
from bookings.workflow.holds import NotAllowed
from clinic.mail import outbox
from clinic.models import Clinic, Message, User

security_log = logging.getLogger("clinic.security")

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
    "ask_move": (State.BOOKED,),
    "drop_move": (State.BOOKED,),
    "refuse_move": (State.BOOKED,),
    "confirm": (State.NEEDS_REPLY, State.WAITING),
    "give_back": (State.NEEDS_REPLY, State.WAITING),
    "release": OPEN,
    "lapse": (State.WAITING,),
    "new_link": tuple(State),
    "join": OPEN,
    "ask": (State.NEEDS_REPLY, State.WAITING),
    "keep": (State.NEEDS_REPLY, State.WAITING),
    "genuine": tuple(State),
    "withdraw": OPEN,
    "close": OPEN,
    "reopen": (State.CLOSED,),
    "missed": (State.CLOSED,),
    "restore": (State.CLOSED,),
}
# Emails that say how a request stands when they are sent, whatever caused them: of several that
# wait, the last is enough.
WHOLE = frozenset(
    {
        "enquiry-changed",
        "enquiry-times",
        "enquiry-booked",
        "enquiry-moved",
        "enquiry-stays",
        "enquiry-answered",
        "enquiry-link",
    }
)


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
                _("You can’t do this now: the request is “%(state)s”.")
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
        response_deadline.answer_by(at, enquiry.location) if state == State.NEEDS_REPLY else None
    )
    enquiry.close_reason, enquiry.closed_at, enquiry.moves = "", None, []
    _save_state(enquiry)


def move_to_closed(enquiry: Enquiry, reason: CloseReason, at: datetime, by: User | None) -> None:
    """Closed, with all its times free; the calendar entry of a visit to come is taken back. Who
    chose a time that is held, and did not cancel, is told that it no longer is."""
    chosen = None
    if reason not in (CloseReason.WITHDRAWN, CloseReason.SPAM):
        chosen = holds.chosen(enquiry)
    visit = enquiry.offers.held().filter(state=Offer.State.ACCEPTED, ends_at__gt=at).first()
    holds.release_all(enquiry, at)
    enquiry.state, enquiry.state_since = State.CLOSED, at
    enquiry.answer_by, enquiry.close_reason, enquiry.closed_at = None, reason, at
    enquiry.moves = []
    _save_state(enquiry)
    if visit:
        tell_patient(enquiry, "enquiry-cancelled", visit.pk, at=at, by=by)
    if chosen:
        tell_patient(enquiry, "enquiry-released", chosen.pk, at=at, by=by)


def our_turn(
    enquiry: Enquiry, kind: Event.Kind, at: datetime, by: User | None, text: str = ""
) -> None:
    audit_log.record(enquiry, kind, at=at, by=by, text=text)
    move_to(enquiry, State.NEEDS_REPLY, at)


def tell_patient(
    enquiry: Enquiry, kind: str, serial: int, *, at: datetime, by: User | None
) -> None:
    """Queue a mail, if there is an address; one that staff caused waits until it cannot be undone
    any more. An equal one that waits goes with it (`is_repeated`)."""
    if enquiry.email:
        due_at = at + undo.WITHIN if by else at
        if kind in WHOLE:
            _waiting(kind, enquiry.pk).filter(due_at__gt=at).update(due_at=due_at)
        outbox.queue(kind, enquiry.pk, at=at, serial=serial, due_at=due_at)


def is_repeated(message: Message) -> bool:
    """Whether an equal email about the same request is due as well, queued after this one."""
    later = _waiting(message.kind, message.object_id).filter(pk__gt=message.pk)
    return message.kind in WHOLE and later.filter(due_at__lte=message.written_at).exists()


def _waiting(kind: str, object_id: int) -> QuerySet[Message]:
    return Message.objects.filter(kind=kind, object_id=object_id, sent_at=None, failed_at=None)


def tell_earlier_address(enquiry: Enquiry, earlier: str, event: Event, *, at: datetime) -> None:
    """Queue an email to the address that a request had before this line of its timeline."""
    security_log.warning("request %s: email address changed, line %s", enquiry.pk, event.pk)
    if earlier and earlier.lower() != enquiry.email.lower():
        outbox.queue("enquiry-address", enquiry.pk, at=at, serial=event.pk, to=earlier)


def remind(enquiry: Enquiry, visit: Offer, event: Event, at: datetime) -> None:
    """Queue the reminder of a visit, if its moment is still to come; 0 hours: none is sent."""
    hours = Clinic.objects.values_list("reminder_hours", flat=True).get()
    due_at = visit.starts_at - timedelta(hours=hours)
    known = _waiting("enquiry-reminder", enquiry.pk).filter(due_at=due_at)
    if hours and enquiry.email and due_at > at + undo.WITHIN and not known.exists():
        outbox.queue("enquiry-reminder", enquiry.pk, at=at, serial=event.pk, due_at=due_at)


def tell_clinic(enquiry: Enquiry, at: datetime, by: User | None) -> None:
    """Mail to the clinic about what the patient did; the last line of the timeline says what."""
    if by is None:
        last = enquiry.events.order_by("-id").values_list("pk", flat=True)[0]
        outbox.queue("enquiry-news", enquiry.pk, at=at, serial=last)


def _save_state(enquiry: Enquiry) -> None:
    enquiry.save(update_fields=list(undo.STATE))
