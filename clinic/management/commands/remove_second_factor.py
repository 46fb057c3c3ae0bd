"""`manage.py remove_second_factor NAME`: for a manager who is locked out, with no other manager."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic import second_factor
from clinic.models import User


class Command(BaseCommand):
    help = (
        "Takes the second factor of an account away: its sessions end, and a new one is set up at "
        "the next sign-in. Be sure who asks for it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the user name")

    def handle(self, *, name: str, **options: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account “{name}”.", returncode=2)
        # The history wants a person; nobody of the staff has done it.
        words = "Second factor taken away on the server, by command."
        if not second_factor.remove(user, by=user, at=timezone.now(), words=words):
            raise CommandError(f"“{name}” has no second factor.", returncode=1)
        self.stdout.write(f"“{name}” sets up a new second factor at the next sign-in.")
