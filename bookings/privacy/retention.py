"""Forgetting: requests go when their time is over, with everything that was written about them."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection, transaction
from django.db.models import Q

from bookings.models import CloseReason, Enquiry, Event, State
from bookings.models.enquiry import EnquiryQuerySet
from bookings.patient.messages import KINDS
from bookings.privacy import attribution
from clinic.mail import outbox
from clinic.models import Clinic, Message

SOON = timedelta(days=7)  # so long before a request is erased, the desk says so


def periods(clinic: Clinic) -> dict[str, timedelta]:
    """How long this clinic keeps a closed request, by the reason for which it was closed."""
    declined = timedelta(days=clinic.keep_declined_days)
    return dict.fromkeys(CloseReason.values, declined) | {
        CloseReason.SPAM.value: timedelta(days=clinic.keep_spam_days),
        CloseReason.VISITED.value: timedelta(days=clinic.keep_closed_days),
        CloseReason.NO_SHOW.value: timedelta(days=clinic.keep_closed_days),
    }


def is_over(at: datetime, keep: dict[str, timedelta]) -> Q:
    """Whether the time of a request is over by then; `keep` is what `periods` says."""
    ended = Q(pk__in=[])
    for reason, period in keep.items():
        ended |= Q(state=State.CLOSED, close_reason=reason, closed_at__lte=at - period)
    return ended


def over(at: datetime) -> EnquiryQuerySet:
    """The closed requests whose time is over by then."""
    return Enquiry.objects.filter(is_over(at, periods(Clinic.objects.get())))


def purge(at: datetime) -> int:
    """Erase closed enquiries whose time, by the clinic's settings, is over; returns how many."""
    count = erase(over(at).values_list("pk", flat=True))
    visited = periods(Clinic.objects.get())[CloseReason.VISITED]
    Event.objects.filter(enquiry=None, at__lte=at - visited).delete()
    return count


@transaction.atomic
def erase(ids: Iterable[int]) -> int:
    """Delete enquiries with their timelines, offers, mails, mail files and log entries of the
    admin; returns how many there were.

    What stays is a number in a tally of the article that brought it, and in the admin's log that
    a request with this number was erased.
    """
    ids = list(ids)
    attribution.settle(Enquiry.objects.filter(pk__in=ids))
    outbox.erase(Message.objects.filter(kind__in=KINDS, object_id__in=ids))
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Enquiry),
        object_id__in=[str(pk) for pk in ids],
    ).exclude(action_flag=DELETION).delete()
    # The key alone is read: what cannot be decrypted can still be erased.
    deleted = Enquiry.objects.filter(pk__in=ids).only("pk").delete()[1]
    transaction.on_commit(_forget_on_disk)
    return deleted.get("bookings.Enquiry", 0)


def _forget_on_disk() -> None:
    """Empty SQLite's journal, in which rows still stand as they were. The database itself is
    overwritten where something was deleted (secure_delete in clinic.settings); PostgreSQL does so
    when it vacuums."""
    if connection.vendor == "sqlite":
        # A reader holds the database at this moment: the next purge does it.
        with suppress(OperationalError), connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
