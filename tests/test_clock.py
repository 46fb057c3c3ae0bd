"""Tests run at one moment, whatever the day: all processes agree on it."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests import clock


def now_of_another_process() -> datetime:
    code = "import datetime; print(datetime.datetime.now(datetime.UTC).isoformat())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return datetime.fromisoformat(done.stdout.strip())


def test_a_process_that_a_test_starts_has_the_same_clock() -> None:
    before = datetime.now(UTC)
    assert before <= now_of_another_process() <= before + timedelta(minutes=2)


def test_the_clock_is_the_one_that_was_asked_for() -> None:
    begun = clock.moment_of(os.environ.get("TEST_NOW") or clock.USUAL)
    assert begun < datetime.now(UTC) < begun + timedelta(hours=3)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2028-02-29T23:30", datetime(2028, 3, 1, 4, 30, tzinfo=UTC)),
        ("2027-07-01T12:00", datetime(2027, 7, 1, 16, 0, tzinfo=UTC)),
        ("2028-02-29T23:30+13:45", datetime(2028, 2, 29, 9, 45, tzinfo=UTC)),
    ],
)
def test_a_moment_without_an_offset_is_one_of_the_demo_clinic(text: str, moment: datetime) -> None:
    assert clock.moment_of(text) == moment


def test_a_moment_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="tomorrow"):
        clock.moment_of("tomorrow")
