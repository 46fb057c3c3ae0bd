"""`manage.py doctor` says what is wrong and how to fix it; pings tell a service."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import time_machine
from django.conf import settings as site_settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from clinic.mail import outbox
from clinic.management.commands import doctor as doctor_command
from clinic.models import Clinic, Heartbeat, Message
from clinic.operations import checkup, pings
from clinic.operations.backups import backup
from tests import postgres

AT = datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


class Service:
    """What a service on this machine was sent: paths and bodies."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                heard.append((self.path, body.decode()))
                self._answer()

            def do_GET(self) -> None:
                self._answer()

            def _answer(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ok\n")

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    thread = Thread(target=service.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield service
    service.server.shutdown()
    thread.join()
    service.server.server_close()


@pytest.fixture
def healthy(db: None, settings: Any, tmp_path: Path, service: Service) -> Iterator[None]:
    """At AT an installation without any fault, whose address is that of `service`."""
    settings.DATA_DIR = tmp_path
    settings.SITE_URL = service.url
    Clinic.objects.update(name="Larkspur", is_demo=False)
    for name in (Heartbeat.WORKER, Heartbeat.BACKUP, Heartbeat.KEYS):
        Heartbeat.objects.beat(name, AT)
    with time_machine.travel(AT, tick=False):
        yield


def doctor(**options: Any) -> tuple[int, str]:
    """Returns how it ended and what it said."""
    out = StringIO()
    try:
        call_command("doctor", stdout=out, **options)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


@pytest.mark.usefixtures("healthy")
def test_all_is_well() -> None:
    ended, words = doctor()
    assert (ended, "FIX" in words) == (0, False), words
    assert words.startswith("Larkspur: ")
    assert words.count("ok  ") >= 7


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(
    "subject", ["Worker", "Backup", "Keys", "Disk", "Website", "Email", "Database"]
)
def test_each_fault_is_named_with_what_to_do(
    subject: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    match subject:
        case "Worker" | "Backup":
            Heartbeat.objects.filter(name=subject.lower()).update(at=AT - timedelta(days=3))
        case "Keys":
            Heartbeat.objects.filter(name=Heartbeat.KEYS).update(at=AT - timedelta(days=400))
        case "Disk":
            usage = SimpleNamespace(free=12_000_000)
            monkeypatch.setattr(checkup.shutil, "disk_usage", lambda path: usage)
        case "Website":
            settings.SITE_URL = f"http://127.0.0.1:{postgres.free_port()}"
        case "Email":
            outbox.queue("test", 1, at=AT - timedelta(hours=2))
        case "Database":

            def away(*args: Any) -> None:
                raise OperationalError("password=hunter2")

            monkeypatch.setattr(checkup, "MigrationExecutor", away)
    ended, words = doctor()
    assert ended == 1
    faults = [line for line in words.splitlines() if line.startswith("FIX")]
    assert [line.split()[1].rstrip(":") for line in faults] == [subject]
    assert faults[0].rstrip(".").count(". ") >= 1, "it says what to do"
    assert "hunter2" not in words


@pytest.mark.usefixtures("healthy")
def test_files_that_others_can_read_are_named(settings: Any) -> None:
    key = settings.DATA_DIR / "keys" / "health"
    key.parent.mkdir(mode=0o700)
    key.touch(mode=0o600)
    settings.DATA_DIR.chmod(0o700)
    settings.DATABASES["default"].setdefault("NAME", "")
    assert "ok    Files: only this user" in doctor()[1]
    key.chmod(0o640)
    assert f"FIX   Files: {key} can be read by other users. Run: chmod -R go=" in doctor()[1]


@pytest.mark.usefixtures("healthy")
def test_a_key_of_another_user_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert "belongs to another user. Run this as the website’s user" in doctor()[1]


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(
    ("headers", "days", "faults"),
    [
        ({"strict-transport-security": "max-age=1"}, 60, []),
        ({}, 60, ["Proxy"]),
        ({"strict-transport-security": "max-age=1"}, 13, ["TLS"]),
    ],
)
def test_proxy_and_certificate(
    headers: dict[str, str],
    days: int,
    faults: list[str],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.SITE_URL, settings.SITE_IS_SECURE = "https://clinic.example", True
    answer = doctor_command.Answer(200, "ok\n", headers, AT + timedelta(days=days))
    monkeypatch.setattr(doctor_command, "_ask", lambda url: answer)
    found = list(doctor_command._address(AT))
    assert [finding.subject for finding in found] == ["Website", "Proxy", "TLS"]
    assert [finding.subject for finding in found if not finding.is_ok] == faults


def test_what_shows_that_a_proxy_sends_its_header(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an https site sends HSTS, Django knew that the request came by https."""
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    with_it = client.get("/healthz", headers={"x-forwarded-proto": "https"})
    without = client.get("/healthz")
    assert "strict-transport-security" in with_it.headers
    assert "strict-transport-security" not in without.headers


@pytest.mark.parametrize(("said", "is_ok"), [("yes", True), ("no", False), ("", True)])
def test_the_clock(said: str, is_ok: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    result = SimpleNamespace(stdout=f"{said}\n")
    monkeypatch.setattr(doctor_command.subprocess, "run", lambda *args, **more: result)
    assert doctor_command._clock().is_ok is is_ok


@pytest.mark.usefixtures("healthy")
def test_a_failed_email_is_counted_without_its_address() -> None:
    message = outbox.queue("test", 1, at=AT, to="margaret@patients.example")
    Message.objects.filter(pk=message.pk).update(failed_at=AT, to_address="")
    ended, words = doctor()
    assert (ended, "Email: 1 failed" in words, "patients" in words) == (1, True, False)


@pytest.mark.usefixtures("healthy")
def test_a_test_email_is_sent_by_the_clinics_own_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, words = doctor(mail="operator@larkspur.example")
    assert (ended, "Test email: the mail server took it" in words) == (0, True)
    assert mail.outbox[0].to == ["operator@larkspur.example"]
    assert "Larkspur" in mail.outbox[0].from_email

    def refuse(mail: Any) -> None:
        raise outbox.Unsendable("The mail server could not be reached (TimeoutError).")

    monkeypatch.setattr(outbox, "send", refuse)
    ended, words = doctor(mail="operator@larkspur.example")
    assert (ended, "could not be reached (TimeoutError)" in words) == (1, True)


@pytest.fixture
def pinged(service: Service, settings: Any) -> list[tuple[str, str]]:
    settings.CHECK_URLS = {name: f"{service.url}/{name}" for name in ("worker", "mail", "backup")}
    return service.heard


@pytest.mark.usefixtures("healthy")
def test_the_worker_reports(
    pinged: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pings.report(AT)
    assert "http" not in caplog.text, "the address is a secret"
    assert sorted(pinged) == [("/mail", ""), ("/worker", "")]
    pinged.clear()
    outbox.queue("test", 1, at=AT - timedelta(hours=2), to="margaret@patients.example")
    monkeypatch.setattr(checkup.shutil, "disk_usage", lambda path: SimpleNamespace(free=1))
    pings.report(AT)
    [mail_path, mail_words], [worker_path, worker_words] = sorted(pinged)
    assert (mail_path, worker_path) == ("/mail/fail", "/worker/fail")
    assert ("waiting for 2" in mail_words, "patients" in mail_words) == (True, False)
    assert worker_words.startswith("Disk: ")


@pytest.mark.usefixtures("healthy")
def test_a_backup_reports(
    pinged: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Heartbeat.objects.all().delete()
    monkeypatch.setattr(backup, "write", lambda path, at: backup.Summary())
    call_command("backup", tmp_path / "new.tar.gz", stdout=StringIO())
    assert pinged == [("/backup", "")]
    assert Heartbeat.objects.get(name=Heartbeat.BACKUP).at == AT

    def full(path: Path, at: datetime) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "write", full)
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", tmp_path / "new.tar.gz", stdout=StringIO())
    assert pinged[1][0] == "/backup/fail"
    assert "No space left" in pinged[1][1]


@pytest.mark.parametrize("error", [httpx.InvalidURL("secret-x"), httpx.ReadTimeout("secret-x")])
def test_an_address_that_is_none_stops_nothing(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(httpx, "post", fail)
    monkeypatch.setattr(pings.settings, "CHECK_URLS", {"mail": "https://ping.example"})
    pings.ping("mail")
    assert (type(error).__name__ in caplog.text, "secret-x" in caplog.text) == (True, False)


@pytest.mark.usefixtures("healthy")
def test_a_backup_that_cannot_be_noted_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(backup, "write", lambda path, at: backup.Summary())
    monkeypatch.setattr(type(Heartbeat.objects), "beat", full)
    errors = StringIO()
    call_command("backup", tmp_path / "new.tar.gz", stdout=StringIO(), stderr=errors)
    assert "The backup is complete, but was not noted" in errors.getvalue()


@pytest.mark.usefixtures("healthy")
def test_a_service_that_is_away_stops_nothing_and_stays_secret(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CHECK_URLS = {
        name: f"http://127.0.0.1:{postgres.free_port()}/secret-{name}"
        for name in ("worker", "mail", "backup")
    }
    pings.report(AT)
    assert "The ping for “worker” failed (ConnectError)." in caplog.text
    assert "secret-" not in caplog.text


def test_a_folder_without_a_site_stays_without_one(tmp_path: Path) -> None:
    """The real command: an operator who forgot DATA_DIR makes no second, empty site."""
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        cwd=site_settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "SITE_URL": "http://127.0.0.1"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert f"FIX   Database: there is none. {tmp_path}/db.sqlite3 is missing." in done.stdout
    assert not (tmp_path / "db.sqlite3").exists()


def test_an_address_to_ping_must_be_https() -> None:
    """Its secret would travel in clear."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=site_settings.BASE_DIR,
        env={**os.environ, "CHECK_URL_MAIL": "http://ping.example/secret"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "CHECK_URL_MAIL must be an https address" in done.stderr
