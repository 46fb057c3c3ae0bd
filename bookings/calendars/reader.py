"""A calendar file becomes busy spans, in a process of its own with bounded memory and time."""

import json
import subprocess
import sys
import threading
import zoneinfo
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from bookings.calendars import problems
from bookings.calendars.counts import USUAL, Counts
from bookings.calendars.problems import MOST_BYTES
from bookings.rosters.working_hours import Span

BEFORE, AFTER = timedelta(days=1), timedelta(weeks=53)  # the window: the longest horizon, and more
LONGEST_WAIT = 30.0  # seconds, for the file before this one, and for its own process
COMMAND = [sys.executable, "-s", "-m", "bookings.calendars.process"]

_one_at_a_time = threading.Lock()


class Refused(Exception):
    """A calendar is not taken. The text is a sentence, translated, that says why and what to do.

    problem: the key of that sentence.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problems.words(problem))
        self.problem = problem


def read(
    data: bytes,
    *,
    at: datetime,
    zone: ZoneInfo,
    addresses: Collection[str] = (),
    ours: Collection[str] = (),
    counts: Counts = USUAL,
) -> list[Span]:
    """Return when the owner of a calendar is busy from a day before this moment until 53 weeks
    after it; see bookings.calendars.busy. Raises Refused."""
    if len(data) > MOST_BYTES:
        raise Refused("large")
    request = {
        "first": (at - BEFORE).timestamp(),
        "last": (at + AFTER).timestamp(),
        "zone": zone.key,
        "zones": zoneinfo.TZPATH,
        "addresses": [address.lower() for address in addresses if address],
        "ours": list(ours),
        "counts": counts,
    }
    found = _answer(json.dumps(request).encode() + b"\n" + data)
    if "why" in found:
        raise Refused(found["why"])
    return [
        (datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
        for start, end in found["spans"]
    ]


def _answer(given: bytes) -> dict[str, Any]:
    if not _one_at_a_time.acquire(timeout=LONGEST_WAIT):
        return {"why": "busy"}
    try:
        done = subprocess.run(
            COMMAND,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST_WAIT,
            cwd=settings.BASE_DIR,
            env={"LANG": "C.UTF-8"},  # no keys
        )
    except subprocess.TimeoutExpired:
        return {"why": "costly"}
    finally:
        _one_at_a_time.release()
    if done.returncode:  # it reached a limit
        return {"why": "costly"}
    return dict(json.loads(done.stdout))
