"""What time alone does to requests: the worker's duties. Doing one twice is harmless."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F, Q

from bookings import workflow
from bookings.models import CloseReason, Enquiry, Offer, State
from bookings.models.enquiry import EnquiryQuerySet
from bookings.workflow import holds
from clinic.models import Clinic

VISIT_OVER = timedelta(days=1)  # after its end a visit counts as having taken place


def expire(at: datetime) -> int:
    """Release offered times whose hold is over, and take up again the requests that were left
    without any; returns how many those were."""
    holds.expire(Offer.objects.all(), at)
    unanswered = Enquiry.objects.filter(
        state=State.WAITING,
        offers__state=Offer.State.EXPIRED,
        offers__released_at__gte=F("state_since"),
    ).exclude(offers__in=Offer.objects.held())
    return sum(_done(workflow.lapse, enquiry, at=at) for enquiry in unanswered.distinct())


def close_past_visits(at: datetime) -> int:
    """Close what was booked once the visit is over; returns how many."""
    past = Enquiry.objects.filter(
        state=State.BOOKED,
        offers__state=Offer.State.ACCEPTED,
        offers__released_at=None,
        offers__ends_at__lte=at - VISIT_OVER,
    )
    visited = {"reason": CloseReason.VISITED, "by": None}
    return sum(_done(workflow.close, enquiry, at=at, **visited) for enquiry in past)


def unanswered_spam(at: datetime) -> EnquiryQuerySet:
    """What a machine may have made and nobody took up in time: the clinic's days for spam have
    passed since the answer was due, so days on which it is closed do not count."""
    due = at - timedelta(days=Clinic.objects.values_list("keep_spam_days", flat=True).get())
    return Enquiry.objects.filter(
        Q(answer_by__lte=due) | Q(answer_by=None, created_at__lte=due),
        suspected=True,
        state=State.NEEDS_REPLY,
        given_to=None,
    )


def close_suspected(at: datetime) -> int:
    """Close unanswered spam; returns how many. It is erased as all spam is, so many days later:
    until then it stands among the closed ones, and the desk warns."""
    spam = {"reason": CloseReason.SPAM, "by": None}
    left = unanswered_spam(at).order_by("id")
    return sum(_done(workflow.close, enquiry, at=at, **spam) for enquiry in left)


def _done(verb: Callable[..., Enquiry], enquiry: Enquiry, **values: object) -> bool:
    try:
        verb(enquiry, **values)
    except workflow.NotAllowed:  # it was moved in the meantime
        return False
    return True
