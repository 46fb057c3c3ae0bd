"""The flag that signals raise, and those who wait for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from clinic.operations.stop_flag import StopFlag

ROOT = Path(__file__).parents[3]
# A signal every two milliseconds, while the main thread does nothing but wait.
STORM = """
import signal, sys
sys.path.insert(0, sys.argv[1])
from clinic.operations.stop_flag import StopFlag
flag = StopFlag()
signal.signal(signal.SIGALRM, lambda *_: flag.set())
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
for _round in range(200_000):
    flag.wait(0.0001)
signal.setitimer(signal.ITIMER_REAL, 0)
"""


def test_it_is_set_once_and_stays_so():
    flag = StopFlag()
    assert not flag.is_set()
    assert not flag.wait(0)
    flag.set()
    flag.set()
    assert flag.is_set()
    assert flag.wait(60)


def test_no_signal_hangs_who_waits():
    command = [sys.executable, "-c", STORM, str(ROOT)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        pytest.fail("It hangs.")
    assert done.returncode == 0, done.stderr
