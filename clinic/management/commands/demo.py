"""`manage.py demo [--if-empty | --remove]`: the demo clinic, loaded or taken away whole."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clinic import pictures
from clinic.models import Clinic
from clinic.operations import demo, setup_checklist


class Command(BaseCommand):
    help = (
        "Fills an empty database with a fictional clinic. Its staff can sign in with "
        "ADMIN_PASSWORD if it is set, or else once a manager gives them a password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument(
            "--if-empty", action="store_true", help="Do nothing if the database already has data."
        )
        choice.add_argument(
            "--remove",
            action="store_true",
            help="Remove the demo and everything that has been entered since.",
        )

    def handle(self, *, if_empty: bool, remove: bool, **options: Any) -> None:
        is_demo = Clinic.objects.filter(is_demo=True).exists()
        if remove:
            self._remove(is_demo)
        elif is_demo or demo.is_empty():
            self._load()
        elif not if_empty:
            raise CommandError(
                "This database already contains a clinic. The demo needs an empty database."
            )

    def _load(self) -> None:
        password = os.environ.get("ADMIN_PASSWORD")
        try:
            with pictures.files_undone(), transaction.atomic():
                demo.load_all(timezone.now())
                names = demo.let_sign_in(password) if password else []
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise CommandError(
                f"The demo clinic was not loaded, and nothing was changed: {reason}"
            ) from error
        self.stdout.write("The demo clinic is loaded. Everyone in it is fictional.")
        if names:
            self.stdout.write(f"{', '.join(names)} can also sign in with ADMIN_PASSWORD.")

    def _remove(self, is_demo: bool) -> None:
        if not is_demo:
            raise CommandError("This is not a demo. Nothing was removed.")
        demo.remove_all()
        self.stdout.write("The demo clinic has been removed. What to set up next:")
        for task in setup_checklist.tasks():
            mark = "x" if task.is_done else " "
            self.stdout.write(f"  [{mark}] {task.label}: {task.hint}")
