"""Shifts the clock of every Python process with this folder on its PYTHONPATH (tests/clock.py)."""

import os
import sys
from datetime import UTC, datetime, timedelta

# time-machine imports pytest where it can; that takes longer than all else here.
_without_pytest = "pytest" not in sys.modules
if _without_pytest:
    sys.modules["pytest"] = None  # type: ignore[assignment]
try:
    import time_machine
except ImportError:  # a Python without the development requirements
    pass
else:
    _shift = timedelta(seconds=float(os.environ["TEST_CLOCK_SHIFT"]))
    time_machine.travel(datetime.now(UTC) + _shift, tick=True).start()
finally:
    if _without_pytest:
        del sys.modules["pytest"]
