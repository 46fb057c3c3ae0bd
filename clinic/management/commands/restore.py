"""`manage.py restore FILE [--replace [--yes]]`: put a backup in place."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from clinic import restore
from clinic.models import Clinic


class Command(BaseCommand):
    help = (
        "Puts a backup into a freshly migrated database; with --replace, in place of everything "
        "that is there. All or nothing. Stop the site first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="Give up everything that is there."
        )
        parser.add_argument("--yes", action="store_true", help="With --replace: do not ask.")

    def handle(self, *, file: Path, replace: bool, yes: bool, **options: Any) -> None:
        try:
            with restore.opened(file) as archive:
                restore.check(archive)
                if not restore.is_empty():
                    self._agree(replace, yes)
                count = restore.load(archive)
        except (restore.Refused, ImproperlyConfigured) as error:
            raise CommandError(f"{error} Nothing was changed.", returncode=2) from None
        self.stdout.write(
            f"Restored: {count} rows and {len(archive.media)} pictures, as of "
            f"{archive.manifest['made_at']}."
        )

    def _agree(self, replace: bool, yes: bool) -> None:
        if not replace:
            raise restore.Refused(
                "This database is not empty. With --replace, all that it holds is given up."
            )
        if yes:
            return
        name = Clinic.objects.values_list("name", flat=True).get(id=1)
        self.stdout.write(f"All that this database holds will be lost. It belongs to: {name}")
        try:
            answer = input("Type that name to go on: ")
        except EOFError:
            answer = ""
        if answer.strip() != name:
            raise restore.Refused("That was not the name.")
