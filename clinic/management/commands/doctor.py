"""`manage.py doctor [--mail ADDRESS]`: what may stand in the way, each with how to fix it."""

import ssl
import subprocess
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone
from django.utils.timesince import timeuntil

from clinic import hooks
from clinic.mail import composer, outbox
from clinic.models import Clinic
from clinic.operations import checkup, version
from clinic.operations.backups import nightly
from clinic.operations.checkup import Finding

SECONDS = 10
RENEWED_BEFORE = timedelta(days=14)  # certificates for 90 days are renewed 30 days before the end


class Command(BaseCommand):
    help = (
        "Checks the database, keys, worker, email, backups, disk, files, clock, settings and the "
        "website's address, and says how to fix what is wrong. Ends with 1 if anything is. Changes "
        "nothing."
    )
    # It reports them itself, with everything else.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--mail", metavar="ADDRESS", help="Also send a test email to this address."
        )

    def handle(self, *, mail: str | None, **options: Any) -> None:
        at = timezone.now()
        found = [
            *checkup.findings(at),
            *nightly.findings(),
            checkup.permissions_finding(),
            _clock(),
            *_address(at),
        ]
        name = _clinic(at) if found[0].is_ok else "Unknown clinic"
        self.stdout.write(f"{name}, data in {settings.DATA_DIR}, {version.NAME}")
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


def _clock() -> Finding:
    """Whether a time service sets the clock, where systemd can tell."""
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return Finding("Clock", "not checked (there is no systemd)")
    match said.stdout.strip():
        case "yes":
            return Finding("Clock", "set by a time service")
        case "no":
            return Finding("Clock", "not set by a time service", "Run: timedatectl set-ntp true")
    return Finding("Clock", "not checked (systemd does not say)")


@dataclass(frozen=True)
class Answer:
    """What the site answered at its own address, and when its certificate expires."""

    status: int
    text: str
    headers: Mapping[str, str]
    expires: datetime | None


def _ask(url: str) -> Answer:
    with httpx.stream("GET", url, timeout=SECONDS) as answer:
        text = answer.read().decode(errors="replace")
        tls = answer.extensions["network_stream"].get_extra_info("ssl_object")
        until = tls.getpeercert().get("notAfter") if tls else None
        expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC) if until else None
        return Answer(answer.status_code, text, answer.headers, expires)


def _address(at: datetime) -> Iterator[Finding]:
    """Whether the site answers at its own address, as visitors reach it: proxy and certificate."""
    url = f"{settings.SITE_URL}/healthz"
    try:
        answer = _ask(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        advice = "Start the site; check the proxy, its certificate and SITE_URL."
        fact = f"{url} cannot be reached ({type(error).__name__})"
        yield Finding("Website", fact, advice)
        return
    if answer.status != 200 or answer.text != "ok\n":
        advice = "Check the proxy, ALLOWED_HOSTS and SITE_URL."
        yield Finding("Website", f"{url} answers {answer.status}", advice)
        return
    yield Finding("Website", f"answers at {settings.SITE_URL}")
    if not settings.SITE_IS_SECURE:
        return
    if "strict-transport-security" in answer.headers:
        yield Finding("Proxy", "sends X-Forwarded-Proto")
    else:
        advice = "Set it as in deploy/nginx.conf: without it, every visitor counts as insecure."
        yield Finding("Proxy", "does not send X-Forwarded-Proto", advice)
    if answer.expires:
        fact = f"the certificate expires in {timeuntil(answer.expires, at)}"
        late = answer.expires - at < RENEWED_BEFORE
        advice = "Renew it, and see why that did not happen by itself." if late else ""
        yield Finding("TLS", fact, advice)


def _test_mail(address: str) -> Finding:
    """Send a test email with the clinic's own sender."""
    mail = composer.write("test", "Test email", address, {}, html=False)
    try:
        outbox.send(mail)
    except outbox.Unsendable as error:
        return Finding("Test email", error.words, "Correct EMAIL_URL or the clinic’s address.")
    return Finding("Test email", f"the mail server took it from {mail.from_email}")
