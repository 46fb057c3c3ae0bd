"""Browsers in which a member of staff has signed in before, known by a signed cookie.

A stranger can use up the tries of their own network (clinic.accounts.guess_limits), but never those
of a known device. The cookie opens nothing. It is set after the last step of signing in and holds a
random number, and a mark for each account; a new password or second factor makes the mark
worthless.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from clinic.models import SecondFactor, User

COOKIE = f"{'__Secure-' if settings.SITE_IS_SECURE else ''}device"
LASTS = 180 * 24 * 60 * 60  # seconds after the last sign-in
MOST = 12  # accounts of one browser; the one that signed in longest ago goes first
SALT = "clinic.devices"


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Let this browser be known for an account that has just signed in with every step."""
    number, marks = _read(request)
    marks.pop(str(user.pk), None)
    marks[str(user.pk)] = _mark(user)
    newest = dict(list(marks.items())[-MOST:])
    response.set_cookie(
        COOKIE,
        signing.dumps([number or secrets.token_urlsafe(12), newest], salt=SALT),
        max_age=LASTS,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SITE_IS_SECURE,
        httponly=True,
        samesite="Lax",
    )


def known(request: HttpRequest, user: User | None) -> str:
    """The number of this browser if the account has signed in with it before, or ""."""
    number, marks = _read(request)
    mark = marks.get(str(user.pk)) if user else None
    return number if user and mark and constant_time_compare(mark, _mark(user)) else ""


def is_marked(request: HttpRequest) -> bool:
    """Whether the browser is known for any account. Asks the database nothing."""
    return bool(_read(request)[0])


def _read(request: HttpRequest) -> tuple[str, dict[str, str]]:
    """Number and marks, by account; both empty where the cookie is missing or not ours."""
    try:
        number, marks = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return "", {}
    return number, marks


def _mark(user: User) -> str:
    factor = SecondFactor.objects.filter(user=user).values_list("pk", flat=True).first()
    value = f"{user.pk}:{user.get_session_auth_hash()}:{factor or ''}"
    return salted_hmac(SALT, value, algorithm="sha256").hexdigest()[:32]
