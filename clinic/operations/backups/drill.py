"""Trying a backup: restoring it into a site beside this one, which is then thrown away."""

import re
from dataclasses import dataclass
from pathlib import Path

from clinic.operations.backups import scratch

KEY = re.compile(
    r"^[ \t]*+(SECRET_KEY|HEALTH_DATA_KEYS)[ \t]*+=[ \t]*+(\S++)[ \t]*+$", re.MULTILINE
)
RESTORED = re.compile(r"Restored: (\d+) rows and (\d+) images, as of (\S+)\.")


class Failed(Exception):
    """The backup cannot be restored, and why."""


@dataclass(frozen=True)
class Result:
    """What was restored, and the moment that it is of."""

    rows: int
    images: int
    made_at: str


def keys_of(text: str) -> dict[str, str]:
    """The keys in what `manage.py keys print` has printed. Raises Failed where one is missing."""
    found = dict(KEY.findall(text))
    if missing := {"SECRET_KEY", "HEALTH_DATA_KEYS"} - found.keys():
        raise Failed(f"The printed keys do not contain {' and '.join(sorted(missing))}.")
    return found


def restore(file: Path, *, secret: str = "", health: str = "") -> Result:
    """Restore a backup beside this site, with these keys or else our own: every row and image is
    put in, every encrypted text decrypted, every rule of the database checked. Raises Failed."""
    try:
        with scratch.site(secret=secret, health=health) as site:
            site.manage("migrate", "--verbosity=0")
            said = site.manage("restore", str(file.absolute()))
            site.manage("check", "--database", "default")
    except scratch.Failed as failure:
        words = str(failure).removesuffix(" Nothing was changed.")
        raise Failed(words.partition(" Put the key of the backup")[0]) from None  # into the scratch
    match = RESTORED.search(said)
    if not match:
        raise Failed("The restore did not say what it restored.")
    return Result(int(match[1]), int(match[2]), match[3])
