"""Putting a backup (clinic.operations.backups.backup) in place of all that this installation holds.

A backup is read through, without writing anything, until it is known to be whole, of this
installation and of a size that can be. Then it is unpacked; pictures are put in place, and last all
rows change in one transaction.
"""

import gzip
import hashlib
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

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, models
from django.db.migrations.executor import MigrationExecutor
from django.utils.crypto import constant_time_compare

from clinic import hooks
from clinic.lib import nested_json
from clinic.lib.database import guards, rows
from clinic.lib.fields.encrypted import Undecryptable
from clinic.lib.search import index
from clinic.models import SearchDocument
from clinic.operations import demo, installation_keys
from clinic.operations.backups import backup
from clinic.site import content_version, page_context

# What an archive may grow to: rows and pictures of ours shrink to a tenth at best.
MOST_GROWTH, ALWAYS_TAKEN = 100, 64 * 1024**2  # times its size, bytes
LONGEST_MANIFEST = 64 * 1024**2  # bytes

TABLE_MEMBER = re.compile(r"rows/[a-z0-9_]+\.jsonl")
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
def opened(path: Path, *, unsigned: bool = False) -> Iterator[Archive]:
    """Unpack a backup into DATA_DIR for as long as the block lasts. Raises Refused, before anything
    is written, where this installation cannot take it.

    `unsigned`: take one that was not signed with this key, or was changed since.
    """
    manifest = _read_through(path)
    _check(manifest, unsigned=unsigned)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_DIR) as name:
        folder = Path(name)
        with _reading(path):
            for member, content in _members(path):
                if member != backup.MANIFEST:
                    _copy(content, folder / member, manifest["members"].get(member, ""))
        yield Archive(folder, manifest)


def _check(manifest: dict[str, Any], *, unsigned: bool) -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refused("The database is not up to date. Run: manage.py migrate")
    theirs = {tuple(entry) for entry in manifest["migrations"]}
    ours = {tuple(entry) for entry in backup.applied_migrations()}
    if theirs - ours:
        raise Refused(
            "The backup was made by a newer version of this website. Install that version first."
        )
    if ours - theirs:
        raise Refused(
            "The backup was made by an older version of this website. Install that version (its "
            f"migrations end at {_last(theirs)}) separately, restore there, upgrade it, and "
            "make a new backup."
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
    installation_keys.verify()  # last: an empty database learns the keys from it


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


class _Bounded:
    """A stream that gives no more than so many bytes."""

    def __init__(self, stream: gzip.GzipFile, most: int) -> None:
        self.stream, self.left = stream, most

    def read(self, size: int = -1) -> bytes:
        content = self.stream.read(min(size, self.left + 1) if size >= 0 else self.left + 1)
        self.left -= len(content)
        if self.left < 0:
            raise Refused(
                "The backup unpacks to far more than its size. It was not made by this website."
            )
        return content


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Raise Refused where the archive is damaged or cannot be read."""
    try:
        yield
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile):
        raise Refused(f"{path} is damaged or is not a backup.") from None
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror or error}.") from None


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield name and content of each member, in order. Raises Refused where one cannot be ours."""
    most = max(ALWAYS_TAKEN, MOST_GROWTH * path.stat().st_size)
    with gzip.open(path) as unzipped:
        stream: Any = _Bounded(unzipped, most)
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for info in tar:
                is_file = info.isreg() and not info.issparse()
                content = tar.extractfile(info) if is_file and _is_ours(info.name) else None
                if content is None:
                    raise Refused(
                        f"{path} contains a file that does not belong in a backup: {info.name!r}."
                    )
                yield info.name, content
        while stream.read(1 << 20):  # to the end, where gzip compares its checksum
            pass


def _is_ours(name: str) -> bool:
    if name.startswith("media/"):
        return backup.is_media_name(name.removeprefix("media/"))
    return name == backup.MANIFEST or TABLE_MEMBER.fullmatch(name) is not None


def _copy(source: IO[bytes], target: Path, expected: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("x+b") as file:
        shutil.copyfileobj(source, file)
        file.seek(0)
        if hashlib.file_digest(file, "sha256").hexdigest() != expected:
            raise Refused("The backup changed while it was read.")


def _read_through(path: Path) -> dict[str, Any]:
    """Return the manifest, once all that it names is there as it says, and nothing else is."""
    found: dict[str, str] = {}
    size, text = 0, b""
    with _reading(path):
        for name, content in _members(path):
            if name in found:
                raise Refused(f"{path} contains a file that does not belong in a backup: {name!r}.")
            digest = hashlib.sha256()
            if name == backup.MANIFEST:
                text = content.read(LONGEST_MANIFEST)
                digest.update(text)
            while piece := content.read(1 << 20):
                digest.update(piece)
                size += len(piece)
            found[name] = digest.hexdigest()
    if found.pop(backup.MANIFEST, None) is None:
        raise Refused(f"{path} has no {backup.MANIFEST}: it is incomplete or is not a backup.")
    manifest = _manifest(text)
    if manifest is None:
        raise Refused(f"{path}: its {backup.MANIFEST} cannot be read.")
    form, expected, counts = manifest["format"], manifest["members"], manifest["rows"]
    if form != backup.FORMAT:
        raise Refused(f"{path} has format {form}; this version reads format {backup.FORMAT}.")
    damaged = sorted(
        name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)
    )
    if damaged:
        raise Refused(f"{path} is damaged: {damaged[0]} has changed.")
    if {f"rows/{table}.jsonl" for table in counts} != {n for n in found if n.startswith("rows/")}:
        raise Refused(f"{path}: its tables do not match its {backup.MANIFEST}.")
    if size > (free := shutil.disk_usage(settings.DATA_DIR).free):
        raise Refused(
            f"The backup needs {size // 1024**2} MB in {settings.DATA_DIR} while it is restored; "
            f"{free // 1024**2} MB are free."
        )
    return manifest


def _manifest(text: bytes) -> dict[str, Any] | None:
    """Return what a manifest says; None where anybody else may have written it."""
    try:
        said = nested_json.loads(text.decode(), longest=LONGEST_MANIFEST)
        is_ours = (
            "format" in said
            and all(isinstance(digest, str) for digest in said["members"].values())
            and all(isinstance(count, int) for count in said["rows"].values())
            and all([str(part) for part in entry] == entry for entry in said["migrations"])
            and all(said["keys"][name][0] for name in ("secret", "health"))
            and all(isinstance(each, str) for keys in said["keys"].values() for each in keys)
            and isinstance(said["made_at"], str)
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None
    return said if is_ours else None


def _last(migrations: set[tuple[str, ...]]) -> str:
    newest = {app: max(name for a, name in migrations if a == app) for app, _ in migrations}
    ours = [
        app.label for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR
    ]
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
