"""`manage.py worker [--once]`: sends mail and does recurring duties until told to stop."""

import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from clinic.lib import file_modes
from clinic.operations import installation_keys
from clinic.operations.worker import Worker


class Command(BaseCommand):
    help = (
        "Sends queued email and runs the recurring duties. On SIGTERM or Ctrl-C it finishes the "
        "current email and stops. Several workers can run at once, on several machines."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="Run every duty, send queued email, then exit."
        )

    def handle(self, *, once: bool, **options: Any) -> None:
        try:
            installation_keys.verify()
        except ImproperlyConfigured as error:
            raise CommandError(str(error), returncode=2) from error
        file_modes.tighten(settings.DATA_DIR, settings.DATABASES["default"])
        worker = Worker(alive=settings.DATA_DIR / "worker.alive")
        if once:
            worker.run_once()
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.run()
