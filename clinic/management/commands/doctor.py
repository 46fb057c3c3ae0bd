"""`manage.py doctor [--mail ADDRESS]`: what may stand in the way, each with how to fix it."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from clinic import hooks
from clinic.mail import composer, outbox
from clinic.models import Clinic
from clinic.operations import checkup
from clinic.operations.checkup import Finding

SECONDS = 10


class Command(BaseCommand):
    help = (
        "Checks the database, keys, worker, email, backups, disk, settings and the website's "
        "address, and says how to fix what is wrong. Ends with 1 if anything is. Changes nothing."
    )
    # It reports them itself, with everything else.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--mail", metavar="ADDRESS", help="Also send a test email to this address."
        )

    def handle(self, *, mail: str | None, **options: Any) -> None:
        at = timezone.now()
        found = [*checkup.findings(at), _address()]
        name = _clinic(at) if found[0].is_ok else "Unknown clinic"
        self.stdout.write(f"{name}, data in {settings.DATA_DIR}")
        if mail:
            found.append(_test_mail(mail))
        for finding in found:
            self.stdout.write(f"{'ok  ' if finding.is_ok else 'FIX '}  {_line(finding)}")
        if wrong := sum(not finding.is_ok for finding in found):
            raise CommandError(f"To fix: {wrong}.", returncode=1)


def _line(finding: Finding) -> str:
    advice = f". {finding.advice}" if finding.advice else ""
    return f"{finding.subject}: {finding.fact}{advice}"


def _clinic(at: datetime) -> str:
    """The clinic's name and how much it has published, to tell one installation from another."""
    try:
        name = Clinic.objects.values_list("name", flat=True).get(id=1)
        pages = sum(1 for pages in hooks.sitemaps for _ in pages(at))
    except (DatabaseError, Clinic.DoesNotExist):
        return "Unknown clinic"
    return f"{name}: {pages} public pages"


def _address() -> Finding:
    """Whether the site answers at its own address, as visitors reach it."""
    url = f"{settings.SITE_URL}/healthz"
    try:
        answer = httpx.get(url, timeout=SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        advice = "Start the site; check the proxy, its certificate and SITE_URL."
        return Finding("Website", f"{url} cannot be reached ({type(error).__name__})", advice)
    if answer.status_code == 200 and answer.text == "ok\n":
        return Finding("Website", f"answers at {settings.SITE_URL}")
    advice = "Check the proxy, ALLOWED_HOSTS and SITE_URL."
    return Finding("Website", f"{url} answers {answer.status_code}", advice)


def _test_mail(address: str) -> Finding:
    """Send a test email with the clinic's own sender."""
    mail = composer.write("test", "Test email", address, {}, html=False)
    try:
        outbox.send(mail)
    except outbox.Unsendable as error:
        return Finding("Test email", error.words, "Correct EMAIL_URL or the clinic’s address.")
    return Finding("Test email", f"the mail server took it from {mail.from_email}")
