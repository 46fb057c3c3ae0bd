"""`manage.py export_articles DIR`: write articles, pages, topics, references and pictures."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.portable import exporting


class Command(BaseCommand):
    help = (
        "Writes all articles and pages as Markdown into a folder, with references, topics and "
        "pictures. import_articles takes them in again. People and services travel by backup."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", type=Path, metavar="DIR", help="A folder that is empty or not there yet."
        )

    def handle(self, **options: Any) -> None:
        root: Path = options["folder"]
        try:
            root.mkdir(parents=True, exist_ok=True)
            if any(root.iterdir()):
                raise CommandError(f"{root} is not empty. Name another folder.", returncode=2)
            count = exporting.write(root, at=timezone.now())
        except OSError as error:
            message = f"{error.filename or root}: {error.strerror}."
            raise CommandError(message, returncode=2) from error
        except exporting.NotExported as refusal:
            raise CommandError(f"{refusal} The folder is not complete.") from refusal
        self.stdout.write(
            f"{root}: {count.articles} articles, {count.pages} pages, {count.topics} topics, "
            f"{count.references} references, {count.pictures} pictures."
        )
