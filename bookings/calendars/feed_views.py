"""The address that a practitioner's calendar reads."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.calendars import feed


@require_safe
def appointments(request: HttpRequest, token: str) -> HttpResponse:
    """A practitioner's appointments, as a calendar."""
    at = timezone.now()
    try:
        text = feed.text(feed.resolve(token), at=at)
    except feed.NoSuchFeed:
        return _unseen(_plain(_("There is no calendar at this address any more."), 404))
    response = HttpResponse(text, content_type=f"{feed.TYPE}; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="appointments.ics"'
    response["ETag"] = etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    return _unseen(get_conditional_response(request, etag=etag, response=response) or response)


def _plain(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


def _unseen(response: HttpResponse) -> HttpResponse:
    """Keep the answer from caches and search engines, and the address from other sites."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
