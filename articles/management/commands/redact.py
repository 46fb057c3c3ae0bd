"""`manage.py redact EDITION --reason TEXT [--yes]`: take the words out of an edition for good."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from articles.models import Edition
from articles.redaction import redact


class Command(BaseCommand):
    help = (
        "Replaces text, pictures and references of one edition by a notice with the reason, for "
        "good. Number, address and dates stay. To take a page from the public, withdraw it on "
        "the desk instead."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("edition", help="Its id, or address word and number: knee-pain/3.")
        parser.add_argument("--reason", required=True, help="Stands in the notice, for readers.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *, edition: str, reason: str, yes: bool, **options: Any) -> None:
        reason = reason.strip()
        if not reason:
            raise CommandError("Give the reason: readers see it.", returncode=2)
        found = _find(edition)
        at = timezone.now()
        is_live = Edition.objects.live(at).filter(pk=found.pk).exists()
        if not yes:
            self._ask(found, is_live)
        redact(found, reason=reason, at=at)
        self.stdout.write(f"The words of edition {found.number} (id {found.pk}) are gone.")
        if is_live:
            self.stdout.write(f"It is the live one: {found.get_absolute_url()} shows the notice.")
        others = Edition.objects.filter(article=found.article_id).exclude(pk=found.pk)
        numbers = ", ".join(
            str(n) for n in others.order_by("number").values_list("number", flat=True)
        )
        self.stdout.write(
            "The same words may stand in the manuscript"
            + (f", in edition {numbers}" if numbers else "")
            + " and in every backup."
        )

    def _ask(self, edition: Edition, is_live: bool) -> None:
        state = "live" if is_live else "not live"
        self.stdout.write(f"“{edition.title}”, edition {edition.number}, {state}.")
        try:
            answer = input("Its words cannot be brought back. Type yes to go on: ")
        except EOFError:
            answer = ""
        if answer.strip() != "yes":
            raise CommandError("Nothing was changed.")


def _find(name: str) -> Edition:
    """The edition of this id, or of this address word and number."""
    slug, stroke, number = name.rpartition("/")
    wanted = Q(pk=None)
    if number.isdecimal():
        named = Q(slug=slug) | Q(article__slug=slug)
        wanted = Q(named, number=number) if stroke else Q(pk=number)
    found = list(Edition.objects.filter(wanted).order_by("id"))
    if len(found) > 1:
        ids = ", ".join(f"{edition.pk} ({edition.get_kind_display()})" for edition in found)
        raise CommandError(f"{name} is more than one: give the id. {ids}", returncode=2)
    if not found:
        raise CommandError(f"There is no edition {name}.", returncode=2)
    return found[0]
