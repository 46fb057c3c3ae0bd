"""The worker: keeps going, and stops when told."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.management import CommandError, call_command
from django.db import OperationalError

from clinic import hooks
from clinic.mail import outbox
from clinic.models import Heartbeat, KeyFingerprint
from clinic.operations.worker import LONGEST_DUTY, LONGEST_PAUSE, Worker
from tests import ready_made

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)


@pytest.fixture
def duties(monkeypatch: pytest.MonkeyPatch) -> list[hooks.Duty]:
    """No duties but those that a test adds."""
    duties: list[hooks.Duty] = []
    monkeypatch.setattr(hooks, "duties", duties)
    return duties


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker takes new connections from time to time; a test keeps the one of its transaction."""
    monkeypatch.setattr("clinic.operations.worker.close_old_connections", lambda: None)
    monkeypatch.setattr("clinic.operations.worker.connections.close_all", lambda: None)


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[float]]:
    """`rounds(worker, 3, delivered)`: three rounds, with what the outbox answers in each; returns
    the pauses between them."""

    def run(worker: Worker, count: int, *answers: Any) -> list[float]:
        queue = list(answers)

        def deliver(at: datetime) -> bool:
            answer = queue.pop(0) if queue else False
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(outbox, "deliver_next", deliver)
        return [worker._work() for _ in range(count)]

    return run


@pytest.mark.django_db
def test_a_duty_may_come_before_all_else(
    tmp_path: Path, duties: list[hooks.Duty], rounds: Callable[..., list[float]]
) -> None:
    done: list[str] = []
    for name, at_once in (("later", False), ("first", True)):
        duty = hooks.Duty(
            name, timedelta(days=1), lambda at, name=name: done.append(name), at_once=at_once
        )
        duties.append(duty)
    rounds(Worker(alive=tmp_path / "alive", now=lambda: AT), 1)
    assert done == ["first"]


@pytest.mark.django_db
def test_the_worker_rests_only_when_nothing_waits(
    tmp_path: Path, duties: list[hooks.Duty], rounds: Callable[..., list[float]]
) -> None:
    worker = Worker(alive=tmp_path / "alive", idle=1.5)
    assert rounds(worker, 3, True, True, False) == [0, 0, 1.5]


@pytest.mark.django_db
def test_the_worker_waits_longer_while_the_database_is_away(
    tmp_path: Path, duties: list[hooks.Duty], rounds: Callable[..., list[float]]
) -> None:
    worker = Worker(alive=tmp_path / "alive", idle=1)
    away = [OperationalError("gone")] * 7
    assert rounds(worker, 8, *away, True) == [2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE, 30, 0]
    assert rounds(worker, 2, False, OperationalError("gone")) == [1, 2]


@pytest.mark.django_db
def test_duties_are_done_soon_after_the_start_and_then_when_due(
    tmp_path: Path, duties: list[hooks.Duty], rounds: Callable[..., list[float]]
) -> None:
    done: list[datetime] = []
    duties.append(hooks.Duty("count", timedelta(hours=1), done.append))
    at = AT
    worker = Worker(alive=tmp_path / "alive", now=lambda: at)
    rounds(worker, 1)
    for minutes in (1, 30, 60, 61, 62, 121):
        at = AT + timedelta(minutes=minutes)
        rounds(worker, 1)
    assert done == [AT + timedelta(minutes=m) for m in (1, 61, 121)]


@pytest.mark.django_db
@pytest.mark.parametrize("every", [timedelta(seconds=5), timedelta(hours=1)])
def test_a_clock_that_is_set_back_stops_no_duty(
    tmp_path: Path,
    duties: list[hooks.Duty],
    rounds: Callable[..., list[float]],
    every: timedelta,
) -> None:
    done: list[datetime] = []
    duties.append(hooks.Duty("count", every, done.append))
    at = AT
    worker = Worker(alive=tmp_path / "alive", now=lambda: at)
    for hours in (0, 1, -23, -22):
        at = AT + timedelta(hours=hours)
        rounds(worker, 1)
    assert done == [AT + timedelta(hours=hours) for hours in (1, -23, -22)]
    assert Heartbeat.objects.get(name=Heartbeat.WORKER).at == at


@pytest.mark.django_db
def test_a_failing_duty_stops_nothing(
    tmp_path: Path,
    duties: list[hooks.Duty],
    caplog: pytest.LogCaptureFixture,
) -> None:
    done: list[datetime] = []

    def fail(at: datetime) -> None:
        raise ValueError

    duties += [
        hooks.Duty("fail", timedelta(hours=1), fail),
        hooks.Duty("count", timedelta(hours=1), done.append),
    ]
    Worker(alive=tmp_path / "alive", now=lambda: AT).run_once()
    assert done == [AT]
    assert "The duty “fail” failed." in caplog.text


def during(worker: Worker, monkeypatch: pytest.MonkeyPatch, duty: Callable[[], object]) -> None:
    """Run a duty of this worker, whose heart beats a thousand times as fast."""
    monkeypatch.setattr("clinic.operations.worker.HEARTBEAT", timedelta(milliseconds=10))
    worker._do(hooks.Duty("long", timedelta(days=1), lambda at: duty()))


@pytest.mark.django_db
def test_the_heart_beats_while_a_duty_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise /readyz says after five minutes that the worker has gone."""
    worker = Worker(alive=tmp_path / "worker.alive", now=lambda: AT)
    beaten, seen = threading.Event(), []

    def beat() -> None:
        beaten.set()
        raise OperationalError("database is locked")  # by the duty: that stops nothing

    monkeypatch.setattr(worker, "_beat", beat)
    during(worker, monkeypatch, lambda: seen.append(beaten.wait(10)))
    assert seen == [True]
    assert (tmp_path / "worker.alive").exists()
    assert "heartbeat" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.django_db
def test_a_duty_that_hangs_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([AT, AT])
    late = AT + LONGEST_DUTY
    worker = Worker(alive=tmp_path / "worker.alive", now=lambda: next(moments, late))
    monkeypatch.setattr(worker, "_beat", lambda: None)

    def hang() -> None:
        for thread in threading.enumerate():
            if thread.name == "heartbeat":
                thread.join(10)
                silent.append(not thread.is_alive())

    silent: list[bool] = []
    during(worker, monkeypatch, hang)
    assert silent == [True]


@pytest.mark.django_db
def test_a_duty_that_met_an_absent_database_is_done_later(
    tmp_path: Path, duties: list[hooks.Duty], rounds: Callable[..., list[float]]
) -> None:
    answers: list[Any] = [OperationalError("gone"), None]
    calls: list[datetime] = []

    def run(at: datetime) -> None:
        calls.append(at)
        if answer := answers.pop(0):
            raise answer

    duties.append(hooks.Duty("retry", timedelta(0), run))
    worker = Worker(alive=tmp_path / "alive", now=lambda: AT, idle=1)
    assert rounds(worker, 2) == [2, 1]
    assert len(calls) == 2


@pytest.mark.django_db
def test_stop_ends_the_work_and_the_heart_has_beaten(
    tmp_path: Path, duties: list[hooks.Duty], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(alive=tmp_path / "alive", idle=30)

    def deliver(at: datetime) -> bool:
        worker.stop()
        return False

    monkeypatch.setattr(outbox, "deliver_next", deliver)
    worker.run()
    assert (tmp_path / "alive").exists()


@pytest.mark.django_db
def test_the_worker_refuses_a_database_of_other_keys(duties: list[hooks.Duty]) -> None:
    KeyFingerprint.objects.update_or_create(name="secret", defaults={"fingerprint": "0" * 16})
    with pytest.raises(CommandError, match="secret key") as error:
        call_command("worker", once=True)
    assert error.value.returncode == 2


def test_a_signal_ends_the_process_in_order(tmp_path: Path) -> None:
    """The real command, on a database of its own."""
    data = tmp_path / "data"
    ready_made.migrated(data)
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(data)}
    manage = [sys.executable, str(site_settings.BASE_DIR / "manage.py")]
    alive = data / "worker.alive"
    for number in (signal.SIGTERM, signal.SIGINT):
        process = subprocess.Popen([*manage, "worker"], env=environment, stderr=subprocess.PIPE)
        until = time.monotonic() + 120
        while not alive.exists():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
        assert b"Traceback" not in errors
        alive.unlink()
