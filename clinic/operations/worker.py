"""The worker: sends what waits in the outbox and sees to the recurring duties of the apps.

Any number of workers may run. A mail is leased by one of them; a duty may be done by two at once,
so every duty must be harmless when repeated. When a duty was last done is not remembered beyond
the process: a new worker does them all, soon after its start.
"""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connections,
)
from django.utils import timezone

from clinic import hooks
from clinic.mail import outbox
from clinic.models import Heartbeat
from clinic.operations.stop_flag import StopFlag
from clinic.site import page_context

logger = logging.getLogger(__name__)

IDLE = 1.0  # seconds between looks into an empty outbox
LONGEST_PAUSE = 30.0  # seconds between looks for a database that is away
HEARTBEAT = timedelta(seconds=10)
LONGEST_DUTY = timedelta(hours=2)  # after it, a duty is taken for one that hangs
FIRST_DUTIES_WITHIN = 20  # seconds after the start


class Worker:
    """Works until `stop` is called, from a signal or another thread; the mail in hand is finished.

    Every ten seconds, during a duty too, the file `alive` is touched, whether or not the database
    answers, and a heartbeat is written to the database, which shows that it can be written to.
    """

    def __init__(
        self, *, alive: Path, now: Callable[[], datetime] = timezone.now, idle: float = IDLE
    ) -> None:
        self.alive = alive
        self.now = now
        self.idle = idle
        self._stopping = StopFlag()
        self._next: dict[str, datetime] = {}
        self._touched_at: datetime | None = None
        self._written_at: datetime | None = None
        self._pause = idle

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping.is_set():
            self._touch()
            self._stopping.wait(self._work())
        connections.close_all()

    def run_once(self) -> None:
        """Do every duty and send what waits, once. Database errors are the caller's."""
        self._touch()
        self._beat()
        for duty in hooks.duties:
            self._do(duty)
        outbox.run_once(self.now())

    def _work(self) -> float:
        """One round; returns the seconds to wait before the next."""
        close_old_connections()
        try:
            self._beat()
            self._do_what_is_due()
            busy = outbox.deliver_next(self.now())
        except (OperationalError, InterfaceError) as error:
            connections.close_all()
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            logger.error("The database is not responding (%s).", type(error).__name__)
            return self._pause
        self._pause = self.idle
        return 0 if busy else self.idle

    def _do_what_is_due(self) -> None:
        at = self.now()
        for duty in hooks.duties:
            if duty.name not in self._next:
                longest = (
                    0 if duty.at_once else min(FIRST_DUTIES_WITHIN, duty.every.total_seconds())
                )
                delay = random.uniform(0, longest)  # noqa: S311
                self._next[duty.name] = at + timedelta(seconds=delay)
            if _is_due(self._next[duty.name], at, duty.every) and not self._stopping.is_set():
                self._next[duty.name] = at + duty.every
                self._do(duty)

    def _do(self, duty: hooks.Duty) -> None:
        """One duty. What goes wrong in it is logged; the others and the mail go on."""
        try:
            with page_context.local_conventions(), self._beating():
                duty.run(self.now())
        except (OperationalError, InterfaceError):
            self._next.pop(duty.name, None)
            raise
        except Exception:
            logger.exception("The duty “%s” failed.", duty.name)

    @contextmanager
    def _beating(self) -> Iterator[None]:
        """Let the heart beat while a duty takes long, from a thread with its own connection."""
        done, until = Event(), self.now() + LONGEST_DUTY

        def beat() -> None:
            while not done.wait(HEARTBEAT.total_seconds()) and self.now() < until:
                self._touch()
                try:
                    self._beat()
                except DatabaseError as error:  # the duty may be holding the database
                    logger.info("No heartbeat during a duty (%s).", type(error).__name__)
            connections.close_all()

        thread = Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _touch(self) -> None:
        at = self.now()
        if self._touched_at is None or abs(at - self._touched_at) >= HEARTBEAT:
            self._touched_at = at
            try:
                self.alive.touch()
            except OSError as error:
                logger.error("%s cannot be written (%s).", self.alive, error.strerror)

    def _beat(self) -> None:
        """Write the heartbeat to the database, if it is time. Database errors are the caller's."""
        at = self.now()
        if self._written_at is None or abs(at - self._written_at) >= HEARTBEAT:
            Heartbeat.objects.beat(Heartbeat.WORKER, at)
            self._written_at = at


def _is_due(planned: datetime, at: datetime, every: timedelta) -> bool:
    """Whether this moment has come, or is so far off that the clock must have been set back."""
    longest = max(every, timedelta(seconds=FIRST_DUTIES_WITHIN))
    return at >= planned or planned - at > longest
