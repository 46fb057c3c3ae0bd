"""`manage.py alarm UNIT`: tell the operator that a unit of systemd has failed (OnFailure)."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from clinic.operations import operator_mail, pings


class Command(BaseCommand):
    help = (
        "Emails OPERATOR_EMAIL and reports to CHECK_URL_WORKER that a unit of systemd has failed. "
        "Needs no database."
    )
    # It must be able to run whatever is wrong.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("unit")

    def handle(self, *, unit: str, **options: Any) -> None:
        problem = f"{unit} has failed."
        pings.ping("worker", problem)
        sent = operator_mail.send(
            f"{unit} has failed on {settings.SITE_URL}",
            f"{problem} To see why:\n\n    journalctl -u {unit} -n 50\n    clinic doctor\n",
        )
        self.stdout.write("The operator was emailed." if sent else "No email was sent.")
