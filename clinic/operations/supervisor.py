"""Runs the web server and the worker side by side and stops them together.

They stand in sessions of their own, so that Ctrl-C reaches the supervisor alone and both get the
same orderly SIGTERM; on Linux the kernel ends them if the supervisor is killed.
"""

import ctypes
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from clinic.operations.stop_flag import StopFlag

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before a dead worker is started again
PATIENCE = 25.0  # seconds in which both must have stopped; gunicorn takes up to 20
PR_SET_PDEATHSIG = 1  # prctl(2)


def supervise(web: Sequence[str], worker: Sequence[str]) -> int:
    """Run both commands until SIGTERM or SIGINT (returns 0) or until `web` ends (its exit code).

    A worker that ends is started again after a pause, which doubles while it keeps dying.
    """
    stopping = StopFlag()
    previous = {
        number: signal.signal(number, lambda *_: stopping.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    processes: list[subprocess.Popen[bytes]] = []
    try:
        web_process = _start(web)
        processes.append(web_process)
        keeper = _WorkerKeeper(worker)
        processes.append(keeper.process)
        while not stopping.wait(LOOK_EVERY):
            if web_process.poll() is not None:
                return web_process.returncode or 1
            processes[1] = keeper.look()
        return 0
    finally:
        _stop(processes)
        for number, handler in previous.items():
            signal.signal(number, handler)


class _WorkerKeeper:
    """Starts the worker, and starts it again when it has died."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = command
        self.pause = FIRST_PAUSE
        self.start_again_at: float | None = None
        self._start()

    def _start(self) -> None:
        self.process = _start(self.command)
        self.started_at = time.monotonic()

    def look(self) -> subprocess.Popen[bytes]:
        """See to the worker; returns its process."""
        now = time.monotonic()
        if self.process.poll() is None:
            return self.process
        if self.start_again_at is None:
            if now - self.started_at > LONGEST_PAUSE:
                self.pause = FIRST_PAUSE
            logger.error(
                "The worker ended (%s) and will restart in %.0f s.",
                self.process.returncode,
                self.pause,
            )
            self.start_again_at = now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        elif now >= self.start_again_at:
            self.start_again_at = None
            self._start()
        return self.process


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, start_new_session=True, preexec_fn=_end_with_parent)


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    until = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
