"""Writing the lines of a timeline, and the log of who looked."""

from datetime import datetime
from typing import Any

from bookings.models import Enquiry, Event
from clinic.models import User


def record(
    enquiry: Enquiry,
    kind: Event.Kind,
    *,
    at: datetime,
    by: User | None = None,
    text: str = "",
    **data: Any,
) -> Event:
    """Write one line. `text` is encrypted; `data` is not, and holds nothing of the patient."""
    return Event.objects.create(
        enquiry=enquiry,
        kind=kind,
        at=at,
        by=by,
        by_name=str(by) if by else "",
        text=text,
        data=data,
    )


def log_access(kind: Event.Kind, *, by: User, at: datetime, enquiry: Enquiry | None = None) -> None:
    """Note that somebody opened, searched or exported: once per person, enquiry and hour."""
    subject = enquiry.pk if enquiry else 0
    Event.objects.get_or_create(
        once=f"{kind}:{by.pk}:{subject}:{at:%Y%m%d%H}",
        defaults={"enquiry": enquiry, "kind": kind, "at": at, "by": by, "by_name": str(by)},
    )


def log_opening(enquiry: Enquiry, *, by: User, at: datetime) -> None:
    """Note that a member of staff opened an enquiry, and when it was first seen."""
    log_access(Event.Kind.SEEN, by=by, at=at, enquiry=enquiry)
    Enquiry.objects.filter(pk=enquiry.pk, first_seen_at=None).update(first_seen_at=at)
