"""The content version: one row that says "something public has changed" to every process.

A page is stored under the version read before its first query, so a stored page is never older
than its version says. Raise it as the last statement of the transaction that changes something.
"""

from datetime import datetime

from django.db.models import F

from clinic import hooks
from clinic.models import ContentVersion
from clinic.models.state import new_epoch


def current_version() -> str:
    """`epoch.n`, from the database: one query."""
    row = ContentVersion.objects.values_list("epoch", "n").get(id=1)
    return f"{row[0]}.{row[1]}"


def raise_version() -> None:
    """Say that something public has changed. Call it last in its transaction."""
    ContentVersion.objects.filter(id=1).update(n=F("n") + 1)


def new_history() -> None:
    """Draw a new epoch: after a restore no page stored before may count as current."""
    ContentVersion.objects.filter(id=1).update(epoch=new_epoch(), n=0)


def next_moment(at: datetime) -> datetime | None:
    """When, after `at`, something public changes by the clock alone."""
    moments = [moment for find in hooks.moments if (moment := find(at))]
    return min(moments, default=None)
