"""`manage.py export_articles DIR`: write articles, pages, topics, references and pictures."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.importers.portable import exporting


class Command(BaseCommand):
    help = (
        "Exports all articles and pages to a folder as Markdown, with references, topics and "
        "images. Import them with import_articles. Practitioners and services are only in backups."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder",
            type=Path,
            metavar="DIR",
            help="An empty folder, or one that does not exist yet.",
        )

    def handle(self, **options: Any) -> None:
        root: Path = options["folder"]
        try:
            root.mkdir(parents=True, exist_ok=True)
            if any(root.iterdir()):
                raise CommandError(f"{root} is not empty. Choose another folder.", returncode=2)
            count = exporting.write(root, at=timezone.now())
        except OSError as error:
            message = f"{error.filename or root}: {error.strerror}."
            raise CommandError(message, returncode=2) from error
        except exporting.NotExported as refusal:
            raise CommandError(f"{refusal} The export is incomplete.") from refusal
        self.stdout.write(
            f"{root}: {count.articles} articles, {count.pages} pages, {count.topics} topics, "
            f"{count.references} references, {count.pictures} images."
        )
