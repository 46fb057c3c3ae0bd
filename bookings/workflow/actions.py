"""What may be done with an enquiry. Each verb locks it, checks, writes its line and its mails.

Verbs take keyword-only who (`by`, None for the patient) and when (`at`), and return the enquiry as
it is then. A verb that the state does not allow raises NotAllowed with a sentence.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import CloseReason, Enquiry, Event, Offer, State
from bookings.workflow import audit_log, holds, undo
from bookings.workflow.holds import NotAllowed
from bookings.workflow.transitions import (
    ALLOWED,
    acting,
    allowed,
    move_to,
    move_to_closed,
    our_turn,
    remind,
    tell_clinic,
    tell_earlier_address,
    tell_patient,
)
from clinic.mail import outbox
from clinic.models import Location, Practitioner, User

__all__ = ["ALLOWED", "NotAllowed", "allowed"]


def note(enquiry: Enquiry, *, text: str, by: User, at: datetime) -> Enquiry:
    """Add words for the staff."""
    with acting(enquiry, "note") as enquiry:
        audit_log.record(enquiry, Event.Kind.NOTE, at=at, by=by, text=text)
    return enquiry


def assign(enquiry: Enquiry, *, to: User | None, by: User, at: datetime) -> Enquiry:
    """Give it to a member of staff, or to nobody."""
    with acting(enquiry, "assign") as enquiry:
        if enquiry.given_to_id != (to.pk if to else None):
            enquiry.given_to = to
            enquiry.save(update_fields=["given_to"])
            audit_log.record(enquiry, Event.Kind.ASSIGNED, at=at, by=by, to=str(to) if to else "")
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
    """Take new contact details; the line keeps the old. A new email address gets the link, and the
    old one an email that it was replaced."""
    with acting(enquiry, "correct") as enquiry:
        new = {"name": name, "email": email, "phone": phone}
        if enquiry.contact_by and not new[enquiry.contact_by]:
            new["contact_by"] = ""  # that way is gone
        old = {field: getattr(enquiry, field) for field in new}
        changed = [field for field in new if new[field] != old[field]]
        if not changed:
            return enquiry
        for field in changed:
            setattr(enquiry, field, new[field])
        enquiry.save(update_fields=changed)
        event = audit_log.record(
            enquiry,
            Event.Kind.CORRECTED,
            at=at,
            by=by,
            text=audit_log.former({field: old[field] for field in changed}),
            fields=changed,
        )
        if email and "email" in changed:
            outbox.queue("enquiry-changed", enquiry.pk, at=at, serial=event.pk)
        if "email" in changed:
            tell_earlier_address(enquiry, old["email"], event, at=at)
        if by is None:
            outbox.queue("enquiry-news", enquiry.pk, at=at, serial=event.pk)
    return enquiry


def contacted(
    enquiry: Enquiry, *, reached: bool, by: User, at: datetime, text: str = ""
) -> Enquiry:
    """Note a call or mail to the patient. Once reached, it is the patient's turn."""
    with acting(enquiry, "contacted", by=by) as enquiry:
        kind = Event.Kind.CONTACTED if reached else Event.Kind.TRIED
        audit_log.record(enquiry, kind, at=at, by=by, text=text)
        if reached:
            move_to(enquiry, State.WAITING, at)
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
    with acting(enquiry, "offer", by=by) as enquiry:
        if agreed and len(starts) != 1:
            raise NotAllowed(_("Enter the one time the patient agreed to."))
        offers = holds.hold(
            enquiry,
            practitioner=practitioner,
            location=location,
            starts=starts,
            minutes=minutes,
            at=at,
        )
        event = audit_log.record(
            enquiry,
            Event.Kind.OFFERED,
            at=at,
            by=by,
            starts=[each.start_text for each in offers],
            practitioner=practitioner.name,
        )
        move_to(enquiry, State.WAITING, at)
        if agreed:
            return _booked(enquiry, offers[0].pk, by, at)
        tell_patient(enquiry, "enquiry-times", event.pk, at=at, by=by)
    return enquiry


def accept(enquiry: Enquiry, *, offer_id: int, at: datetime, by: User | None = None) -> Enquiry:
    """Book an offered time; the others are released. `by` is staff who were told by phone.

    A hold that has run out may still be accepted while nobody else took the time.
    """
    with acting(enquiry, "accept", by=by) as enquiry:
        return _booked(enquiry, offer_id, by, at)


def confirm(enquiry: Enquiry, *, offer_id: int, by: User, at: datetime) -> Enquiry:
    """Say yes to the time that the patient chose and that is held for them: it is booked."""
    with acting(enquiry, "confirm", by=by) as enquiry:
        return _booked(enquiry, offer_id, by, at, state=Offer.State.ASKED)


def give_back(enquiry: Enquiry, *, at: datetime) -> Enquiry:
    """The patient no longer wants the time that is held for them. The request stays."""
    with acting(enquiry, "give_back") as enquiry:
        asked = enquiry.offers.held().filter(state=Offer.State.ASKED)
        if asked.exists():
            holds.release(asked, Offer.State.DECLINED, at)
            audit_log.record(enquiry, Event.Kind.GIVEN_BACK, at=at)
            tell_clinic(enquiry, at, None)
    return enquiry


def decline(enquiry: Enquiry, *, at: datetime, by: User | None = None, text: str = "") -> Enquiry:
    """The patient asks for other times, in words or without: what is held is released, and it is
    our turn again. `by` is staff who were told by phone."""
    with acting(enquiry, "decline", by=by) as enquiry:
        holds.release(enquiry.offers.held(), Offer.State.DECLINED, at)
        our_turn(enquiry, Event.Kind.DECLINED, at, by, text)
        tell_clinic(enquiry, at, by)
    return enquiry


def move(
    enquiry: Enquiry,
    *,
    practitioner: Practitioner,
    location: Location,
    starts_at: datetime,
    minutes: int,
    by: User,
    at: datetime,
) -> Enquiry:
    """Give the booked visit another time, person or place, as agreed with the patient. Its entry in
    the patient's calendar is updated. Raises NotAllowed also for a time that is taken."""
    with acting(enquiry, "move", by=by) as enquiry:
        visit = holds.move(
            enquiry,
            practitioner=practitioner,
            location=location,
            starts_at=starts_at,
            minutes=minutes,
            at=at,
        )
        event = audit_log.record(enquiry, Event.Kind.MOVED, at=at, by=by, start=visit.start_text)
        move_to(enquiry, State.BOOKED, at)
        tell_patient(enquiry, "enquiry-moved", event.pk, at=at, by=by)
        remind(enquiry, visit, event, at)
    return enquiry


def release(enquiry: Enquiry, *, offer_id: int, by: User, at: datetime) -> Enquiry:
    """Take one offered or booked time back. With none left it is our turn again."""
    with acting(enquiry, "release", by=by) as enquiry:
        offer = holds.held(enquiry, offer_id)
        holds.release(enquiry.offers.filter(pk=offer.pk), Offer.State.CANCELLED, at)
        if enquiry.offers.held().exists():
            audit_log.record(enquiry, Event.Kind.RELEASED, at=at, by=by)
        else:
            our_turn(enquiry, Event.Kind.RELEASED, at, by)
        mails = {
            Offer.State.ACCEPTED: "enquiry-cancelled",
            Offer.State.ASKED: "enquiry-released",
        }
        if kind := mails.get(Offer.State(offer.state)):
            tell_patient(enquiry, kind, offer.pk, at=at, by=by)
    return enquiry


def withdraw(enquiry: Enquiry, *, at: datetime, by: User | None = None) -> Enquiry:
    """The patient no longer wants it: closed, its times are free. The line keeps what was, so that
    `restore` undoes it."""
    with acting(enquiry, "withdraw", by=by) as enquiry:
        was: dict[str, Any] = {} if by else {"was": undo.snapshot(enquiry)}
        visit = enquiry.offers.held().filter(state=Offer.State.ACCEPTED).first()
        start = {"start": visit.start_text} if visit else {}
        move_to_closed(enquiry, CloseReason.WITHDRAWN, at, by)
        audit_log.record(enquiry, Event.Kind.WITHDRAWN, at=at, by=by, **start, **was)
        tell_clinic(enquiry, at, by)
    return enquiry


def restore(enquiry: Enquiry, *, at: datetime) -> Enquiry:
    """The patient takes a cancellation back. Raises NotAllowed where the appointment has begun or
    somebody else has taken its time."""
    with acting(enquiry, "restore") as enquiry:
        visit = undo.restore(enquiry, at)
        withdrawn = Event.Kind.WITHDRAWN
        event = audit_log.record(enquiry, Event.Kind.UNDONE, at=at, what=withdrawn)
        if visit:
            event.data["start"] = visit.start_text  # of which the reminder reminds
            event.save(update_fields=["data"])
            tell_patient(enquiry, "enquiry-booked", event.pk, at=at, by=None)
            remind(enquiry, visit, event, at)
        tell_clinic(enquiry, at, None)
    return enquiry


def close(
    enquiry: Enquiry, *, reason: CloseReason, at: datetime, by: User | None, text: str = ""
) -> Enquiry:
    """Close it for a reason; `by` is None where the clock does (a visit that is over)."""
    with acting(enquiry, "close", by=by) as enquiry:
        if reason == CloseReason.NO_SHOW:
            _begun(enquiry, at)
        if reason in (CloseReason.NO_SHOW, CloseReason.VISITED):
            holds.end_visit(enquiry, at)
        move_to_closed(enquiry, reason, at, by)
        audit_log.record(enquiry, Event.Kind.CLOSED, at=at, by=by, text=text, reason=reason)
    return enquiry


def missed(enquiry: Enquiry, *, by: User, at: datetime) -> Enquiry:
    """The patient did not come to an appointment that was closed as attended, as the clock does."""
    with acting(enquiry, "missed", by=by) as enquiry:
        if enquiry.close_reason != CloseReason.VISITED:
            raise NotAllowed(_("This request was not closed as attended."))
        _begun(enquiry, at)
        enquiry.close_reason = reason = CloseReason.NO_SHOW
        enquiry.save(update_fields=["close_reason"])
        audit_log.record(enquiry, Event.Kind.CLOSED, at=at, by=by, reason=reason)
    return enquiry


def reopen(enquiry: Enquiry, *, by: User, at: datetime, text: str = "") -> Enquiry:
    """Take a closed enquiry up again."""
    with acting(enquiry, "reopen", by=by) as enquiry:
        our_turn(enquiry, Event.Kind.REOPENED, at, by, text)
    return enquiry


def lapse(enquiry: Enquiry, *, at: datetime) -> Enquiry:
    """Nobody answered in time: with no time held any more it is our turn again."""
    with acting(enquiry, "lapse") as enquiry:
        if not enquiry.offers.held().exists():
            our_turn(enquiry, Event.Kind.EXPIRED, at, None)
    return enquiry


def _begun(enquiry: Enquiry, at: datetime) -> None:
    """Raise NotAllowed unless there is an appointment that has begun."""
    if not enquiry.offers.filter(state=Offer.State.ACCEPTED, starts_at__lte=at).exists():
        raise NotAllowed(_("No appointment of this request has begun yet."))


def _booked(
    enquiry: Enquiry,
    offer_id: int,
    by: User | None,
    at: datetime,
    *,
    state: Offer.State = Offer.State.OFFERED,
) -> Enquiry:
    offer = holds.take(enquiry, offer_id, at=at, state=state)
    event = audit_log.record(enquiry, Event.Kind.ACCEPTED, at=at, by=by, start=offer.start_text)
    move_to(enquiry, State.BOOKED, at)
    tell_patient(enquiry, "enquiry-booked", event.pk, at=at, by=by)
    remind(enquiry, offer, event, at)
    tell_clinic(enquiry, at, by)
    return enquiry
