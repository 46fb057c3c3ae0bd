"""The security log: a line on standard error (`clinic.security`), and a row that managers read.

Neither holds a network address, a name that was typed, or anything of a patient.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from clinic.models import SecurityEvent, User

KEPT = timedelta(days=180)
Kind = SecurityEvent.Kind

_logger = logging.getLogger("clinic.security")


def write(
    kind: str,
    line: str,
    *values: Any,
    at: datetime,
    account: User | None = None,
    by: User | None = None,
    note: str = "",
) -> None:
    """Write that this happened to an account, in the caller's transaction.

    `line` and `values` are for the operator's log, where accounts are numbers; `note` is for
    managers. `by` is who did it while signed in.
    """
    _logger.warning(line, *values)
    SecurityEvent.objects.create(kind=kind, at=at, account=account, by=by, note=note)


def count_failure(*, at: datetime) -> None:
    """Count an attempt to sign in that failed: a row per hour, with no name and no account."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    mine = SecurityEvent.objects.filter(kind=Kind.FAILED, at=hour)
    if not mine.update(number=F("number") + 1):
        _row, is_new = SecurityEvent.objects.get_or_create(kind=Kind.FAILED, at=hour)
        if not is_new:
            mine.update(number=F("number") + 1)


def forget_old(at: datetime) -> None:
    """Delete rows that have been kept long enough."""
    SecurityEvent.objects.filter(at__lt=at - KEPT).delete()
