"""What `serve` refuses, and what it tells gunicorn."""

import socket

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from clinic.lib.web.deadlines import DeadlineWorker
from clinic.lib.web.server import DiscreetLogger, Server
from clinic.management.commands.serve import problems
from clinic.management.commands.start import collect_static_files
from clinic.models import Clinic, KeyFingerprint
from clinic.operations import installation_keys
from tests import postgres


@pytest.fixture
def servable(db, settings, tmp_path):
    """Settings and a database with which nothing is in the way."""
    settings.SITE_URL = "https://clinic.example"
    settings.EMAIL_IS_SET = True
    settings.PORT = postgres.free_port()
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").write_text("{}")
    assert list(problems()) == []
    return settings


def test_http_is_for_this_machine_only(servable):
    servable.SITE_URL = "http://clinic.example"
    assert "Set an https address" in next(problems())
    for here in ["http://127.0.0.1:8000", "http://localhost:8000"]:
        servable.SITE_URL = here
        assert list(problems()) == []


def test_without_a_mail_server_only_a_demo_is_served(servable):
    servable.EMAIL_IS_SET = False
    assert "EMAIL_URL is not set" in next(problems())
    Clinic.objects.update(is_demo=True)
    assert list(problems()) == []


def test_the_database_must_be_up_to_date(servable):
    last = MigrationRecorder.Migration.objects.filter(app="clinic").latest("name").name
    MigrationRecorder(connection).record_unapplied("clinic", last)
    assert list(problems()) == ["The database is not up to date. Run: manage.py migrate"]


def test_the_keys_must_be_those_of_the_database(servable):
    KeyFingerprint.objects.filter(name="secret").delete()
    KeyFingerprint.objects.create(
        name="secret", fingerprint=installation_keys.fingerprint("another")
    )
    assert "secret key does not match this database" in next(problems())


def test_a_port_that_is_taken_is_named(servable):
    with socket.create_server(("127.0.0.1", servable.PORT)):
        (problem,) = problems()
    assert f"port {servable.PORT} on this machine" in problem
    assert "set PORT" in problem


def test_static_files_must_be_there(servable, tmp_path):
    (tmp_path / "staticfiles.json").unlink()
    assert "manage.py collectstatic" in next(problems())


def test_a_refusal_ends_with_2(servable):
    servable.EMAIL_IS_SET = False
    with pytest.raises(CommandError, match="EMAIL_URL") as refusal:
        call_command("serve")
    assert refusal.value.returncode == 2


def server_with(**given) -> Server:
    return Server(lambda: None, port=8321, workers=3, **given)


def test_gunicorn_listens_here_only():
    server = server_with()
    assert server.cfg.bind == ["127.0.0.1:8321"]
    assert server.cfg.workers == 3
    assert server.cfg.worker_class is DeadlineWorker
    assert server.cfg.control_socket_disable is True


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/book/r/3Zk-secret/", "/book/r/…/"),
        ("/preview/secret/", "/preview/…/"),
        ("/admin/password/set/Mw/secret/", "/admin/password/set/Mw/…/"),
        ("/book/r/ secret/", "/book/r/…/"),
        ("/book/r/\nsecret/", "/book/r/…/"),
        ('/book/r/"secret"/', "/book/r/…/"),
        ("/book/r/<secret>", "/book/r/…"),
        (
            "/x\n2026-01-01 WARNING clinic.security: …",
            "/x%0A2026-01-01%20WARNING%20clinic.security:%20%E2%80%A6",
        ),
        ("/articles/preview/", "/articles/preview/"),
        ("/book/", "/book/"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("is_on", [True, False])
def test_the_access_log_tells_no_private_link(path, logged, is_on, capsys):
    from datetime import timedelta
    from types import SimpleNamespace

    server = server_with(has_access_log=is_on)
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"{path}?q=knee",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "PATH_INFO": path.encode().decode("latin-1"),  # as WSGI has it
        "QUERY_STRING": "q=knee",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_REFERER": "https://search.example/",
    }
    answer = SimpleNamespace(status="200 OK", sent=10, headers=[])
    request = SimpleNamespace(headers=[])
    DiscreetLogger(server.cfg).access(answer, request, environ, timedelta(milliseconds=3))
    line = capsys.readouterr().out.rstrip("\n")
    if not is_on:
        assert line == ""
        return
    assert line.endswith(f'"GET {logged}" 200 10 3 ms')
    for hidden in ["secret", "knee", "192.0.2.7", "search.example"]:
        assert hidden not in line


def test_static_files_are_collected_only_when_one_has_changed(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "site.css").write_text("p { color: red }")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    assert collect_static_files() is True
    assert (tmp_path / "static" / "site.css").exists()
    assert collect_static_files() is False
    (source / "site.css").write_text("p { color: blue; }")
    assert collect_static_files() is True
