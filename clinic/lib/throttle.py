"""Rate limits: fixed windows counted in rows of the database.

The model has `key` (64 characters, unique), `window_started_at` and `hits`. What is counted, such
as an address, is kept only as an HMAC under SECRET_KEY. Call it outside of transactions: within
one, a caller who is refused and rolled back would not be counted.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Manager, QuerySet
from django.utils.crypto import salted_hmac

LONGEST = timedelta(days=1)  # a window; rows older than this count for nobody
PRUNE_EVERY = 100  # rows made

Rows = QuerySet[Any] | Manager[Any]


def allow(rows: Rows, key: str, *, limit: int, per: timedelta, at: datetime) -> bool:
    """Count one hit of `key` at this moment; False once `limit` hits fell into its window.

    A window lasts `per` from its first hit. A refused hit is not counted and does not prolong it.
    Raises ValueError for a window longer than a day, or a limit below one.
    """
    if limit < 1 or not timedelta(0) < per <= LONGEST:
        raise ValueError("A throttle needs a limit of at least 1 and a window of at most a day.")
    digest = _digest(key)
    mine = rows.filter(key=digest)
    current = mine.filter(window_started_at__gt=at - per, hits__lt=limit)
    ended = mine.filter(window_started_at__lte=at - per)
    # Each step is one conditional statement, so of processes that race exactly `limit` get through.
    if current.update(hits=F("hits") + 1):
        return True
    if ended.update(window_started_at=at, hits=1):
        return True
    row, created = rows.get_or_create(key=digest, defaults={"window_started_at": at, "hits": 1})
    if created:
        if row.pk % PRUNE_EVERY == 0:
            prune(rows, at)
        return True
    # Full, or another process has just begun the window.
    return bool(current.update(hits=F("hits") + 1))


def give_back(rows: Rows, key: str) -> None:
    """Take one hit of `key` back: what was counted turned out to be harmless."""
    rows.filter(key=_digest(key), hits__gt=0).update(hits=F("hits") - 1)


def forget(rows: Rows, *keys: str) -> None:
    """Begin anew for these keys, as if they had never been counted."""
    rows.filter(key__in=[_digest(key) for key in keys]).delete()


def prune(rows: Rows, at: datetime) -> int:
    """Delete the rows whose window is over, whatever its length; how many they were."""
    return rows.filter(window_started_at__lte=at - LONGEST).delete()[0]


def _digest(key: str) -> str:
    return salted_hmac("clinic.lib.throttle", key, algorithm="sha256").hexdigest()
