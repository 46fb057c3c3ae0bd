"""Taking back what staff did last, as long as no mail of it has left, and what a patient cancelled,
as long as nobody else has the time."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from bookings.models import Enquiry, Event, Offer
from bookings.workflow import audit_log, holds
from bookings.workflow.holds import NotAllowed
from clinic.mail import outbox
from clinic.models import Message, User

WITHIN = timedelta(minutes=5)

STATE = ("state", "state_since", "answer_by", "close_reason", "closed_at", "moves")
OFFER = (
    "state",
    "released_at",
    "starts_at",
    "starts_agreed",
    "ends_at",
    "held_until",
    "practitioner_id",
    "location_id",
)
MOVES = (
    Event.Kind.CONTACTED,
    Event.Kind.ANSWERED,
    Event.Kind.OFFERED,
    Event.Kind.ACCEPTED,
    Event.Kind.DECLINED,
    Event.Kind.MOVED,
    Event.Kind.MOVE_REFUSED,
    Event.Kind.RELEASED,
    Event.Kind.WITHDRAWN,
    Event.Kind.CLOSED,
    Event.Kind.REOPENED,
    Event.Kind.JOINED,
)
# Lines that change nothing which could be taken back.
ASIDE = (Event.Kind.SEEN, Event.Kind.NOTE, Event.Kind.ASSIGNED, Event.Kind.MAILED)


def snapshot(enquiry: Enquiry) -> dict[str, Any]:
    """State and times of a request, as JSON holds them."""
    return {
        "enquiry": {name: _plain(getattr(enquiry, name)) for name in STATE},
        "offers": {
            str(offer.pk): {name: _plain(getattr(offer, name)) for name in OFFER}
            for offer in enquiry.offers.all()
        },
    }


def remember(enquiry: Enquiry, before: dict[str, Any], *, by: User) -> None:
    """Keep with the line just written what was before it."""
    event = enquiry.events.order_by("-id").first()
    if event and event.by_id == by.pk and event.kind in MOVES and "before" not in event.data:
        event.data["before"] = before
        event.save(update_fields=["data"])


def last_act(enquiry: Enquiry, at: datetime) -> Event | None:
    """What can be undone at this moment: the last thing that happened, if staff did it just now."""
    event = enquiry.events.exclude(kind__in=ASIDE).order_by("-id").first()
    if event and "before" in event.data and at < event.at + WITHIN:
        return event
    return None


def undo(enquiry: Enquiry, *, by: User, at: datetime) -> Enquiry:
    """Put state and times back, and take its mails out of the outbox. Raises NotAllowed when it is
    too late, or one of the times has been given to another patient."""
    with transaction.atomic():
        enquiry = Enquiry.objects.select_for_update().get(pk=enquiry.pk)
        event = last_act(enquiry, at)
        if event is None:
            raise NotAllowed(_("It is too late to undo this, or the request has changed since."))
        mails = Message.objects.filter(
            kind__startswith="enquiry-", object_id=enquiry.pk, created_at=event.at, due_at__gt=at
        )
        outbox.erase(mails)
        if "joined" in event.data:
            _part(event, by=by, at=at)
        _restore(enquiry, event.data["before"], at)
        event.data["undone"] = True
        event.save(update_fields=["data"])
        audit_log.record(enquiry, Event.Kind.UNDONE, at=at, by=by, what=event.kind)
    return enquiry


def cancelled(enquiry: Enquiry) -> Event | None:
    """What the patient can take back: the last thing that happened, if they cancelled."""
    event = enquiry.events.exclude(kind__in=ASIDE).order_by("-id").first()
    is_own = event is not None and event.kind == Event.Kind.WITHDRAWN
    return event if is_own and "was" in event.data else None  # type: ignore[union-attr]


def may_restore(enquiry: Enquiry, at: datetime) -> bool:
    """Whether a cancelled request can be taken up again as it was: its appointment, if there was
    one, is still to come, and nobody else has its time."""
    event = cancelled(enquiry)
    if event is None:
        return False
    return all(
        offer.starts_at > at and not holds.meeting(offer, at).exists()
        for offer in _visit_of(enquiry, event)
    )


def restore(enquiry: Enquiry, at: datetime) -> Offer | None:
    """Put a request that the patient cancelled back as it was, and return its appointment. Call it
    in a transaction that has locked the request. Raises NotAllowed."""
    event = cancelled(enquiry)
    visits = _visit_of(enquiry, event) if event else []
    if event is None or any(visit.starts_at <= at for visit in visits):
        raise NotAllowed(_("The cancellation can no longer be undone. Make a new request."))
    for offer in enquiry.offers.all():
        holds.release_expired(offer.practitioner_id, at)
    try:
        _restore(enquiry, event.data["was"], at)
    except NotAllowed:
        raise NotAllowed(
            _("Someone else has taken the time, so the cancellation can’t be undone.")
        ) from None
    return enquiry.offers.get(pk=visits[0].pk) if visits else None


def _visit_of(enquiry: Enquiry, event: Event) -> list[Offer]:
    """The appointment that was booked before this line, if any."""
    held = [
        int(key)
        for key, offer in event.data["was"]["offers"].items()
        if offer["state"] == Offer.State.ACCEPTED and offer["released_at"] is None
    ]
    return list(enquiry.offers.filter(pk__in=held))


def _part(joined: Event, *, by: User, at: datetime) -> None:
    """Open the request again that was closed in favour of another. Raises NotAllowed if anything
    has happened to it since."""
    # Without waiting, as bookings.patient.correspondence.to_join.
    joined_in = Enquiry.objects.filter(pk=joined.data["joined"])
    other = joined_in.select_for_update(skip_locked=True).first()
    last = other.events.exclude(kind__in=ASIDE).order_by("-id").first() if other else None
    if other is None or last is None or "parted" not in last.data:
        raise NotAllowed(_("This can’t be undone: the request that was merged has changed since."))
    before = last.data["parted"]
    other.previous_id = before["previous"]
    other.save(update_fields=["previous"])
    _restore(other, before, at)
    audit_log.record(other, Event.Kind.UNDONE, at=at, by=by, what=last.kind)


def _restore(enquiry: Enquiry, before: dict[str, Any], at: datetime) -> None:
    for name, value in before["enquiry"].items():
        setattr(enquiry, name, _read(name, value))
    enquiry.save(update_fields=list(STATE))
    _put_back(enquiry, before["offers"], at)


def _put_back(enquiry: Enquiry, before: dict[str, dict[str, Any]], at: datetime) -> None:
    """First what becomes free, then what is held again."""
    changed = []
    for offer in enquiry.offers.all():
        then = before.get(str(offer.pk))
        values: dict[str, Any] = (
            {name: _read(name, value) for name, value in then.items()}
            if then
            else {"state": Offer.State.CANCELLED, "released_at": offer.released_at or at}
        )
        if any(getattr(offer, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(offer, name, value)
            offer.sequence += 1
            changed.append(offer)
    holds.one_at_a_time(*{offer.practitioner_id for offer in changed})
    changed.sort(key=lambda offer: offer.released_at is None)
    try:
        with transaction.atomic():
            for offer in changed:
                offer.save(update_fields=[*OFFER, "sequence"])
    except IntegrityError:
        raise NotAllowed(
            _("This can’t be undone: one of the times is now held for someone else.")
        ) from None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:
    is_moment = value is not None and name.endswith(("_at", "_since", "_by", "_until"))
    return parse_datetime(value) if is_moment else value
