"""`manage.py watch_references FILE…`: look for retractions and corrections of our sources."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.references.watch import files, recording
from articles.references.watch.finding import Finding, Unreadable


class Command(BaseCommand):
    help = (
        "Compares the library with the Retraction Watch data (a CSV file) and with Crossref's "
        "metadata for works or notices (JSON files), and reads PubMed records (.nbib, .xml). Each "
        "new notice creates a task, notifies the owners of the articles that cite the source, and "
        "is shown to readers."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")

    def handle(self, *, files: list[Path], **options: Any) -> None:
        try:
            tally = recording.record(_findings(files), at=timezone.now())
        except Unreadable as error:
            raise CommandError(f"{error} Nothing was changed.", returncode=2) from error
        self.stdout.write(
            f"Notices read: {tally.read}. About our sources: {tally.ours}, new: {tally.new}."
        )


def _findings(paths: list[Path]) -> Iterator[Finding]:
    for path in paths:
        try:
            yield from files.read(path)
        except Unreadable as error:
            raise Unreadable(f"{path}: {error}") from error
