"""What a restore refuses, with nothing changed, and whom it asks first."""

import gzip
import io
import json
import shutil
import tarfile
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from articles.models import Reference
from bookings.models import Enquiry
from clinic.lib.database import guards
from clinic.models import Clinic, KeyFingerprint, User
from clinic.operations import installation_keys, version
from clinic.operations.backups import backup, reading, restore, scratch
from clinic.site import content_version
from tests.clinic.archives import (
    AT,
    SECRET_WORDS,
    everything,
    members,
    pack,
    put_back,
    with_manifest,
)


def refused(path: Path, **options: Any) -> str:
    """The words of a refusal; asserts that rows and pictures are as they were."""
    before, pictures = everything(), list(backup.media_names())
    version = content_version.current_version()
    with pytest.raises(CommandError) as refusal:
        call_command("restore", path, **{"replace": True, "yes": True, **options})
    assert refusal.value.returncode == 2
    assert str(refusal.value).endswith("Nothing was changed.")
    assert everything() == before
    assert list(backup.media_names()) == pictures
    assert content_version.current_version() == version
    assert guards.missing(connection) == []
    assert not list(settings.DATA_DIR.glob(".restore-*"))
    return str(refusal.value)


SOUND = with_manifest(
    {"rows/a.jsonl": b"[]\n", "media/images/a-1.png": b"png"},
    format=1,
    made_at="2027-03-14T09:15:00+00:00",
    rows={"a": 0},
    migrations=[],
    keys={"secret": ["0"], "health": ["0"]},
)


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        ({**SOUND, "rows/a.jsonl": b"[1]\n"}, "rows/a.jsonl has changed"),
        ({**SOUND, "rows/b.jsonl": b"[]\n"}, "rows/b.jsonl has changed"),
        ({n: d for n, d in SOUND.items() if n != "rows/a.jsonl"}, "rows/a.jsonl has changed"),
        ({n: d for n, d in SOUND.items() if n != "manifest.json"}, "has no manifest.json"),
        ({**SOUND, "manifest.json": b"[]"}, "manifest.json cannot be read"),
        ({**SOUND, "manifest.json": b"{"}, "manifest.json cannot be read"),
        ({**SOUND, "manifest.json": b"[" * 200_000}, "manifest.json cannot be read"),
        ({**SOUND, "manifest.json": b"[" + b"[]," * 1_100_000}, "manifest.json cannot be read"),
        ({**SOUND, "manifest.json": b"\xff"}, "manifest.json cannot be read"),
        (with_manifest(SOUND, members=[]), "manifest.json cannot be read"),
        (with_manifest(SOUND, members={"a": [1]}), "manifest.json cannot be read"),
        (with_manifest(SOUND, rows=[]), "manifest.json cannot be read"),
        (with_manifest(SOUND, migrations={"a": 1}), "manifest.json cannot be read"),
        (with_manifest(SOUND, migrations=[["a", ["b"]]]), "manifest.json cannot be read"),
        (with_manifest(SOUND, keys={"secret": []}), "manifest.json cannot be read"),
        (with_manifest(SOUND, keys=[1]), "manifest.json cannot be read"),
        (with_manifest(SOUND, made_at=None), "manifest.json cannot be read"),
        (with_manifest(SOUND, format=2), "format 2"),
        (with_manifest(SOUND, rows={"a": 0, "b": 0}), "tables do not match"),
        (with_manifest({**SOUND, "../escape.png": b""}), "does not belong in a backup"),
        (with_manifest({**SOUND, "media/../../a.png": b""}), "does not belong in a backup"),
        (with_manifest({**SOUND, "/etc/a.png": b""}), "does not belong in a backup"),
        (with_manifest({**SOUND, "media/page.html": b""}), "does not belong in a backup"),
        (with_manifest({**SOUND, "rows/A.jsonl": b""}), "does not belong in a backup"),
    ],
)
def test_what_is_not_whole_is_refused(
    db: None, folder: Path, contents: dict[str, bytes], words: str
) -> None:
    assert words in refused(pack(folder / "bad.tar.gz", contents))
    assert sorted(path.name for path in folder.iterdir()) == ["bad.tar.gz", "data"]


def test_links_and_doubled_members_are_refused(db: None, folder: Path) -> None:
    for name, kind in (("media/images/a-1.png", tarfile.SYMTYPE), ("manifest.json", None)):
        path = pack(folder / "sound.tar", SOUND)
        with tarfile.open(folder / "bad.tar.gz", "w:gz") as tar:
            for member, data in members(path).items():
                info = tarfile.TarInfo(member)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
            info = tarfile.TarInfo(name if kind is None else "media/images/b-1.png")
            if kind:
                info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
        assert "does not belong in a backup" in refused(folder / "bad.tar.gz")


def test_nothing_is_written_before_signature_and_size_are_known(
    archive: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = members(archive)
    forged = json.loads(contents["manifest.json"]) | {"signature": "0" * 64}
    pack(folder / "forged.tar.gz", {**contents, "manifest.json": json.dumps(forged).encode()})
    bomb = with_manifest({**contents, "media/images/a-1.png": bytes(70 * 1024**2)})
    pack(folder / "bomb.tar.gz", bomb)
    sparse = folder / "sparse.tar.gz"
    with tarfile.open(sparse, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("media/images/a-1.png")
        info.pax_headers = {
            "GNU.sparse.major": "0",
            "GNU.sparse.minor": "1",
            "GNU.sparse.map": "0,0",
            "GNU.sparse.size": str(1 << 50),
        }
        tar.addfile(info)
    monkeypatch.setattr(tempfile, "TemporaryDirectory", None)
    monkeypatch.setattr(reading, "ALWAYS_TAKEN", 1024**2)
    assert "is not signed" in refused(folder / "forged.tar.gz")
    assert "far more than its size" in refused(folder / "bomb.tar.gz")
    assert "does not belong in a backup" in refused(sparse)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=0))
    assert "0 MB are free" in refused(archive)


def test_damaged_bytes_are_refused(archive: Path, folder: Path) -> None:
    whole = archive.read_bytes()
    middle = len(whole) // 2
    for data in (
        b"",
        b"no archive at all",
        gzip.compress(b"no archive either"),
        whole[:100],
        whole[:middle],
        whole[:-4],
        whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        whole[:-6] + b"\0\0" + whole[-4:],
    ):
        (folder / "bad.tar.gz").write_bytes(data)
        assert "bad.tar.gz" in refused(folder / "bad.tar.gz")
    assert "cannot be read" in refused(folder / "absent.tar.gz")
    assert "cannot be read" in refused(folder)


def test_a_newer_version_of_the_website_is_named(archive: Path, folder: Path) -> None:
    inside = members(archive)
    migrations = [*json.loads(inside["manifest.json"])["migrations"], ["clinic", "9999_later"]]
    later = with_manifest(inside, migrations=migrations, version="9.1.0")
    words = refused(pack(folder / "other.tar.gz", later))
    assert "by a newer version of this website (version 9.1.0, with clinic 9999_later" in words
    assert f"this is {version.VERSION}). Install that version first." in words


def test_an_older_version_that_cannot_be_upgraded_is_named(
    archive: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(site: scratch.Site, *arguments: str) -> str:
        raise scratch.Failed("clinic_service: its columns are not those of this version.")

    monkeypatch.setattr(scratch.Site, "manage", fail)
    inside = members(archive)
    migrations = json.loads(inside["manifest.json"])["migrations"][1:]
    earlier = with_manifest(inside, migrations=migrations, version="0.1.5")
    words = refused(pack(folder / "other.tar.gz", earlier))
    assert "was made by version 0.1.5, and cannot be upgraded: clinic_service: its" in words
    assert "Install that version, and restore it there." in words


def test_a_backup_of_other_keys_is_refused(archive: Path, settings: Any) -> None:
    given = settings.SECRET_KEY, settings.HEALTH_DATA_KEYS
    KeyFingerprint.objects.all().delete()
    settings.SECRET_KEY = "another"
    assert "another secret key" in refused(archive)
    settings.SECRET_KEY, settings.HEALTH_DATA_KEYS = given[0], [Fernet.generate_key().decode()]
    words = refused(archive)
    assert f"another health key (fingerprint {installation_keys.fingerprint(given[1][0])}" in words
    # It has learnt no wrong key from the trials: with the right ones it goes on.
    settings.HEALTH_DATA_KEYS = given[1]
    put_back(archive)


def test_a_text_that_no_key_opens_is_refused(archive: Path, folder: Path, settings: Any) -> None:
    old, new = settings.HEALTH_DATA_KEYS[0], Fernet.generate_key().decode()
    settings.HEALTH_DATA_KEYS = [new, old]
    backup.write(folder / "second.tar.gz", at=AT)
    KeyFingerprint.objects.filter(name="health").delete()
    settings.HEALTH_DATA_KEYS = [new]
    with pytest.raises(CommandError, match=r"cannot decrypt all of the backup.*Enquiry\.message"):
        put_back(folder / "second.tar.gz")
    settings.HEALTH_DATA_KEYS = [old]
    assert Enquiry.objects.get().message == SECRET_WORDS


def test_rows_that_do_not_fit_change_nothing(archive: Path, folder: Path) -> None:
    inside = members(archive)
    users = inside["rows/clinic_user.jsonl"]
    picture = {"media/images/new-0123456789ab.png": b"new"}
    for table, data, words in (
        ("clinic_user", users.splitlines(keepends=True)[0], "are missing from the backup"),
        ("clinic_user", users.replace(b'"joan"', b"null"), "the database does not accept them"),
        ("clinic_practitioner", b"[]\n", "its columns are not those"),
        ("clinic_practitioner", b"[" * 200_000, "this is not a row"),
    ):
        bad = with_manifest({**inside, **picture, f"rows/{table}.jsonl": data})
        assert words in refused(pack(folder / "bad.tar.gz", bad))
    heads = {name: data.splitlines(keepends=True)[0] for name, data in inside.items()}
    manifest = json.loads(inside["manifest.json"])
    without_people = with_manifest(
        {**inside, "rows/clinic_practitioner.jsonl": heads["rows/clinic_practitioner.jsonl"]},
        rows={**manifest["rows"], "clinic_practitioner": 0},
    )
    assert "breaks database rules" in refused(pack(folder / "bad.tar.gz", without_people))


# -- who made it --------------------------------------------------------------------------------


def edited(archive: Path, folder: Path, **changes: Any) -> Path:
    """The archive with another user in it, and a manifest that fits, but for its signature."""
    inside = members(archive)
    users = inside["rows/clinic_user.jsonl"].replace(b'"joan"', b'"mallory"')
    said = json.loads(with_manifest({**inside, "rows/clinic_user.jsonl": users})["manifest.json"])
    said["signature"] = json.loads(inside["manifest.json"])["signature"]
    said |= changes
    given = {name: value for name, value in said.items() if value is not None}
    contents = {**inside, "rows/clinic_user.jsonl": users}
    contents["manifest.json"] = json.dumps(given).encode()
    return pack(folder / "edited.tar.gz", contents)


@pytest.mark.parametrize("signature", ["kept", None, "", "0" * 64, 7, ["a"], {"a": 1}])
def test_an_edited_backup_is_refused(archive: Path, folder: Path, signature: Any) -> None:
    changes = {} if signature == "kept" else {"signature": signature}
    assert "not signed with the secret key" in refused(edited(archive, folder, **changes))


@pytest.mark.parametrize("name", ["made_at", "rows", "migrations", "extra"])
def test_every_part_of_the_manifest_is_signed(archive: Path, folder: Path, name: str) -> None:
    inside = members(archive)
    said = json.loads(inside["manifest.json"])
    said[name] = {**said["rows"]} if name == "rows" else "2020-01-01T00:00:00+00:00"
    if name == "rows":
        said[name]["clinic_user"] += 1
    if name == "migrations":
        said[name] = json.loads(inside["manifest.json"])["migrations"][::-1]
    inside["manifest.json"] = json.dumps(said).encode()
    assert "not signed" in refused(pack(folder / "edited.tar.gz", inside))


def test_an_edited_backup_can_be_taken_on_purpose(
    archive: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = edited(archive, folder)
    call_command("restore", path, replace=True, yes=True, unsigned=True)
    assert User.objects.get().username == "mallory"
    assert "Warning: this backup is not signed" in capsys.readouterr().err
    put_back(archive)
    assert "Warning" not in capsys.readouterr().err


def test_a_signature_is_of_one_key(archive: Path, folder: Path, settings: Any) -> None:
    manifest = json.loads(members(archive)["manifest.json"])
    assert manifest["signature"] == backup.signature(manifest)
    settings.SECRET_KEY = "another"
    assert manifest["signature"] != backup.signature(manifest)


# -- who is asked ---------------------------------------------------------------------------------


def test_what_is_there_is_not_lost_unasked(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "With --replace" in refused(archive, replace=False)
    for answer in ("yes", "", None):

        def ask(prompt: str, answer: str | None = answer) -> str:
            if answer is None:
                raise EOFError
            return answer

        monkeypatch.setattr("builtins.input", ask)
        assert "The name does not match" in refused(archive, yes=False)
    Clinic.objects.update(name="Larkspur")
    monkeypatch.setattr("builtins.input", lambda prompt: "Larkspur ")
    call_command("restore", archive, replace=True)
    assert Clinic.objects.get().name != "Larkspur"


def test_a_freshly_migrated_database_is_empty(db: None, folder: Path) -> None:
    assert restore.is_empty()
    Reference.objects.create(key="one2027", csl={})
    assert not restore.is_empty()
