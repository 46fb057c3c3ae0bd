"""Addresses that were requested but not found: path and count, nothing of who requested them.

A page that is not there must stay cheap: what a process noted lately it does not note again, and
a flood of made-up addresses is let go by.
"""

import difflib
import logging
import re
import time
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F

from clinic import hooks
from clinic.models import Missing

logger = logging.getLogger(__name__)

ONCE_IN = timedelta(minutes=1)  # a path is counted once in this time
KEPT_FOR = timedelta(days=180)  # since it was last asked for
MOST_ROWS = 2_000
MOST_WRITES = 30  # of one process in a minute
LONGEST = 400

# What looks for weak spots of other software.
_PROBES = re.compile(
    r"^/(?:wp-[a-z]+|cgi-bin|vendor|phpmyadmin|actuator|api|static|media)(?:/|$)"
    r"|/\.|//|@|[\x00-\x20\x7f<>\"'\\]"
)
# The last part of a page's address has no dot, but where it was a file of HTML or a leaflet.
_FILE = re.compile(r"\.(?!html?$|pdf$)[^/]*$", re.IGNORECASE)

_noted: dict[str, float] = {}
_window: tuple[float, int] = (float("-inf"), 0)  # since when, and how many writes


def note(path: str, at: datetime) -> None:
    """Count a request for this path. Never raises."""
    if not is_worth_noting(path) or not _is_its_turn(path):
        return
    try:
        with transaction.atomic():
            _count(path, at)
    except DatabaseError as error:
        logger.warning("A page that was not found could not be logged: %s", type(error).__name__)


def is_worth_noting(path: str) -> bool:
    """Whether a person may have wanted this: no probe for weak spots, no private link."""
    private = any(f"{path}/".startswith(f"{own.path}/") for own in hooks.private_paths)
    return not (private or len(path) > LONGEST or _PROBES.search(path) or _FILE.search(path))


def suggestion(path: str, at: datetime) -> str:
    """The public address that is most like a missing one by its last word; "" for none."""
    words = {_last_word(known): known for source in hooks.sitemaps for known, *_more in source(at)}
    close = difflib.get_close_matches(_last_word(path), [w for w in words if w], n=1, cutoff=0.7)
    return words[close[0]] if close else ""


def forget_old(at: datetime) -> None:
    """Let go of what nobody asked for in a long time: a duty of the worker."""
    Missing.objects.filter(last_seen_at__lt=at - KEPT_FOR).delete()


def forget_noted() -> None:
    """Forget what this process noted."""
    global _window
    _noted.clear()
    _window = (float("-inf"), 0)


def _is_its_turn(path: str) -> bool:
    global _window
    now = time.monotonic()
    if now - _noted.get(path, float("-inf")) < ONCE_IN.total_seconds():
        return False
    since, writes = _window
    if now - since > ONCE_IN.total_seconds():
        _noted.clear()
        since, writes = now, 0
    _window = (since, writes + 1)
    _noted[path] = now
    return writes < MOST_WRITES


def _count(path: str, at: datetime) -> None:
    known = Missing.objects.filter(path=path)
    if known.filter(last_seen_at__lte=at - ONCE_IN).update(hits=F("hits") + 1, last_seen_at=at):
        return
    if known.exists():
        return
    if Missing.objects.count() >= MOST_ROWS:
        rarest = Missing.objects.order_by("hits", "last_seen_at", "id").values("pk")[:1]
        Missing.objects.filter(pk=rarest.get()["pk"]).delete()
    Missing.objects.get_or_create(path=path, defaults={"last_seen_at": at})


def _last_word(path: str) -> str:
    """`back-pain` of `/2019/05/Back-Pain.html`."""
    return path.rstrip("/").rpartition("/")[2].lower().removesuffix(".html").removesuffix(".htm")
