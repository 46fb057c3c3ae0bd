"""Findings out of a file: the Retraction Watch CSV, JSON with Crossref's metadata, or records of
PubMed."""

import json
from collections.abc import Iterator
from pathlib import Path

from articles.references.formats import reading
from articles.references.formats.entry import Entry
from articles.references.watch import crossref, imported, retraction_watch
from articles.references.watch.finding import Finding, Unreadable

MOST_JSON = 50 * 1024 * 1024  # bytes; JSON is held in memory whole, CSV a row at a time
PUBMED_ENDINGS = (".nbib", ".xml")


def read(path: Path) -> Iterator[Finding]:
    """The findings of a file, by its ending. Raises Unreadable, also while it is read."""
    try:
        if path.suffix.lower() == ".json":
            yield from _read_json(path)
        elif path.suffix.lower() in PUBMED_ENDINGS:
            yield from _read_records(path)
        else:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                yield from retraction_watch.read(file)
    except OSError as error:
        raise Unreadable(f"{error.strerror}.") from error


def _read_records(path: Path) -> Iterator[Finding]:
    if path.stat().st_size > MOST_JSON:
        raise Unreadable("It is larger than 50 MB.")
    try:
        for entry in reading.open_bibliography(path.read_bytes(), path.name):
            if isinstance(entry, Entry):
                yield from imported.findings(entry.csl)
    except reading.Unreadable as error:
        raise Unreadable(str(error)) from error


def _read_json(path: Path) -> Iterator[Finding]:
    if path.stat().st_size > MOST_JSON:
        raise Unreadable("It is larger than 50 MB.")
    try:
        answer = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise Unreadable("It is not JSON.") from error
    yield from crossref.read(answer)
