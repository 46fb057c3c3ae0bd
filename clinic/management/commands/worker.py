"""`manage.py worker [--once]`: sends mail and does recurring duties until told to stop."""

import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from clinic import keys
from clinic.worker import Worker


class Command(BaseCommand):
    help = (
        "Sends the mail that waits and does the recurring duties. Ends with SIGTERM or Ctrl-C "
        "after the mail in hand. Several may run at once, on several machines."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="Do every duty and send what waits, then end."
        )

    def handle(self, *, once: bool, **options: Any) -> None:
        try:
            keys.verify()
        except ImproperlyConfigured as error:
            raise CommandError(str(error), returncode=2) from error
        worker = Worker(alive=settings.DATA_DIR / "worker.alive")
        if once:
            worker.run_once()
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.run()
