"""Scheduled editions keep their wall time when a zone gets new rules.

The worker does it. Editions do not change otherwise, so the guards stand aside for it, as for a
redaction; only those that wait are touched, and only their moments.
"""

import logging
from datetime import datetime

from django.db import connection, transaction

from articles.models import Article, Edition
from clinic.lib.calendar import wall_time
from clinic.lib.database import guards
from clinic.site import content_version, wall_times

logger = logging.getLogger(__name__)


def keep_editions(at: datetime) -> int:
    """Move the waiting editions whose zone has new rules; returns how many.

    One whose wall time has passed by the new rules goes live at `at`: what was published since
    then was published before it.
    """
    if not wall_times.may_move():
        return 0
    found = _moving(at)
    if not found:
        return 0
    articles = [edition.article_id for edition, _text in found]
    with transaction.atomic():
        # As publishing does, before anything else is locked.
        list(Article.objects.filter(pk__in=articles).order_by("pk").select_for_update())
        found = _moving(at)
        with guards.stand_aside(connection):
            for edition, text in found:
                _move(edition, text, at)
        content_version.raise_version()
    logger.warning("Time zone rules changed: %d scheduled editions moved.", len(found))
    return len(found)


def _moving(at: datetime) -> list[tuple[Edition, str]]:
    """Those that wait and move, with their wall time as it is by the new rules."""
    fields = ("article_id", "goes_live_at", "first_live_at", "goes_live_agreed")
    waiting = Edition.objects.waiting(at).only(*fields).order_by("id")
    return [
        (edition, text)
        for edition in waiting
        if (text := wall_time.moved(edition.goes_live_agreed, edition.goes_live_at))
    ]


def _move(edition: Edition, text: str, at: datetime) -> None:
    live_at = max(wall_time.instant(text), at)
    is_first = edition.first_live_at == edition.goes_live_at
    Edition.objects.filter(pk=edition.pk).update(
        goes_live_at=live_at,
        goes_live_agreed=text,
        first_live_at=live_at if is_first else edition.first_live_at,
    )
