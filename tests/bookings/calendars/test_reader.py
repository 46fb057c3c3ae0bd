"""A calendar is read in a process of its own, which has little memory and time, and no keys."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from bookings.calendars import process, reader

AT = datetime(2027, 3, 1, 12, tzinfo=UTC)
TORONTO = ZoneInfo("America/Toronto")
EVENT = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:%s\r\nSUMMARY:canary-title\r\n"
    b"DTSTART:%s\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def read(data: bytes, **known: Any) -> list[Any]:
    return reader.read(data, at=AT, zone=TORONTO, **known)


def test_it_reads_its_window_and_passes_ours_over() -> None:
    day = datetime(2027, 3, 3, 9, tzinfo=UTC)
    assert read(EVENT % (b"a", b"20270303T090000Z")) == [(day, day + timedelta(hours=1))]
    two = EVENT % (b"a", b"20270303T090000Z") + EVENT % (b"b", b"20280401T090000Z")
    assert read(two, ours=["a"]) == []  # the other is more than 53 weeks away


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<html>", "not a calendar"),
        (EVENT[:-15], "The end of this calendar is missing"),
        (EVENT % (b"a", b"canary"), "a date or time that can’t be read"),
        (b"x" * (reader.MOST_BYTES + 1), "larger than 10 MB"),
    ],
)
def test_a_refusal_says_what_to_do_and_nothing_of_the_calendar(data: bytes, words: str) -> None:
    with pytest.raises(reader.Refused, match=words) as refused:
        read(data)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    "ends", ["while True: pass", "1 / 0", "import os; os.kill(os.getpid(), 9)"]
)
def test_a_process_that_does_not_end_well_is_a_refusal(
    ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "LONGEST_WAIT", 0.5)
    monkeypatch.setattr(reader, "COMMAND", [sys.executable, "-c", ends])
    with pytest.raises(reader.Refused, match="too much memory or time"):
        read(b"")


def test_the_process_limits_itself_and_gets_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (
        "import os; from resource import *; from bookings.calendars import process\n"
        "process.limit(); print(getrlimit(RLIMIT_AS)[0], getrlimit(RLIMIT_CPU)[0])\n"
        "try: bytes(500_000_000)\n"
        "except MemoryError: print('refused')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", steps], cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert done.stdout.split() == [str(process.MOST_MEMORY), str(process.MOST_SECONDS), "refused"]
    run, given = subprocess.run, []

    def noted(command: Any, **more: Any) -> Any:
        given.append(more)
        return run(command, **more)

    monkeypatch.setattr(reader.subprocess, "run", noted)
    read(EVENT % (b"a", b"20270303T090000Z"))
    assert given[0]["env"] == {"LANG": "C.UTF-8"}


def test_whatever_a_library_stumbles_over_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"first": 0, "last": 1, "zone": "UTC", "zones": [], "addresses": [], "ours": []}
    asked["counts"] = []

    def stumble(*_given: Any, **_more: Any) -> None:
        raise RecursionError("canary")

    monkeypatch.setattr(process.busy, "spans", stumble)
    monkeypatch.setattr(process.zoneinfo, "reset_tzpath", lambda path: None)
    assert process.answer(asked, b"") == {"why": "damaged"}
    monkeypatch.setattr(process.busy, "spans", lambda *_given, **_more: bytes(10**15))
    assert process.answer(asked, b"") == {"why": "costly"}


def test_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LONGEST_WAIT", 0.01)
    with reader._one_at_a_time, pytest.raises(reader.Refused, match="Other calendars are being"):
        read(b"")
