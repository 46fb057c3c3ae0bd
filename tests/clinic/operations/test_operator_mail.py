"""What the operator is told by email, and that nobody's data is in it; logs as JSON."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import resolve

from clinic.lib.json_log import JSONFormatter
from clinic.lib.web.link_masking import MaskPrivateLinks
from clinic.lib.web.server import Server
from clinic.models import Clinic
from clinic.operations import operator_mail, pings, version

CANARY = "Canary-Ellery"
DAY = 24 * 60 * 60


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch, settings: Any) -> operator_mail.ErrorReports:
    """The handler, which sends at once and in this thread."""

    def thread(target: Callable[..., None], args: tuple[str, str]) -> SimpleNamespace:
        return SimpleNamespace(start=lambda: operator_mail.send(*args))

    settings.OPERATOR_EMAIL = "ops@clinic.example"
    monkeypatch.setattr(operator_mail.threading, "Thread", thread)
    return operator_mail.ErrorReports(logging.ERROR)


def record_of(error: Exception | None = None, **more: Any) -> logging.LogRecord:
    """A record of this error, raised where a local variable holds the canary."""
    logger, info = logging.getLogger("clinic.test"), None
    if error:
        try:
            typed = CANARY
            raise error from ValueError(typed)
        except Exception as raised:
            info = (type(raised), raised, raised.__traceback__)
    args = (f"{CANARY} is ill",)
    record = logger.makeRecord(
        "clinic.test", logging.ERROR, __file__, 7, "%s", args, info, "record_of", extra=more
    )
    return record


# -- reports of errors ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_report_has_exception_place_and_version(reports: operator_mail.ErrorReports) -> None:
    Clinic.objects.update(email="hello@clinic.example")
    reports.emit(record_of(OperationalError("disk full")))
    (email,) = mail.outbox
    assert (email.to, email.from_email) == (["ops@clinic.example"], "hello@clinic.example")
    assert email.subject.endswith(": OperationalError from ValueError")
    assert f"Version: {version.NAME}" in email.body
    assert "tests/clinic/operations/test_operator_mail.py:" in email.body
    assert "record_of" in email.body
    assert "disk full" not in email.body


@pytest.mark.django_db
def test_nothing_that_anybody_typed_is_in_it(
    reports: operator_mail.ErrorReports, rf: RequestFactory
) -> None:
    """In words, arguments, local variables, address, form, headers and cookies."""
    request = rf.post(
        f"/articles/{CANARY}/?q={CANARY}",
        {"message": CANARY, CANARY: "x"},
        HTTP_USER_AGENT=CANARY,
        HTTP_COOKIE=f"sessionid={CANARY}",
    )
    request.resolver_match = resolve(f"/articles/{CANARY}/")
    reports.emit(record_of(KeyError(CANARY), request=request))
    masked = record_of(request=request)
    MaskPrivateLinks().filter(masked)  # as the handler before this one has left it
    reports.emit(masked)
    assert len(mail.outbox) == 2
    for email in mail.outbox:
        assert CANARY.lower() not in str(email.message()).lower()
        assert "Address: /articles/<" in email.body


@pytest.mark.django_db
def test_an_error_of_a_page_is_reported(
    reports: operator_mail.ErrorReports, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("clinic.operations.health_checks.checkup.database_findings", fail)
    logger = logging.getLogger("django.request")
    logger.addHandler(reports)
    client.raise_request_exception = False
    try:
        assert client.get(f"/readyz?{CANARY}").status_code == 500
    finally:
        logger.removeHandler(reports)
    (email,) = mail.outbox
    assert "RuntimeError" in email.subject
    assert "clinic/operations/health_checks.py:" in email.body
    assert CANARY not in str(email.message())


@pytest.mark.django_db
def test_a_flood_of_errors_is_no_flood_of_email(reports: operator_mail.ErrorReports) -> None:
    for minutes in (0, 59, 61):
        record = record_of(KeyError("x"))
        record.created = 1000 + minutes * 60
        reports.emit(record)
    assert len(mail.outbox) == 2
    for number in range(40):
        record = record_of()
        record.lineno, record.created = number, 5000
        reports.emit(record)
    assert len(mail.outbox) == 1 + operator_mail.MOST_KINDS  # one of them twice
    record.lineno, record.created = 99, 5000 + DAY
    reports.emit(record)
    assert len(mail.outbox) == 2 + operator_mail.MOST_KINDS


@pytest.mark.django_db
def test_a_mail_server_that_is_away_makes_no_second_error(
    reports: operator_mail.ErrorReports,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away(message: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", away)
    reports.emit(record_of(KeyError("x")))
    assert [record.levelname for record in caplog.records] == ["WARNING"]


# -- a unit that failed ---------------------------------------------------------------------------


def test_a_failed_unit_is_told_without_a_database(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinged = []
    monkeypatch.setattr(pings, "ping", lambda *args: pinged.append(args))
    monkeypatch.setattr(operator_mail, "_sender", lambda: "site@clinic.example")
    settings.OPERATOR_EMAIL = "ops@clinic.example"
    out = StringIO()
    call_command("alarm", "clinic.service", stdout=out)
    assert pinged == [("worker", "clinic.service has failed.")]
    assert "journalctl -u clinic.service" in mail.outbox[0].body
    assert "emailed" in out.getvalue()
    settings.OPERATOR_EMAIL = ""
    call_command("alarm", "clinic.service", stdout=out)
    assert "No email was sent." in out.getvalue()


# -- logs as JSON ---------------------------------------------------------------------------------


def test_a_line_is_one_object_without_private_links() -> None:
    record = logging.makeLogRecord(
        {"name": "clinic.x", "levelname": "ERROR", "msg": "a\n%s", "args": ("/book/r/secret-1/",)}
    )
    record.created = 1803028500.25
    try:
        raise KeyError("/book/r/secret-2/")
    except KeyError as error:
        record.exc_info = (KeyError, error, error.__traceback__)
    MaskPrivateLinks().filter(record)
    line = JSONFormatter().format(record)
    entry = json.loads(line)
    assert ("\n" in line, "secret" in line) == (False, False)
    assert entry["time"] == "2027-02-19T09:15:00.250+00:00"
    assert (entry["level"], entry["logger"]) == ("ERROR", "clinic.x")
    assert entry["message"] == "a\n/book/r/…/"
    assert entry["traceback"].startswith("Traceback")


def test_an_access_line_has_its_parts(capsys: pytest.CaptureFixture[str]) -> None:
    server = Server(get_wsgi_application, port=0, workers=1, as_json=True)
    logger = server.cfg.logger_class(server.cfg)
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/book/r/secret/?q=knee",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "PATH_INFO": "/book/r/secret/100%",
        "REMOTE_ADDR": "192.0.2.7",
    }
    answer = SimpleNamespace(status="200 OK", sent=10, headers=[])
    logger.access(answer, SimpleNamespace(headers=[]), environ, timedelta(milliseconds=3))
    said = capsys.readouterr()
    entry = json.loads(said.out or said.err)
    assert {name: entry[name] for name in ("method", "path", "status", "bytes", "ms")} == {
        **{"method": "GET", "path": "/book/r/…/100%25", "status": 200, "bytes": 10, "ms": 3}
    }
    assert not {"192.0.2.7", "knee", "secret"} & set(json.dumps(entry).split('"'))
