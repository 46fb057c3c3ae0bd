"""Addresses that last: past slugs lead to what had them, and are never given to another thing."""

import re
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from clinic import hooks
from clinic.models import Redirect

# Query names by which WordPress knew a text or a feed where it had no address in words.
FORMER_NAMES = ("p", "page_id", "feed")


def path_of(kind: str, slug: str) -> str:
    """The public path of a kind of thing with this slug."""
    return hooks.named[kind].path.format(slug)


def check_free(kind: str, slug: str, object_id: int | None) -> None:
    """Raise ValidationError if the slug once belonged to something else of its kind."""
    past = Redirect.objects.filter(path=path_of(kind, slug)).first()
    if past and (past.kind, past.object_id) != (kind, object_id):
        raise ValidationError(
            _("“%(slug)s” is an old address of something else, and links still point to it."),
            code="past_slug",
            params={"slug": slug},
        )


def remember(kind: str, object_id: int, *, old: str, new: str) -> None:
    """Make the past slug lead to the thing; an address that it takes back is no past one."""
    if old == new:
        return
    Redirect.objects.filter(path=path_of(kind, new), kind=kind, object_id=object_id).delete()
    Redirect.objects.update_or_create(
        path=path_of(kind, old), defaults={"kind": kind, "object_id": object_id, "to_path": ""}
    )


def past_holder(kind: str, slug: str) -> int | None:
    """The primary key of the thing that once had this slug."""
    return (
        Redirect.objects.filter(path=path_of(kind, slug), kind=kind)
        .values_list("object_id", flat=True)
        .first()
    )


def numbered(path: str, query: Mapping[str, str]) -> str | None:
    """`/?p=7`: a past address of the former site in which a query counts, if this is like one."""
    for name in FORMER_NAMES:
        if re.fullmatch(r"[0-9a-z]{1,19}", query.get(name, "")):
            return f"{path}?{name}={query[name]}"
    return None


def is_known(path: str, at: datetime) -> bool:
    """Return whether something has this path: a thing by its slug, public or not, a page of the
    site's own, or a redirect. A few queries."""
    for named in hooks.named.values():
        found = re.fullmatch(_pattern(named.path), path) if named.path else None
        if found and named.find(found[1]) is not None:
            return True
    try:
        match = resolve(path if path.endswith("/") else f"{path}/")
    except Resolver404:
        return where_now(path, at) is not None
    return not match.kwargs or where_now(path, at) is not None


def _pattern(path: str) -> str:
    return "([^/]+)/?".join(map(re.escape, path.removesuffix("/").split("{}")))


def where_now(path: str, at: datetime) -> str | None:
    """Where a past address leads: a path of this site, or None. Two queries at the most."""
    if "\0" in path:  # which PostgreSQL does not take
        return None
    past = Redirect.objects.filter(path=path).first()
    if past is None:
        return None
    if past.to_path:
        return past.to_path
    named = hooks.named.get(past.kind)
    if named is None or past.object_id is None:
        return None
    return named.urls([past.object_id], at).get(past.object_id)
