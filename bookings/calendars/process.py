"""The process in which a calendar is read: `python -m bookings.calendars.process`.

On standard input one line of JSON, and then the file; the answer is JSON. It limits its own memory
and time before it reads anything, so that no file, whatever its rules make of it, takes more from
the machine. It knows no database, no settings and no key.
"""

import json
import resource
import sys
import zoneinfo
from datetime import UTC, datetime
from typing import IO, Any

from bookings.calendars import busy
from bookings.calendars.content import Unreadable
from bookings.calendars.counts import Counts

MOST_MEMORY = 400 * 1024 * 1024  # address space, in bytes
MOST_SECONDS = 10  # of the processor


def limit() -> None:
    """Bound memory and time of this process."""
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, hard))


def answer(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Return the spans as seconds since 1970, or why there are none."""
    zoneinfo.reset_tzpath(request["zones"])
    first, last = (datetime.fromtimestamp(request[name], UTC) for name in ("first", "last"))
    try:
        found = busy.spans(
            data,
            first=first,
            last=last,
            zone=zoneinfo.ZoneInfo(request["zone"]),
            addresses=request["addresses"],
            ours=request["ours"],
            counts=Counts(*request["counts"]),
        )
    except Unreadable as unreadable:
        return {"why": unreadable.reason}
    except MemoryError:
        return {"why": "costly"}
    except Exception:  # libraries raise whatever they stumble over; its text is the calendar's
        return {"why": "damaged"}
    return {"spans": [[int(start.timestamp()), int(end.timestamp())] for start, end in found]}


def main(source: IO[bytes], out: IO[bytes]) -> None:
    """Answer one request."""
    limit()
    try:
        found = answer(json.loads(source.readline()), source.read())
    except MemoryError:
        found = {"why": "costly"}
    out.write(json.dumps(found).encode())


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
