"""What the worker does of the watch by itself, where REFERENCE_WATCH names a source."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import F, Q

from articles.models import Reference
from articles.references.lookups import Client, Unavailable
from articles.references.watch import crossref, files, recording
from articles.references.watch.finding import Finding, Unreadable
from clinic.site import page_context

logger = logging.getLogger(__name__)

CROSSREF = "crossref"
# Every reference once a day, a few at a time: the worker has mail to send too. Ten works with
# long lists of references stay within what the client takes.
A_ROUND = 20
AT_ONCE = 10
MOST_NOTICES = 100  # about ten works
AGAIN_AFTER = timedelta(hours=23)


def watch_by_files(at: datetime) -> None:
    """Read the files that the setting names. A file that cannot be read is logged."""
    for name in settings.REFERENCE_WATCH:
        if name == CROSSREF:
            continue
        try:
            recording.record(files.read(Path(name)), at=at)
        except Unreadable as error:
            logger.error("The reference watch cannot read %s: %s", name, error)


def watch_at_crossref(at: datetime) -> None:
    """Ask Crossref about the references that were not asked about for longest."""
    if CROSSREF not in settings.REFERENCE_WATCH or not settings.REFERENCE_LOOKUPS:
        return
    client = Client(settings.SITE_URL, page_context.current().clinic.email)
    ask_crossref(client, at=at)


def ask_crossref(client: Client, *, at: datetime) -> recording.Tally:
    """One round, in both directions. Where Crossref does not answer, the rest waits."""
    # A comma divides Crossref's filters; a DOI with one cannot be asked about in this way.
    due = Reference.objects.kept().exclude(doi="").exclude(doi__contains=",")
    due = due.filter(Q(watched_at=None) | Q(watched_at__lt=at - AGAIN_AFTER))
    rows = due.order_by(F("watched_at").asc(nulls_first=True), "id").values_list("id", "doi")
    waiting = list(rows[:A_ROUND])
    findings: list[Finding] = []
    for first in range(0, len(waiting), AT_ONCE):
        batch = waiting[first : first + AT_ONCE]
        try:
            findings += _ask(client, [doi for _pk, doi in batch])
        except (Unavailable, Unreadable) as error:
            logger.warning("The reference watch got no response from Crossref: %s", error)
            break
        Reference.objects.filter(pk__in=[pk for pk, _doi in batch]).update(watched_at=at)
    return recording.record(findings, at=at)


def _ask(client: Client, dois: Sequence[str]) -> Iterable[Finding]:
    works = client.works(_filter("doi", dois), rows=AT_ONCE)
    notices = client.works(_filter("updates", dois), rows=MOST_NOTICES, select="DOI,update-to")
    return [*crossref.read(works), *crossref.read(notices)]


def _filter(name: str, dois: Iterable[str]) -> str:
    return ",".join(f"{name}:{doi}" for doi in dois)
