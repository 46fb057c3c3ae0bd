"""`manage.py import_references FILE…`: take bibliographies into the reference library."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.references import importing
from articles.references.formats import reading


class Command(BaseCommand):
    help = (
        "Imports references from CSL-JSON, Crossref JSON, BibTeX, RIS, EndNote, Web of Science, "
        "PubMed NBIB or XML, CITATION.cff, or a .txt file of DOIs, PMIDs and other lines. "
        "References already in the library get their missing details "
        "filled in. Each problem is reported with file and line; other entries are still imported."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
        parser.add_argument(
            "--no-merge",
            action="store_true",
            help="Add every entry, including those already in the library.",
        )

    def handle(self, *, files: list[Path], no_merge: bool, **options: Any) -> None:
        for file in files:  # all of them first: if one cannot be read, nothing is changed
            _check(_opened(file))
        act = importing.Twin.ADD if no_merge else importing.Twin.FILL
        left_out = 0
        for file in files:
            report = importing.take_in(_opened(file), lambda line: act, at=timezone.now())
            left_out += len(report.problems)
            self._tell(file, report)
        if left_out:
            raise CommandError(f"Entries that could not be imported: {left_out}.")

    def _tell(self, file: Path, report: importing.Report) -> None:
        for note in report.notes:
            self.stdout.write(str(note))
        for problem in report.problems:
            self.stderr.write(str(problem))
        self.stdout.write(
            f"{file}: {len(report.added)} added, {len(report.filled)} updated, "
            f"{len(report.already)} already in the library, {report.waiting} waiting for their "
            f"details."
        )


def _opened(file: Path) -> reading.Bibliography:
    """The file. Raises CommandError 2 if it cannot be read."""
    try:
        if file.stat().st_size > reading.MOST_BYTES:
            raise CommandError(f"{file} is larger than 10 MB. Nothing was changed.", returncode=2)
        return reading.open_bibliography(file.read_bytes(), str(file))
    except OSError as error:
        message = f"{file}: {error.strerror}. Nothing was changed."
        raise CommandError(message, returncode=2) from error
    except reading.Unreadable as error:
        raise CommandError(f"{file}: {error} Nothing was changed.", returncode=2) from error


def _check(bibliography: reading.Bibliography) -> None:
    """Refuse a file that is refused while it is read (XML with entities) before any is taken in."""
    if bibliography.format.name != "pubmed-xml":
        return
    try:
        for _found in bibliography:
            pass
    except reading.Unreadable as error:
        message = f"{bibliography.name}: {error} Nothing was changed."
        raise CommandError(message, returncode=2) from error
