"""Putting a backup (clinic.backup) in place of all that this installation holds.

Everything is unpacked and verified before anything is changed; then pictures are put in place, and
last all rows change in one transaction.
"""

import gzip
import hashlib
import json
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, models
from django.db.migrations.executor import MigrationExecutor

from clinic import backup, content, demo, frame, keys
from clinic.lib import guards, rows, search
from clinic.lib.encrypted import Undecryptable
from clinic.models import SearchDocument

TABLE_MEMBER = re.compile(r"rows/[a-z0-9_]+\.jsonl")
# Ids that were given out between a backup and its restore stand in private links and shared
# previews. So that none of them opens what belongs to somebody else, new ids begin further on.
IDS_NOT_GIVEN_AGAIN = 100_000
# What `migrate` puts into an empty database.
MADE_BY_MIGRATE = {
    "articles.Article",
    "articles.Edition",
    "articles.Rendering",
    "auth.Group",
    "auth.Group_permissions",
    "auth.Permission",
    "clinic.Clinic",
    "clinic.SearchDocument",
    "contenttypes.ContentType",
}


class Refused(Exception):
    """Nothing was changed; the text says why and, where something can be done, what."""


@dataclass(frozen=True)
class Archive:
    """A backup that was unpacked into `folder`, whole and undamaged."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def media(self) -> list[str]:
        """The names of its pictures in the storage."""
        return [
            name.removeprefix("media/")
            for name in self.manifest["members"]
            if name.startswith("media/")
        ]

    def table(self, model: type[models.Model]) -> Path:
        return self.folder / "rows" / f"{model._meta.db_table}.jsonl"


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Unpack a backup into DATA_DIR for as long as the block lasts. Raises Refused."""
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_DIR) as name:
        folder = Path(name)
        try:
            found = _unpack(path, folder)
        except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile):
            raise Refused(f"{path} is damaged, or is no backup.") from None
        except OSError as error:
            raise Refused(f"{path} cannot be read: {error.strerror or error}.") from None
        yield Archive(folder, _manifest(path, folder, found))


def check(archive: Archive) -> None:
    """Raise Refused where this installation cannot take the backup."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refused("The database is not up to date. Run: manage.py migrate")
    theirs = {tuple(entry) for entry in archive.manifest["migrations"]}
    ours = {tuple(entry) for entry in backup.applied_migrations()}
    if theirs - ours:
        raise Refused(
            "The backup was made by a newer version of this website. Install that version first."
        )
    if ours - theirs:
        raise Refused(
            "The backup was made by an older version of this website. Install that version (its "
            f"migrations end at {_last(theirs)}) beside this one, restore there, upgrade it, and "
            "make a new backup."
        )
    mine = backup.key_fingerprints()
    for name, variable in (("secret", "SECRET_KEY"), ("health", "HEALTH_DATA_KEYS")):
        if not set(archive.manifest["keys"][name]) & set(mine[name]):
            raise Refused(
                f"The backup was made with another {name} key (fingerprint "
                f"{archive.manifest['keys'][name][0]}; here it is {mine[name][0]}). Put the key "
                f"that belongs to it into {settings.DATA_DIR / 'keys' / name}, or give it as "
                f"{variable}."
            )
    keys.verify()  # last: an empty database learns the keys from it


def is_empty() -> bool:
    """Whether this database holds nothing but what `migrate` makes."""
    return demo.is_empty() and not any(
        model._base_manager.exists()
        for model in backup.carried()
        if model._meta.label not in MADE_BY_MIGRATE
    )


def load(archive: Archive) -> int:
    """Put the backup in place of everything; returns the number of rows.

    Raises Refused, with rows and pictures as they were, where the database does not take it.
    """
    added: list[str] = []
    try:
        for name in archive.media:
            _put(archive.folder / "media" / name, name, added)
        count = _replace_rows(archive)
    except BaseException:
        for name in added:
            default_storage.delete(name)
        raise
    for name in set(backup.media_names()) - set(archive.media):
        default_storage.delete(name)
    ContentType.objects.clear_cache()
    frame.forget()
    return count


def _unpack(path: Path, folder: Path) -> dict[str, str]:
    """Write the members into the folder; returns the SHA-256 of each by its name."""
    found: dict[str, str] = {}
    with gzip.open(path) as stream:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for info in tar:
                content = tar.extractfile(info) if info.isreg() else None
                if content is None or info.name in found or not _is_ours(info.name):
                    raise Refused(f"{path} holds something that no backup holds: {info.name!r}.")
                found[info.name] = _copy(content, folder / info.name)
        while stream.read(1 << 20):  # to the end, where gzip compares its checksum
            pass
    return found


def _is_ours(name: str) -> bool:
    if name.startswith("media/"):
        return backup.is_media_name(name.removeprefix("media/"))
    return name == backup.MANIFEST or TABLE_MEMBER.fullmatch(name) is not None


def _copy(source: IO[bytes], target: Path) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("x+b") as file:
        shutil.copyfileobj(source, file)
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(path: Path, folder: Path, found: dict[str, str]) -> dict[str, Any]:
    """The manifest, once all that it names is there as it says, and nothing else is."""
    if found.pop(backup.MANIFEST, None) is None:
        raise Refused(f"{path} has no {backup.MANIFEST}: it is cut off, or is no backup.")
    try:
        manifest = json.loads((folder / backup.MANIFEST).read_bytes())
        form, expected, counts = manifest["format"], manifest["members"], manifest["rows"]
    except (ValueError, TypeError, KeyError):
        raise Refused(f"{path}: its {backup.MANIFEST} cannot be read.") from None
    if form != backup.FORMAT:
        raise Refused(f"{path} has format {form}; this version reads format {backup.FORMAT}.")
    damaged = sorted(
        name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)
    )
    if damaged:
        raise Refused(f"{path} is damaged: {damaged[0]} is not what was written.")
    if {f"rows/{table}.jsonl" for table in counts} != {n for n in found if n.startswith("rows/")}:
        raise Refused(f"{path}: its tables are not those of its {backup.MANIFEST}.")
    return dict(manifest)


def _last(migrations: set[tuple[str, ...]]) -> str:
    newest = {app: max(name for a, name in migrations if a == app) for app, _ in migrations}
    ours = ("clinic", "articles", "bookings")
    return ", ".join(f"{app} {newest[app]}" for app in ours if app in newest)


def _put(source: Path, name: str, added: list[str]) -> None:
    """Put a picture into the storage; what is there under its name must be the very same."""
    if default_storage.exists(name):
        with default_storage.open(name) as there, source.open("rb") as here:
            if there.read() == here.read():
                return
        default_storage.delete(name)
    added.append(name)
    with source.open("rb") as file:
        default_storage.save(name, File(file))


def _replace_rows(archive: Archive) -> int:
    carried = backup.carried()
    try:
        with guards.stand_aside(connection):
            with connection.cursor() as cursor:
                for model in [*backup.passing(), *carried]:
                    table = connection.ops.quote_name(model._meta.db_table)
                    cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            count = sum(_load_table(archive, model) for model in carried)
            connection.check_constraints()
            for model in carried:
                _move_ids_on(model)
            search.rebuild(SearchDocument)
            content.new_history()
    except rows.Unfit as error:
        raise Refused(f"The backup does not fit: {error}") from None
    except Undecryptable as error:
        raise Refused(f"The keys of this process do not open all of the backup. {error}") from None
    except IntegrityError:
        raise Refused("The backup breaks rules of the database: it is not whole.") from None
    return count


def _load_table(archive: Archive, model: type[models.Model]) -> int:
    table = model._meta.db_table
    try:
        with archive.table(model).open("rb") as file:
            count = rows.read(model, file)
    except FileNotFoundError:
        raise Refused(f"The backup has no table {table}.") from None
    if count != archive.manifest["rows"][table]:
        raise Refused(f"The backup does not have all rows of {table}.")
    return count


def _move_ids_on(model: type[models.Model]) -> None:
    """Let the next id of a table that counts its rows be one that was never given out."""
    key: Any = model._meta.pk
    if not isinstance(key, models.AutoField):
        return
    table = model._meta.db_table
    highest = model._base_manager.aggregate(highest=models.Max("pk"))["highest"] or 0
    last = highest + IDS_NOT_GIVEN_AGAIN
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
        else:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
                [connection.ops.quote_name(table), key.column, last],
            )
