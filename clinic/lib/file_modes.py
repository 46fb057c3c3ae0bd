"""Files of this installation are for its own account only, whatever the umask was."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

UMASK = 0o077
OF_SQLITE = ("", "-wal", "-shm", "-journal")


def tighten(data_dir: Path, database: dict[str, Any]) -> list[Path]:
    """Make existing files and folders private; returns those that could not be changed.

    New ones need nothing: the settings set the umask of every process.
    """
    refused = []
    for path in [*_below(data_dir), *of_database(database)]:
        try:
            mode = path.lstat().st_mode
            if mode & UMASK and not stat.S_ISLNK(mode):
                path.chmod(stat.S_IMODE(mode) & ~UMASK)
        except FileNotFoundError:
            continue
        except OSError:
            refused.append(path)
    return refused


def _below(folder: Path) -> Iterator[Path]:
    yield folder
    for parent, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            yield Path(parent, name)


def of_database(database: dict[str, Any]) -> Iterator[Path]:
    """The files of SQLite, which may lie in another folder, whether or not they are there."""
    if database["ENGINE"].endswith("sqlite3"):
        for ending in OF_SQLITE:
            yield Path(f"{database['NAME']}{ending}")
