"""Databases and data folders that are ready to use: made once for all processes of a run, copied.

Migrating takes 10 seconds of the processor, static files and the demo clinic 15, and a dozen tests
need a site of their own. That an empty folder becomes one is tested in test_contract.py.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import postgres

ROOT = Path(__file__).parent.parent
ADMIN_PASSWORD = "a long password for tests"
FOLDER = "TESTS_READY_MADE"  # the variable that tells all processes of a run where they are
BEGIN = """
import gc; gc.set_threshold(100_000)  # as manage.py does
import django; django.setup()
from django.core.management import call_command
from clinic.management.commands import start
"""
COLLECT = "start.collect_static_files()"
MIGRATE = "call_command('migrate', verbosity=0)"
LOAD_DEMO = "start.Command()._begin()"


def use_folder() -> str | None:
    """Make the folder for this process and those that it starts, unless there is one."""
    if FOLDER in os.environ:
        return None
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="clinic-ready-", dir=postgres.fast_folder())
    return os.environ[FOLDER]


def place_database(settings: dict[str, Any], name: str) -> None:
    """Put a migrated database in the place of the one of this name, with these settings."""
    if settings["ENGINE"].endswith("sqlite3"):
        shutil.copy(_migrated() / "db.sqlite3", name)
    else:
        url = os.environ["DATABASE_URL"]
        postgres.create_database(url, name, _migrated_on_postgresql(url))


def migrated(data: Path) -> None:
    """Make `data` a folder of a site with SQLite: keys, static files, nothing entered."""
    shutil.copytree(_migrated(), data)
    _add_static_files(data)


def with_demo(data: Path) -> None:
    """Make `data` a folder of a site with SQLite and the demo clinic."""

    def make(folder: Path) -> None:
        shutil.copytree(_migrated(), folder)
        _run(LOAD_DEMO, folder)

    shutil.copytree(_once("demo", make), data)
    _add_static_files(data)


@contextmanager
def with_demo_on_postgresql(data: Path, url: str, name: str) -> Iterator[str]:
    """Make `data` a folder of such a site without its database; gives the DATABASE_URL of that,
    which has this name."""
    demo = f"{_run_name()}-demo"

    def make(folder: Path) -> None:
        own = postgres.create_database(url, demo, _migrated_on_postgresql(url))
        _run(LOAD_DEMO, folder, DATABASE_URL=own)

    shutil.copytree(_once("demo on PostgreSQL", make), data)
    _add_static_files(data)
    with postgres.another_database(url, name, demo) as own:
        yield own


def _migrated() -> Path:
    return _once("migrated", lambda folder: _run(MIGRATE, folder))


def _migrated_on_postgresql(url: str) -> str:
    """The name of a migrated database, which nobody is connected to."""
    name = f"{_run_name()}-migrated"

    def make(folder: Path) -> None:
        _run(MIGRATE, folder, DATABASE_URL=postgres.create_database(url, name))

    _once("migrated on PostgreSQL", make)
    return name


def _add_static_files(data: Path) -> None:
    collected = _once("static", lambda folder: _run(COLLECT, folder))
    shutil.copytree(collected / "static", data / "static")


def _run_name() -> str:
    return Path(os.environ[FOLDER]).name


def _once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name, made by the process that needs it first; the others wait."""
    shared = Path(os.environ[FOLDER])
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / name).exists():
            draft = Path(tempfile.mkdtemp(dir=shared)) / name
            make(draft)
            draft.rename(shared / name)
    return shared / name


def _run(steps: str, data: Path, **more: str) -> None:
    left_out = ("COV", "DATABASE_URL", "DEMO", "SITE_URL", "EMAIL_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    kept.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")  # pytest sets it, scripts don't
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + steps],
        cwd=ROOT,
        env=kept | {"DATA_DIR": str(data), "ADMIN_PASSWORD": ADMIN_PASSWORD} | more,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
