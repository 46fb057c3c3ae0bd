"""`manage.py rerender [--all]`: make the HTML of editions again after a change of the renderer."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from articles.manuscript.rendering import rerender
from clinic.site import content_version


class Command(BaseCommand):
    help = "Re-renders pages made by another version of the renderer. Editions do not change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--all",
            action="store_true",
            dest="everything",
            help="Render everything again, including current renderings.",
        )

    def handle(self, *, everything: bool, **options: Any) -> None:
        made = rerender(at=timezone.now(), everything=everything)
        if made:
            content_version.raise_version()
        self.stdout.write(f"Editions rendered: {made}.")
