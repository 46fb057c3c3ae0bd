"""What staff are asked before a verb is done: once, with what it would do, and then it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import crypto
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import CloseReason, Enquiry, Offer
from bookings.patient import correspondence
from bookings.workflow import stale_pages, time_checks
from clinic import formats
from clinic.models import Location, Practitioner


@dataclass(frozen=True)
class Question:
    """`key` names all that is shown: the answer counts for nothing else. `pair`: requests to show
    side by side, the one that stays first."""

    key: str
    button: str
    lines: Sequence[str]
    pair: Sequence["Side"] = ()


@dataclass(frozen=True)
class Side:
    """One of two requests that are compared."""

    enquiry: Enquiry
    fate: str
    offers: Sequence[Offer]


class Asked(Exception):
    """Nothing was done yet: the question comes first."""

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question


def about_joining(enquiry: Enquiry, *, number: str, at: datetime, **_values: Any) -> Question:
    """Return both requests, and what becomes of the held times. Raises NotAllowed."""
    other = correspondence.to_join(enquiry, number)
    stays = Side(enquiry, _("Stays open"), _held(enquiry))
    goes = Side(other, _("Will be closed"), _held(other))
    lines = [*_differences(enquiry, other), _becomes_of(goes)]
    versions = [f"{each.pk}-{stale_pages.version(each.pk)}" for each in (enquiry, other)]
    return Question(",".join(versions), _("Merge these requests"), lines, (stays, goes))


def about_times(
    enquiry: Enquiry,
    *,
    practitioner: Practitioner,
    location: Location,
    minutes: int,
    at: datetime,
    starts: Sequence[datetime] = (),
    starts_at: datetime | None = None,
    agreed: bool = False,
) -> Question | None:
    """Return what is unusual about times that are offered (`starts`), or about the new time of an
    appointment (`starts_at`). What is past is not asked about, but refused."""
    times = [starts_at] if starts_at else list(starts)
    if any(start <= at for start in times):
        return None
    lines = time_checks.warnings(
        enquiry,
        practitioner=practitioner,
        location=location,
        starts=times,
        minutes=minutes,
        at=at,
    )
    if not lines:
        return None
    button = _("Offer anyway")
    if starts_at or agreed:
        button = _("Reschedule anyway") if starts_at else _("Book anyway")
    key = crypto.salted_hmac("bookings.question", "\n".join(lines)).hexdigest()
    return Question(key, button, lines)


def about_cancelling(
    enquiry: Enquiry, *, at: datetime, offer_id: int | None = None, reason: str = "", **_values: Any
) -> Question | None:
    """Return which appointment would be cancelled, if one is still to come."""
    booked = enquiry.offers.held().filter(state=Offer.State.ACCEPTED, starts_at__gt=at)
    if offer_id is not None:
        booked = booked.filter(pk=offer_id)
    visit = booked.select_related("practitioner").first()
    if visit is None or reason in (CloseReason.VISITED, CloseReason.NO_SHOW):  # refused
        return None
    names = {"time": formats.dated(visit.starts_at, at), "name": visit.practitioner.name}
    lines = [_("The appointment on %(time)s with %(name)s will be cancelled.") % names]
    if enquiry.email:
        lines.append(_("The patient will get an email about it in five minutes."))
    else:
        lines.append(_("The patient has no email address. Call them."))
    return Question(f"{visit.pk}-{visit.sequence}", _("Cancel this appointment"), lines)


def _held(enquiry: Enquiry) -> list[Offer]:
    return list(enquiry.offers.held().select_related("practitioner", "location"))


def _differences(enquiry: Enquiry, other: Enquiry) -> list[str]:
    """Why the two may not be of one person."""
    children = {each.child_name.casefold() for each in (enquiry, other)} - {""}
    if len(children) > 1:
        return [_("The requests are for different children.")]
    if enquiry.name.casefold() != other.name.casefold():
        return [_("The names are different. Make sure this is the same person.")]
    if {enquiry.email.lower(), enquiry.phone} & {other.email.lower(), other.phone} - {""}:
        return []
    return [_("Neither the email address nor the phone number is the same. Is this one person?")]


def _becomes_of(goes: Side) -> str:
    number, count = goes.enquiry.number, len(goes.offers)
    if not count:
        return _("%(number)s will be closed as a duplicate. No times are held for it.") % {
            "number": number
        }
    words = ngettext(
        "%(number)s will be closed as a duplicate. The time offered in it is released: the patient "
        "can no longer accept it. To keep it, offer it again here.",
        "%(number)s will be closed as a duplicate. The %(count)d times offered in it are released: "
        "the patient can no longer accept them. To keep one, offer it again here.",
        count,
    )
    return words % {"number": number, "count": count}
