"""`manage.py import_articles DIR [--publish]`: take a folder of articles in, or change nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.import_problems import NotImported
from articles.importers.portable import folder
from articles.importers.portable.importing import Report, take_in
from clinic.models import Clinic


class Command(BaseCommand):
    help = (
        "Imports articles, pages, references, topics and images from a folder written by "
        "export_articles, all or nothing. An article or page with the same slug is updated."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="The folder to import.")
        parser.add_argument(
            "--publish",
            action="store_true",
            help="Publish articles whose state is “published” or missing, and schedule those "
            "with a later date.",
        )

    def handle(self, *, publish: bool, **options: Any) -> None:
        root: Path = options["folder"]
        try:
            found = folder.read(root, Clinic.objects.get(id=1).zone)
            if not (found.entries or found.references or found.topics or found.problems.found):
                raise CommandError(f"There are no articles or references in {root}.", returncode=2)
            report = take_in(found, publish=publish, at=timezone.now())
        except OSError as error:
            message = f"{error.filename or root}: {error.strerror}. Nothing was changed."
            raise CommandError(message, returncode=2) from error
        except NotImported as refusal:
            for problem in refusal.problems:
                self.stderr.write(str(problem))
            raise CommandError("Nothing was imported. Fix the lines above first.") from refusal
        self.stdout.write(_summary(report))


def _summary(report: Report) -> str:
    if not report.changed:
        return f"Nothing has changed: {report.unchanged} articles and pages match the folder."
    return (
        f"Articles and pages: {report.made} new, {report.updated} updated, "
        f"{report.unchanged} unchanged; {report.published} editions published, "
        f"{report.scheduled} scheduled.\n"
        f"New references: {report.references}. New images: {report.pictures}. "
        f"New or changed topics: {report.topics}. New redirects: {report.redirects}."
    )
