"""One file that holds everything but the keys, and what a restore puts back from it."""

import os
import subprocess
import sys
import threading
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection

from articles.models import Edition, Reference
from bookings.models import Enquiry, Offer
from bookings.patient import private_links
from clinic.accounts import second_factor
from clinic.finding import asking
from clinic.lib import totp
from clinic.lib.database import guards, rows
from clinic.models import Clinic, SecondFactor, User
from clinic.operations import installation_keys
from clinic.operations.backups import backup
from clinic.site import content_version
from tests import ready_made
from tests.clinic.archives import AT, PICTURE, SECRET_WORDS, everything, members, put_back

ROOT = Path(__file__).parents[4]


# -- there and back -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_everything_comes_back(archive: Path) -> None:
    before, version = everything(), content_version.current_version()
    token = private_links.token(Enquiry.objects.get())
    Clinic.objects.update(name="Somebody else")
    Enquiry.objects.all().delete()
    User.objects.create_user("intruder")
    Session.objects.create(session_key="s", session_data="", expire_date=AT)
    default_storage.delete("images/knee-0123456789ab.webp")
    default_storage.save("images/later-0123456789ab.png", ContentFile(b"later"))

    put_back(archive)

    assert everything() == before
    assert Enquiry.objects.get().message == SECRET_WORDS
    assert private_links.resolve(token, at=AT) == Enquiry.objects.get()
    assert list(backup.media_names()) == ["images/knee-0123456789ab.webp"]
    with default_storage.open("images/knee-0123456789ab.webp") as picture:
        assert picture.read() == PICTURE
    assert not Session.objects.exists()
    assert User.objects.get().check_password("a long password")
    factor = SecondFactor.objects.get()
    assert second_factor.recovery_codes_left(factor) == second_factor.RECOVERY_CODES
    next_code = totp.code(factor.secret, totp.step_at(AT) + 1)
    assert second_factor.accepts(factor, next_code, at=AT)
    assert content_version.current_version().split(".")[0] != version.split(".")[0]
    assert [r.kind for r in asking.answer("stairs", AT).results] == ["Article"]
    assert guards.missing(connection) == []
    with pytest.raises(IntegrityError, match="guard"):
        Edition.objects.update(title="Other")
    offer = Offer.objects.get()
    with pytest.raises(IntegrityError):
        Offer.objects.create(
            enquiry=offer.enquiry,
            practitioner=offer.practitioner,
            location=offer.location,
            starts_at=offer.starts_at,
            ends_at=offer.ends_at,
            held_until=offer.held_until,
            created_at=AT,
        )


def test_ids_that_were_given_out_since_are_not_given_again(archive: Path) -> None:
    lost = Reference.objects.create(key="lost2027", csl={})
    highest = Enquiry.objects.get().pk
    put_back(archive)
    assert Reference.objects.create(key="new2027", csl={}).pk > lost.pk + 1000
    assert Clinic.objects.get().pk == 1
    enquiry = Enquiry.objects.get()
    enquiry.pk, enquiry.number, enquiry.form_key = None, "RQ 1", uuid.uuid4()
    enquiry.save(force_insert=True)
    assert enquiry.pk > highest + 1000


def test_a_backup_moves_between_kinds_of_database(archive: Path, folder: Path) -> None:
    """From this database into a new one on SQLite, by another process, and back again."""
    before = everything()
    away = folder / "away"
    ready_made.migrated(away)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "DATA_DIR": str(away),
        "SECRET_KEY": settings.SECRET_KEY,
        "HEALTH_DATA_KEYS": ",".join(settings.HEALTH_DATA_KEYS),
    }
    steps = (
        "import django; django.setup()\n"
        "from django.core.management import call_command as call\n"
        f"call('restore', {str(archive)!r})\n"
        f"call('backup', {str(folder / 'second.tar.gz')!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", steps], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (away / "media/images/knee-0123456789ab.webp").read_bytes() == PICTURE
    Enquiry.objects.update(state_since=AT + timedelta(days=1))
    put_back(folder / "second.tar.gz")
    assert everything() == before


# -- what is in it ------------------------------------------------------------------------------


def test_health_text_and_keys_are_not_readable_in_it(archive: Path) -> None:
    inside = members(archive)
    plain = b"".join(inside.values())
    assert b"Margaret Ellery" in inside["rows/bookings_enquiry.jsonl"]
    assert b"marmalade" not in plain
    assert settings.SECRET_KEY.encode() not in plain
    for key in settings.HEALTH_DATA_KEYS:
        assert key.encode() not in plain
        assert installation_keys.fingerprint(key).encode() in inside["manifest.json"]
    assert not {"rows/django_session.jsonl", "rows/clinic_throttle.jsonl"} & set(inside)


def test_it_is_for_its_owner_only_and_leaves_nothing_beside(archive: Path, folder: Path) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["clinic.tar.gz", "data"]


@pytest.mark.django_db(transaction=True)
def test_it_is_of_one_moment_and_holds_nobody_up(
    clinic_at_work: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes while it is made: their rows are there, and in none of its tables."""
    write, wrote = rows.write, []

    def somebody_writes() -> None:
        User.objects.create_user("late")
        Reference.objects.create(key="late2027", csl={})
        wrote.append(True)
        connection.close()

    def write_slowly(model: Any, out: Any) -> int:
        count = write(model, out)
        if not wrote:
            thread = threading.Thread(target=somebody_writes)
            thread.start()
            thread.join()
        return count

    monkeypatch.setattr(rows, "write", write_slowly)
    backup.write(folder / "clinic.tar.gz", at=AT)
    assert wrote == [True]
    assert Reference.objects.filter(key="late2027").exists()
    inside = members(folder / "clinic.tar.gz")
    assert b"late2027" not in inside["rows/articles_reference.jsonl"]
    assert b'"late"' not in inside["rows/clinic_user.jsonl"]


def test_a_picture_without_a_file_is_told(
    archive: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    default_storage.delete("images/knee-0123456789ab.webp")
    call_command("backup", folder / "second.tar.gz")
    told = capsys.readouterr()
    assert "is missing and is not in the backup: images/knee-0123456789ab.webp" in told.err
    assert "The keys are not in the backup." in told.out
    assert str(folder / "data/keys/health") in told.out


@pytest.mark.parametrize("name", ["there.tar.gz", "no/such/folder.tar.gz", ""])
def test_where_it_cannot_be_written(db: None, folder: Path, name: str) -> None:
    (folder / "there.tar.gz").write_bytes(b"precious")
    with pytest.raises(CommandError) as refusal:
        call_command("backup", folder / name)
    assert refusal.value.returncode == 2
    assert (folder / "there.tar.gz").read_bytes() == b"precious"
