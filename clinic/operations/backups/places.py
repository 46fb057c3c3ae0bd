"""Where nightly backups go: folders, buckets and a command of the operator's."""

import os
import secrets
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

LONGEST = 6 * 60 * 60  # seconds that the command may take


class Failed(Exception):
    """A backup was not stored; the text says where and why, without addresses or passwords."""


class Place(Protocol):
    """Somewhere that keeps files by name. Each method raises OSError or an error of boto3."""

    def put(self, file: Path) -> None: ...
    def names(self) -> list[str]: ...
    def remove(self, name: str) -> None: ...


class Folder:
    """A folder of this machine, or one that is mounted. A file is there whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, file: Path) -> None:
        draft = self.path / f".{file.name}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as target, file.open("rb") as source:
                shutil.copyfileobj(source, target)
                target.flush()
                os.fsync(target.fileno())
            draft.replace(self.path / file.name)
        finally:
            draft.unlink(missing_ok=True)

    def names(self) -> list[str]:
        return [path.name for path in self.path.iterdir()]

    def remove(self, name: str) -> None:
        (self.path / name).unlink()


class Bucket:
    """A folder of a bucket: `s3://bucket/folder?endpoint=https://…`, with the keys that boto3
    finds."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.bucket, folder = parts.netloc, parts.path.strip("/")
        self.prefix = f"{folder}/" if folder else ""
        self.endpoint = dict(parse_qsl(parts.query)).get("endpoint")

    def _client(self) -> Any:
        import boto3  # only where requirements-scale.txt is installed

        return boto3.client("s3", endpoint_url=self.endpoint)

    def put(self, file: Path) -> None:
        self._client().upload_file(str(file), self.bucket, self.prefix + file.name)

    def names(self) -> list[str]:
        pages = self._client().get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.bucket, Prefix=self.prefix)
        return [
            entry["Key"].removeprefix(self.prefix)
            for page in found
            for entry in page.get("Contents", [])
        ]

    def remove(self, name: str) -> None:
        self._client().delete_object(Bucket=self.bucket, Key=self.prefix + name)


def places() -> Iterator[tuple[str, Place]]:
    """The places of BACKUP_TO, each with the words by which a message names it."""
    for entry in settings.BACKUP_TO:
        if entry.startswith("s3://"):
            bucket = Bucket(entry)
            yield f"bucket {bucket.bucket}", bucket
        else:
            yield entry, Folder(Path(entry))


def run_command(file: Path) -> None:
    """Give the file to the command of BACKUP_COMMAND, as its last argument. Raises Failed."""
    try:
        done = subprocess.run(
            [*shlex.split(settings.BACKUP_COMMAND), str(file)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(f"BACKUP_COMMAND could not be run ({type(error).__name__}).") from None
    if done.returncode:
        raise Failed(f"BACKUP_COMMAND ended with {done.returncode}.")
