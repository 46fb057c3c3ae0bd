"""One file that holds everything but the keys, and puts it back: all of it or nothing."""

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection

from articles.models import Article, Edition, Reference
from articles.publishing import publish
from bookings import links, submission, workflow
from bookings.models import Enquiry, Offer
from clinic import backup, content, keys, restore, second_factor
from clinic.lib import guards, rows, search, totp
from clinic.models import (
    Clinic,
    Image,
    KeyFingerprint,
    Location,
    Practitioner,
    SearchDocument,
    SecondFactor,
    Service,
    User,
)

ROOT = Path(__file__).parent.parent.parent
AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
SECRET_WORDS = "It began when I lifted a box of marmalade."
PICTURE = b"not really a picture"


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """Keys, media and backups of one test."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    settings.MEDIA_ROOT = settings.DATA_DIR / "media"
    return tmp_path


@pytest.fixture
def clinic_at_work(db: None, folder: Path) -> None:
    """One thing of every kind: staff, a picture, a published text, a request with a held time."""
    user = User.objects.create_user("joan", password="a long password", is_staff=True)
    user.groups.set(Group.objects.filter(name="Receptionist"))
    secret = totp.new_secret()
    code = totp.code(secret, totp.step_at(AT))
    assert second_factor.set_up(user, secret=secret, code=code, at=AT)
    name = default_storage.save("images/knee-0123456789ab.webp", ContentFile(PICTURE))
    digest = hashlib.sha256(PICTURE).hexdigest()
    Image.objects.bulk_create(
        [Image(file=name, width=2, height=2, sha256=digest, alt="A knee", uploaded_by=user)]
    )
    location = Location.objects.create(name="Millbrook", slug="millbrook", street="1 Mill Lane")
    service = Service.objects.create(name="Knees", slug="knees", summary="Knees.")
    person = Practitioner.objects.create(name="Ines Okafor", slug="ines", role="Physio")
    Reference.objects.create(key="chys2023", title="Needling", csl={"title": "Needling"})
    article = Article.objects.create(
        title="Stairs", slug="stairs", body="Knees carry more [@chys2023].", author=person
    )
    article.services.add(service)
    publish(article, by=None, at=AT)
    enquiry = submission.submit(
        dict.fromkeys(submission.CONTENT)
        | submission.NOT_SAID
        | {
            **{"service": service, "practitioner": person, "location": location},
            **{"days": [0], "parts": ["morning"], "name": "Margaret Ellery"},
            **{"email": "m@patients.example", "phone": "", "message": SECRET_WORDS},
        },
        form_key=uuid.uuid4(),
        at=AT,
    ).enquiry
    workflow.offer(
        enquiry,
        practitioner=person,
        location=location,
        starts=[AT + timedelta(days=2)],
        minutes=45,
        by=user,
        at=AT,
    )


@pytest.fixture
def archive(clinic_at_work: None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if connection.in_atomic_block:  # the transaction of a test is its moment
        monkeypatch.setattr(backup, "_snapshot", nullcontext)
    path = folder / "clinic.tar.gz"
    backup.write(path, at=AT)
    return path


def everything() -> dict[str, bytes]:
    """All carried rows, as they are stored."""
    found = {}
    for model in backup.carried():
        out = io.BytesIO()
        rows.write(model, out)
        found[model._meta.label] = out.getvalue()
    return found


def put_back(path: Path) -> None:
    call_command("restore", path, replace=True, yes=True)


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]


def pack(path: Path, contents: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def with_manifest(contents: dict[str, bytes], **changes: Any) -> dict[str, bytes]:
    """These members with a manifest that says so."""
    manifest = json.loads(contents.get("manifest.json", b"{}"))
    rest = {name: data for name, data in contents.items() if name != "manifest.json"}
    manifest |= {"members": {name: hashlib.sha256(data).hexdigest() for name, data in rest.items()}}
    manifest |= changes
    return {**rest, "manifest.json": json.dumps(manifest).encode()}


# -- there and back -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_everything_comes_back(archive: Path) -> None:
    before, version = everything(), content.current_version()
    token = links.token(Enquiry.objects.get())
    Clinic.objects.update(name="Somebody else")
    Enquiry.objects.all().delete()
    User.objects.create_user("intruder")
    Session.objects.create(session_key="s", session_data="", expire_date=AT)
    default_storage.delete("images/knee-0123456789ab.webp")
    default_storage.save("images/later-0123456789ab.png", ContentFile(b"later"))

    put_back(archive)

    assert everything() == before
    assert Enquiry.objects.get().message == SECRET_WORDS
    assert links.resolve(token, at=AT) == Enquiry.objects.get()
    assert list(backup.media_names()) == ["images/knee-0123456789ab.webp"]
    with default_storage.open("images/knee-0123456789ab.webp") as picture:
        assert picture.read() == PICTURE
    assert not Session.objects.exists()
    assert User.objects.get().check_password("a long password")
    factor = SecondFactor.objects.get()
    assert second_factor.recovery_codes_left(factor) == second_factor.RECOVERY_CODES
    next_code = totp.code(factor.secret, totp.step_at(AT) + 1)
    assert second_factor.accepts(factor, next_code, at=AT)
    assert content.current_version().split(".")[0] != version.split(".")[0]
    assert [hit.kind for hit in search.find(SearchDocument, "stairs")] == ["edition"]
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
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "DATA_DIR": str(away),
        "SECRET_KEY": settings_value("SECRET_KEY"),
        "HEALTH_DATA_KEYS": ",".join(settings_value("HEALTH_DATA_KEYS")),
    }
    steps = (
        "import django; django.setup()\n"
        "from django.core.management import call_command as call\n"
        "call('migrate', verbosity=0)\n"
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


def settings_value(name: str) -> Any:
    from django.conf import settings

    return getattr(settings, name)


# -- what is in it ------------------------------------------------------------------------------


def test_health_text_and_keys_are_not_readable_in_it(archive: Path) -> None:
    inside = members(archive)
    plain = b"".join(inside.values())
    assert b"Margaret Ellery" in inside["rows/bookings_enquiry.jsonl"]
    assert b"marmalade" not in plain
    assert settings_value("SECRET_KEY").encode() not in plain
    for key in settings_value("HEALTH_DATA_KEYS"):
        assert key.encode() not in plain
        assert keys.fingerprint(key).encode() in inside["manifest.json"]
    assert not {"rows/django_session.jsonl", "rows/clinic_throttle.jsonl"} & set(inside)
    assert not [name for name in inside if name.startswith("rows/axes_")]


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
    assert "has no file and is not in it: images/knee-0123456789ab.webp" in told.err
    assert "The keys are not in it." in told.out
    assert str(folder / "data/keys/health") in told.out


@pytest.mark.parametrize("name", ["there.tar.gz", "no/such/folder.tar.gz", ""])
def test_where_it_cannot_be_written(db: None, folder: Path, name: str) -> None:
    (folder / "there.tar.gz").write_bytes(b"precious")
    with pytest.raises(CommandError) as refusal:
        call_command("backup", folder / name)
    assert refusal.value.returncode == 2
    assert (folder / "there.tar.gz").read_bytes() == b"precious"


# -- what a restore refuses, with nothing changed -------------------------------------------------


def refused(path: Path, **options: Any) -> str:
    """The words of a refusal; asserts that rows and pictures are as they were."""
    before, pictures = everything(), list(backup.media_names())
    version = content.current_version()
    with pytest.raises(CommandError) as refusal:
        call_command("restore", path, **{"replace": True, "yes": True, **options})
    assert refusal.value.returncode == 2
    assert str(refusal.value).endswith("Nothing was changed.")
    assert everything() == before
    assert list(backup.media_names()) == pictures
    assert content.current_version() == version
    assert guards.missing(connection) == []
    assert not list(settings_value("DATA_DIR").glob(".restore-*"))
    return str(refusal.value)


SOUND = with_manifest(
    {"rows/a.jsonl": b"[]\n", "media/images/a-1.png": b"png"},
    format=1,
    rows={"a": 0},
    migrations=[],
    keys={"secret": ["0"], "health": ["0"]},
)


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        ({**SOUND, "rows/a.jsonl": b"[1]\n"}, "rows/a.jsonl is not what was written"),
        ({**SOUND, "rows/b.jsonl": b"[]\n"}, "rows/b.jsonl is not what was written"),
        ({n: d for n, d in SOUND.items() if n != "rows/a.jsonl"}, "rows/a.jsonl is not what"),
        ({n: d for n, d in SOUND.items() if n != "manifest.json"}, "has no manifest.json"),
        ({**SOUND, "manifest.json": b"[]"}, "manifest.json cannot be read"),
        ({**SOUND, "manifest.json": b"{"}, "manifest.json cannot be read"),
        (with_manifest(SOUND, format=2), "format 2"),
        (with_manifest(SOUND, rows={"a": 0, "b": 0}), "tables are not those"),
        (with_manifest({**SOUND, "../escape.png": b""}), "holds something that no backup holds"),
        (with_manifest({**SOUND, "media/../../a.png": b""}), "that no backup holds"),
        (with_manifest({**SOUND, "/etc/a.png": b""}), "that no backup holds"),
        (with_manifest({**SOUND, "media/page.html": b""}), "that no backup holds"),
        (with_manifest({**SOUND, "rows/A.jsonl": b""}), "that no backup holds"),
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
        assert "that no backup holds" in refused(folder / "bad.tar.gz")


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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda old: [*old, ["clinic", "9999_later"]], "by a newer version"),
        (lambda old: [m for m in old if m != ["clinic", "0001_initial"]], "by an older version"),
    ],
)
def test_another_version_of_the_website_is_named(
    archive: Path, folder: Path, change: Callable[[Any], Any], words: str
) -> None:
    inside = members(archive)
    migrations = change(json.loads(inside["manifest.json"])["migrations"])
    path = pack(folder / "other.tar.gz", with_manifest(inside, migrations=migrations))
    assert words in refused(path)


def test_a_backup_of_other_keys_is_refused(archive: Path, settings: Any) -> None:
    given = settings.SECRET_KEY, settings.HEALTH_DATA_KEYS
    KeyFingerprint.objects.all().delete()
    settings.SECRET_KEY = "another"
    assert "another secret key" in refused(archive)
    settings.SECRET_KEY, settings.HEALTH_DATA_KEYS = given[0], [Fernet.generate_key().decode()]
    words = refused(archive)
    assert f"another health key (fingerprint {keys.fingerprint(given[1][0])}" in words
    # It has learnt no wrong key from the trials: with the right ones it goes on.
    settings.HEALTH_DATA_KEYS = given[1]
    put_back(archive)


def test_a_text_that_no_key_opens_is_refused(archive: Path, folder: Path, settings: Any) -> None:
    old, new = settings.HEALTH_DATA_KEYS[0], Fernet.generate_key().decode()
    settings.HEALTH_DATA_KEYS = [new, old]
    backup.write(folder / "second.tar.gz", at=AT)
    KeyFingerprint.objects.filter(name="health").delete()
    settings.HEALTH_DATA_KEYS = [new]
    with pytest.raises(CommandError, match=r"do not open all of the backup.*Enquiry\.message"):
        put_back(folder / "second.tar.gz")
    settings.HEALTH_DATA_KEYS = [old]
    assert Enquiry.objects.get().message == SECRET_WORDS


def test_rows_that_do_not_fit_change_nothing(archive: Path, folder: Path) -> None:
    inside = members(archive)
    users = inside["rows/clinic_user.jsonl"]
    picture = {"media/images/new-0123456789ab.png": b"new"}
    for table, data, words in (
        ("clinic_user", users.splitlines(keepends=True)[0], "does not have all rows"),
        ("clinic_user", users.replace(b'"joan"', b"null"), "the database does not take them"),
        ("clinic_practitioner", b"[]\n", "its columns are not those"),
    ):
        bad = with_manifest({**inside, **picture, f"rows/{table}.jsonl": data})
        assert words in refused(pack(folder / "bad.tar.gz", bad))
    heads = {name: data.splitlines(keepends=True)[0] for name, data in inside.items()}
    manifest = json.loads(inside["manifest.json"])
    without_people = with_manifest(
        {**inside, "rows/clinic_practitioner.jsonl": heads["rows/clinic_practitioner.jsonl"]},
        rows={**manifest["rows"], "clinic_practitioner": 0},
    )
    assert "breaks rules" in refused(pack(folder / "bad.tar.gz", without_people))


# -- who is asked ---------------------------------------------------------------------------------


def test_what_is_there_is_not_lost_unasked(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "With --replace" in refused(archive, replace=False)
    for answer in ("yes", "", None):

        def ask(prompt: str, answer: str | None = answer) -> str:
            if answer is None:
                raise EOFError
            return answer

        monkeypatch.setattr("builtins.input", ask)
        assert "That was not the name" in refused(archive, yes=False)
    Clinic.objects.update(name="Larkspur")
    monkeypatch.setattr("builtins.input", lambda prompt: "Larkspur ")
    call_command("restore", archive, replace=True)
    assert Clinic.objects.get().name != "Larkspur"


def test_a_freshly_migrated_database_is_empty(db: None, folder: Path) -> None:
    assert restore.is_empty()
    Reference.objects.create(key="one2027", csl={})
    assert not restore.is_empty()
