"""`manage.py restore FILE [--replace [--yes]] [--unsigned]`: put a backup in place."""

from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from clinic.models import Clinic
from clinic.operations.backups import restore


class Command(BaseCommand):
    help = (
        "Restores a backup into a freshly migrated database or, with --replace, over the existing "
        "data. All or nothing. Stop the site first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="Replace everything in this installation."
        )
        parser.add_argument(
            "--yes", action="store_true", help="With --replace: do not ask for confirmation."
        )
        parser.add_argument(
            "--unsigned",
            action="store_true",
            help="Accept a backup that was not signed here, or has been changed since.",
        )
        # For a scratch site: bring a backup of an older version up to date.
        parser.add_argument("--upgrade-to", type=Path, help=SUPPRESS)

    def handle(
        self,
        *,
        file: Path,
        replace: bool,
        yes: bool,
        unsigned: bool,
        upgrade_to: Path | None,
        **options: Any,
    ) -> None:
        try:
            if upgrade_to:
                restore.upgrade(file, upgrade_to, unsigned=unsigned)
                return
            with restore.opened(file, unsigned=unsigned) as archive:
                if not archive.is_signed:
                    self.stderr.write(
                        "Warning: this backup is not signed with your key. Someone may have "
                        "changed accounts, requests or articles in it."
                    )
                if not restore.is_empty():
                    self._agree(replace, yes)
                count = restore.load(archive)
        except (restore.Refused, ImproperlyConfigured) as error:
            raise CommandError(f"{error} Nothing was changed.", returncode=2) from None
        self.stdout.write(
            f"Restored: {count} rows and {len(archive.media)} images, as of "
            f"{archive.manifest['made_at']}."
        )

    def _agree(self, replace: bool, yes: bool) -> None:
        if not replace:
            raise restore.Refused(
                "This database is not empty. With --replace, all its data will be lost."
            )
        if yes:
            return
        name = Clinic.objects.values_list("name", flat=True).get(id=1)
        self.stdout.write(f"All data in this database will be lost. It belongs to: {name}")
        try:
            answer = input("Type that name to continue: ")
        except EOFError:
            answer = ""
        if answer.strip() != name:
            raise restore.Refused("The name does not match.")
