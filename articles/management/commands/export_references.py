"""`manage.py export_references FILE`: write the reference library as CSL-JSON, BibTeX or RIS."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.importers.portable.library import as_entry
from articles.models import Reference
from articles.references.formats.writing import WRITERS


class Command(BaseCommand):
    help = (
        "Exports the whole reference library to a file. The file extension sets the format: "
        ".json (CSL-JSON, lossless), .bib or .ris."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, file: Path, **options: Any) -> None:
        ending = file.suffix.lower().removeprefix(".")
        if ending not in WRITERS:
            known = ", ".join(f".{name}" for name in WRITERS)
            raise CommandError(f"{file} must have one of these extensions: {known}.", returncode=2)
        _type, write = WRITERS[ending]
        references = Reference.objects.kept().order_by("key")
        try:
            file.write_text(write(map(as_entry, references.iterator())), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.", returncode=2) from error
        self.stdout.write(f"{file}: {references.count()} references.")
