"""The printed keys and a backup are all that a drill needs."""

import shutil
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from clinic.models import Clinic, Heartbeat
from clinic.operations import checkup
from clinic.operations.backups import drill, scratch
from tests import ready_made

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)


@pytest.fixture
def migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scratch site gets a ready-made database in place of `migrate`, if it has none older."""
    really = scratch.Site.manage

    def manage(site: scratch.Site, *arguments: str) -> str:
        if arguments[0] == "migrate":
            shutil.copy(ready_made._migrated() / "db.sqlite3", site.folder)
            return ""
        return really(site, *arguments) if arguments[0] == "restore" else ""

    monkeypatch.setattr(scratch.Site, "manage", manage)


@pytest.mark.long
@pytest.mark.usefixtures("migrated")
def test_a_backup_and_the_print_are_enough(archive: Path, folder: Path, settings: Any) -> None:
    """With other keys than this installation has, which stays as it is."""
    page, out = folder / "page.txt", StringIO()
    with page.open("w") as file:
        call_command("keys", "print", stdout=file)
    settings.SECRET_KEY, settings.HEALTH_DATA_KEYS = "another", [Fernet.generate_key().decode()]
    there = sorted(settings.DATA_DIR.iterdir())
    call_command("drill", archive, keys=str(page), stdout=out)
    assert "rows and 1 images, as of 2027-03-14T09:15:00+00:00" in out.getvalue()
    assert "were not tested" not in out.getvalue()
    with pytest.raises(CommandError, match=r"The drill failed: .*another secret key .*\)\.$"):
        call_command("drill", archive)
    assert sorted(settings.DATA_DIR.iterdir()) == there


@pytest.mark.django_db
def test_the_page_for_the_safe_is_what_a_drill_reads(settings: Any) -> None:
    Clinic.objects.update(name="Larkspur")
    out = StringIO()
    with time_machine.travel(AT, tick=False):
        call_command("keys", "print", stdout=out)
    assert out.getvalue().startswith("Keys of Larkspur (")
    assert drill.keys_of(out.getvalue()) == {
        "SECRET_KEY": settings.SECRET_KEY,
        "HEALTH_DATA_KEYS": ",".join(settings.HEALTH_DATA_KEYS),
    }
    assert max(map(len, out.getvalue().splitlines())) <= 90
    with pytest.raises(drill.Failed, match="do not contain HEALTH_DATA_KEYS"):
        drill.keys_of("SECRET_KEY=x")


@pytest.mark.django_db
def test_the_doctor_asks_for_a_copy_of_the_keys_and_again_after_a_new_one() -> None:
    Clinic.objects.update(is_demo=False)
    assert not checkup.keys_finding(AT).is_ok
    Heartbeat.objects.beat(Heartbeat.KEYS, AT)
    assert checkup.keys_finding(AT).is_ok
    call_command("rotate_health_keys", stdout=StringIO())
    assert not checkup.keys_finding(AT).is_ok
