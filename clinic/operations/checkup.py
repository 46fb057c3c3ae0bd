"""What may stand in the way of this installation, and how to fix it.

Asked by `/readyz` (what keeps a process from serving or storing), by `manage.py doctor`, the
staff's first page and the pings of `CHECK_URL_…`. Facts hold no path and no secret: `/readyz` is
public.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.template.defaultfilters import filesizeformat
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.lib import file_modes
from clinic.lib.database import guards
from clinic.models import Clinic, Heartbeat, Message
from clinic.operations import installation_keys, version

WORKER_SILENT_FOR = timedelta(minutes=5)
ALIVE_WITHIN = timedelta(minutes=1)  # a worker touches its file at least every 40 seconds
CLOCK_AHEAD_BY = timedelta(minutes=2)
MAIL_LATE_AFTER = timedelta(minutes=15)
BACKUP_OLD_AFTER = timedelta(days=2)
KEYS_COPIED_WITHIN = timedelta(days=365)
LEAST_FREE = 1_000_000_000  # bytes


@dataclass(frozen=True)
class Finding:
    """What was found about a subject; `advice` says how to fix it and is empty where all is
    well."""

    subject: str
    fact: str
    advice: str = ""

    @property
    def is_ok(self) -> bool:
        return not self.advice


def findings(at: datetime) -> Iterator[Finding]:
    """All there is to know, the database first: without it there is nothing else to ask."""
    try:
        database = list(database_findings())
        yield from database
        if all(finding.is_ok for finding in database):
            yield worker_finding(at)
            yield mail_finding(at)
            yield backup_finding(at)
            yield keys_finding(at)
    except DatabaseError:
        yield no_answer()
    yield disk_finding()
    yield from warnings()


def database_findings() -> Iterator[Finding]:
    """Migrations, guards and keys. Raises DatabaseError where the database does not answer."""
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        if not path.exists():  # asking would make an empty one
            advice = _("%(path)s is missing. Set DATA_DIR as the website has it.")
            yield Finding(_("Database"), _("there is none"), advice % {"path": path})
            return
    executor = MigrationExecutor(connection)
    if migration := version.newer(executor.loader):
        fact = _("changed by a newer version of this website (%(name)s)") % {"name": migration}
        yield Finding(_("Database"), fact, _("Install that version. See docs/upgrading.md."))
        return
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Finding(_("Database"), _("is not up to date"), _("Run: manage.py migrate"))
        return
    yield Finding(_("Database"), _("up to date (%(kind)s)") % {"kind": connection.vendor})
    if missing := guards.missing(connection):
        fact = _("missing: %(names)s") % {"names": ", ".join(missing)}
        yield Finding(_("Database guards"), fact, _("Run: manage.py migrate"))
    if problem := installation_keys.mismatch():
        yield Finding(_("Keys"), _("do not match this database"), problem)
    else:
        yield Finding(_("Keys"), _("match this database"))


def no_answer() -> Finding:
    """The finding about a database that does not answer."""
    advice = _("Start the database, or correct DATABASE_URL.")
    return Finding(_("Database"), _("is not responding"), advice)


def worker_finding(at: datetime) -> Finding:
    """Whether a worker has written its heartbeat lately: if not, either no worker runs or nothing
    can be written. On a machine with a worker, the file that it touches tells them apart."""
    subject = _("Worker")
    last = last_beat(Heartbeat.WORKER)
    if last and last - at > CLOCK_AHEAD_BY:
        fact = _("last seen in the future: the clock was set back, or differs between machines")
        return Finding(subject, fact, _("Let a time service set the clock of each machine."))
    if last and at - last <= WORKER_SILENT_FOR:
        return Finding(subject, _("running"))
    ago = _("has not been seen for %(time)s") % {"time": timesince(last, at)} if last else ""
    if _is_alive_here(at):
        fact = _("running, but nothing can be written to the database")
        return Finding(subject, fact, _("Free disk space, and check who owns the database."))
    advice = _("Run: manage.py worker, or serve --with-worker")
    return Finding(subject, ago or _("has never run"), advice)


def _is_alive_here(at: datetime) -> bool:
    try:
        touched = (settings.DATA_DIR / "worker.alive").stat().st_mtime
    except OSError:
        return False
    return abs(at.timestamp() - touched) <= ALIVE_WITHIN.total_seconds()


def mail_finding(at: datetime) -> Finding:
    """Whether email leaves in time, and whether any has failed."""
    waiting = Message.objects.filter(sent_at=None, failed_at=None, due_at__lte=at)
    oldest = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    failed = Message.objects.exclude(failed_at=None).count()
    facts = []
    if oldest and at - oldest > MAIL_LATE_AFTER:
        facts.append(
            _("the oldest has been waiting for %(time)s") % {"time": timesince(oldest, at)}
        )
    if failed:
        facts.append(ngettext("%(n)d failed", "%(n)d failed", failed) % {"n": failed})
    if not facts:
        return Finding(_("Email"), _("sent in time"))
    advice = _("The email queue names each cause. Test the server: manage.py doctor --mail ADDRESS")
    return Finding(_("Email"), ", ".join(facts), advice)


def backup_finding(at: datetime) -> Finding:
    """Whether there is a recent backup; a demo needs none."""
    last = last_beat(Heartbeat.BACKUP)
    if last and at - last <= BACKUP_OLD_AFTER:
        return Finding(_("Backup"), _("made %(time)s ago") % {"time": timesince(last, at)})
    if not last and _is_demo():
        return Finding(_("Backup"), _("none (a demo needs none)"))
    fact = _("the last one is %(time)s old") % {"time": timesince(last, at)} if last else _("none")
    return Finding(_("Backup"), fact, _("Set BACKUP_TO, and look in the log of the worker."))


def keys_finding(at: datetime) -> Finding:
    """Whether the keys, which are in no backup, have been copied for the safe within a year."""
    subject = _("Keys copied")
    last = last_beat(Heartbeat.KEYS)
    if last and at - last <= KEYS_COPIED_WITHIN:
        return Finding(subject, _("printed %(time)s ago") % {"time": timesince(last, at)})
    if not last and _is_demo():
        return Finding(subject, _("none (a demo needs none)"))
    fact = _("printed %(time)s ago") % {"time": timesince(last, at)} if last else _("none")
    advice = _(
        "Run: manage.py keys print, and put the page in a safe. Then test it: manage.py drill"
    )
    return Finding(subject, fact, advice)


def last_beat(name: str) -> datetime | None:
    """Return when this last succeeded."""
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def _is_demo() -> bool:
    return Clinic.objects.filter(is_demo=True).exists()


def disk_finding() -> Finding:
    """The space that is left for data."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    fact = _("%(size)s free") % {"size": filesizeformat(free)}
    if free >= LEAST_FREE:
        return Finding(_("Disk"), fact)
    return Finding(_("Disk"), fact, _("Free at least 1 GB: a full disk loses requests."))


def permissions_finding() -> Finding:
    """Whether database and keys are this user's and nobody else can read them."""
    subject, data = _("Files"), settings.DATA_DIR
    files = [data, *data.glob("keys/*"), *file_modes.of_database(settings.DATABASES["default"])]
    for path in files:
        try:
            there = path.stat()
        except FileNotFoundError:
            continue
        if there.st_uid != os.geteuid():
            fact = _("%(path)s belongs to another user") % {"path": path}
            advice = _("Run this as the website’s user, or run: chown -R USER: %(path)s")
            return Finding(subject, fact, advice % {"path": data})
        if there.st_mode & file_modes.UMASK:
            fact = _("%(path)s can be read by other users") % {"path": path}
            return Finding(subject, fact, _("Run: chmod -R go= %(path)s") % {"path": data})
    return Finding(subject, _("only this user can read them"))


def warnings() -> Iterator[Finding]:
    """What `manage.py check` warns of."""
    for warning in checks.run_checks():
        if not warning.is_silenced():
            yield Finding(_("Settings"), str(warning.msg), str(warning.hint or _("Correct this.")))
