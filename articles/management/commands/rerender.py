"""`manage.py rerender [--all]`: make the HTML of editions again after a change of the renderer."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from articles.rendering import rerender
from clinic import content


class Command(BaseCommand):
    help = "Renders again what another version of the renderer made. Editions stay as they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--all",
            action="store_true",
            dest="everything",
            help="Render everything again, whatever made it.",
        )

    def handle(self, *, everything: bool, **options: Any) -> None:
        made = rerender(at=timezone.now(), everything=everything)
        if made:
            content.raise_version()
        self.stdout.write(f"{made} editions rendered.")
