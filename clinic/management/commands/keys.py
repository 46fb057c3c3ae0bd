"""`manage.py keys print`: the keys of this installation, for the safe."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import date
from django.utils import timezone

from clinic.models import Clinic, Heartbeat
from clinic.operations import installation_keys

PAGE = """\
Keys of {name} ({url})
Printed on {day}

SECRET_KEY={secret}
HEALTH_DATA_KEYS={health}

Fingerprints: secret {secret_print}, health {health_print}

No backup contains these keys, and without them no backup can be restored.
Keep this page in a safe. Anyone who has it and a backup can read what patients wrote.
To test it: manage.py drill BACKUP --keys FILE
"""


class Command(BaseCommand):
    help = "Prints the keys, which are in no backup, to be kept in a safe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["print"])

    def handle(self, *, action: str, **options: Any) -> None:
        at = timezone.now()
        try:
            installation_keys.verify()
        except ImproperlyConfigured as error:
            raise CommandError(str(error), returncode=2) from None
        clinic = Clinic.objects.get(id=1)
        prints = installation_keys.fingerprints()
        with timezone.override(clinic.zone):
            self.stdout.write(
                PAGE.format(
                    name=clinic.name,
                    url=settings.SITE_URL,
                    day=date(timezone.localtime(at), "Y-m-d"),
                    secret=settings.SECRET_KEY,
                    health=",".join(settings.HEALTH_DATA_KEYS),
                    secret_print=prints["secret"][0],
                    health_print=", ".join(prints["health"]),
                )
            )
        Heartbeat.objects.beat(Heartbeat.KEYS, at)
