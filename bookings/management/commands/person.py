import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bookings.models import Event
from bookings.privacy import data_subject
from bookings.privacy.data_subject import Match
from bookings.workflow import audit_log


class Command(BaseCommand):
    help = (
        "Lists the requests that may belong to one person, found by email address, phone number "
        "(+16135550123) or request number. Exports or erases those you choose."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("who")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--export", metavar="FILE", type=Path, help="write them as JSON")
        what.add_argument("--erase", action="store_true", help="erase them permanently")
        parser.add_argument(
            "--numbers",
            nargs="+",
            default=[],
            metavar="NUMBER",
            help="numbers of the requests to export or erase; the digits are enough",
        )
        parser.add_argument(
            "--yes", action="store_true", help="do not ask for confirmation before erasing"
        )

    def handle(self, *, who: str, export: Path | None, erase: bool, **options: Any) -> None:
        at = timezone.now()
        found = data_subject.find(who, at=at)
        if not found:
            raise CommandError("No requests were found.", returncode=1)
        if not export and not erase:
            self._list(found)
            return
        chosen = self._chosen(found, options["numbers"])
        numbers = ", ".join(match.enquiry.number for match in chosen)
        if export:
            told = data_subject.export(match.enquiry for match in chosen)
            self._write(export, json.dumps(told, ensure_ascii=False, indent=2))
            for match in chosen:
                audit_log.record(match.enquiry, Event.Kind.EXPORTED, at=at)
            self.stdout.write(f"{len(chosen)} written to {export}: {numbers}")
            return
        self._list(chosen)
        if not options["yes"] and input("Erase these permanently? Type yes: ").strip() != "yes":
            raise CommandError("Nothing was erased.", returncode=1)
        data_subject.erase(chosen, by="the command line")
        self.stdout.write(f"Erased: {numbers}")

    def _list(self, found: list[Match]) -> None:
        """Print a line for each; those that may be another person's are listed separately."""
        for match in found:
            if not match.is_sure and (match is found[0] or found[found.index(match) - 1].is_sure):
                self.stdout.write("Possibly someone else:")
            enquiry = match.enquiry
            parts = [
                enquiry.number,
                enquiry.name,
                enquiry.email or "no email",
                enquiry.phone or "no phone",
                f"received {timezone.localtime(enquiry.created_at):%Y-%m-%d}",
                enquiry.get_state_display(),
                match.words,
            ]
            if match.visit:
                start = timezone.localtime(match.visit.starts_at)
                parts.append(f"APPOINTMENT BOOKED {start:%Y-%m-%d %H:%M}")
            self.stdout.write("  ".join(parts))

    def _chosen(self, found: list[Match], numbers: list[str]) -> list[Match]:
        """Those that are named, each one of those found."""
        chosen = []
        for number in numbers:
            name = number.casefold()
            named = [
                match
                for match in found
                if name in {(whole := match.enquiry.number.casefold()), whole.split()[-1]}
            ]
            if len(named) != 1:
                raise CommandError(f"{number} is not one of the requests found.", returncode=2)
            chosen += [match for match in named if match not in chosen]
        if not chosen:
            self._list(found)
            raise CommandError(
                "Choose the requests with --numbers. Nothing was done.", returncode=2
            )
        return chosen

    def _write(self, path: Path, text: str) -> None:
        """A new file that only its owner reads."""
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=2) from None
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
