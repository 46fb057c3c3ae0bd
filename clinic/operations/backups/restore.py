"""Putting a backup (clinic.operations.backups.backup) in place of all that this installation holds.

A backup is read through, without writing anything, until it is known to be whole, of this
installation and of a size that can be. Then it is unpacked; pictures are put in place, and last all
rows change in one transaction.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils.crypto import constant_time_compare

from clinic import hooks
from clinic.lib.database import guards, rows
from clinic.lib.fields.encrypted import Undecryptable
from clinic.lib.search import index
from clinic.models import SearchDocument
from clinic.operations import demo, installation_keys, version
from clinic.operations.backups import backup, older, reading, scratch
from clinic.operations.backups.reading import Refused
from clinic.site import content_version, page_context

# Ids that were given out between a backup and its restore stand in private links and shared
# previews. So that none of them opens another person's data, new ids begin further on.
IDS_NOT_GIVEN_AGAIN = 100_000
# What `migrate` puts into an empty database, beside hooks.made_by_migrate.
MADE_BY_MIGRATE = {
    "auth.Group",
    "auth.Group_permissions",
    "auth.Permission",
    "clinic.Clinic",
    "clinic.SearchDocument",
    "clinic.SynonymGroup",
    "contenttypes.ContentType",
}


@dataclass(frozen=True)
class Archive:
    """A backup that was unpacked into `folder`, whole and undamaged."""

    folder: Path
    manifest: dict[str, Any]
    is_signed: bool

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
def opened(path: Path, *, unsigned: bool = False) -> Iterator[Archive]:
    """Unpack a backup into DATA_DIR for as long as the block lasts. Raises Refused, before anything
    is written, where this installation cannot take it.

    `unsigned`: take one that was not signed with this key, or was changed since. One of an older
    version is brought up to date beside this site first.
    """
    manifest = reading.read_through(path)
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refused("The database is not up to date. Run: manage.py migrate")
    _check(manifest, unsigned=unsigned)
    installation_keys.verify()  # last: an empty database learns the keys from it
    if is_older(manifest):
        with scratch.site() as site:
            newer = site.folder / "newer.tar.gz"
            trust = ["--unsigned"] if unsigned else []
            try:
                site.manage("restore", str(path.absolute()), "--upgrade-to", str(newer), *trust)
            except scratch.Failed as failure:
                raise Refused(
                    f"The backup was made by {_version(manifest)}, and cannot be upgraded: "
                    f"{failure} Install that version, and restore it there."
                ) from None
            with opened(newer) as archive:
                yield replace(archive, is_signed=is_signed(manifest))
        return
    with _unpacked(path, manifest) as archive:
        yield archive


def upgrade(path: Path, target: Path, *, unsigned: bool) -> None:
    """Write a backup of an older version to `target` as one of this version, by way of this empty
    database. Raises Refused where it cannot be."""
    manifest = reading.read_through(path)
    _check(manifest, unsigned=unsigned)
    with _unpacked(path, manifest) as archive:
        try:
            older.load(archive.folder, manifest)
        except (rows.Unfit, Undecryptable, IntegrityError) as error:
            raise Refused(str(error)) from None
        for name in archive.media:
            _put(archive.folder / "media" / name, name, [])
    backup.write(target, at=datetime.fromisoformat(manifest["made_at"]))


@contextmanager
def _unpacked(path: Path, manifest: dict[str, Any]) -> Iterator[Archive]:
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_DIR) as name:
        folder = Path(name)
        with reading.reading(path):
            for member, content in reading.members(path):
                if member != backup.MANIFEST:
                    reading.copy(content, folder / member, manifest["members"].get(member, ""))
        yield Archive(folder, manifest, is_signed(manifest))


def is_older(manifest: dict[str, Any]) -> bool:
    """Whether the version that made a backup lacks migrations of this one."""
    return bool(_ours() - _theirs(manifest))


def _ours() -> set[tuple[str, str]]:
    return set(MigrationLoader(None).disk_migrations)


def _theirs(manifest: dict[str, Any]) -> set[tuple[str, str]]:
    return {(app, name) for app, name in manifest["migrations"]}


def _version(manifest: dict[str, Any]) -> str:
    return f"version {manifest['version']}" if "version" in manifest else "an older version"


def _check(manifest: dict[str, Any], *, unsigned: bool) -> None:
    if unknown := sorted(_theirs(manifest) - _ours()):
        raise Refused(
            f"The backup was made by a newer version of this website ({_version(manifest)}, with "
            f"{unknown[-1][0]} {unknown[-1][1]}; this is {version.VERSION}). Install that version "
            "first."
        )
    mine = installation_keys.fingerprints()
    for name, variable in (("secret", "SECRET_KEY"), ("health", "HEALTH_DATA_KEYS")):
        if not set(manifest["keys"][name]) & set(mine[name]):
            raise Refused(
                f"The backup was made with another {name} key (fingerprint "
                f"{manifest['keys'][name][0]}; here it is {mine[name][0]}). Put the key "
                f"of the backup into {settings.DATA_DIR / 'keys' / name}, or set it as "
                f"{variable}."
            )
    if not unsigned and not is_signed(manifest):
        raise Refused(
            "The backup is not signed with the secret key of this installation: either it has been "
            "changed or an older version made it. If you are sure where it comes from, "
            "give --unsigned."
        )


def is_signed(manifest: dict[str, Any]) -> bool:
    """Whether this installation made the backup, and nobody changed it since."""
    given = str(manifest.get("signature") or "")
    return constant_time_compare(given, backup.signature(manifest))


def is_empty() -> bool:
    """Whether this database holds nothing but what `migrate` makes."""
    made_by_migrate = MADE_BY_MIGRATE | hooks.made_by_migrate
    return demo.is_empty() and not any(
        model._base_manager.exists()
        for model in backup.carried()
        if model._meta.label not in made_by_migrate
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
    page_context.forget()
    return count


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
            index.rebuild(SearchDocument)
            content_version.new_history()
    except rows.Unfit as error:
        raise Refused(f"The backup does not fit: {error}") from None
    except Undecryptable as error:
        raise Refused(f"The keys cannot decrypt all of the backup. {error}") from None
    except IntegrityError:
        raise Refused("The backup breaks database rules: it is incomplete.") from None
    return count


def _load_table(archive: Archive, model: type[models.Model]) -> int:
    table = model._meta.db_table
    try:
        with archive.table(model).open("rb") as file:
            count = rows.read(model, file)
    except FileNotFoundError:
        raise Refused(f"The backup has no table {table}.") from None
    if count != archive.manifest["rows"][table]:
        raise Refused(f"Some rows of {table} are missing from the backup.")
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
