"""`manage.py backup FILE`: everything but the keys, in one file."""

import os
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from clinic.models import Heartbeat
from clinic.operations import pings
from clinic.operations.backups import backup


class Command(BaseCommand):
    help = (
        "Writes the database and images to one new file (.tar.gz), all as of one moment. The site "
        "can keep running. The keys are not included. The file contains personal data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="A file that does not exist yet.")

    def handle(self, *, file: Path, **options: Any) -> None:
        at = timezone.now()
        try:
            summary = _write(file, at)
        except CommandError as error:
            pings.ping("backup", str(error))
            raise
        try:
            Heartbeat.objects.beat(Heartbeat.BACKUP, at)
        except DatabaseError as error:
            self.stderr.write(f"The backup is complete, but was not noted ({error}).")
        pings.ping("backup")
        self.stdout.write(
            f"{file}: {summary.rows} rows and {summary.files} images, "
            f"{filesizeformat(summary.size)}."
        )
        for name in summary.missing:
            self.stderr.write(f"The file of this image is missing and is not in the backup: {name}")
        self.stdout.write(
            "The keys are not in the backup. Keep a copy of them somewhere else: "
            f"{' and '.join(_where_keys_lie())}. Without them, the backup cannot be restored."
        )


def _write(file: Path, at: datetime) -> backup.Summary:
    try:
        return backup.write(file, at=at)
    except FileExistsError:
        raise CommandError(f"{file} already exists. Choose a new name.", returncode=2) from None
    except OSError as error:
        reason = error.strerror or error
        raise CommandError(f"{file} cannot be written: {reason}.", returncode=2) from None
    except ImproperlyConfigured as error:
        raise CommandError(str(error), returncode=2) from None


def _where_keys_lie() -> list[str]:
    variables = {"secret": "SECRET_KEY", "health": "HEALTH_DATA_KEYS"}
    return [
        f"{variable} from the environment"
        if os.environ.get(variable)
        else str(settings.DATA_DIR / "keys" / name)
        for name, variable in variables.items()
    ]
