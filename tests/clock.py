"""The moment at which the tests run: the same on every day, or the one that TEST_NOW names.

`TEST_NOW=2028-02-29T23:30 make test` runs everything as if it were that moment. The clock of every
Python process, those of the served sites included, is set to it and goes on from there. A moment
without an offset is read in the time zone of the demo clinic. `time.monotonic`, the times of files
and the database server keep the real clock; pages of the browser tests are given the shifted one.

time-machine, not libfaketime: it is in the development requirements, so it works without anything
of the system, and it leaves the clocks of Chromium, Node and PostgreSQL alone, whose time limits
a shifted clock would disturb.
"""

import json
import os
import runpy
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

USUAL = "2027-03-10T10:30"  # an ordinary Wednesday
TESTS = Path(__file__).parent
SHIFTED = TESTS / "shifted"
DEMO = TESTS.parent / "clinic/demo/clinic.json"


def moment_of(text: str) -> datetime:
    """Read a moment such as 2028-02-29T23:30, with or without an offset. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        zone = json.loads(DEMO.read_text(encoding="utf-8"))["clinic"]["time_zone"]
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment


def shift() -> None:
    """Set the clock of this process, and of those that it starts, to TEST_NOW or USUAL.

    Processes started later keep the same distance to the real clock, so that all agree.
    """
    if "TEST_CLOCK_SHIFT" in os.environ:
        return  # sitecustomize has shifted the clock of this process
    shift = moment_of(os.environ.get("TEST_NOW") or USUAL) - datetime.now(UTC)
    os.environ["TEST_CLOCK_SHIFT"] = str(shift.total_seconds())
    paths = [str(SHIFTED), os.environ.get("PYTHONPATH")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    runpy.run_path(str(SHIFTED / "sitecustomize.py"))
