"""`manage.py rotate_health_keys`: encrypt every health text anew with the first key."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from clinic import keys
from clinic.lib.encrypted import EncryptedTextField, Undecryptable, rotate
from clinic.models import KeyFingerprint


class Command(BaseCommand):
    help = (
        "Encrypts every health text anew with the first of HEALTH_DATA_KEYS. After it the others "
        "are needed for older backups only. It may be stopped and started again."
    )

    def handle(self, **options: Any) -> None:
        count = 0
        try:
            keys.verify()
            for model in apps.get_models():
                for field in model._meta.local_concrete_fields:
                    if isinstance(field, EncryptedTextField):
                        count += rotate(model, field.name)
        except (ImproperlyConfigured, Undecryptable) as error:
            raise CommandError(str(error), returncode=2) from None
        first = keys.fingerprint(settings.HEALTH_DATA_KEYS[0])
        KeyFingerprint.objects.filter(name="health").update(fingerprint=first)
        self.stdout.write(f"{count} texts were encrypted anew; all are under the key {first} now.")
