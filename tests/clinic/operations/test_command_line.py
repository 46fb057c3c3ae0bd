"""What an operator can fix is one sentence, and no command touches the wrong database."""

import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage.handler import InvalidStorageError
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import load_backend
from environs import Env, EnvError

from clinic.models import Clinic
from clinic.operations import command_line, version
from tests import postgres
from tests.test_walls import ROOT

PASSWORD = "hunter2"


def database(engine: str, name: object, **more: Any) -> Any:
    """A connection to this database, beside those of the tests."""
    settings = connection.settings_dict | {"OPTIONS": {}, "NAME": str(name), **more}
    return load_backend(f"django.db.backends.{engine}").DatabaseWrapper(settings)


def error_of(call: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as raised:  # noqa: PT011 (which one is the question)
        call()
    return raised.value


def is_one_sentence_or_two(words: str) -> bool:
    return bool(words) and "\n" not in words and words.endswith(".") and words.count(". ") <= 3


# -- databases ------------------------------------------------------------------------------------


@pytest.fixture
def unblocked(django_db_blocker: Any) -> Iterator[None]:
    """These connections are not those of the tests."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def server(unblocked: None) -> Iterator[Callable[[str, str], int]]:
    """`server("28P01", "password …")`: the port of a PostgreSQL that answers everybody so."""
    listeners = []

    def serve(code: str, words: str) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        fields = f"SFATAL\0C{code}\0M{words}\0\0".encode()

        def answer() -> None:
            peer, _ = listener.accept()
            with peer:
                while int.from_bytes(peer.recv(4)) == 8:  # an offer of encryption
                    peer.recv(4)
                    peer.sendall(b"N")
                peer.recv(1000)
                peer.sendall(b"E" + (len(fields) + 4).to_bytes(4) + fields)

        Thread(target=answer, daemon=True).start()
        return listener.getsockname()[1]

    yield serve
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize(
    ("code", "words", "advice"),
    [
        ("28P01", 'password authentication failed for user "ana"', "DATABASE_URL"),
        ("28000", 'role "ana" does not exist', "Correct the user"),
        ("3D000", 'database "clinic" does not exist', "Create it"),
    ],
)
def test_what_postgresql_refuses(server: Any, code: str, words: str, advice: str) -> None:
    port = server(code, words)
    login = {"HOST": "127.0.0.1", "PORT": port, "USER": "ana", "PASSWORD": PASSWORD}
    trial = database("postgresql", "clinic", **login)
    said = command_line.explain(error_of(trial.ensure_connection))
    assert is_one_sentence_or_two(said)
    assert (advice in said, PASSWORD in said) == (True, False)


@pytest.mark.usefixtures("unblocked")
def test_a_server_that_is_not_there() -> None:
    login = {"HOST": "127.0.0.1", "PORT": postgres.free_port(), "USER": "ana"}
    trial = database("postgresql", "clinic", **login, PASSWORD=PASSWORD)
    said = command_line.explain(error_of(trial.ensure_connection))
    assert said == "The database server is not running, or DATABASE_URL is wrong."


def spoilt(path: Path, at: int) -> Path:
    with sqlite3.connect(path) as made:
        made.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (randomblob(20000));")
    made.close()
    content = bytearray(path.read_bytes())
    content[at : at + 200] = b"\xff" * 200
    path.write_bytes(content)
    return path


@pytest.mark.usefixtures("unblocked")
@pytest.mark.parametrize(("at", "words"), [(0, "is not a database"), (4096, "is damaged")])
def test_a_corrupt_file(tmp_path: Path, at: int, words: str) -> None:
    trial = database("sqlite3", spoilt(tmp_path / "db.sqlite3", at))

    def read() -> None:
        with trial.cursor() as cursor:
            cursor.execute("SELECT length(a) FROM t").fetchall()

    said = command_line.explain(error_of(read))
    trial.close()
    assert words in said
    assert is_one_sentence_or_two(said)


@pytest.mark.parametrize(
    "words", ["unable to open database file", "attempt to write a readonly database"]
)
def test_a_file_of_another_user(words: str) -> None:
    """Root, who may run the tests, can open every file: so the words of SQLite stand for it."""
    said = command_line.explain(DatabaseError(words))
    assert command_line.where() in said
    assert "belongs to" in said
    assert is_one_sentence_or_two(said)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody may look into this folder; root becomes someone who may not."""
    folder.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o700)


@pytest.mark.usefixtures("unblocked")
def test_a_folder_of_another_user(
    nowhere: Path, ran: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Really: neither the database nor whether it is there can be seen."""
    folder = nowhere.parent
    trial = database("sqlite3", nowhere)
    with locked(folder):
        error = error_of(trial.ensure_connection)
        said = command_line.explain(error)
        assert command_line.run(["manage.py", "backup"]) == 2
    assert "unable to open" in str(error)
    assert f"cannot open {nowhere}. " in said
    assert "belongs to" in said
    assert f"cannot use {nowhere}" in capsys.readouterr().err
    assert ran == []


def test_a_key_file_of_another_user(tmp_path: Path) -> None:
    path = str(tmp_path / "keys" / "health")
    said = command_line.explain(PermissionError(13, "Permission denied", path))
    assert path in said
    assert f"{tmp_path} belongs to {tmp_path.owner()}" in said


def test_a_full_disk() -> None:
    for error in (OSError(28, "No space left"), DatabaseError("database or disk is full")):
        assert command_line.explain(error).startswith("The disk is full.")


def test_packages_that_are_missing() -> None:
    """As for the Python of the system."""
    command = [sys.executable, "-E", "-S", "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("The package django is not installed for ")
    assert done.stderr.count("\n") == 1


def test_a_missing_driver() -> None:
    error = ImproperlyConfigured("Error loading psycopg2 or psycopg module")
    assert "requirements-scale.txt" in command_line.explain(error)
    error = InvalidStorageError("Could not find backend 'storages.backends.s3.S3Storage'")
    assert "MEDIA_STORAGE needs a package" in command_line.explain(error)


@pytest.mark.parametrize("sign", ["/", "#", "?"])
def test_a_sign_that_is_not_escaped(sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    env = Env()
    monkeypatch.setenv("DATABASE_URL", f"postgres://ana:{PASSWORD}{sign}x@db.example/clinic")
    said = command_line.explain(error_of(lambda: env.dj_db_url("DATABASE_URL")))
    assert said.startswith('Environment variable "DATABASE_URL" invalid')
    assert "%2F" in said
    assert PASSWORD not in said


def test_an_at_sign_that_is_not_escaped_is_part_of_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    env = Env()
    monkeypatch.setenv("DATABASE_URL", "postgres://ana:a@b@db.example/clinic")
    read = env.dj_db_url("DATABASE_URL")
    assert (read["PASSWORD"], read["HOST"]) == ("a@b", "db.example")


def test_a_fault_of_the_website_keeps_its_traceback() -> None:
    for error in (ValueError("a bug"), DatabaseError("something that nobody has seen yet")):
        assert command_line.explain(error) == ""


def test_a_refusal_ends_with_2_and_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(argv: list[str]) -> None:
        raise EnvError("PORT is not a number.")

    monkeypatch.setattr(command_line, "execute_from_command_line", fail)
    assert command_line.run(["manage.py", "check"]) == 2
    assert capsys.readouterr().err == "PORT is not a number.\n"
    with pytest.raises(EnvError):
        command_line.run(["manage.py", "check", "--traceback"])


# -- which installation ---------------------------------------------------------------------------


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that were run; none really is."""
    ran: list[str] = []
    monkeypatch.setattr(command_line, "execute_from_command_line", lambda argv: ran.append(argv[1]))
    return ran


@pytest.fixture
def nowhere(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a database that is not there."""
    path = tmp_path / "db.sqlite3"
    sqlite = settings.DATABASES["default"] | {"ENGINE": "django.db.backends.sqlite3"}
    monkeypatch.setitem(settings.DATABASES, "default", sqlite | {"NAME": path})
    settings.DATA_DIR = tmp_path
    return path


@pytest.mark.django_db
def test_a_command_names_clinic_and_database_first(
    ran: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Clinic.objects.update(name="Larkspur")
    assert command_line.run(["manage.py", "backup", "file"]) == 0
    said = capsys.readouterr().err
    assert said.startswith("Larkspur, database: ")
    assert command_line.where() in said
    assert ran == ["backup"]


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("name", ["backup", "createsuperuser", "demo", "restore", "shell"])
def test_no_command_makes_a_second_empty_site(
    name: str, ran: list[str], nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.run(["manage.py", name]) == 2
    assert f"There is no database at {nowhere}." in capsys.readouterr().err
    assert (ran, nowhere.exists()) == ([], False)


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("name", ["start", "migrate"])
def test_a_new_site_is_begun_and_named(name: str, ran: list[str], nowhere: Path) -> None:
    assert command_line.run(["manage.py", name]) == 0
    assert ran == [name]


def test_a_database_that_is_gone_is_not_replaced(
    ran: list[str], nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (nowhere.parent / "worker.alive").touch()
    assert command_line.run(["manage.py", "start"]) == 2
    assert f"its database {nowhere} is missing" in capsys.readouterr().err
    assert command_line.run(["manage.py", "migrate"]) == 0  # as the words say
    assert ran == ["migrate"]


def test_the_environment_of_the_installation_is_not_forgotten(
    ran: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(command_line, "INSTALLED", tmp_path)
    assert command_line.run(["manage.py", "help"]) == 0
    monkeypatch.delenv("DATA_DIR")
    assert command_line.run(["manage.py", "backup"]) == 2
    assert "Run: clinic backup" in capsys.readouterr().err


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["backup", "migrate", "start", "serve", "worker"])
def test_old_code_leaves_a_newer_database_alone(
    name: str, ran: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    MigrationRecorder(connection).record_applied("clinic", "9999_of_tomorrow")
    assert command_line.run(["manage.py", name]) == 2
    assert "by a newer version of this website (clinic 9999_of_tomorrow)" in capsys.readouterr().err
    assert ran == []


@pytest.mark.django_db
def test_migrations_of_an_app_that_is_gone_are_no_newer_version() -> None:
    MigrationRecorder(connection).record_applied("formerly", "0001_initial")
    assert command_line.newer_database() == ""


# -- version --------------------------------------------------------------------------------------


def test_the_version_is_told_without_an_installation(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.run(["manage.py", "--version"]) == 0
    assert capsys.readouterr().out.startswith(f"clinic-website {version.VERSION} (Django 5.2")


def test_the_changelog_begins_with_this_version() -> None:
    """Its release notes, and what an upgrade to it asks for."""
    heading = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert heading
    assert heading[1] == version.VERSION
    notes = (ROOT / "docs/upgrading.md").read_text()
    assert f"### To {version.VERSION}\n" in notes
