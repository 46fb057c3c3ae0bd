"""`manage.py rotate_health_keys`: encrypt every health text anew with the first key."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from clinic.lib.fields.encrypted import EncryptedTextField, Undecryptable, rotate
from clinic.models import Heartbeat, KeyFingerprint
from clinic.operations import installation_keys


class Command(BaseCommand):
    help = (
        "Re-encrypts all health data with the first of HEALTH_DATA_KEYS. Afterwards the others are "
        "needed only for older backups. The command can be stopped and run again."
    )

    def handle(self, **options: Any) -> None:
        count = 0
        try:
            installation_keys.verify()
            for model in apps.get_models():
                for field in model._meta.local_concrete_fields:
                    if isinstance(field, EncryptedTextField):
                        count += rotate(model, field.name)
        except (ImproperlyConfigured, Undecryptable) as error:
            raise CommandError(str(error), returncode=2) from None
        first = installation_keys.fingerprint(settings.HEALTH_DATA_KEYS[0])
        KeyFingerprint.objects.filter(name="health").update(fingerprint=first)
        Heartbeat.objects.filter(name=Heartbeat.KEYS).delete()  # the copy in the safe is an old one
        self.stdout.write(f"Texts re-encrypted: {count}. All now use the key {first}.")
