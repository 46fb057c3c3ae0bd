"""Which time zone data a process uses: the newer of the system's and the pinned package's.

Python takes the system's first, however old it is (PEP 615). `clinic.settings` calls `use_newest`
before anything else, so every process of the site agrees with the others on this machine. Rules
once read stay until the process ends.
"""

import re
import zoneinfo
from datetime import UTC, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import ZoneInfo

VERSION = re.compile(r"(?:# version )?(\d{4}[a-z]+)\s")
_in_use = ""


def use_newest() -> str:
    """Read zones from the newest data there is, and return its version, such as 2026a.

    Between equals the package is taken. A folder that does not name its version is passed over.
    """
    global _in_use
    zoneinfo.reset_tzpath()
    choices: list[tuple[str, list[str]]] = [(version_in(files("tzdata") / "zoneinfo"), [])]
    choices += [(version_in(Path(folder)), [folder]) for folder in zoneinfo.TZPATH]
    _in_use, path = max(choices, key=lambda choice: key(choice[0]))
    zoneinfo.reset_tzpath(path)
    ZoneInfo.clear_cache()
    return _in_use


def version() -> str:
    """Return the version that this process uses."""
    return _in_use or use_newest()


def version_in(folder: Traversable) -> str:
    """Return the version of the data in a folder; empty where it does not say."""
    for name in ("tzdata.zi", "+VERSION"):  # the second: macOS
        try:
            with (folder / name).open(encoding="utf-8") as file:
                found = VERSION.match(file.readline(80))
        except (OSError, UnicodeDecodeError):
            continue
        if found:
            return found[1]
    return ""


def key(version: str) -> tuple[int, int, str]:
    """Return what sorts versions by age: 2025c, 2026a, … 2026z, 2026za. Unknown (empty) first."""
    letters = version[4:]
    return int(version[:4] or 0), len(letters), letters


def is_old(version: str, at: datetime) -> bool:
    """Whether data of this version is more than a year old.

    A version names only the year of its release, so it is taken as made on 1 July.
    """
    return at >= datetime(key(version)[0] + 1, 7, 1, tzinfo=UTC)


def as_python_found_it(name: str) -> ZoneInfo:
    """Return a zone by the data that Python prefers, as processes used it before we chose."""
    path = zoneinfo.TZPATH
    zoneinfo.reset_tzpath()
    try:
        return ZoneInfo.no_cache(name)
    finally:
        zoneinfo.reset_tzpath(path)
