"""Pages that are out of date: a form names the last line of the timeline that its page showed.

Every change of a request writes a line, so the lines since then are what changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from bookings.models import Enquiry, Event
from bookings.models.enquiry import EnquiryQuerySet

# Lines that change nothing.
QUIET = (Event.Kind.SEEN, Event.Kind.EXPORTED, Event.Kind.MAILED)
# Lines that change nothing for the patient, who does not see them.
FOR_STAFF = (
    *QUIET,
    Event.Kind.NOTE,
    Event.Kind.ASSIGNED,
    Event.Kind.TRIED,
    Event.Kind.GENUINE,
    Event.Kind.LINKED,
    Event.Kind.ASKED,
)


class ChangedSince(Exception):
    """The request changed after its page was opened; `events` says how, oldest first."""

    def __init__(self, events: list[Event]) -> None:
        super().__init__(_("The request has changed since you opened this page."))
        self.events = events


def version(enquiry_id: int, quiet: tuple[Event.Kind, ...] = QUIET) -> int:
    """The key of the last line that counts, for a form to bring back. Read it before the rest of
    the page: a change between the two is then noticed, not missed."""
    lines = Event.objects.filter(enquiry=enquiry_id).exclude(kind__in=quiet)
    return lines.aggregate(last=Max("pk"))["last"] or 0


def with_version(enquiries: EnquiryQuerySet) -> EnquiryQuerySet:
    """These requests, each with its `version`."""
    return enquiries.annotate(version=Max("events__pk", filter=~Q(events__kind__in=QUIET)))


@contextmanager
def unchanged(
    enquiry: Enquiry, seen: str | None, quiet: tuple[Event.Kind, ...] = QUIET
) -> Iterator[Enquiry]:
    """The request, locked until the block ends, if it is as the page showed it: `seen` is the
    version that its form brings. Raises ChangedSince.

    Without `seen` nothing is compared: it is no form of ours.
    """
    with transaction.atomic():
        locked = Enquiry.objects.select_for_update().get(pk=enquiry.pk)
        if seen is not None:
            since = list(_lines_since(locked, seen, quiet))
            if since:
                raise ChangedSince(since)
        yield locked


def _lines_since(enquiry: Enquiry, seen: str, quiet: tuple[Event.Kind, ...]) -> QuerySet[Event]:
    lines = enquiry.events.exclude(kind__in=quiet).order_by("pk")
    known = seen.isascii() and seen.isdecimal() and len(seen) < 19
    return lines.filter(pk__gt=int(seen)) if known else lines
