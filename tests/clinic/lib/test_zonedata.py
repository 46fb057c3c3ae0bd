"""Which time zone data is used, and how old it is."""

import os
import subprocess
import sys
import zoneinfo
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from clinic.lib.calendar import zone_data
from tests import ready_made
from tests.zone_rules import SUMMER_TIME_ALL_YEAR, WINTER_TIME, ZoneRules, write

ROOT = Path(__file__).parents[3]
DECEMBER = datetime(2026, 12, 8, 17, 0, tzinfo=UTC)
PACKAGE = zone_data.version_in(files("tzdata") / "zoneinfo")


def in_edmonton() -> str:
    return DECEMBER.astimezone(ZoneInfo("America/Edmonton")).isoformat()


def test_older_data_of_the_system_is_not_used(zone_rules: ZoneRules) -> None:
    zone_rules.use("2025b", {"America/Edmonton": WINTER_TIME})
    assert zone_data.version() == PACKAGE
    assert in_edmonton() == "2026-12-08T11:00:00-06:00"


def test_newer_data_of_the_system_is_used(zone_rules: ZoneRules) -> None:
    zone_rules.use("2099a", {"America/Edmonton": "XST-3"})
    assert zone_data.version() == "2099a"
    assert in_edmonton() == "2026-12-08T20:00:00+03:00"
    assert ZoneInfo("Europe/Madrid").utcoffset(DECEMBER)  # what it lacks comes from the package


def test_between_equals_the_package_is_used(zone_rules: ZoneRules) -> None:
    zone_rules.use(PACKAGE, {"America/Edmonton": "XST-3"})
    assert zoneinfo.TZPATH == ()


@pytest.mark.parametrize("text", ["", "# redo posix_only\n", "\x00\xff"])
def test_data_that_does_not_say_its_version_is_not_used(
    zone_rules: ZoneRules, tmp_path: Path, text: str
) -> None:
    zone_rules.use("2099a", {"America/Edmonton": "XST-3"})
    (tmp_path / "zones" / "2099a" / "tzdata.zi").write_bytes(text.encode("latin-1"))
    assert zone_data.use_newest() == PACKAGE


def test_a_version_as_macos_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "+VERSION").write_text("2026c\n")
    assert zone_data.version_in(tmp_path) == "2026c"


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "manage.py", "shell", "-v0", "-c"],
        [sys.executable, "-c"],
    ],
)
def test_every_process_uses_the_newer_data(tmp_path: Path, command: list[str]) -> None:
    """The commands, the worker among them, and what the web server imports."""
    old = write(tmp_path / "old", "2025b", {"America/Edmonton": WINTER_TIME})
    code = (
        "import clinic.wsgi; from datetime import datetime; from zoneinfo import ZoneInfo;"
        "print(datetime(2026, 12, 8, 10, tzinfo=ZoneInfo('America/Edmonton')).isoformat())"
    )
    ready_made.migrated(tmp_path / "data")
    environment = os.environ | {"DATA_DIR": str(tmp_path / "data"), "PYTHONTZPATH": str(old)}
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [*command, code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == "2026-12-08T10:00:00-06:00", done.stderr


def test_zones_can_be_read_as_python_would_have(zone_rules: ZoneRules) -> None:
    zone_rules.use("2025b", {"America/Edmonton": WINTER_TIME})
    before = zone_data.as_python_found_it("America/Edmonton")
    assert DECEMBER.astimezone(before).hour == 10
    assert DECEMBER.astimezone(ZoneInfo("America/Edmonton")).hour == 11


def test_versions_are_ordered() -> None:
    versions = ["2027a", "2026za", "2026z", "2026a", "2025c", "2025b", "1999z", ""]
    assert sorted(versions, key=zone_data.key) == versions[::-1]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 3, 1, tzinfo=UTC), False),
        (datetime(2026, 6, 30, 23, 59, tzinfo=UTC), False),
        (datetime(2026, 7, 1, tzinfo=UTC), True),
    ],
)
def test_when_data_is_old(at: datetime, expected: bool) -> None:
    assert zone_data.is_old("2025b", at) is expected


def test_the_rules_of_tests_are_read_as_written(zone_rules: ZoneRules) -> None:
    zone_rules.use("2099a", {"A/Winter": WINTER_TIME, "A/Summer": SUMMER_TIME_ALL_YEAR})
    july = datetime(2026, 7, 8, 17, 0, tzinfo=UTC)
    for moment, winter, summer in ((DECEMBER, 10, 11), (july, 11, 11)):
        assert moment.astimezone(ZoneInfo("A/Winter")).hour == winter
        assert moment.astimezone(ZoneInfo("A/Summer")).hour == summer
