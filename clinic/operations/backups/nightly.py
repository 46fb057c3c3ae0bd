"""The backup of every night: made, tried, encrypted, stored, and the oldest ones removed.

A duty of the worker. A backup counts only when all of that went well; a failed one is tried again
after an hour.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from clinic.models import Heartbeat
from clinic.operations import checkup, operator_mail, pings
from clinic.operations.backups import backup, drill, keeping, places, sealing
from clinic.operations.checkup import Finding

logger = logging.getLogger(__name__)

NIGHTLY, TRY = "nightly", "nightly try"  # heartbeats: these alone, and when one was begun
NOT_BEFORE = 2  # o'clock, in the clinic's zone
AGAIN_AFTER = timedelta(hours=1)
ALARM_EVERY = timedelta(days=1)
LEFT_BEHIND = ".nightly-*", ".scratch-*", ".restore-*"
LEFT_BEHIND_AFTER = timedelta(days=1)


class Failed(Exception):
    """No backup was made or stored; the text says why, without personal data."""


def run(at: datetime) -> None:
    """Make the backup of the day if it is time and nobody else does. A duty of the worker."""
    if not is_wanted() or not is_due(at):
        return
    if not Heartbeat.objects.claim(TRY, at, every=AGAIN_AFTER):
        return
    try:
        make(at)
    except Failed as failure:
        logger.error("The nightly backup failed: %s", failure)
        pings.ping("backup", str(failure))
        return
    for name in (NIGHTLY, Heartbeat.BACKUP):
        Heartbeat.objects.beat(name, at)
    pings.ping("backup")


def alarm(at: datetime) -> None:
    """Email the operator once a day while the newest backup is too old. A duty of the worker."""
    if not settings.OPERATOR_EMAIL:
        return
    if is_wanted() and not checkup.last_beat(TRY):
        return  # the first is still to be made
    finding = checkup.backup_finding(at)
    if finding.is_ok or not Heartbeat.objects.claim("backup alarm", at, every=ALARM_EVERY):
        return
    sent = operator_mail.send(
        f"No recent backup of {settings.SITE_URL}",
        f"{finding.subject}: {finding.fact}. {finding.advice}\n\nTo see everything that is to be "
        "fixed, run: clinic doctor\n",
    )
    if not sent:
        Heartbeat.objects.filter(name="backup alarm").delete()


def findings() -> Iterator[Finding]:
    """What would keep the next backup from being stored, as far as can be seen without storing."""
    for words, place in places.places():
        if isinstance(place, places.Folder) and not os.access(place.path, os.W_OK | os.X_OK):
            fact = f"{words} does not exist, or this user cannot write to it"
            yield Finding("Backup", fact, "Create it for the website’s user, or correct BACKUP_TO.")
    recipient = settings.BACKUP_RECIPIENT
    if recipient and not os.access(recipient, os.R_OK):
        advice = "Correct BACKUP_RECIPIENT, and let all users read the file."
        yield Finding("Backup", f"the public key {recipient} cannot be read", advice)
    if recipient and not shutil.which("gpg"):
        yield Finding("Backup", "gpg is not installed", "Run: apt-get install gnupg")


def is_wanted() -> bool:
    """Whether the operator has said where backups go."""
    return bool(settings.BACKUP_TO or settings.BACKUP_COMMAND)


def is_due(at: datetime) -> bool:
    """Whether the backup of this day is still to be made."""
    local = timezone.localtime(at)
    last = checkup.last_beat(NIGHTLY)
    done = last is not None and timezone.localtime(last).date() >= local.date()
    return local.hour >= NOT_BEFORE and not done


def make(at: datetime) -> None:
    """Make a backup of this moment, try it, and store it. Raises Failed."""
    _sweep(at)
    with tempfile.TemporaryDirectory(prefix=".nightly-", dir=settings.DATA_DIR) as folder:
        file = Path(folder) / keeping.name_of(timezone.localtime(at).date())
        try:
            made = backup.write(file, at=at)
            tried = drill.restore(file)
            if (tried.rows, tried.images) != (made.rows, made.files):
                raise Failed("What was restored is not what was backed up.")
            if settings.BACKUP_RECIPIENT:
                file = sealing.seal(file, Path(settings.BACKUP_RECIPIENT))
        except OSError as error:
            raise Failed(f"It could not be written: {error.strerror or error}.") from None
        except (drill.Failed, sealing.Failed, ImproperlyConfigured) as error:
            raise Failed(str(error)) from None
        _store(file)


def _store(file: Path) -> None:
    """Put the file everywhere, though one place fails. Raises Failed for those that did."""
    failed = []
    for words, place in places.places():
        try:
            place.put(file)
            for name in keeping.superfluous(place.names()):
                place.remove(name)
        except Exception as error:  # boto3 has hundreds
            reason = getattr(error, "strerror", None) or type(error).__name__
            failed.append(f"It could not be stored in {words} ({reason}).")
    if settings.BACKUP_COMMAND:
        try:
            places.run_command(file)
        except places.Failed as failure:
            failed.append(str(failure))
    if failed:
        raise Failed(" ".join(failed))


def _sweep(at: datetime) -> None:
    """Remove what a worker that was killed has left behind."""
    for pattern in LEFT_BEHIND:
        for path in settings.DATA_DIR.glob(pattern):
            if at.timestamp() - path.stat().st_mtime > LEFT_BEHIND_AFTER.total_seconds():
                shutil.rmtree(path, ignore_errors=True)
