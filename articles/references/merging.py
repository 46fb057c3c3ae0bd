"""Making one reference of several that are one source."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from articles.models import Reference, ReferenceNotice
from articles.references import importing
from clinic.site import content_version


def merge(keep: Reference, others: Iterable[Reference]) -> None:
    """Make one reference of several: `keep` gets what it lacks, the keys of the others become
    other names of it. Editions are not touched: they keep the sources as they were.

    Raises ValueError where one of them is merged already, or is `keep` itself.
    """
    with transaction.atomic():
        ids = [other.pk for other in others]
        rows = Reference.objects.select_for_update().in_bulk([keep.pk, *ids])
        keep = rows.pop(keep.pk)
        if keep.merged_into_id or any(row.merged_into_id for row in rows.values()) or not rows:
            raise ValueError("These have already been merged.")
        gone = list(rows.values())
        Reference.objects.filter(Q(pk__in=rows) | Q(merged_into__in=rows)).update(
            merged_into=keep, lookup_due_at=None
        )
        _join_notices(keep, gone)
        for other in gone:
            importing.fill(keep, {**other.csl, "custom": _own(other)})
        twins = Reference.objects.kept().exclude(pk=keep.pk)
        same = Q(pk=None)
        for name in ("doi", "pmid"):
            if value := getattr(keep, name):
                same |= Q(**{name: value})
        if keep.kept_apart and not twins.filter(same).exists():
            keep.kept_apart = False
            keep.save(update_fields=["kept_apart", "updated_at"])
        content_version.raise_version()


def _join_notices(keep: Reference, gone: Iterable[Reference]) -> None:
    """What was said of any of them was said of the one that stays, once."""
    for notice in ReferenceNotice.objects.filter(reference__in=gone):
        if keep.notices.filter(kind=notice.kind, doi=notice.doi).exists():
            notice.delete()
        else:
            notice.reference = keep
            notice.save(update_fields=["reference"])


def _own(reference: Reference) -> dict[str, object]:
    custom = reference.csl.get("custom")
    kept = dict(custom) if isinstance(custom, dict) else {}
    return {**kept, "kind": reference.kind, "plain": reference.plain}
