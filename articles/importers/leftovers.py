"""Rows of the publishing desk that nobody came back to."""

from datetime import datetime, timedelta

from articles.models import ReferenceUpload, WorkingCopy
from clinic.models import User

KEPT_FOR = timedelta(days=1)
MOST_UPLOADS = 3  # of one person; each may have 10 MB


def forget(at: datetime) -> None:
    """Delete previews of imports, and working copies without unsaved text, after a day.

    A duty of the worker. Unsaved text is kept.
    """
    ReferenceUpload.objects.filter(created_at__lt=at - KEPT_FOR).delete()
    WorkingCopy.objects.filter(saved_at=None, seen_at__lt=at - KEPT_FOR).delete()


def make_room(user: User) -> None:
    """Delete the oldest previews of this person's imports, so that one more may be added."""
    mine = ReferenceUpload.objects.filter(by=user).order_by("-created_at", "-pk")
    kept = list(mine.values_list("pk", flat=True)[: MOST_UPLOADS - 1])
    mine.exclude(pk__in=kept).delete()
