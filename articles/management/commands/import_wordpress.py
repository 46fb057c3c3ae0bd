"""`manage.py import_wordpress FILE.xml [--media DIR] [--report FILE.csv]`."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from articles.importers.wordpress import importing, site
from articles.importers.wordpress.export import Export, Unreadable
from articles.importers.wordpress.importing import Outcome
from clinic.lib import csv_cells

SAY_EVERY = 100
HEAD = ("line", "number", "kind", "title", "old address", "date", "outcome", "here", "what")


class Command(BaseCommand):
    help = (
        "Creates a draft from each post and page of a WordPress export. Nothing is published, and "
        "anything imported before is left as it is. Anything lost or doubtful is reported with "
        "file and line."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.xml")
        parser.add_argument(
            "--media", type=Path, metavar="DIR", help="A copy of wp-content/uploads."
        )
        parser.add_argument(
            "--report", type=Path, metavar="FILE.csv", help="Also write the report to a CSV file."
        )

    def handle(
        self, *, file: Path, media: Path | None, report: Path | None, **options: Any
    ) -> None:
        if media is not None and not media.is_dir():
            raise CommandError(f"{media} is not a folder. Nothing was changed.", returncode=2)
        export = Export(file)
        former = _surveyed(export)
        for line, doubt in export.doubts:
            self.stdout.write(f"{file}:{line}: {doubt}")
        for kind, count in sorted(former.passed_over.items()):
            self.stdout.write(f"{file}: {count} × {kind} skipped (internal to WordPress).")
        for address in former.documents:
            self.stdout.write(f"{file}: move this file by hand: {address}")
        outcomes = importing.take_in(export, former, site.MediaFolder(media))
        with _opened(report) if report else nullcontext() as table:
            counts = self._tell(file, outcomes, len(former.texts), table)
        if former.texts and (feeds := importing.lead_feeds(former)):
            self.stdout.write(f"{file}: {feeds} feed addresses redirect to the new feed.")
        said = ", ".join(f"{counts[name]} {name}" for name in counts) or "empty"
        self.stdout.write(f"{file}: {said}.")
        if counts[importing.LEFT_OUT]:
            raise CommandError(f"Entries that could not be imported: {counts[importing.LEFT_OUT]}.")

    def _tell(
        self, file: Path, outcomes: Iterable[Outcome], total: int, table: IO[str] | None
    ) -> Counter[str]:
        counts: Counter[str] = Counter()
        writer = csv_cells.Writer(table) if table else None
        if writer:
            writer.row(HEAD)
        for done, outcome in enumerate(outcomes, start=1):
            counts[outcome.became] += 1
            out = self.stderr if outcome.became == importing.LEFT_OUT else self.stdout
            for note in outcome.notes:
                out.write(f"{file}:{outcome.line}: {outcome.title}: {note}")
            if writer:
                for row in _rows(outcome):
                    writer.row(row)
            if done % SAY_EVERY == 0:
                self.stdout.write(f"{done} of {total}")
        return counts


def _surveyed(export: Export) -> site.Site:
    """Read the whole file before anything is changed. Raises CommandError 2."""
    try:
        return site.survey(export)
    except OSError as error:
        message = f"{export.path}: {error.strerror}. Nothing was changed."
        raise CommandError(message, returncode=2) from error
    except Unreadable as error:
        message = f"{export.path}: {error} Nothing was changed."
        raise CommandError(message, returncode=2) from error


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("w", newline="", encoding="utf-8-sig")
    except OSError as error:
        message = f"{path}: {error.strerror}. Nothing was changed."
        raise CommandError(message, returncode=2) from error


def _rows(outcome: Outcome) -> Iterator[list[str]]:
    """One row for the entry, one for each note, source and comment of it."""
    start = [str(outcome.line), outcome.number, outcome.kind, outcome.title, outcome.former]
    yield [*start, outcome.day, outcome.became, outcome.here, ""]
    for note in outcome.notes:
        yield [*start, outcome.day, "note", outcome.here, note]
    for source in outcome.sources:
        yield [*start, outcome.day, "source", outcome.here, source]
    for comment in outcome.comments:
        answers = f" → {comment.answers}" if comment.answers else ""
        said = f"{comment.number}{answers} {comment.name}: {comment.text}"
        yield [*start, comment.day, "comment", outcome.here, said]
