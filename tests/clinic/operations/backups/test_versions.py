"""Backups of other versions, and the way back after an upgrade (docs/upgrading.md)."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from articles.models import Edition
from bookings.models import Enquiry
from clinic.models import KeyFingerprint, User
from clinic.operations import version
from clinic.operations.backups import backup, restore
from tests import ready_made
from tests.clinic.archives import SECRET_WORDS, members, pack, with_manifest
from tests.test_walls import ROOT

KEPT = sorted((ROOT / "tests/archives").glob("*.tar.gz"))


@pytest.fixture
def of(settings: Any, db: None, folder: Path) -> Callable[[Path], None]:
    """`of(archive)`: this installation gets the keys that a kept archive was made with."""

    def take(path: Path) -> None:
        text = path.with_name(path.name.replace(".tar.gz", ".keys")).read_text()
        keys = dict(line.split("=", 1) for line in text.splitlines() if line[:1] != "#")
        settings.SECRET_KEY = keys["SECRET_KEY"]
        settings.HEALTH_DATA_KEYS = [keys["HEALTH_DATA_KEYS"]]
        KeyFingerprint.objects.all().delete()

    return take


def is_all_there() -> bool:
    return (
        Enquiry.objects.get().message == SECRET_WORDS
        and User.objects.get().username == "joan"
        and Edition.objects.filter(slug="stairs").exists()
        and len(list(backup.media_names())) == 1
    )


def test_this_version_has_a_kept_backup() -> None:
    assert f"{version.VERSION}.tar.gz" in [path.name for path in KEPT]


@pytest.mark.long
@pytest.mark.parametrize("path", KEPT, ids=[path.name for path in KEPT])
def test_a_kept_backup_is_restored(path: Path, of: Callable[[Path], None]) -> None:
    of(path)
    call_command("restore", path, replace=True, yes=True)
    assert is_all_there()
    assert json.loads(members(path)["manifest.json"])["version"] == path.name[:-7]


@pytest.mark.slow
def test_a_backup_of_an_older_version_is_brought_up_to_date(
    of: Callable[[Path], None], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As if this one lacked a migration that changes no column, and all that need it."""
    of(KEPT[-1])
    inside = members(KEPT[-1])
    if restore.is_older(json.loads(inside["manifest.json"])):
        pytest.skip("A kept one is older: the test above brings it up to date.")
    later = set(MigrationLoader(None).graph.backwards_plan(("clinic", "0034_edit_labels")))
    said = json.loads(inside["manifest.json"])["migrations"]
    earlier = [entry for entry in said if tuple(entry) not in later]
    assert len(earlier) < len(said)
    path = pack(folder / "older.tar.gz", with_manifest(inside, migrations=earlier))
    call_command("restore", path, replace=True, yes=True)
    assert is_all_there()
    assert "Restored: " in capsys.readouterr().out
    assert not list((folder / "data").glob(".scratch-*"))


@pytest.mark.long
def test_the_way_back_after_an_upgrade(archive: Path, folder: Path, settings: Any) -> None:
    """A newer version has changed the database; this one is put in place again."""
    data = folder / "way-back"
    ready_made.migrated(data)
    keys = {
        "SECRET_KEY": settings.SECRET_KEY,
        "HEALTH_DATA_KEYS": ",".join(settings.HEALTH_DATA_KEYS),
    }

    def manage(*arguments: str) -> tuple[int, str]:
        environment = {**os.environ, "DATA_DIR": str(data), **keys}
        environment.pop("DATABASE_URL", None)
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stderr

    fresh, database = folder / "fresh.sqlite3", data / "db.sqlite3"
    fresh.write_bytes(database.read_bytes())
    with sqlite3.connect(database) as newer:
        newer.execute("INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, ?)", LATER)
    newer.close()
    ended, words = manage("start")
    assert (ended, "was changed by a newer version" in words) == (2, True)
    database.rename(data / "newer.sqlite3")
    fresh.rename(database)  # what `clinic migrate` makes
    assert manage("restore", str(archive))[0] == 0
    with sqlite3.connect(database) as restored:
        assert ("stairs",) in restored.execute("SELECT slug FROM articles_edition").fetchall()
    restored.close()


LATER = ("clinic", "9999_of_tomorrow", "2027-03-14 00:00:00")
