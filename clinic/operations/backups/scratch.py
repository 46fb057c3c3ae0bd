"""A site beside this one, to try a backup on: a new folder, SQLite, and nothing that leaves it.

It is another process, so that nothing of it can reach the database, images or outbox of this site.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

LONGEST = 2 * 60 * 60  # seconds for one command
# What its process gets of our environment; all else would be that of the real site.
KEPT = ("PATH", "LANG", "TZ", "PYTHONTZPATH", "PYTHONWARNINGS", "TMPDIR")


class Failed(Exception):
    """A command did not end well; the text is the last that it said."""


@dataclass(frozen=True)
class Site:
    """A data folder with an empty database file, and its keys."""

    folder: Path
    secret: str
    health: str

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py; returns what it wrote. Raises Failed."""
        given = {name: os.environ[name] for name in KEPT if name in os.environ}
        done = subprocess.run(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments],
            env=given
            | {
                "DATA_DIR": str(self.folder),
                "SECRET_KEY": self.secret,
                "HEALTH_DATA_KEYS": self.health,
                "EMAIL_URL": "smtp://127.0.0.1:1",
                "REFERENCE_LOOKUPS": "0",
            },
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"It ended with {done.returncode}."]
            raise Failed(lines[-1].removeprefix("CommandError: "))
        return done.stdout


@contextmanager
def site(*, secret: str = "", health: str = "") -> Iterator[Site]:
    """A site with these keys, or else our own, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix=".scratch-", dir=settings.DATA_DIR) as name:
        folder = Path(name)
        (folder / "db.sqlite3").touch()  # an empty file is an empty database
        yield Site(
            folder, secret or settings.SECRET_KEY, health or ",".join(settings.HEALTH_DATA_KEYS)
        )
