"""A new key in front, everything under it, the old one away."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import timezone

from bookings.models import Event
from clinic.lib.fields.encrypted import Undecryptable
from clinic.operations import installation_keys

pytestmark = pytest.mark.django_db


def test_after_it_the_old_key_is_not_needed(settings: Any) -> None:
    installation_keys.verify()
    Event.objects.create(kind=Event.Kind.SEARCHED, at=timezone.now(), text="of a body")
    old, new = settings.HEALTH_DATA_KEYS[0], Fernet.generate_key().decode()

    settings.HEALTH_DATA_KEYS = [new]
    with pytest.raises(CommandError, match="health key") as refusal:
        call_command("rotate_health_keys")
    assert refusal.value.returncode == 2

    settings.HEALTH_DATA_KEYS = [new, old]
    for _ in range(2):
        call_command("rotate_health_keys")
    settings.HEALTH_DATA_KEYS = [new]
    installation_keys.verify()
    assert Event.objects.get().text == "of a body"

    settings.HEALTH_DATA_KEYS = [old]
    with pytest.raises(ImproperlyConfigured):
        installation_keys.verify()


def test_a_text_that_no_key_opens_stops_it(settings: Any) -> None:
    installation_keys.verify()
    Event.objects.create(kind=Event.Kind.SEARCHED, at=timezone.now(), text="of a body")
    known = settings.HEALTH_DATA_KEYS[0]
    settings.HEALTH_DATA_KEYS = [Fernet.generate_key().decode()]
    Event.objects.create(kind=Event.Kind.SEARCHED, at=timezone.now(), text="of another key")
    settings.HEALTH_DATA_KEYS = [known]
    with pytest.raises(CommandError, match=r"Event\.text cannot be decrypted"):
        call_command("rotate_health_keys")
    with pytest.raises(Undecryptable):
        list(Event.objects.all())
