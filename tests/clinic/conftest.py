"""People, mail and archives that tests of the ground floor share."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

# Models are imported inside: this file is read before Django is set up.


@pytest.fixture
def manager_client(client_as: Callable[[str], Any]) -> Any:
    return client_as("Manager")


@pytest.fixture
def mara(editor: Any) -> Any:
    """An editor with an address and a password."""
    from tests.clinic.signing_in import PASSWORD

    editor.email = "mara@larkspur.example"
    editor.set_password(PASSWORD)
    editor.save()
    return editor


@pytest.fixture
def joan(receptionist: Any) -> Any:
    """A receptionist who signs in by password."""
    from tests.clinic.signing_in import PASSWORD

    receptionist.set_password(PASSWORD)
    receptionist.save()
    return receptionist


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Message kinds for a test: "note" writes a mail to a patient."""
    from django.core.mail import EmailMultiAlternatives

    from clinic import hooks

    kinds: dict[str, Any] = {
        "note": lambda message: EmailMultiAlternatives(
            "A note",
            f"About {message.object_id}.",
            "desk@clinic.example",
            ["pat@patients.example"],
        )
    }
    monkeypatch.setattr(hooks, "message_kinds", kinds)
    return kinds


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
    from tests.clinic.archives import set_to_work

    set_to_work()


@pytest.fixture
def archive(clinic_at_work: None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup of the clinic at work."""
    from django.db import connection

    from clinic.operations.backups import backup
    from tests.clinic.archives import AT

    if connection.in_atomic_block:  # the transaction of a test is its moment
        monkeypatch.setattr(backup, "_snapshot", nullcontext)
    path = folder / "clinic.tar.gz"
    backup.write(path, at=AT)
    return path
