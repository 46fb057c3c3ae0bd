"""Time zone data of a test's own, in place of what the machine has."""

import struct
from pathlib import Path

import pytest

from clinic.lib.calendar import zone_data

# Rules as POSIX writes them. In November the first goes back to winter time, the second stays.
WINTER_TIME = "MST7MDT,M3.2.0,M11.1.0"
SUMMER_TIME_ALL_YEAR = "CST6"


def write(folder: Path, version: str, zones: dict[str, str]) -> Path:
    """Write time zone files (RFC 8536) with these rules for all time, and their version."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tzdata.zi").write_text(f"# version {version}\n# made for a test\n")
    # Version 2 without transitions: readers then take the rule at the end for every moment.
    header = struct.pack(">5s15x6l", b"TZif2", 0, 0, 0, 0, 1, 4)
    block = header + struct.pack(">lBB", 0, 0, 0) + b"LMT\0"
    for name, rule in zones.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(block + block + f"\n{rule}\n".encode())
    return folder


class ZoneRules:
    """`rules.use("2100a", {"America/Edmonton": "MST7"})`: as if the process had begun with it."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.patch = patch

    def use(self, version: str, zones: dict[str, str]) -> None:
        folder = write(self.folder / version, version, zones)
        self.patch.setenv("PYTHONTZPATH", str(folder))
        zone_data.use_newest()
