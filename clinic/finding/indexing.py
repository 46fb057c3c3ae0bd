"""What can be found, in the index: put there when it changes, and kept in step by the worker."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import models, transaction

from clinic import hooks
from clinic.lib.search import index
from clinic.lib.search.words import stems
from clinic.models import SearchDocument
from clinic.site import content_version, page_context

# Raise it when the same text would give other stems or passages: all is then indexed again.
RECIPE = 1
AT_ONCE = 100  # texts in a transaction

_in_step_with = ""  # the content version for which this process saw that the index is in step


def put(kind: str, object_id: int, text: hooks.SearchText, stamp: str = "") -> None:
    """Make a thing findable by these words, in place of those it had."""
    passages = [(p.anchor, p.heading.strip(), _clean(p.text)) for p in text.passages]
    SearchDocument.objects.update_or_create(
        kind=kind,
        object_id=object_id,
        defaults={
            "stamp": _stamp(stamp),
            "path": text.url[:300],
            "title": " ".join(text.title.split()),
            "passages": passages,
            "name": _stems(text.title),
            "heads": _lines(f"{p.heading} {p.words}" for p in text.passages),
            "topic": _stems(text.topic),
            "rest": _lines(said for _anchor, _heading, said in passages),
        },
    )


def remove(kind: str, object_id: int) -> None:
    """Make a thing unfindable; one that was not to be found is no error."""
    SearchDocument.objects.filter(kind=kind, object_id=object_id).delete()


def index_for_search(thing: models.Model) -> None:
    """Put a thing of a registered kind into the index as it is now, or out of it."""
    kind = thing._meta.model_name or ""
    for pk, text in hooks.search_sources[kind].texts([thing.pk]).items():
        put(kind, pk, text, digest(text))
        return
    remove(kind, thing.pk)


def forget(things: Iterable[models.Model]) -> None:
    """Take things that are deleted out of the index."""
    for thing in things:
        remove(thing._meta.model_name or "", thing.pk)


def digest(text: hooks.SearchText) -> str:
    """Return a stamp for a text that is cheap to make."""
    return hashlib.sha256(repr(text).encode()).hexdigest()[:16]


def bring_in_step(at: datetime) -> None:
    """Index what is new, changed or was made by an older version, and remove what is gone: a duty
    of the worker. Does nothing while nothing public changes."""
    global _in_step_with
    version = content_version.current_version()
    if version == _in_step_with:
        return
    if catch_up(at):
        content_version.raise_version()
    _in_step_with = version


def catch_up(at: datetime) -> int:
    """Bring the whole index in step; returns how many documents were written or removed."""
    changed, _kinds = SearchDocument.objects.exclude(kind__in=hooks.search_sources).delete()
    with page_context.local_conventions():
        return changed + sum(
            _catch_up(kind, source, at) for kind, source in hooks.search_sources.items()
        )


def _catch_up(kind: str, source: hooks.SearchSource, at: datetime) -> int:
    wanted = source.stamps(at)
    known = dict(
        SearchDocument.objects.filter(kind=kind).values_list("object_id", "stamp").iterator()
    )
    gone = known.keys() - wanted.keys()
    for pk in gone:
        remove(kind, pk)
    due = [pk for pk, stamp in wanted.items() if known.get(pk) != _stamp(stamp)]
    due.sort(reverse=True)  # the newest first
    for start in range(0, len(due), AT_ONCE):
        texts = source.texts(due[start : start + AT_ONCE])
        with transaction.atomic():
            for pk, text in texts.items():
                put(kind, pk, text, wanted[pk])
    return len(gone) + len(due)


def _stamp(stamp: str) -> str:
    return f"{RECIPE} {stamp}".strip()


def _stems(text: str) -> str:
    return " ".join(stems(text))[: index.LONGEST_FIELD // 4]


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(_stems(text) for text in texts)[: index.LONGEST_FIELD]


def _clean(text: str) -> str:
    """The lines in one; between two that no full stop parts is a dot, for snippets."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    said = [line for line in lines if line]
    parts = [line if line[-1] in ".!?…:;,·" else f"{line} ·" for line in said[:-1]]
    return " ".join([*parts, *said[-1:]])
