"""`manage.py demo [--if-empty | --remove]`: the demo clinic, loaded or taken away whole."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic import demo, setup
from clinic.models import Clinic


class Command(BaseCommand):
    help = (
        "Fills an empty database with a fictional clinic. Its staff can sign in with "
        "ADMIN_PASSWORD if that is set, else once a manager gives them a password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument(
            "--if-empty", action="store_true", help="Do nothing where something was entered."
        )
        choice.add_argument(
            "--remove",
            action="store_true",
            help="Take the demo away, with all that was entered meanwhile.",
        )

    def handle(self, *, if_empty: bool, remove: bool, **options: Any) -> None:
        is_demo = Clinic.objects.filter(is_demo=True).exists()
        if remove:
            self._remove(is_demo)
        elif is_demo or demo.is_empty():
            self._load()
        elif not if_empty:
            raise CommandError(
                "This database holds a clinic already. The demo is only for an empty one."
            )

    def _load(self) -> None:
        demo.load_all(timezone.now())
        self.stdout.write("The demo clinic is loaded. All people in it are fictional.")
        password = os.environ.get("ADMIN_PASSWORD")
        names = demo.let_sign_in(password) if password else []
        if names:
            self.stdout.write(f"{', '.join(names)} sign in with ADMIN_PASSWORD, too.")

    def _remove(self, is_demo: bool) -> None:
        if not is_demo:
            raise CommandError("This is no demo: nothing was taken away.")
        demo.remove_all()
        self.stdout.write("The demo clinic is gone. What a clinic must fill in:")
        for task in setup.tasks():
            mark = "x" if task.is_done else " "
            self.stdout.write(f"  [{mark}] {task.label}: {task.hint}")
