"""Headers of every answer that Django gives, and the second step of signing in."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone

from clinic import frame, second_factor
from clinic.models import User
from clinic.second_factor import Standing

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


class SecondFactor:
    """Leads who has given only the password to the second step, from every address of the staff.

    It looks at the address alone, before the view: no view needs to think of it, not even those
    that answer scripts. Sessions are sent nowhere else.
    """

    # What may be asked for between the two steps; these views look for themselves.
    OPEN = frozenset(
        {
            "admin:login",
            "admin:logout",
            "admin:password_reset",
            "admin:password_reset_done",
            "admin:password_reset_confirm",
            "admin:password_reset_complete",
            "admin:second_factor_code",
            "admin:second_factor_set_up",
        }
    )
    LEADS_TO = {
        Standing.CODE: "admin:second_factor_code",
        Standing.SET_UP: "admin:second_factor_set_up",
        Standing.OVER: "admin:login",
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        is_open = match is None or match.view_name in self.OPEN
        if is_open or not request.path.startswith(settings.SESSION_COOKIE_PATH):
            return None
        if not isinstance(request.user, User):
            return None
        standing = second_factor.standing(request.user, request.session)
        if standing == Standing.IN:
            return None
        if standing == Standing.OVER:
            logout(request)
        came_for = request.get_full_path() if request.method == "GET" else "/admin/"
        return redirect_to_login(came_for, resolve_url(self.LEADS_TO[standing]))
