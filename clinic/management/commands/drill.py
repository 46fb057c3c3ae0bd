"""`manage.py drill BACKUP [--keys PRINT]`: try a backup, without touching this installation."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.operations.backups import drill


class Command(BaseCommand):
    help = (
        "Restores a backup into a temporary site, says what was in it, and deletes the site. No "
        "email is sent, and this installation is not changed. Needs only the backup and the "
        "printed keys."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--keys",
            metavar="PRINT",
            help="A file with what “keys print” printed, or - to type it. Without it, the keys of "
            "this installation are used, and your copy is not tested.",
        )

    def handle(self, *, file: Path, keys: str | None, **options: Any) -> None:
        try:
            given = drill.keys_of(_read(keys)) if keys else {}
            result = drill.restore(
                file,
                secret=given.get("SECRET_KEY", ""),
                health=given.get("HEALTH_DATA_KEYS", ""),
            )
        except (drill.Failed, OSError) as error:
            raise CommandError(f"The drill failed: {error}", returncode=2) from None
        self.stdout.write(
            f"The backup can be restored: {result.rows} rows and {result.images} images, as of "
            f"{result.made_at}. Every encrypted text was decrypted."
        )
        if not keys:
            self.stdout.write("The printed keys were not tested: use --keys for that.")


def _read(keys: str) -> str:
    return sys.stdin.read() if keys == "-" else Path(keys).read_text(encoding="utf-8")
