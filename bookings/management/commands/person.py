import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bookings import person, retention


class Command(BaseCommand):
    help = (
        "Give out or erase everything about one person's requests, found by e-mail address, "
        "phone number (+12025550123) or number of a request."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("who")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--export", metavar="FILE", type=Path, help="write it as JSON")
        what.add_argument("--erase", action="store_true", help="erase it for good")
        parser.add_argument("--yes", action="store_true", help="do not ask before erasing")

    def handle(self, *, who: str, export: Path | None, erase: bool, **options: Any) -> None:
        found = person.find(who)
        numbers = list(found.values_list("number", flat=True))
        if not numbers:
            raise CommandError("Nothing is kept under this.", returncode=1)
        if export:
            self._write(export, json.dumps(person.export(found), ensure_ascii=False, indent=2))
            self.stdout.write(f"{len(numbers)} written to {export}: {', '.join(numbers)}")
            return
        question = f"Erase {', '.join(numbers)} for good? Type yes: "
        if not options["yes"] and input(question).strip() != "yes":
            raise CommandError("Nothing was erased.", returncode=1)
        retention.erase(list(found.values_list("pk", flat=True)))
        self.stdout.write(f"Erased: {', '.join(numbers)}")

    def _write(self, path: Path, text: str) -> None:
        """A new file that only its owner reads."""
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=2) from None
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
