"""`manage.py redact EDITION --reason TEXT [--yes]`: take the words out of an edition for good."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from articles.models import Edition
from articles.publishing.redaction import redact


class Command(BaseCommand):
    help = (
        "Permanently replaces the text, images and references of one edition with a notice that "
        "gives the reason. Its number, address and dates stay. To unpublish a page, withdraw it "
        "in the admin instead."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("edition", help="Its ID, or its slug and number: knee-pain/3.")
        parser.add_argument("--reason", required=True, help="Shown to readers in the notice.")
        parser.add_argument("--yes", action="store_true", help="Do not ask for confirmation.")

    def handle(self, *, edition: str, reason: str, yes: bool, **options: Any) -> None:
        reason = reason.strip()
        if not reason:
            raise CommandError("Enter a reason: readers will see it.", returncode=2)
        found = _find(edition)
        at = timezone.now()
        is_live = Edition.objects.live(at).filter(pk=found.pk).exists()
        if not yes:
            self._ask(found, is_live)
        redact(found, reason=reason, at=at)
        self.stdout.write(
            f"The content of edition {found.number} (ID {found.pk}) has been removed."
        )
        if is_live:
            self.stdout.write(f"It is live: {found.get_absolute_url()} now shows the notice.")
        others = Edition.objects.filter(article=found.article_id).exclude(pk=found.pk)
        numbers = ", ".join(
            str(n) for n in others.order_by("number").values_list("number", flat=True)
        )
        self.stdout.write(
            "The same content may remain in the draft"
            + (f", in edition {numbers}" if numbers else "")
            + " and in every backup."
        )

    def _ask(self, edition: Edition, is_live: bool) -> None:
        state = "live" if is_live else "not live"
        self.stdout.write(f"“{edition.title}”, edition {edition.number}, {state}.")
        try:
            answer = input("This can’t be undone. Type yes to continue: ")
        except EOFError:
            answer = ""
        if answer.strip() != "yes":
            raise CommandError("Nothing was changed.")


def _find(name: str) -> Edition:
    """The edition of this id, or of this slug and number."""
    slug, stroke, number = name.rpartition("/")
    wanted = Q(pk=None)
    if number.isdecimal():
        named = Q(slug=slug) | Q(article__slug=slug)
        wanted = Q(named, number=number) if stroke else Q(pk=number)
    found = list(Edition.objects.filter(wanted).order_by("id"))
    if len(found) > 1:
        ids = ", ".join(f"{edition.pk} ({edition.get_kind_display()})" for edition in found)
        raise CommandError(
            f"{name} matches more than one edition. Enter the ID: {ids}", returncode=2
        )
    if not found:
        raise CommandError(f"There is no edition {name}.", returncode=2)
    return found[0]
