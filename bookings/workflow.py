"""What may be done with an enquiry. Each verb locks it, checks, writes its line and its mails.

Verbs take keyword-only who (`by`, None for the patient) and when (`at`), and return the enquiry as
it is then. A verb that the state does not allow raises NotAllowed with a sentence.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from bookings import promise, timeline
from bookings.models import CloseReason, Enquiry, Event, Offer, State
from bookings.models.enquiry import OPEN
from clinic import outbox
from clinic.models import Clinic, Location, Practitioner, User

MOST_OFFERED = 3  # times that are offered at once

ALLOWED: dict[str, tuple[State, ...]] = {
    "note": tuple(State),
    "assign": OPEN,
    "correct": OPEN,
    "contacted": (State.NEEDS_REPLY, State.WAITING),
    "offer": (State.NEEDS_REPLY, State.WAITING),
    "accept": (State.WAITING,),
    "decline": (State.WAITING,),
    "release": (State.WAITING, State.BOOKED),
    "withdraw": OPEN,
    "close": OPEN,
    "reopen": (State.CLOSED,),
}


class NotAllowed(Exception):
    """A verb that does not fit; its text is a sentence for people."""


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
    """Hold these times for the patient and tell them; with `agreed` (one time) it is booked.

    Times that this practitioner no longer holds, because nobody answered, are released first.
    Raises NotAllowed for too many times, one in the past, and one that is taken.
    """
    with _acting(enquiry, "offer") as enquiry:
        Offer.objects.filter(practitioner=practitioner).expired(at).update(
            state=Offer.State.EXPIRED, released_at=at, sequence=F("sequence") + 1
        )
        if agreed and len(starts) != 1:
            raise NotAllowed(_("Give the one time that the patient agreed to."))
        if not starts or enquiry.offers.held().count() + len(starts) > MOST_OFFERED:
            raise NotAllowed(
                _("Offer one to %(most)d times; release one before you offer another.")
                % {"most": MOST_OFFERED}
            )
        hold = timedelta(hours=Clinic.objects.values_list("offer_hold_hours", flat=True).get())
        offers = [
            _hold(
                Offer(
                    enquiry=enquiry,
                    practitioner=practitioner,
                    location=location,
                    starts_at=start,
                    ends_at=start + timedelta(minutes=minutes),
                    held_until=min(at + hold, start),
                    created_at=at,
                ),
                at,
            )
            for start in starts
        ]
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
            return _book(enquiry, offers[0], by, at)
        if enquiry.email:
            outbox.queue("enquiry-times", enquiry.pk, at=at, serial=event.pk)
    return enquiry


def accept(enquiry: Enquiry, *, offer_id: int, at: datetime, by: User | None = None) -> Enquiry:
    """Book an offered time; the others are released. `by` is staff who were told by phone.

    A hold that has run out may still be accepted while nobody else took the time.
    """
    with _acting(enquiry, "accept") as enquiry:
        return _book(enquiry, _held(enquiry, offer_id), by, at)


def decline(enquiry: Enquiry, *, at: datetime, by: User | None = None) -> Enquiry:
    """None of the offered times suits: all are released, and it is our turn again."""
    with _acting(enquiry, "decline") as enquiry:
        if not enquiry.offers.held().exists():
            raise NotAllowed(_("No times are offered at the moment."))
        _release(enquiry.offers.held(), Offer.State.DECLINED, at)
        _our_turn(enquiry, Event.Kind.RELEASED, at, by)
        _tell_clinic(enquiry, at, by)
    return enquiry


def release(enquiry: Enquiry, *, offer_id: int, by: User, at: datetime) -> Enquiry:
    """Take one offered or booked time back. With none left it is our turn again."""
    with _acting(enquiry, "release") as enquiry:
        _release(enquiry.offers.filter(pk=_held(enquiry, offer_id).pk), Offer.State.CANCELLED, at)
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


def expire(at: datetime) -> int:
    """Release holds that ran out, and take up again the enquiries that nobody answered.

    Returns how many enquiries came back to us.
    """
    _release(Offer.objects.expired(at), Offer.State.EXPIRED, at)
    unanswered = Enquiry.objects.filter(
        state=State.WAITING,
        offers__state=Offer.State.EXPIRED,
        offers__released_at__gte=F("state_since"),
    ).exclude(offers__in=Offer.objects.held())
    count = 0
    for enquiry in unanswered.distinct():
        with transaction.atomic():
            locked = Enquiry.objects.select_for_update().get(pk=enquiry.pk)
            if locked.state == State.WAITING and not locked.offers.held().exists():
                _our_turn(locked, Event.Kind.EXPIRED, at, None)
                count += 1
    return count


def close_past_visits(at: datetime) -> int:
    """Close what was booked, a day after the visit; returns how many."""
    past = Enquiry.objects.filter(
        state=State.BOOKED,
        offers__state=Offer.State.ACCEPTED,
        offers__released_at=None,
        offers__ends_at__lte=at - timedelta(days=1),
    )
    count = 0
    for enquiry in past:
        try:
            close(enquiry, reason=CloseReason.VISITED, at=at, by=None)
        except NotAllowed:  # somebody moved it meanwhile
            continue
        count += 1
    return count


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
    over = enquiry.offers.held().filter(state=Offer.State.ACCEPTED, ends_at__lte=at)
    over.update(released_at=at)
    _release(enquiry.offers.held(), Offer.State.CANCELLED, at)
    enquiry.state, enquiry.state_since = State.CLOSED, at
    enquiry.answer_by, enquiry.close_reason, enquiry.closed_at = None, reason, at
    enquiry.save(update_fields=["state", "state_since", "answer_by", "close_reason", "closed_at"])


def _hold(offer: Offer, at: datetime) -> Offer:
    if offer.starts_at <= at:
        raise NotAllowed(_("One of these times is in the past."))
    try:
        with transaction.atomic():
            offer.save(force_insert=True)
    except IntegrityError:
        raise NotAllowed(
            _("%(name)s already holds a time then. Choose another.")
            % {"name": offer.practitioner.name}
        ) from None
    return offer


def _held(enquiry: Enquiry, offer_id: int) -> Offer:
    offer = enquiry.offers.held().filter(pk=offer_id).first()
    if offer is None:
        raise NotAllowed(_("This time is no longer held. Ask for another."))
    return offer


def _book(enquiry: Enquiry, offer: Offer, by: User | None, at: datetime) -> Enquiry:
    if offer.state != Offer.State.OFFERED or offer.starts_at <= at:
        raise NotAllowed(_("This time is no longer offered. Ask for another."))
    offer.state = Offer.State.ACCEPTED
    offer.sequence += 1
    offer.save(update_fields=["state", "sequence"])
    _release(enquiry.offers.held().exclude(pk=offer.pk), Offer.State.CANCELLED, at)
    event = timeline.record(
        enquiry, Event.Kind.ACCEPTED, at=at, by=by, start=offer.starts_at.isoformat()
    )
    _move(enquiry, State.BOOKED, at)
    if enquiry.email:
        outbox.queue("enquiry-booked", enquiry.pk, at=at, serial=event.pk)
    if by is None:
        outbox.queue("enquiry-news", enquiry.pk, at=at, serial=event.pk)
    return enquiry


def _release(offers: QuerySet[Offer], state: Offer.State, at: datetime) -> None:
    offers.update(state=state, released_at=at, sequence=F("sequence") + 1)


def _tell_clinic(enquiry: Enquiry, at: datetime, by: User | None) -> None:
    """Mail to the clinic about what the patient did; the last line of the timeline says what."""
    if by is None:
        last = enquiry.events.order_by("-id").values_list("pk", flat=True)[0]
        outbox.queue("enquiry-news", enquiry.pk, at=at, serial=last)
