"""Rows that have expired: sessions and rate limits."""

from datetime import datetime

from django.contrib.sessions.models import Session

from clinic.lib import throttle
from clinic.models import Throttle


def forget(at: datetime) -> None:
    """Delete expired sessions and rate limits: a duty of the worker."""
    Session.objects.filter(expire_date__lt=at).delete()
    throttle.prune(Throttle.objects, at)
