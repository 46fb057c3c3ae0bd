"""Forgetting: requests go when their time is over, with everything that was written about them."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection, transaction

from bookings.messages import KINDS
from bookings.models import CloseReason, Enquiry, Event, State
from clinic import outbox
from clinic.models import Clinic, Message


def purge(at: datetime) -> int:
    """Erase closed enquiries whose time, by the clinic's settings, is over; returns how many."""
    clinic = Clinic.objects.get()
    visited = timedelta(days=clinic.keep_closed_days)
    keep = {reason: timedelta(days=clinic.keep_declined_days) for reason in CloseReason}
    keep[CloseReason.SPAM] = timedelta(days=clinic.keep_spam_days)
    keep[CloseReason.VISITED] = visited
    count = 0
    for reason, period in keep.items():
        over = Enquiry.objects.filter(
            state=State.CLOSED, close_reason=reason, closed_at__lte=at - period
        )
        count += erase(over.values_list("pk", flat=True))
    Event.objects.filter(enquiry=None, at__lte=at - visited).delete()
    return count


@transaction.atomic
def erase(ids: Iterable[int]) -> int:
    """Delete enquiries with their timelines, offers, mails, mail files and log entries of the
    admin; returns how many there were.

    What stays in the admin's log is that somebody erased a request of this number.
    """
    ids = list(ids)
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
        # Somebody reads at this moment: the next purge does it.
        with suppress(OperationalError), connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
