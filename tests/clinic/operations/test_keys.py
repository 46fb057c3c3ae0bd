"""Keys: made once, never replaced in silence."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from clinic.models import KeyFingerprint
from clinic.operations import installation_keys


def sqlite(folder: Path) -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "db.sqlite3")}


def load(folder: Path, **given: Any) -> installation_keys.Keys:
    return installation_keys.load(
        folder,
        secret=given.get("secret", ""),
        health=given.get("health", []),
        database=given.get("database", sqlite(folder)),
    )


def test_keys_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = load(tmp_path)
    assert load(tmp_path) == first
    assert first.secret != first.health[0]
    for name in ("secret", "health"):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600
    assert sorted(p.name for p in (tmp_path / "keys").iterdir()) == ["health", "secret"]


def test_given_keys_are_not_written(tmp_path: Path) -> None:
    given = [Fernet.generate_key().decode() for _ in range(2)]
    assert load(tmp_path, secret="s", health=given) == installation_keys.Keys("s", given)
    assert not (tmp_path / "keys").exists()


def test_a_lost_key_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite3").touch()
    with pytest.raises(ImproperlyConfigured, match="Put your copy of the key file back"):
        load(tmp_path)


def test_a_database_elsewhere_needs_given_keys(tmp_path: Path) -> None:
    database = {"ENGINE": "django.db.backends.postgresql", "HOST": "db.example", "NAME": "clinic"}
    with pytest.raises(ImproperlyConfigured, match=r"db\.example: set the same SECRET_KEY"):
        load(tmp_path, database=database)


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from clinic.operations import installation_keys as keys; f = Path(sys.argv[1]);"
        "db = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': str(f / 'db.sqlite3')};"
        "print(keys.load(f, secret='', health=[], database=db))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."})
        for _ in range(4)
    ]
    answers = {process.communicate()[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 4
    assert len(answers) == 1


@pytest.mark.django_db
def test_the_database_learns_the_keys_and_then_insists(settings: Any) -> None:
    KeyFingerprint.objects.all().delete()
    installation_keys.verify()
    prints = dict(KeyFingerprint.objects.values_list("name", "fingerprint"))
    assert prints["secret"] == installation_keys.fingerprint(settings.SECRET_KEY)
    installation_keys.verify()
    settings.HEALTH_DATA_KEYS = ["another", *settings.HEALTH_DATA_KEYS]
    installation_keys.verify()
    settings.HEALTH_DATA_KEYS = ["another"]
    with pytest.raises(ImproperlyConfigured, match="The health key"):
        installation_keys.verify()


def test_a_fingerprint_tells_nothing_of_the_key() -> None:
    assert installation_keys.fingerprint("a key") == installation_keys.fingerprint("a key")
    assert installation_keys.fingerprint("a key") != installation_keys.fingerprint("b key")
    assert len(installation_keys.fingerprint("a key")) == 16
