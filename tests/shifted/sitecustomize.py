"""Shifts the clock of every Python process with this folder on its PYTHONPATH (tests/clock.py)."""

import os
from datetime import UTC, datetime, timedelta

try:
    import time_machine
except ImportError:  # a Python without the development requirements
    pass
else:
    _shift = timedelta(seconds=float(os.environ["TEST_CLOCK_SHIFT"]))
    time_machine.travel(datetime.now(UTC) + _shift, tick=True).start()
