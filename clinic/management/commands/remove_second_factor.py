"""`manage.py remove_second_factor NAME`: for a manager who is locked out, with no other manager."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.accounts import second_factor
from clinic.models import User


class Command(BaseCommand):
    help = (
        "Turns off two-step sign-in for an account. The user is signed out on all devices and must "
        "set it up again at the next sign-in. First check who is asking."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the username")

    def handle(self, *, name: str, **options: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account “{name}”.", returncode=2)
        # The history wants a person; nobody of the staff has done it.
        words = "Two-step sign-in turned off by a command on the server."
        if not second_factor.remove(user, by=user, at=timezone.now(), words=words):
            raise CommandError(f"“{name}” has not set up two-step sign-in.", returncode=1)
        self.stdout.write(f"“{name}” will set up two-step sign-in again at the next sign-in.")
