"""`manage.py import_articles DIR [--publish]`: take a folder of articles in, or change nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.portable import folder
from articles.portable.importing import Report, take_in
from articles.portable.problems import NotImported
from clinic.models import Clinic


class Command(BaseCommand):
    help = (
        "Takes in articles, pages, references, topics and pictures from a folder such as "
        "export_articles writes: all of it or nothing. Texts of the same address word are updated."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="The folder.")
        parser.add_argument(
            "--publish",
            action="store_true",
            help="Publish texts whose state is “published” or not given; schedule those to come.",
        )

    def handle(self, *, publish: bool, **options: Any) -> None:
        root: Path = options["folder"]
        try:
            found = folder.read(root, Clinic.objects.get(id=1).zone)
            if not (found.entries or found.references or found.topics or found.problems.found):
                raise CommandError(f"{root} holds no articles or references.", returncode=2)
            report = take_in(found, publish=publish, at=timezone.now())
        except OSError as error:
            message = f"{error.filename or root}: {error.strerror}. Nothing was changed."
            raise CommandError(message, returncode=2) from error
        except NotImported as refusal:
            for problem in refusal.problems:
                self.stderr.write(str(problem))
            raise CommandError("Nothing was imported. Mend the lines above first.") from refusal
        self.stdout.write(_summary(report))


def _summary(report: Report) -> str:
    if not report.changed:
        return f"Nothing has changed: {report.unchanged} texts are as in the folder."
    return (
        f"Texts: {report.made} new, {report.updated} updated, {report.unchanged} unchanged; "
        f"{report.published} editions published, {report.scheduled} scheduled.\n"
        f"New references: {report.references}. New pictures: {report.pictures}. "
        f"New or changed topics: {report.topics}. New past addresses: {report.redirects}."
    )
