"""What visitors searched for and did not find: words and a count, nothing of who searched.

Staff see what was counted SHOWN_FROM times: what so many ask is no longer one person's own words.
"""

import logging
import re
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F

from clinic.lib.search.words import words
from clinic.models import EmptySearch

logger = logging.getLogger(__name__)

SHOWN_FROM = 5
ONCE_IN = timedelta(minutes=1)  # how long a page without results is stored, and not counted again
KEPT_FOR = timedelta(days=180)  # since it was last searched for
RARE_KEPT_FOR = timedelta(days=30)  # what is not shown
MOST_ROWS = 2_000
MOST_WRITES = 30  # of one process in a minute
LONGEST = 60

_NEVER_KEPT = re.compile(r"[\d@]")
_window: tuple[datetime | None, int] = (None, 0)  # since when, and how many writes


def note(query: str, at: datetime) -> None:
    """Count a search without results. Never raises."""
    said = " ".join(words(query))
    if not said or len(query) > LONGEST or _NEVER_KEPT.search(query):
        return
    if not _has_room(at):
        return
    try:
        with transaction.atomic():
            _count(said, at)
    except DatabaseError as error:
        logger.warning("A search without results was not counted: %s", type(error).__name__)


def forget_old(at: datetime) -> None:
    """Delete what nobody searched for in a long time: a duty of the worker."""
    EmptySearch.objects.filter(last_seen_at__lt=at - KEPT_FOR).delete()
    rare = EmptySearch.objects.filter(hits__lt=SHOWN_FROM, last_seen_at__lt=at - RARE_KEPT_FOR)
    rare.delete()


def _has_room(at: datetime) -> bool:
    """Whether this process may write one more in this minute: a flood is let go by."""
    global _window
    since, writes = _window
    if not since or not since <= at < since + ONCE_IN:
        since, writes = at, 0
    _window = (since, writes + 1)
    return writes < MOST_WRITES


def _count(said: str, at: datetime) -> None:
    known = EmptySearch.objects.filter(words=said)
    if known.update(hits=F("hits") + 1, last_seen_at=at):
        return
    if EmptySearch.objects.count() >= MOST_ROWS:
        rarest = EmptySearch.objects.order_by("hits", "last_seen_at", "id").values("pk")[:1]
        EmptySearch.objects.filter(pk=rarest.get()["pk"]).delete()
    EmptySearch.objects.get_or_create(words=said, defaults={"last_seen_at": at})
