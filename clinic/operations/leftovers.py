"""Rows that have expired: sessions, rate limits, lines of the security log."""

from datetime import datetime

from django.contrib.sessions.models import Session

from clinic.accounts import security_log
from clinic.lib import throttle
from clinic.models import Throttle


def forget(at: datetime) -> None:
    """Delete what has expired: a duty of the worker."""
    Session.objects.filter(expire_date__lt=at).delete()
    throttle.prune(Throttle.objects, at)
    security_log.forget_old(at)
