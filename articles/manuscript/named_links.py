"""Where the named links of a page lead now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import CharField, Value
from django.urls import reverse

from articles.models import Edition, Reference
from articles.models.choices import Kind
from clinic import hooks
from clinic.site import redirects


def urls_of(marks: Iterable[Mapping[str, Any]], at: datetime) -> dict[tuple[str, int], str]:
    """Addresses by kind and primary key; what is not public is left out.

    One query for all texts and references together; the other kinds are kept in the frame.
    """
    wanted: dict[str, set[int]] = defaultdict(set)
    for mark in marks:
        if mark["kind"] == "link-open" and mark["to"] != "book":
            wanted[mark["to"]].add(mark["id"])
    ours = {kind: wanted.pop(kind, set()) for kind in (*Kind.values, "reference")}
    found = {
        (kind, pk): url
        for kind, ids in wanted.items()
        for pk, url in hooks.named[kind].urls(ids, at).items()
    }
    return found | _texts_and_references(ours, at)


def _texts_and_references(
    wanted: Mapping[str, set[int]], at: datetime
) -> dict[tuple[str, int], str]:
    if not any(wanted.values()):
        return {}
    texts = set().union(*(wanted[kind] for kind in Kind.values))
    editions = Edition.objects.live(at).filter(article__in=texts).order_by()
    references = Reference.objects.cited(at).filter(pk__in=wanted["reference"]).order_by()
    rows = editions.values_list("kind", "article", "slug").union(
        references.values_list(Value("reference", CharField()), "pk", "key"), all=True
    )
    found = {}
    for kind, pk, name in rows:
        if kind == "reference":
            found[kind, pk] = reverse("evidence:reference", args=[name])
            continue
        # A text that has become a page is still the one that `article:` named.
        found |= {(named, pk): redirects.path_of(kind, name) for named in Kind.values}
    return found
