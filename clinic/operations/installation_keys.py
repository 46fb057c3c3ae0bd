"""Keys of this installation: made once, kept outside the database, known to it by fingerprint.

`load` is called by the settings, before any model exists; `verify` by every process that serves
or works, once the database can be asked.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

LOCAL_HOSTS = {"", "127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True)
class Keys:
    """`secret` signs (sessions, links); `health` encrypts, the first key first."""

    secret: str
    health: list[str]


def load(data_dir: Path, *, secret: str, health: list[str], database: dict[str, Any]) -> Keys:
    """Take the keys that were given, else read them from `data_dir/keys`, else make them.

    Keys are made only where no database is yet: a lost key must be noticed, not replaced.
    Raises ImproperlyConfigured with what to do.
    """
    secret = secret or _from_file(data_dir, "secret", database, "SECRET_KEY")
    health = health or _from_file(data_dir, "health", database, "HEALTH_DATA_KEYS").split(",")
    for number, key in enumerate(health, start=1):
        try:
            Fernet(key)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"Key {number} of HEALTH_DATA_KEYS must be 32 bytes in URL-safe base64."
            ) from error
    return Keys(secret=secret, health=health)


def _from_file(data_dir: Path, name: str, database: dict[str, Any], variable: str) -> str:
    path = data_dir / "keys" / name
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        pass
    host = str(database.get("HOST") or "")
    if host not in LOCAL_HOSTS and not host.startswith("/"):
        raise ImproperlyConfigured(
            f"The database is on {host}: set the same {variable} on every machine."
        )
    is_sqlite = database["ENGINE"].endswith("sqlite3")
    if is_sqlite and Path(database["NAME"]).exists():
        raise ImproperlyConfigured(
            f"There is a database, but no key in {path}. Put your copy of the key file "
            f"back, or set {variable}. Without it, encrypted data cannot be read."
        )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    value = Fernet.generate_key().decode() if name == "health" else secrets.token_urlsafe(48)
    # Written aside and linked into place: two processes that start at once agree on one key.
    draft = path.with_name(f"{name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="utf-8").strip()


def fingerprint(key: str) -> str:
    """A name for a key that tells nothing about it: 16 hex digits of SHA-256."""
    return hashlib.sha256(b"fingerprint:" + key.encode()).hexdigest()[:16]


def verify() -> None:
    """Compare the keys of this process with those the database knows; an empty one learns them.

    Raises ImproperlyConfigured when they differ: nothing encrypted or signed here could be read.
    """
    from clinic.models import KeyFingerprint

    if problem := mismatch():
        raise ImproperlyConfigured(problem)
    for name, prints in fingerprints().items():
        KeyFingerprint.objects.get_or_create(name=name, defaults={"fingerprint": prints[0]})


def mismatch() -> str:
    """Return what to do about a key that the database was not used with, or nothing. Only reads."""
    from clinic.models import KeyFingerprint

    known = dict(KeyFingerprint.objects.values_list("name", "fingerprint"))
    for name, prints in fingerprints().items():
        if name in known and known[name] not in prints:
            return (
                f"The {name} key does not match this database, which was used with the key with "
                f"fingerprint {known[name]}. Put that key back before you start."
            )
    return ""


def fingerprints() -> dict[str, list[str]]:
    """Return the fingerprints of the keys of this process, by name of the key."""
    from django.conf import settings

    return {
        "secret": [fingerprint(settings.SECRET_KEY)],
        "health": [fingerprint(key) for key in settings.HEALTH_DATA_KEYS],
    }
