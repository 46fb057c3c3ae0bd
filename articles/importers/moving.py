"""Moving a website in from the desk: the worker reads an export, and takes in what was chosen.

Rows hold the files, so that any worker on any machine can go on where another one stopped. The
command import_wordpress does the same in one go (articles.importers.wordpress).
"""

import io
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from articles import permissions
from articles.importers.wordpress import importing
from articles.importers.wordpress import site as former
from articles.importers.wordpress.archive import MediaArchive, opened, write_export
from articles.importers.wordpress.export import Export, Unreadable
from articles.importers.wordpress.importing import Chosen, Outcome, Who
from articles.models import Article, Moved, SiteImport, SiteImportFile, SiteImportLine
from clinic.models import Practitioner, User

State = SiteImport.State
KEPT_FOR = timedelta(days=7)  # what nobody came back to
MOST_FILES = 20
SLICE = 10.0  # seconds at a time: the worker has emails to send, too
LEASE = timedelta(minutes=3)
MOST_TOLD = 200  # of each kind of finding


def begin(content: bytes, name: str, *, by: User, at: datetime) -> SiteImport:
    """Keep an uploaded export for the worker. Raises PermissionDenied."""
    permissions.require(by, "articles.publish_article")
    with transaction.atomic():  # a worker that finds the import finds its file
        row = SiteImport.objects.create(name=name[:200], by=by, created_at=at)
        row.files.create(name=name[:200], is_export=True, content=content)
    return row


def add_pictures(row: SiteImport, content: bytes, name: str, *, by: User) -> None:
    """Keep a zip of images beside an export that is not imported yet. Raises PermissionDenied, and
    Unreadable for what is no zip file or one too many."""
    permissions.require(by, "articles.publish_article")
    opened(io.BytesIO(content)).close()
    if row.files.count() >= MOST_FILES:
        raise Unreadable(_("An import can have %(n)d files.") % {"n": MOST_FILES})
    SiteImportFile.objects.create(site_import=row, name=name[:200], content=content)


def choose(row: SiteImport, chosen: Mapping[str, Any], *, by: User) -> bool:
    """Hand an import to the worker, with what was chosen; False if somebody has done it already.
    Raises PermissionDenied."""
    permissions.require(by, "articles.publish_article")
    ready = SiteImport.objects.filter(pk=row.pk, state=State.READY)
    return bool(ready.update(state=State.WORKING, chosen=dict(chosen)))


def remove(row: SiteImport, *, by: User) -> None:
    """Delete an import, its files and its report; drafts stay. Raises PermissionDenied."""
    permissions.require(by, "articles.publish_article")
    row.delete()


def forget(at: datetime) -> None:
    """Delete imports that were begun and not gone on with, and files that nothing needs.

    A duty of the worker. Reports stay until somebody deletes them.
    """
    left = [State.READING, State.READY, State.FAILED]
    SiteImport.objects.filter(state__in=left, created_at__lt=at - KEPT_FOR).delete()
    SiteImportFile.objects.filter(site_import__state=State.DONE).delete()


def work(at: datetime) -> None:
    """Read one waiting export, or take in some of its entries. A duty of the worker."""
    row = SiteImport.objects.waiting(at).first()
    if row is None:
        return
    mine = SiteImport.objects.filter(pk=row.pk, leased_until=row.leased_until, state=row.state)
    if not mine.update(leased_until=at + LEASE):
        return  # another worker was faster
    changes: dict[str, Any] = {}
    try:
        with _files(row) as (export, media):
            changes = _read(export) if row.state == State.READING else _take(row, export, media, at)
    except Unreadable as error:
        changes = {"state": State.FAILED, "problem": str(error)[:300]}
    except (OperationalError, InterfaceError):
        raise  # the database is away: it goes on later
    except Exception:
        changes = {"state": State.FAILED, "problem": _("An unexpected error occurred.")}
        raise
    finally:
        SiteImport.objects.filter(pk=row.pk).update(leased_until=None, **changes)
        if changes.get("state") in (State.DONE, State.FAILED):
            row.files.all().delete()


@contextmanager
def _files(row: SiteImport) -> Iterator[tuple[Export, MediaArchive]]:
    """The uploaded files, in a folder that is gone afterwards. Raises Unreadable."""
    exports = row.files.filter(is_export=True)
    uploaded = exports.first()
    if uploaded is None:
        raise Unreadable(_("The file is no longer here. Upload it again."))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="import-")))
        write_export(io.BytesIO(bytes(uploaded.content)), folder / "export.xml")
        del uploaded
        zips = []
        for pk in row.files.filter(is_export=False).values_list("pk", flat=True):
            path = folder / f"{pk}.zip"  # on the disk: twenty of them are too much for the memory
            path.write_bytes(SiteImportFile.objects.get(pk=pk).content)
            zips.append(stack.enter_context(opened(stack.enter_context(path.open("rb")))))
        yield Export(folder / "export.xml"), MediaArchive(zips, folder)


def _read(export: Export) -> dict[str, Any]:
    """What is there, for somebody to choose from."""
    site = former.survey(export)
    counts: dict[str, Counter[str]] = {}
    for text in site.texts:
        counts.setdefault(text.kind, Counter())[text.state] += 1
    known = set(Moved.objects.values_list("name", flat=True))
    found = {
        "texts": len(site.texts),
        "kinds": {kind: dict(states) for kind, states in sorted(counts.items())},
        "authors": dict(Counter(text.author for text in site.texts if text.author).most_common()),
        "already": sum(text.name in known for text in site.texts),
        "pictures": sum(each.is_picture for each in site.attached.values()),
        "documents": site.documents[:MOST_TOLD],
        "skipped": dict(sorted(site.passed_over.items())),
        "doubts": [[line, said] for line, said in export.doubts[:MOST_TOLD]],
    }
    return {"state": State.READY, "found": found}


def _take(row: SiteImport, export: Export, media: MediaArchive, at: datetime) -> dict[str, Any]:
    """Take in entries for some seconds, from where it stopped."""
    started = time.monotonic()
    site = former.survey(export)
    after = row.lines.aggregate(line=Max("line"))["line"] or 0

    def record(outcome: Outcome, article: Article | None) -> None:
        SiteImportLine.objects.create(
            site_import=row,
            line=outcome.place,
            kind=outcome.kind[:100],
            title=outcome.title[:300],
            former=outcome.former[:500],
            day=outcome.day[:40],
            became=outcome.became,
            article=article or _made_before(outcome),
            notes=_storable(outcome.notes),
            sources=_storable(outcome.sources),
            comments=_storable(f"{c.name}, {c.day}: {c.text}" for c in outcome.comments),
        )

    outcomes = importing.take_in(
        export, site, media, chosen=_chosen(row), after=after, record=record
    )
    for _outcome in outcomes:
        elapsed = time.monotonic() - started
        lease = {"leased_until": at + timedelta(seconds=elapsed) + LEASE}
        if not SiteImport.objects.filter(pk=row.pk).update(**lease):
            return {}  # somebody has deleted it
        if elapsed > SLICE:
            return {}
    if site.texts:
        importing.lead_feeds(site)
    return {"state": State.DONE, "finished_at": at}


def _storable(texts: Iterable[str]) -> list[str]:
    """The texts without zero bytes, which PostgreSQL does not store."""
    return [text.replace("\0", "") for text in texts]


def _made_before(outcome: Outcome) -> Article | None:
    if outcome.became != importing.ALREADY:
        return None
    moved = Moved.objects.filter(name__startswith=f"{outcome.number} {outcome.day}")
    found = moved.select_related("article").first()
    return found.article if found else None


def _chosen(row: SiteImport) -> Chosen:
    """The choices, with the people whom they name and who are still here."""
    given = row.chosen
    ids = given.get("people", {})
    authors = Practitioner.objects.in_bulk([who["author"] for who in ids.values() if who["author"]])
    owners = User.objects.in_bulk([who["owner"] for who in ids.values() if who["owner"]])
    return Chosen(
        kinds=frozenset(given.get("kinds", former.KINDS)),
        states=frozenset(given["states"]) if "states" in given else None,
        people={
            name: Who(authors.get(who["author"]), owners.get(who["owner"]))
            for name, who in ids.items()
        },
    )
