"""What watches the site gets a straight answer."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client, RequestFactory

from clinic import hooks
from clinic.lib.database import guards
from clinic.mail import outbox
from clinic.models import Clinic, Heartbeat, KeyFingerprint
from clinic.operations import checkup, health_checks, installation_keys
from clinic.operations.worker import Worker

AT = datetime(2028, 2, 29, 23, 58, tzinfo=UTC)


@pytest.fixture
def ready(settings: Any, tmp_path: Path) -> Callable[[timedelta], tuple[int, str]]:
    """`ready(timedelta(minutes=3))`: what /readyz answers that long after AT."""
    settings.DATA_DIR = tmp_path

    def ask(later: timedelta = timedelta(0)) -> tuple[int, str]:
        with time_machine.travel(AT + later, tick=False):
            response = Client().get("/readyz")
        return response.status_code, response.content.decode()

    return ask


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """A worker of the moment AT without anything to do."""
    monkeypatch.setattr(hooks, "duties", [])
    monkeypatch.setattr(outbox, "deliver_next", lambda at: False)
    monkeypatch.setattr("clinic.operations.worker.close_old_connections", lambda: None)
    monkeypatch.setattr("clinic.operations.worker.connections.close_all", lambda: None)
    return Worker(alive=tmp_path / "worker.alive", now=lambda: AT)


def touch(path: Path, at: datetime) -> None:
    path.touch()
    os.utime(path, (at.timestamp(), at.timestamp()))


def test_healthz_asks_no_database(rf: RequestFactory) -> None:
    response = health_checks.healthz(rf.get("/healthz"))
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_while_a_worker_works(ready: Callable[..., tuple[int, str]], worker: Worker) -> None:
    assert ready() == (503, "Worker: has never run.\n")
    worker._work()
    assert ready() == (200, "ok\n")
    assert ready(timedelta(minutes=5)) == (200, "ok\n")
    assert ready(timedelta(minutes=6)) == (503, "Worker: has not been seen for 6\xa0minutes.\n")


@pytest.mark.django_db
def test_a_database_that_takes_nothing_is_named(
    ready: Callable[..., tuple[int, str]],
    worker: Worker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on a full disk: the worker lives, and its rounds fail."""

    def full(*args: Any) -> None:
        raise OperationalError("database or disk is full")

    worker._work()
    monkeypatch.setattr(type(Heartbeat.objects), "beat", full)
    worker.now = lambda: AT + timedelta(minutes=6)
    worker._touch()
    assert worker._work() > worker.idle
    touch(tmp_path / "worker.alive", worker.now())
    words = "Worker: running, but nothing can be written to the database.\n"
    assert ready(timedelta(minutes=6)) == (503, words)


@pytest.mark.django_db
def test_a_worker_that_has_just_stopped_is_not_said_to_run(
    ready: Callable[..., tuple[int, str]], worker: Worker, tmp_path: Path
) -> None:
    worker._work()
    touch(tmp_path / "worker.alive", AT + timedelta(seconds=9))
    assert "has not been seen" in ready(timedelta(minutes=5, seconds=1))[1]


@pytest.mark.django_db
def test_the_answer_holds_no_path(
    ready: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        return
    monkeypatch.setitem(connection.settings_dict, "NAME", "/srv/private/db.sqlite3")
    assert ready() == (503, "Database: there is none.\n")


@pytest.mark.django_db
def test_a_clock_that_was_set_back_is_named_until_the_worker_beats_again(
    ready: Callable[..., tuple[int, str]], worker: Worker
) -> None:
    worker._work()
    status, words = ready(timedelta(days=-1))
    assert (status, "the clock was set back" in words) == (503, True)
    worker.now = lambda: AT - timedelta(days=1)
    worker._work()
    assert ready(timedelta(days=-1)) == (200, "ok\n")


@pytest.mark.django_db
def test_being_asked_writes_nothing(
    ready: Callable[..., tuple[int, str]], django_assert_num_queries: Any
) -> None:
    KeyFingerprint.objects.all().delete()
    with connection.execute_wrapper(refuse_to_write):
        assert ready()[0] == 503
    assert not KeyFingerprint.objects.exists()


def refuse_to_write(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert sql.lstrip().upper().startswith(("SELECT", "PRAGMA", "SAVEPOINT", "RELEASE")), sql
    return execute(sql, params, many, context)


@pytest.mark.django_db
def test_not_ready_with_other_keys(client: Client) -> None:
    installation_keys.verify()
    KeyFingerprint.objects.filter(name="health").update(fingerprint="0" * 16)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"Keys" in response.content
    assert b"0000" not in response.content


@pytest.mark.django_db
def test_not_ready_with_the_database_of_a_newer_version(client: Client) -> None:
    MigrationRecorder(connection).record_applied("clinic", "9999_of_tomorrow")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"changed by a newer version of this website (clinic 9999_of_" in response.content


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_guards(client: Client) -> None:
    guards.remove(connection)
    try:
        response = client.get("/readyz")
        assert response.status_code == 503
        assert b"guard" in response.content
    finally:
        guards.install(connection)


@pytest.mark.django_db
def test_not_ready_without_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("secret-host refused")

    monkeypatch.setattr(checkup, "MigrationExecutor", away)
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"Database: is not responding.\n")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_managers_are_told_and_nobody_else(
    client_as: Callable[[str], Client], worker: Worker, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    Clinic.objects.update(is_demo=False)
    with time_machine.travel(AT, tick=False):
        manager, receptionist = client_as("Manager"), client_as("Receptionist")
        page = manager.get("/admin/").content.decode()
        assert "Worker: has never run" in page
        assert "Backup: none" in page
        assert "has never run" not in receptionist.get("/admin/").content.decode()
        worker._work()
        Heartbeat.objects.beat(Heartbeat.BACKUP, AT)
        page = manager.get("/admin/").content.decode()
        assert ("Worker: " in page, "Backup: " in page) == (False, False)
