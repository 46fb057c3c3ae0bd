"""Reading a backup (clinic.operations.backups.backup) that anybody may have made.

It is read through, without writing anything, until it is known to be whole and of a size that can
be. Only then is anything of it copied.
"""

import gzip
import hashlib
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from clinic.lib import nested_json
from clinic.operations.backups import backup

# What an archive may grow to: rows and pictures of ours shrink to a tenth at best.
MOST_GROWTH, ALWAYS_TAKEN = 100, 64 * 1024**2  # times its size, bytes
LONGEST_MANIFEST = 64 * 1024**2  # bytes

TABLE_MEMBER = re.compile(r"rows/[a-z0-9_]+\.jsonl")


class Refused(Exception):
    """Nothing was changed; the text says why and, where something can be done, what."""


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
def reading(path: Path) -> Iterator[None]:
    """Raise Refused where the archive is damaged or cannot be read."""
    try:
        yield
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile):
        raise Refused(f"{path} is damaged or is not a backup.") from None
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror or error}.") from None


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
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


def copy(source: IO[bytes], target: Path, expected: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("x+b") as file:
        shutil.copyfileobj(source, file)
        file.seek(0)
        if hashlib.file_digest(file, "sha256").hexdigest() != expected:
            raise Refused("The backup changed while it was read.")


def read_through(path: Path) -> dict[str, Any]:
    """Return the manifest, once all that it names is there as it says, and nothing else is."""
    found: dict[str, str] = {}
    size, text = 0, b""
    with reading(path):
        for name, content in members(path):
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
            and all(
                [str(part) for part in entry] == entry and len(entry) == 2
                for entry in said["migrations"]
            )
            and all(said["keys"][name][0] for name in ("secret", "health"))
            and all(isinstance(each, str) for keys in said["keys"].values() for each in keys)
            and datetime.fromisoformat(said["made_at"])
            and isinstance(said.get("version", ""), str)
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None
    return said if is_ours else None
