"""Who else on the machine may read what the website writes: nobody, whatever the umask."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clinic.lib import file_modes
from tests import ready_made

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
SQLITE = {"ENGINE": "django.db.backends.sqlite3"}


def run(data_dir: Path, steps: str) -> None:
    """In a process of its own that begins with the loosest umask."""
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "DATA_DIR": str(data_dir),
    }
    begin = "import os; os.umask(0)\nimport django; django.setup()\n"
    done = subprocess.run(
        [sys.executable, "-c", begin + steps],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def open_to_others(folder: Path) -> dict[str, str]:
    """What anybody else may read, write or enter, with its mode."""
    found = {}
    for path in [folder, *folder.rglob("*")]:
        mode = path.stat().st_mode & 0o777
        if mode != (0o700 if path.is_dir() else 0o600):
            found[str(path.relative_to(folder))] = oct(mode)
    return found


CALL = "from django.core.management import call_command as call\n"
CHECK = """
from tests.clinic.lib import test_modes
found = test_modes.open_to_others(settings.DATA_DIR)  # while the database is open
assert not found, found
"""
NEW = (
    """
from django.conf import settings
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE written (at text)")
names = {path.name for path in settings.DATA_DIR.iterdir()}
assert {"db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "keys"} <= names, names
"""
    + CHECK
)
WORK = (
    CALL
    + """
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage

default_storage.save("images/knee-0123456789ab.webp", ContentFile(b"x"))
staticfiles_storage.save("new/knee.css", ContentFile(b"x"))
EmailMessage("A", "B", "a@clinic.example", ["b@patients.example"]).send()
call("backup", settings.DATA_DIR / "backup.tar.gz", verbosity=0)
call("worker", once=True)
assert (settings.DATA_DIR / "worker.alive").exists()
"""
    + CHECK
)


def test_what_a_new_site_writes_is_private(tmp_path: Path) -> None:
    run(tmp_path / "new" / "data", NEW)
    assert open_to_others(tmp_path / "new" / "data") == {}


def test_all_that_is_written_is_private_and_what_was_there_before(tmp_path: Path) -> None:
    data = tmp_path / "data"
    ready_made.migrated(data)
    for begins in (WORK, "import clinic.wsgi"):
        for path in [data, *data.rglob("*")]:
            path.chmod(0o777 if path.is_dir() else 0o666)
        run(data, begins)
        assert open_to_others(data) == {}


def test_a_database_elsewhere_is_made_private_too(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    for folder in (data, elsewhere):
        folder.mkdir()
    files = [elsewhere / f"db.sqlite3{ending}" for ending in file_modes.OF_SQLITE]
    outside = elsewhere / "other"
    for path in [*files, outside]:
        path.touch()
        path.chmod(0o644)
    (data / "link").symlink_to(outside)
    assert file_modes.tighten(data, {**SQLITE, "NAME": elsewhere / "db.sqlite3"}) == []
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert outside.stat().st_mode & 0o777 == 0o644  # not ours: only linked to


def test_what_cannot_be_changed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "a").chmod(0o644)

    def chmod(self: Path, mode: int) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", chmod)
    tmp = {"ENGINE": "django.db.backends.postgresql", "NAME": "clinic"}
    assert tmp_path / "a" in file_modes.tighten(tmp_path, tmp)
