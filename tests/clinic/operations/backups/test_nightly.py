"""The backup of every night, and the alarm when there is none."""

import logging
import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from django.core import mail

from clinic.models import Clinic, Heartbeat
from clinic.operations import pings
from clinic.operations.backups import backup, drill, keeping, nightly, places

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def said(db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the service of CHECK_URL_BACKUP was sent."""
    said: list[str] = []
    monkeypatch.setattr(pings, "ping", lambda name, problem="": said.append(problem))
    return said


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backups of a few bytes, which can be restored."""

    def write(path: Path, *, at: datetime) -> backup.Summary:
        path.write_bytes(b"a backup")
        path.chmod(0o600)
        return backup.Summary(rows=3, files=1)

    monkeypatch.setattr(backup, "write", write)
    monkeypatch.setattr(drill, "restore", lambda file: drill.Result(3, 1, "now"))


@pytest.fixture
def night(said: list[str], quick: None, folder: Path, settings: Any) -> Iterator[Path]:
    """A folder for nightly backups."""
    place = folder / "place"
    place.mkdir()
    settings.BACKUP_TO, settings.BACKUP_COMMAND, settings.BACKUP_RECIPIENT = [str(place)], "", ""
    Clinic.objects.update(time_zone="UTC")
    yield place
    assert not list(settings.DATA_DIR.glob(".nightly-*"))


def names(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


# -- which are kept -------------------------------------------------------------------------------


def test_a_year_of_nights_leaves_days_weeks_and_months() -> None:
    kept: set[str] = {"clinic-notes.tar.gz", "clinic-2019-01-01.tar.gz.part", "2020-01-01.tar.gz"}
    foreign = set(kept)
    for number in range(800):
        kept.add(keeping.name_of(date(2026, 1, 1) + timedelta(days=number)))
        kept -= keeping.superfluous(kept)
    last = date(2026, 1, 1) + timedelta(days=799)  # 10 March 2028
    days = sorted(date.fromisoformat(name[7:17]) for name in kept - foreign)
    assert foreign < kept
    assert days[-7:] == [last - timedelta(days=n) for n in range(6, -1, -1)]
    assert len({day.isocalendar()[:2] for day in days[-11:]}) == 5
    assert len({(day.year, day.month) for day in days}) == 12
    assert len(days) <= 7 + 5 + 12


def test_nothing_is_removed_while_no_new_one_comes() -> None:
    kept = {keeping.name_of(date(2027, 3, day)) for day in range(1, 8)}
    assert keeping.superfluous(kept) == set()


# -- one night ------------------------------------------------------------------------------------


def test_it_is_made_once_a_day_and_is_private(night: Path, said: list[str]) -> None:
    nightly.run(AT.replace(hour=1))
    assert names(night) == []
    for later in (0 * HOUR, 5 * HOUR):
        nightly.run(AT + later)
    assert names(night) == ["clinic-2027-03-14.tar.gz"]
    assert stat.S_IMODE((night / names(night)[0]).stat().st_mode) == 0o600
    assert Heartbeat.objects.get(name=Heartbeat.BACKUP).at == AT
    assert said == [""]
    nightly.run(AT + DAY)
    assert len(names(night)) == 2


def test_the_day_is_that_of_the_clinic(night: Path) -> None:
    from clinic.site import page_context

    Clinic.objects.update(time_zone="America/Vancouver")
    page_context.forget()
    with page_context.local_conventions():
        nightly.run(datetime(2027, 3, 15, 6, 30, tzinfo=UTC))  # 23:30 the evening before
    assert names(night) == ["clinic-2027-03-14.tar.gz"]


def test_of_two_workers_one_makes_it(night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(nightly, "make", lambda at: (made.append(at), nightly.run(at)))
    nightly.run(AT)
    assert made == [AT]


def test_without_a_place_nothing_is_made(night: Path, settings: Any, said: list[str]) -> None:
    settings.BACKUP_TO = []
    nightly.run(AT)
    assert (names(night), said) == ([], [])


def test_a_place_that_fails_is_named_and_tried_again(
    night: Path, said: list[str], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    away = night.parent / "away"
    settings.BACKUP_TO = [str(away), str(night)]
    nightly.run(AT)
    assert names(night) == ["clinic-2027-03-14.tar.gz"]
    assert said == [f"It could not be stored in {away} (No such file or directory)."]
    assert said[0] in caplog.text
    assert not Heartbeat.objects.filter(name=Heartbeat.BACKUP).exists()
    away.mkdir()
    nightly.run(AT + HOUR / 2)
    assert names(away) == []
    nightly.run(AT + HOUR)
    assert names(away) == ["clinic-2027-03-14.tar.gz"]
    assert said[1:] == [""]


@pytest.mark.parametrize(
    ("restored", "words"),
    [(drill.Result(2, 1, "now"), "What was restored"), (drill.Failed("It is damaged."), "damaged")],
)
def test_one_that_cannot_be_restored_is_not_stored(
    restored: Any, words: str, night: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def restore(file: Path) -> drill.Result:
        if isinstance(restored, Exception):
            raise restored
        return restored

    monkeypatch.setattr(drill, "restore", restore)
    nightly.run(AT)
    assert names(night) == []
    assert words in said[0]


def test_what_will_fail_is_seen_before_the_night(
    night: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(nightly.findings()) == []
    settings.BACKUP_TO = ["/nowhere/at/all", "s3://bucket/folder"]
    settings.BACKUP_RECIPIENT = "/nowhere/safe.asc"
    monkeypatch.setenv("PATH", "/nowhere")
    facts = [finding.fact for finding in nightly.findings() if not finding.is_ok]
    assert [fact.split()[0] for fact in facts] == ["/nowhere/at/all", "the", "gpg"]


def test_a_command_gets_the_file(night: Path, said: list[str], settings: Any) -> None:
    settings.BACKUP_TO, settings.BACKUP_COMMAND = [], f"cp -t {night}"
    nightly.run(AT)
    assert names(night) == ["clinic-2027-03-14.tar.gz"]
    settings.BACKUP_COMMAND = "false"
    nightly.run(AT + DAY)
    settings.BACKUP_COMMAND = "/nowhere/at/all --password=hunter2"
    nightly.run(AT + 2 * DAY)
    assert said == [
        "",
        "BACKUP_COMMAND ended with 1.",
        "BACKUP_COMMAND could not be run (FileNotFoundError).",
    ]


def test_what_a_killed_worker_left_is_removed(night: Path, settings: Any) -> None:
    (settings.DATA_DIR / ".nightly-old").mkdir()
    nightly.run(datetime.now(UTC) + 30 * DAY)
    assert not (settings.DATA_DIR / ".nightly-old").exists()


def test_a_bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stored: dict[str, bytes] = {"off/site/clinic-2027-03-01.tar.gz": b"", "off/site/": b""}
    made = []

    def client(kind: str, endpoint_url: str) -> Any:
        made.append((kind, endpoint_url))
        contents = [{"Key": key} for key in stored]
        paginate = lambda Bucket, Prefix: iter([{"Contents": contents}, {}])  # noqa: E731
        return SimpleNamespace(
            upload_file=lambda file, bucket, key: stored.update({key: Path(file).read_bytes()}),
            get_paginator=lambda name: SimpleNamespace(paginate=paginate),
            delete_object=lambda Bucket, Key: stored.pop(Key),
        )

    monkeypatch.setattr(boto3, "client", client)
    file = tmp_path / "clinic-2027-03-14.tar.gz"
    file.write_bytes(b"new")
    bucket = places.Bucket("s3://vault/off/site/?endpoint=https://s3.example")
    bucket.put(file)
    assert stored["off/site/clinic-2027-03-14.tar.gz"] == b"new"
    assert "clinic-2027-03-01.tar.gz" in bucket.names()
    bucket.remove("clinic-2027-03-01.tar.gz")
    assert list(stored) == ["off/site/", "off/site/clinic-2027-03-14.tar.gz"]
    assert made[0] == ("s3", "https://s3.example")


# -- encrypted ------------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("gpg"), reason="gpg is not installed: apt-get install gnupg")
def test_what_is_stored_opens_with_the_private_key_alone(
    night: Path, settings: Any, tmp_path: Path, said: list[str]
) -> None:
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--batch", "--quiet", "--homedir", str(home)]
    try:
        made = [*gpg, "--passphrase", "", "--quick-generate-key", "Safe", "future-default"]
        subprocess.run(made, check=True, capture_output=True)
        key = tmp_path / "safe.asc"
        subprocess.run([*gpg, "--armor", "--output", str(key), "--export"], check=True)
        settings.BACKUP_RECIPIENT = str(key)
        nightly.run(AT)
        assert (said, names(night)) == ([""], ["clinic-2027-03-14.tar.gz.gpg"])
        sealed = night / names(night)[0]
        assert b"a backup" not in sealed.read_bytes()
        opened = subprocess.run([*gpg, "--decrypt", str(sealed)], capture_output=True, check=True)
        assert opened.stdout == b"a backup"
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)
    settings.BACKUP_RECIPIENT = str(tmp_path / "no-key.asc")
    nightly.run(AT + DAY)
    assert "could not be encrypted for" in said[1]
    assert len(names(night)) == 1


def test_without_gpg_nothing_is_stored_in_clear(
    night: Path, said: list[str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKUP_RECIPIENT = "/etc/safe.asc"
    monkeypatch.setenv("PATH", "/nowhere")
    nightly.run(AT)
    assert (names(night), said) == ([], ["gpg is not installed: apt-get install gnupg"])


# -- alarm ----------------------------------------------------------------------------------------


def test_an_old_backup_is_told_by_email_once_a_day(
    db: None, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    Clinic.objects.update(is_demo=False, email="hello@clinic.example")
    Heartbeat.objects.beat(Heartbeat.BACKUP, AT)
    settings.OPERATOR_EMAIL = ""
    nightly.alarm(AT + 3 * DAY)
    settings.OPERATOR_EMAIL = "ops@clinic.example"
    for later in (DAY, 3 * DAY, 3 * DAY + HOUR, 4 * DAY):
        nightly.alarm(AT + later)
    assert len(mail.outbox) == 2
    assert mail.outbox[0].to == ["ops@clinic.example"]
    assert mail.outbox[0].from_email == "hello@clinic.example"
    assert "the last one is 3" in mail.outbox[0].body
    assert settings.SITE_URL in mail.outbox[0].subject


def test_a_new_installation_gets_no_alarm_before_its_first_backup(
    night: Path, settings: Any
) -> None:
    Clinic.objects.update(is_demo=False)
    settings.OPERATOR_EMAIL = "ops@clinic.example"
    nightly.alarm(AT)
    assert mail.outbox == []
    settings.BACKUP_TO = ["/nowhere/at/all"]
    nightly.run(AT)
    nightly.alarm(AT)
    assert len(mail.outbox) == 1


def test_an_alarm_that_was_not_sent_is_tried_again(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(message: Any) -> None:
        raise ConnectionRefusedError

    Clinic.objects.update(is_demo=False)
    settings.OPERATOR_EMAIL = "ops@clinic.example"
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr("django.core.mail.EmailMessage.send", away)
        nightly.alarm(AT)
    assert "was not sent (ConnectionRefusedError)" in caplog.text
    nightly.alarm(AT + HOUR)
    assert len(mail.outbox) == 1
