"""Taking in a request: once, however often its form is sent."""

import enum
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.crypto import salted_hmac

from bookings.intake import opening
from bookings.models import Enquiry, Event, Offer, Source, State
from bookings.rosters import wishes
from bookings.workflow import audit_log, holds, response_deadline
from bookings.workflow.transitions import tell_earlier_address
from clinic.mail import outbox
from clinic.models import Clinic, Location, Practitioner, User

# What a form gives; two sendings with equal values are the same request.
CONTENT = (
    "service",
    "practitioner",
    "location",
    "days",
    "parts",
    "returning",
    "name",
    "email",
    "phone",
    "message",
    "for_whom",
    "language",
    "contact_by",
    "access_needs",
    "wishes",
    "soonest",
    "child_name",
    "child_age",
)
# What newer forms ask, as it is where they did not.
ADDED: dict[str, Any] = {"wishes": [], "soonest": False, "child_name": "", "child_age": None}
# What a form may leave out.
NOT_SAID: dict[str, Any] = {
    **dict.fromkeys(("for_whom", "language", "contact_by", "access_needs"), ""),
    **ADDED,
}
NUMBER_TRIES = 20
# After one of these an open form no longer changes the request: it would undo a correction, or go
# on where its link was revoked.
ACTS = (
    Event.Kind.CONTACTED,
    Event.Kind.TRIED,
    Event.Kind.OFFERED,
    Event.Kind.REOPENED,
    Event.Kind.CORRECTED,
    Event.Kind.JOINED,
    Event.Kind.LINKED,
)


class Outcome(enum.Enum):
    RECEIVED = "received"
    REPEATED = "repeated"  # the same form with the same content: nothing happened
    CHANGED = "changed"  # the same form with other content: the enquiry took it
    FOLLOWED = "followed"  # changed after staff had acted: a new enquiry, linked to the first


@dataclass(frozen=True)
class Submitted:
    enquiry: Enquiry
    outcome: Outcome


@dataclass(frozen=True)
class Origin:
    """The edition whose book link was followed, and which link of it."""

    edition: int
    place: int


@transaction.atomic
def submit(
    content: Mapping[str, Any],
    *,
    form_key: uuid.UUID,
    at: datetime,
    source: Source = Source.WEB,
    origin: Origin | None = None,
    privacy_edition: int | None = None,
    suspected: bool = False,
    holds_for: timedelta | None = None,
    by: User | None = None,
) -> Submitted:
    """Keep a request with its timeline and mails, in one transaction.

    `content` has the keys CONTENT; those of NOT_SAID may be missing. `form_key` was drawn with the
    form: the same key with the same content changes nothing, with other content it changes the
    enquiry or, once staff have acted, makes a new one that is linked to it. One that is `suspected`
    is kept in a box of its own, and the clinic gets no mail about it.

    `holds_for`: hold the first of the times asked for, so long, until we say yes. Raises NotAllowed
    where somebody else has it by then: nothing is kept.
    """
    content = {**NOT_SAID, **content}
    sent = digest(content)
    fields = {
        "digest": sent,
        "source": source,
        "came_from": origin.edition if origin else None,
        "came_from_place": origin.place if origin else None,
        "privacy_edition": privacy_edition,
        "suspected": suspected,
    }
    enquiry, made = _find_or_make(content, fields, form_key=form_key, previous=None, at=at)
    outcome = Outcome.RECEIVED
    if not made:
        if enquiry.digest == sent:
            return Submitted(enquiry, Outcome.REPEATED)
        if not _staff_acted(enquiry):
            _change(enquiry, content, sent, at)
            _hold(enquiry, holds_for, at)
            return Submitted(enquiry, Outcome.CHANGED)
        # A key made of both, so that this second sending too is known when it is repeated.
        enquiry, made = _find_or_make(
            content,
            fields,
            form_key=uuid.uuid5(form_key, sent),
            previous=enquiry,
            at=at,
        )
        if not made:
            return Submitted(enquiry, Outcome.REPEATED)
        outcome = Outcome.FOLLOWED
    opening.remember(source)
    event = audit_log.record(
        enquiry,
        Event.Kind.RECEIVED,
        at=at,
        by=by,
        answer_by=enquiry.answer_by.isoformat() if enquiry.answer_by else None,
    )
    _hold(enquiry, holds_for, at)
    if enquiry.email:
        outbox.queue("enquiry-received", enquiry.pk, at=at, serial=event.pk)
    if source == Source.WEB and not suspected:
        outbox.queue("enquiry-new", enquiry.pk, at=at, serial=event.pk)
    return Submitted(enquiry, outcome)


def digest(content: Mapping[str, Any]) -> str:
    """HMAC-SHA256 of the content: tells equal sendings, and nothing else, from a database."""
    plain = {
        key: content[key].pk if isinstance(content[key], models.Model) else content[key]
        for key in CONTENT
        if key not in ADDED or content[key] != ADDED[key]  # as before there were any
    }
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return salted_hmac("bookings.digest", text, algorithm="sha256").hexdigest()


def _find_or_make(
    content: Mapping[str, Any],
    fields: Mapping[str, Any],
    *,
    form_key: uuid.UUID,
    previous: Enquiry | None,
    at: datetime,
) -> tuple[Enquiry, bool]:
    """The enquiry of this key, locked, and whether it was made now.

    Of two that send at once one fails at the unique key, and finds the other's enquiry.
    """
    prefix = Clinic.objects.values_list("reference_prefix", flat=True).get()
    for _try in range(NUMBER_TRIES):
        known = Enquiry.objects.select_for_update().filter(form_key=form_key).first()
        if known:
            return known, False
        try:
            with transaction.atomic():
                return Enquiry.objects.create(
                    **{key: content[key] for key in CONTENT},
                    **fields,
                    number=f"{prefix} {secrets.randbelow(900_000) + 100_000}",
                    form_key=form_key,
                    previous=previous,
                    answer_by=response_deadline.answer_by(at, content["location"]),
                    created_at=at,
                    state_since=at,
                ), True
        except IntegrityError as error:
            failure = error
    raise failure


def _hold(enquiry: Enquiry, length: timedelta | None, at: datetime) -> None:
    """Hold the time that the patient chose, and give back the one that they chose before."""
    wish = next(iter(wishes.read(enquiry.wishes)), None) if length else None
    earlier = enquiry.offers.held().filter(state=Offer.State.ASKED)
    if wish and earlier.filter(
        starts_at=wish.start, practitioner=wish.practitioner, location=wish.location
    ):
        return
    holds.release(earlier, Offer.State.DECLINED, at)
    if wish is None or length is None:
        return
    offer = holds.ask(
        enquiry,
        practitioner=Practitioner.objects.get(pk=wish.practitioner),
        location=Location.objects.get(pk=wish.location),
        start=wish.start,
        length=length,
        at=at,
    )
    audit_log.record(enquiry, Event.Kind.HELD, at=at, start=offer.start_text)


def _staff_acted(enquiry: Enquiry) -> bool:
    if enquiry.state != State.NEEDS_REPLY:
        return True
    return enquiry.events.filter(kind__in=ACTS).exists()


def _change(enquiry: Enquiry, content: Mapping[str, Any], new_digest: str, at: datetime) -> Enquiry:
    before = {key: getattr(enquiry, key) for key in CONTENT}
    changed = [key for key in CONTENT if before[key] != content[key]]
    for key in changed:
        setattr(enquiry, key, content[key])
    enquiry.digest = new_digest
    enquiry.save(update_fields=[*changed, "digest"])
    event = audit_log.record(
        enquiry,
        Event.Kind.CHANGED,
        at=at,
        text=audit_log.former({key: before[key] for key in changed}),
        fields=changed,
    )
    if enquiry.email:
        outbox.queue("enquiry-changed", enquiry.pk, at=at, serial=event.pk)
    if "email" in changed:
        tell_earlier_address(enquiry, before["email"], event, at=at)
    outbox.queue("enquiry-news", enquiry.pk, at=at, serial=event.pk)
    return enquiry
