"""Requests that nobody finishes come to an end: the patient is asked, then they are closed.

A request in which nothing has happened for ASK_AFTER, and for which no time is held, is asked
about; END_AFTER later it is closed. Whatever happens in between begins the time anew. What is
closed is erased as all that is closed (bookings.privacy.retention).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Subquery

from bookings import workflow
from bookings.models import CloseReason, Enquiry, Event, Offer, State
from bookings.models.enquiry import EnquiryQuerySet
from bookings.patient import correspondence
from bookings.workflow import stale_pages

ASK_AFTER = timedelta(days=30)
END_AFTER = timedelta(days=14)


def to_ask(at: datetime) -> EnquiryQuerySet:
    """Those to ask about by then."""
    return _idle(asked=False, since=at - ASK_AFTER)


def to_end(at: datetime) -> EnquiryQuerySet:
    """Those that were asked about, and are closed by then."""
    return _idle(asked=True, since=at - END_AFTER)


def ask(at: datetime) -> int:
    """Ask about those in which nothing happens; returns how many."""
    return sum(_done(correspondence.ask_if_needed, each, at=at) for each in to_ask(at))


def end(at: datetime) -> int:
    """Close those that were asked about in vain; returns how many."""
    in_vain = {"reason": CloseReason.NO_ANSWER, "by": None}
    return sum(_done(workflow.close, each, at=at, **in_vain) for each in to_end(at))


def _idle(*, asked: bool, since: datetime) -> EnquiryQuerySet:
    """Open requests without a held time in which nothing has happened since then; `asked`: whether
    asking about them was the last that did. Not what may be spam, which ends sooner."""
    lines = Event.objects.filter(enquiry=OuterRef("pk")).exclude(kind__in=stale_pages.QUIET)
    last = Subquery(lines.order_by("-at", "-id").values("kind")[:1])
    was_asked = Q(last_kind=Event.Kind.ASKED)
    return (
        Enquiry.objects.filter(state__in=(State.NEEDS_REPLY, State.WAITING), suspected=False)
        .exclude(Exists(Offer.objects.held().filter(enquiry=OuterRef("pk"))))
        .exclude(Exists(lines.filter(at__gt=since)))
        .alias(last_kind=last)
        .filter(was_asked if asked else ~was_asked)
        .order_by("id")
    )


def _done(verb: Callable[..., Enquiry], enquiry: Enquiry, **values: object) -> bool:
    try:
        verb(enquiry, **values)
    except workflow.NotAllowed:  # it was moved in the meantime
        return False
    return True
