"""`manage.py backup FILE`: everything but the keys, in one file."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from clinic import backup


class Command(BaseCommand):
    help = (
        "Writes database and pictures into one new file (.tar.gz), as of this moment. The site "
        "may go on meanwhile. The keys are not in it. The file holds personal data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Must not be there yet.")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            summary = backup.write(file, at=timezone.now())
        except FileExistsError:
            raise CommandError(f"{file} is there already: give a new name.", returncode=2) from None
        except OSError as error:
            reason = error.strerror or error
            raise CommandError(f"{file} cannot be written: {reason}.", returncode=2) from None
        except ImproperlyConfigured as error:
            raise CommandError(str(error), returncode=2) from None
        self.stdout.write(
            f"{file}: {summary.rows} rows and {summary.files} pictures, "
            f"{filesizeformat(summary.size)}."
        )
        for name in summary.missing:
            self.stderr.write(f"A picture of the library has no file and is not in it: {name}")
        self.stdout.write(
            "The keys are not in it. Keep a copy of them in another place than the backups: "
            f"{' and '.join(_where_keys_lie())}. Without them nobody can restore it."
        )


def _where_keys_lie() -> list[str]:
    variables = {"secret": "SECRET_KEY", "health": "HEALTH_DATA_KEYS"}
    return [
        f"{variable} of the environment"
        if os.environ.get(variable)
        else str(settings.DATA_DIR / "keys" / name)
        for name, variable in variables.items()
    ]
