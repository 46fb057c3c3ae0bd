"""`manage.py check_articles [--json]`: the editorial checks over everything that is public."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from articles.manuscript import checks
from articles.manuscript.rendering import Issue, Text, recompose
from articles.models import Edition


class Command(BaseCommand):
    help = (
        "Runs the editorial checks on every published article and page. The exit code is 1 if a "
        "problem must be fixed, 0 otherwise."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--json",
            action="store_true",
            dest="as_json",
            help="Print the findings as one JSON list.",
        )

    def handle(self, *, as_json: bool, **options: Any) -> None:
        found = list(_issues(timezone.now()))
        if as_json:
            rows = [_row(edition, issue) for edition, issue in found]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        else:
            for edition, issue in found:
                place = f"{issue.where}:{issue.line}" if issue.line else issue.where
                where = f"{edition.get_absolute_url()} {place}"
                self.stdout.write(f"{where}: {issue.grade.value}: {issue.message} ({issue.code})")
        if any(issue.must for _edition, issue in found):
            raise SystemExit(1)


def _issues(at: datetime) -> Iterator[tuple[Edition, Issue]]:
    for edition in Edition.objects.live(at).order_by("kind", "slug").iterator(chunk_size=100):
        subject = checks.Subject.of_edition(edition, at=at)
        composition = recompose(edition, at=at)
        for issue in checks.all_issues(Text.of_edition(edition), composition, subject):
            yield edition, issue


def _row(edition: Edition, issue: Issue) -> dict[str, Any]:
    return {
        "url": edition.get_absolute_url(),
        "edition": edition.number,
        "where": issue.where,
        "line": issue.line,
        "grade": issue.grade.value,
        "code": issue.code,
        "message": issue.message,
    }
