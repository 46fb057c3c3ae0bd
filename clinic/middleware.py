"""Headers of Django's answers, a fair share for everyone, and the second step of signing in."""

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from threading import Lock
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from clinic import hooks
from clinic.accounts import confirm_views, second_factor, sessions
from clinic.accounts.second_factor import Standing
from clinic.lib.web.gateway import is_readable
from clinic.models import User
from clinic.site import page_context, refilled_forms

PLAIN = "text/plain; charset=utf-8"
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
    """The content security policy (no inline script or style, no other host), what other sites may
    do with an answer, and what to keep.

    Also writes the answer with the clinic's time zone and locale. Answers that a view did not mark
    are not kept by anybody: staff pages, forms, errors.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The health check does not query the database.
        asks_database = request.path != "/healthz"
        with page_context.local_conventions() if asks_database else nullcontext():
            response = self.get_response(request)
        response.headers.setdefault(
            "Content-Security-Policy",
            CONTENT_SECURITY_POLICY.format(media=page_context.media_host()),
        )
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), browsing-topics=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "X-Store" not in response:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class ReadableRequests:
    """Refuses what cannot be read as UTF-8 text, before any view or package tries to.

    All that was sent is taken apart here once. Form data in a made-up encoding is the sender's
    error (400 or 415), never ours (500).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_readable(request.META.get("CONTENT_TYPE", "")):
            return HttpResponse("Send forms in UTF-8.\n", status=415, content_type=PLAIN)
        try:
            asked, _sent, _files = request.GET, request.POST, request.FILES
        except (LookupError, ValueError, UnreadablePostError):
            return HttpResponse("This request could not be read.\n", status=400, content_type=PLAIN)
        if any("\0" in value for _name, values in asked.lists() for value in values):
            request.GET = _without_zero_bytes(asked)  # type: ignore[assignment]
        if any("\0" in value for value in request.COOKIES.values()):  # "\\000", as cookies write it
            sound = {name: value for name, value in request.COOKIES.items() if "\0" not in value}
            request.COOKIES = sound
        if "\0" in request.path_info:
            raise Http404
        return self.get_response(request)


def _without_zero_bytes(data: QueryDict) -> QueryDict:
    """The same query; no text of ours has such a byte, and PostgreSQL refuses to look for it."""
    kept = data.copy()
    for name, values in data.lists():
        kept.setlist(name, [value.replace("\0", "") for value in values])
    return kept


class FairShare:
    """Answers no more than MOST_AT_ONCE requests of one account at a time, in each process.

    Some pages take seconds where somebody makes the text for it. Without a limit, one password
    would be enough to hold all threads, and the site would answer nobody.
    """

    MOST_AT_ONCE = 5  # of eight threads; an open editor asks for four things at its start

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._running: Counter[str] = Counter()
        self._lock = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
        account = request.session.get(SESSION_KEY) if signed_in else None
        if account is None:
            return self.get_response(request)
        with self._lock:
            if self._running[account] >= self.MOST_AT_ONCE:
                return self._later(request)
            self._running[account] += 1
        try:
            return self.get_response(request)
        finally:
            with self._lock:
                self._running[account] -= 1
                if not self._running[account]:
                    del self._running[account]

    def _later(self, request: HttpRequest) -> HttpResponse:
        """A page that was only opened, perhaps with many others at the start of a browser, comes
        again by itself."""
        words = _("You have too many pages loading. Wait for them, then try again.")
        response = HttpResponse(f"{words}\n", status=429, content_type=PLAIN)
        response["Retry-After"] = "3"
        if request.method == "GET":
            response["Refresh"] = "3"
        return response


class SignedOut:
    """Returns the form to a user whose session ended while they typed.

    Without it they would be sent to the sign-in page, and what they typed would be lost.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or response.status_code != 302:
            return response
        match = request.resolver_match
        if match is None or match.view_name in SecondFactor.OPEN:
            return response
        asks = {resolve_url(name) for name in SecondFactor.LEADS_TO.values()}
        if response.headers["Location"].partition("?")[0] not in asks:
            return response
        return refilled_forms.page(request, is_signed_out=True) or response


class SecondFactor:
    """Treats users who have entered only the password as signed out, and asks for the second step.

    It judges by the view that was resolved, never by the path, and denies by default: a view sees
    an anonymous user unless it is one of OPEN. No view needs to handle it.
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
        known = request.user
        refused: list[Standing] = []

        def whoever_is_in() -> User | AnonymousUser:
            match = request.resolver_match
            if (match and match.view_name in self.OPEN) or not isinstance(known, User):
                return known
            at = timezone.now()
            standing = second_factor.standing(known, request.session)
            if sessions.is_over(known, request.session, at=at):
                standing = Standing.OVER
            if standing == Standing.IN:
                if not self._is_poll(request):
                    sessions.use(request.session, at=at)
                return known
            refused.append(standing)
            return AnonymousUser()

        request.user = SimpleLazyObject(whoever_is_in)  # type: ignore[assignment]
        response = self.get_response(request)
        return self._next_step(request, refused[0]) if refused else response

    @staticmethod
    def _is_poll(request: HttpRequest) -> bool:
        """Whether a script of an open page asked for news: nobody need be there for that."""
        return (
            request.method == "GET"
            and request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
        )

    def _next_step(self, request: HttpRequest, standing: Standing) -> HttpResponse:
        if standing == Standing.OVER:
            logout(request)
        came_for = request.get_full_path() if request.method == "GET" else "/admin/"
        return redirect_to_login(came_for, resolve_url(self.LEADS_TO[standing]))


class ConfirmedFirst:
    """Asks for the password again before what `hooks.confirmed_first` names, where it was entered a
    while ago. Who is not in yet, or not at all, is the affair of the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Answer with the question, or with nothing."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        verb = hooks.confirmed_first.get(name)
        if verb is None or (verb and request.POST.get("do") != verb):
            return None
        user = request.user
        if not isinstance(user, User) or not user.is_staff:
            return None
        between = name in SecondFactor.OPEN
        if between and second_factor.standing(user, request.session) != Standing.IN:
            return None
        return confirm_views.question(request, user)
