"""A flag that a signal handler may raise."""

import os
import select
from contextlib import suppress


class StopFlag:
    """Like `threading.Event`, but safe to set in a signal handler.

    A handler runs between two instructions of the main thread. If that is just then waiting for an
    event, it may hold the lock that `Event.set` needs, and the process hangs. A byte in a pipe
    needs no lock.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)

    def set(self) -> None:
        with suppress(BlockingIOError):  # full: it has been set often enough
            os.write(self._write, b".")

    def is_set(self) -> bool:
        return self.wait(0)

    def wait(self, seconds: float) -> bool:
        """Wait until the flag is set, at most so long; returns whether it is set."""
        return bool(select.select([self._read], [], [], seconds)[0])

    def __del__(self) -> None:
        os.close(self._read)
        os.close(self._write)
