"""A calendar file becomes busy spans, in a process of its own with bounded memory and time."""

import json
import subprocess
import sys
import zoneinfo
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from bookings.rosters.working_hours import Span

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
BEFORE, AFTER = timedelta(days=1), timedelta(weeks=53)  # the window: the longest horizon, and more
LONGEST_WAIT = 45.0  # seconds
COMMAND = [sys.executable, "-s", "-m", "bookings.calendars.process"]


class Refused(Exception):
    """A calendar is not taken. The text is a sentence, translated, that says why and what to do."""


def read(
    data: bytes,
    *,
    at: datetime,
    zone: ZoneInfo,
    addresses: Collection[str] = (),
    ours: Collection[str] = (),
) -> list[Span]:
    """Return when the owner of a calendar is busy from a day before this moment until 53 weeks
    after it; see bookings.calendars.busy. Raises Refused."""
    if len(data) > MOST_BYTES:
        raise Refused(why("large"))
    request = {
        "first": (at - BEFORE).timestamp(),
        "last": (at + AFTER).timestamp(),
        "zone": zone.key,
        "zones": zoneinfo.TZPATH,
        "addresses": [address.lower() for address in addresses if address],
        "ours": list(ours),
    }
    found = _answer(json.dumps(request).encode() + b"\n" + data)
    if "why" in found:
        raise Refused(why(found["why"]))
    return [
        (datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
        for start, end in found["spans"]
    ]


def _answer(given: bytes) -> dict[str, Any]:
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
    if done.returncode:  # it reached a limit
        return {"why": "costly"}
    return dict(json.loads(done.stdout))


def why(reason: str) -> str:
    """Return what is wrong with a calendar, and what to do. No text of it is repeated."""
    match reason:
        case "format":
            return _(
                "This is not a calendar. Copy the address again that ends in .ics, or export the "
                "calendar as a file that ends in .ics."
            )
        case "large":
            most = {"most": MOST_BYTES // MEGABYTE}
            return _(
                "This calendar is larger than %(most)d MB. Share one with fewer past entries."
            ) % (most)
        case "cut":
            return _("The end of this calendar is missing. Export it again.")
        case "many":
            return _(
                "This calendar has too many entries or repetitions. Share one with fewer past "
                "entries."
            )
        case "costly":
            return _(
                "This calendar takes too much memory or time to read. Share one with fewer past "
                "entries."
            )
        case "zone":
            return _(
                "An entry in this calendar has an unknown time zone. Choose another time zone for "
                "it in the calendar."
            )
        case "time":
            return _(
                "An entry in this calendar has a date or time that can’t be read. Open the "
                "calendar and correct it."
            )
        case "rule":
            return _(
                "An entry in this calendar is repeated by a rule that can’t be read. Open the "
                "calendar and enter its repetition again."
            )
        case "availability":
            return _(
                "This calendar has hours of availability, which can’t be read. Share a calendar "
                "of appointments."
            )
    return _("This calendar is damaged. Export it again.")
