"""Headers of every answer that Django gives."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clinic import frame

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' {media}data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    ]
)


class SecurityHeaders:
    """The content security policy (no inline script or style, no other host), and what to keep.

    Also puts the request into the clinic's time zone. Answers that a view did not mark are not
    kept by anybody: staff pages, forms, errors.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Whether this process lives is told without asking the database for anything.
        zone = None if request.path == "/healthz" else frame.zone()
        with timezone.override(zone):
            response = self.get_response(request)
        response.headers.setdefault(
            "Content-Security-Policy", CONTENT_SECURITY_POLICY.format(media=frame.media_host())
        )
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), browsing-topics=()"
        )
        if "X-Store" not in response:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
