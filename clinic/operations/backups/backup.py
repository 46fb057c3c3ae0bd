"""One file with all that an installation holds, except its keys.

A tar archive, compressed by gzip: `rows/<table>.jsonl` (clinic.lib.database.rows), `media/<name>`,
and last `manifest.json` with format, version, moment, applied migrations, number of rows of each
table, SHA-256 of every other member, the fingerprints of the keys, and a signature made with the
secret key, so that nobody without that key can change it unnoticed. It does not depend on the kind
of database or storage that it was made from. Health texts are in it as they are stored, encrypted;
names, addresses and phone numbers are readable.
"""

import hashlib
import json
import os
import secrets
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.utils.crypto import salted_hmac

from clinic import hooks
from clinic.lib.database import rows
from clinic.lib.web.media import NAME, TYPES
from clinic.models import Image
from clinic.operations import installation_keys, version

FORMAT = 1
MANIFEST = "manifest.json"

# Of the installation, not of its content: a restore leaves what is there.
STAYS = {"clinic.KeyFingerprint", "clinic.ContentVersion"}
# Of the moment: sign-ins, who knocked how often, what last succeeded; and hooks.passing. A restore
# empties them.
PASSING = {"clinic.Heartbeat", "clinic.Missing", "clinic.Throttle", "sessions.Session"}

# The first statement of a transaction that sees the database as of one moment and holds nobody up.
BEGIN = {
    "sqlite": "BEGIN DEFERRED",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}


@dataclass
class Summary:
    """What a backup holds. `missing`: pictures of the library that have no file."""

    rows: int = 0
    files: int = 0
    size: int = 0  # of the archive, in bytes
    missing: list[str] = field(default_factory=list)


def carried() -> list[type[models.Model]]:
    """The models whose tables are in a backup, those behind many-to-many fields too, by table."""
    return [model for model in _tables() if model._meta.label not in STAYS and not _passes(model)]


def passing() -> list[type[models.Model]]:
    """The models whose rows mean nothing after a restore."""
    return [model for model in _tables() if _passes(model)]


def applied_migrations() -> list[list[str]]:
    """[app, name] of each migration that this database has been through, sorted."""
    return sorted([app, name] for app, name in MigrationLoader(connection).applied_migrations)


def signature(manifest: dict[str, Any]) -> str:
    """HMAC-SHA-256 (hex) of all that a manifest says but its signature, with the secret key."""
    said = {name: value for name, value in manifest.items() if name != "signature"}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return salted_hmac("clinic.backup", text, algorithm="sha256").hexdigest()


def media_names(folder: str = "") -> Iterator[str]:
    """The names of all uploaded files that the site would serve."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        path = f"{folder}/{name}" if folder else name
        if is_media_name(path):
            yield path
    for name in sorted(folders):
        yield from media_names(f"{folder}/{name}" if folder else name)


def is_media_name(name: str) -> bool:
    """Whether a file of this name could be one of ours: a picture, and no way out of the folder."""
    match = NAME.fullmatch(name)
    return match is not None and match[1] in TYPES


def write(path: Path, *, at: datetime) -> Summary:
    """Write a backup of this moment; `path` is there wholly or not at all. Not in a transaction.

    The site may go on meanwhile. Raises FileExistsError where there is a file already, OSError
    where none can be written, ImproperlyConfigured where the keys are not those of the database.
    """
    installation_keys.verify()
    if path.exists():
        raise FileExistsError(f"{path} already exists.")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
                summary = _fill(_Archive(tar, path.parent, at))
            file.flush()
            os.fsync(file.fileno())
        summary.size = draft.stat().st_size
        draft.rename(path)
        _sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)
    return summary


def _fill(archive: "_Archive") -> Summary:
    summary, counts = Summary(), {}
    with _snapshot():
        for model in carried():
            table = model._meta.db_table
            with archive.member(f"rows/{table}.jsonl") as out:
                counts[table] = rows.write(model, out)
        migrations = applied_migrations()
        pictures = set(Image.objects.values_list("file", flat=True))
    for name in media_names():
        try:
            source = default_storage.open(name)
        except FileNotFoundError:  # deleted since it was listed
            continue
        with source, archive.member(f"media/{name}") as out:
            shutil.copyfileobj(source, out)
        pictures.discard(name)
        summary.files += 1
    archive.finish(
        {
            "format": FORMAT,
            "version": version.VERSION,
            "made_at": archive.at.isoformat(),
            "migrations": migrations,
            "rows": counts,
            "keys": installation_keys.fingerprints(),
        }
    )
    summary.rows, summary.missing = sum(counts.values()), sorted(pictures)
    return summary


class _Archive:
    """The archive while it is written. Members lie in `folder`, nameless, until they are whole."""

    def __init__(self, tar: tarfile.TarFile, folder: Path, at: datetime) -> None:
        self.tar, self.folder, self.at = tar, folder, at
        self.members: dict[str, str] = {}

    @contextmanager
    def member(self, name: str) -> Iterator[IO[bytes]]:
        with tempfile.TemporaryFile(dir=self.folder) as file:
            yield file
            file.seek(0)
            self.members[name] = hashlib.file_digest(file, "sha256").hexdigest()
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = file.tell(), int(self.at.timestamp()), 0o600
            file.seek(0)
            self.tar.addfile(info, file)

    def finish(self, manifest: dict[str, Any]) -> None:
        manifest = {**manifest, "members": dict(self.members)}
        text = json.dumps({**manifest, "signature": signature(manifest)}, indent=1)
        with self.member(MANIFEST) as out:
            out.write(text.encode())


@contextmanager
def _snapshot() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(BEGIN[connection.vendor])
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _tables() -> list[type[models.Model]]:
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    return sorted(found, key=lambda model: model._meta.db_table)


def _passes(model: type[models.Model]) -> bool:
    return model._meta.label in PASSING | hooks.passing


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
