"""`manage.py import_wordpress FILE.xml [--media DIR] [--report FILE.csv]`."""

import csv
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from articles.wordpress import importing, site
from articles.wordpress.export import Export, Unreadable
from articles.wordpress.importing import Outcome

SAY_EVERY = 100
HEAD = ("line", "number", "kind", "title", "former address", "date", "outcome", "here", "what")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # at the start of a cell, to a spreadsheet


class Command(BaseCommand):
    help = (
        "Makes a draft of each post and page of a WordPress export. Nothing is published, and "
        "what was moved in before is left alone. What was lost or is doubtful is told by file and "
        "line."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.xml")
        parser.add_argument(
            "--media", type=Path, metavar="DIR", help="A copy of wp-content/uploads."
        )
        parser.add_argument(
            "--report", type=Path, metavar="FILE.csv", help="Also write what is told to a table."
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
            self.stdout.write(f"{file}: {count} × {kind} passed over: WordPress's own.")
        outcomes = importing.take_in(export, former, site.MediaFolder(media))
        with _opened(report) if report else nullcontext() as table:
            counts = self._tell(file, outcomes, len(former.texts), table)
        if former.texts and (feeds := importing.lead_feeds(former)):
            self.stdout.write(f"{file}: {feeds} addresses of feeds lead to ours.")
        said = ", ".join(f"{counts[name]} {name}" for name in counts) or "nothing in it"
        self.stdout.write(f"{file}: {said}.")
        if counts[importing.LEFT_OUT]:
            raise CommandError(f"{counts[importing.LEFT_OUT]} entries were left out.")

    def _tell(
        self, file: Path, outcomes: Iterable[Outcome], total: int, table: IO[str] | None
    ) -> Counter[str]:
        counts: Counter[str] = Counter()
        writer = csv.writer(table) if table else None
        if writer:
            writer.writerow(HEAD)
        for done, outcome in enumerate(outcomes, start=1):
            counts[outcome.became] += 1
            out = self.stderr if outcome.became == importing.LEFT_OUT else self.stdout
            for note in outcome.notes:
                out.write(f"{file}:{outcome.line}: {outcome.title}: {note}")
            if writer:
                writer.writerows(map(_harmless, _rows(outcome)))
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
    """One row for the entry, one for each note, one for each comment under it."""
    start = [str(outcome.line), outcome.number, outcome.kind, outcome.title, outcome.former]
    yield [*start, outcome.day, outcome.became, outcome.here, ""]
    for note in outcome.notes:
        yield [*start, outcome.day, "note", outcome.here, note]
    for comment in outcome.comments:
        answers = f" → {comment.answers}" if comment.answers else ""
        said = f"{comment.number}{answers} {comment.name}: {comment.text}"
        yield [*start, comment.day, "comment", outcome.here, said]


def _harmless(row: list[str]) -> list[str]:
    """Cells that no spreadsheet takes for a formula: the words are a stranger's."""
    return [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row]
