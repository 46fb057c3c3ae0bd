"""From which of our own pages somebody comes, as their browser says (Referer)."""

from datetime import datetime
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse

from clinic import hooks
from clinic.site import page_context


def path_before(request: HttpRequest) -> str:
    """The path of the page of this site that has brought a request; "" for none."""
    try:
        before = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    return before.path if before.netloc == request.get_host() else ""


def public_page_before(request: HttpRequest, at: datetime) -> str:
    """The same, if it is a public page: whatever else a header may say is not kept."""
    path = path_before(request)
    return path if path in page_context.once("public paths", lambda: _public_paths(at)) else ""


def _public_paths(at: datetime) -> frozenset[str]:
    known = (entry[0] for source in hooks.sitemaps for entry in source(at))
    return frozenset([*known, reverse("search")])
