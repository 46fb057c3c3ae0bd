"""What may be done with an enquiry. Each verb locks it, checks, writes its line and its mails.

Verbs take keyword-only who (`by`, None for the patient) and when (`at`), and return the enquiry as
it is then. A verb that the state does not allow raises NotAllowed with a sentence.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bookings import holds, promise, timeline
from bookings.holds import NotAllowed
from bookings.models import CloseReason, Enquiry, Event, Offer, State
from bookings.models.enquiry import OPEN
from clinic import outbox
from clinic.models import Location, Practitioner, User

ALLOWED: dict[str, tuple[State, ...]] = {
    "note": tuple(State),
    "assign": OPEN,
    "correct": OPEN,
    "contacted": (State.NEEDS_REPLY, State.WAITING),
    "offer": (State.NEEDS_REPLY, State.WAITING),
    "accept": (State.WAITING,),
    "decline": (State.WAITING,),
    "release": (State.WAITING, State.BOOKED),
    "lapse": (State.WAITING,),
    "withdraw": OPEN,
    "close": OPEN,
    "reopen": (State.CLOSED,),
}


def allowed(enquiry: Enquiry, verb: str) -> bool:
    return enquiry.state in ALLOWED[verb]


def note(enquiry: Enquiry, *, text: str, by: User, at: datetime) -> Enquiry:
    """Add words for the staff."""
    with _acting(enquiry, "note") as enquiry:
        timeline.record(enquiry, Event.Kind.NOTE, at=at, by=by, text=text)
    return enquiry


def assign(enquiry: Enquiry, *, to: User | None, by: User, at: datetime) -> Enquiry:
    """Give it to a member of staff, or to nobody."""
    with _acting(enquiry, "assign") as enquiry:
        if enquiry.given_to_id != (to.pk if to else None):
            enquiry.given_to = to
            enquiry.save(update_fields=["given_to"])
            timeline.record(enquiry, Event.Kind.ASSIGNED, at=at, by=by, to=str(to) if to else "")
    return enquiry


def correct(
    enquiry: Enquiry,
    *,
    name: str,
    email: str,
    phone: str,
    at: datetime,
    by: User | None = None,
) -> Enquiry:
    """Take new contact details; the line keeps the old. A new e-mail address gets the link."""
    with _acting(enquiry, "correct") as enquiry:
        new = {"name": name, "email": email, "phone": phone}
        old = {field: getattr(enquiry, field) for field in new}
        changed = [field for field in new if new[field] != old[field]]
        if not changed:
            return enquiry
        for field in changed:
            setattr(enquiry, field, new[field])
        enquiry.save(update_fields=changed)
        event = timeline.record(
            enquiry,
            Event.Kind.CORRECTED,
            at=at,
            by=by,
            text="\n".join(f"{field}: {old[field]}" for field in changed),
            fields=changed,
        )
        if email and "email" in changed:
            outbox.queue("enquiry-changed", enquiry.pk, at=at, serial=event.pk)
        if by is None:
            outbox.queue("enquiry-news", enquiry.pk, at=at, serial=event.pk)
    return enquiry


def contacted(
    enquiry: Enquiry, *, reached: bool, by: User, at: datetime, text: str = ""
) -> Enquiry:
    """Note a call or mail to the patient. Once reached, it is the patient's turn."""
    with _acting(enquiry, "contacted") as enquiry:
        kind = Event.Kind.CONTACTED if reached else Event.Kind.TRIED
        timeline.record(enquiry, kind, at=at, by=by, text=text)
        if reached:
            _move(enquiry, State.WAITING, at)
    return enquiry


def offer(
    enquiry: Enquiry,
    *,
    practitioner: Practitioner,
    location: Location,
    starts: Sequence[datetime],
    minutes: int,
    by: User,
    at: datetime,
    agreed: bool = False,
) -> Enquiry:
    """Hold one to three times for the patient and tell them; with `agreed`, one time is booked.

    Raises NotAllowed also for one in the past and one that is taken.
    """
    with _acting(enquiry, "offer") as enquiry:
        if agreed and len(starts) != 1:
            raise NotAllowed(_("Give the one time that the patient agreed to."))
        offers = holds.hold(
            enquiry,
            practitioner=practitioner,
            location=location,
            starts=starts,
            minutes=minutes,
            at=at,
        )
        event = timeline.record(
            enquiry,
            Event.Kind.OFFERED,
            at=at,
            by=by,
            starts=[start.isoformat() for start in starts],
            practitioner=practitioner.name,
        )
        _move(enquiry, State.WAITING, at)
        if agreed:
            return _booked(enquiry, offers[0].pk, by, at)
        if enquiry.email:
            outbox.queue("enquiry-times", enquiry.pk, at=at, serial=event.pk)
    return enquiry


def accept(enquiry: Enquiry, *, offer_id: int, at: datetime, by: User | None = None) -> Enquiry:
    """Book an offered time; the others are released. `by` is staff who were told by phone.

    A hold that has run out may still be accepted while nobody else took the time.
    """
    with _acting(enquiry, "accept") as enquiry:
        return _booked(enquiry, offer_id, by, at)


def decline(enquiry: Enquiry, *, at: datetime, by: User | None = None) -> Enquiry:
    """None of the offered times suits: all are released, and it is our turn again."""
    with _acting(enquiry, "decline") as enquiry:
        if not enquiry.offers.held().exists():
            raise NotAllowed(_("No times are offered at the moment."))
        holds.release(enquiry.offers.held(), Offer.State.DECLINED, at)
        _our_turn(enquiry, Event.Kind.RELEASED, at, by)
        _tell_clinic(enquiry, at, by)
    return enquiry


def release(enquiry: Enquiry, *, offer_id: int, by: User, at: datetime) -> Enquiry:
    """Take one offered or booked time back. With none left it is our turn again."""
    with _acting(enquiry, "release") as enquiry:
        offer = holds.held(enquiry, offer_id)
        holds.release(enquiry.offers.filter(pk=offer.pk), Offer.State.CANCELLED, at)
        if enquiry.offers.held().exists():
            timeline.record(enquiry, Event.Kind.RELEASED, at=at, by=by)
        else:
            _our_turn(enquiry, Event.Kind.RELEASED, at, by)
    return enquiry


def withdraw(enquiry: Enquiry, *, at: datetime, by: User | None = None) -> Enquiry:
    """The patient no longer wants it: closed, its times are free."""
    with _acting(enquiry, "withdraw") as enquiry:
        _close(enquiry, CloseReason.WITHDRAWN, at)
        timeline.record(enquiry, Event.Kind.WITHDRAWN, at=at, by=by)
        _tell_clinic(enquiry, at, by)
    return enquiry


def close(
    enquiry: Enquiry, *, reason: CloseReason, at: datetime, by: User | None, text: str = ""
) -> Enquiry:
    """Close it for a reason; `by` is None where the clock does (a visit that is over)."""
    with _acting(enquiry, "close") as enquiry:
        _close(enquiry, reason, at)
        timeline.record(enquiry, Event.Kind.CLOSED, at=at, by=by, text=text, reason=reason)
    return enquiry


def reopen(enquiry: Enquiry, *, by: User, at: datetime, text: str = "") -> Enquiry:
    """Take a closed enquiry up again."""
    with _acting(enquiry, "reopen") as enquiry:
        _our_turn(enquiry, Event.Kind.REOPENED, at, by, text)
    return enquiry


def lapse(enquiry: Enquiry, *, at: datetime) -> Enquiry:
    """Nobody answered in time: with no time held any more it is our turn again."""
    with _acting(enquiry, "lapse") as enquiry:
        if not enquiry.offers.held().exists():
            _our_turn(enquiry, Event.Kind.EXPIRED, at, None)
    return enquiry


@contextmanager
def _acting(enquiry: Enquiry, verb: str) -> Iterator[Enquiry]:
    with transaction.atomic():
        locked = Enquiry.objects.select_for_update().get(pk=enquiry.pk)
        if not allowed(locked, verb):
            raise NotAllowed(
                _("This cannot be done now: the request is “%(state)s”.")
                % {"state": locked.get_state_display()}
            )
        yield locked


def _move(enquiry: Enquiry, state: State, at: datetime) -> None:
    enquiry.state, enquiry.state_since = state, at
    enquiry.answer_by = (
        promise.answer_by(at, enquiry.location) if state == State.NEEDS_REPLY else None
    )
    enquiry.close_reason, enquiry.closed_at = "", None
    enquiry.save(update_fields=["state", "state_since", "answer_by", "close_reason", "closed_at"])


def _our_turn(
    enquiry: Enquiry, kind: Event.Kind, at: datetime, by: User | None, text: str = ""
) -> None:
    timeline.record(enquiry, kind, at=at, by=by, text=text)
    _move(enquiry, State.NEEDS_REPLY, at)


def _close(enquiry: Enquiry, reason: CloseReason, at: datetime) -> None:
    holds.release_all(enquiry, at)
    enquiry.state, enquiry.state_since = State.CLOSED, at
    enquiry.answer_by, enquiry.close_reason, enquiry.closed_at = None, reason, at
    enquiry.save(update_fields=["state", "state_since", "answer_by", "close_reason", "closed_at"])


def _booked(enquiry: Enquiry, offer_id: int, by: User | None, at: datetime) -> Enquiry:
    offer = holds.take(enquiry, offer_id, at=at)
    event = timeline.record(
        enquiry, Event.Kind.ACCEPTED, at=at, by=by, start=offer.starts_at.isoformat()
    )
    _move(enquiry, State.BOOKED, at)
    if enquiry.email:
        outbox.queue("enquiry-booked", enquiry.pk, at=at, serial=event.pk)
    if by is None:
        outbox.queue("enquiry-news", enquiry.pk, at=at, serial=event.pk)
    return enquiry


def _tell_clinic(enquiry: Enquiry, at: datetime, by: User | None) -> None:
    """Mail to the clinic about what the patient did; the last line of the timeline says what."""
    if by is None:
        last = enquiry.events.order_by("-id").values_list("pk", flat=True)[0]
        outbox.queue("enquiry-news", enquiry.pk, at=at, serial=last)
