"""Where one is signed in: the page, and what is written down when someone signs in."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from clinic.accounts import known_devices, sessions, staff_accounts
from clinic.accounts.staff_accounts import user_of
from clinic.lib.web import browsers
from clinic.models import User

FIRST = "is_first"  # in a session, until the last step of signing in: nobody has ever before


def signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Receive Django's signal that a password was right."""
    browser = browsers.in_words(request.headers.get("User-Agent", ""))
    sessions.begin(request.session, browser=browser, at=timezone.now())
    # Django's own receiver, which writes the moment of the last sign-in, comes after this one.
    request.session[FIRST] = user.last_login is None


def let_in(request: HttpRequest, answer: HttpResponse, user: User, *, is_new_factor: bool) -> None:
    """Finish signing in, after its last step. The owner is notified of a browser that is not known,
    but not the first time, nor where a second factor was just set up, of which there is a mail."""
    is_first = request.session.pop(FIRST, False)
    is_known = bool(known_devices.known(request, user))
    staff_accounts.signed_in(
        user,
        browser=request.session.get(sessions.BROWSER, ""),
        is_news=not (is_first or is_known or is_new_factor),
        at=timezone.now(),
    )
    known_devices.remember(request, answer, user)


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """One's own sessions, to end those elsewhere."""
    return page(request, user_of(request), _t("Where you are signed in"))


def page(request: HttpRequest, user: User, title: str) -> HttpResponse:
    """The sessions of an account, each with a button that ends it. The caller checks who may."""
    at, this = timezone.now(), request.session.session_key
    if request.method == "POST":
        names = None if "all" in request.POST else request.POST.getlist("session")
        ended = sessions.end(user, by=user_of(request), at=at, names=names, but=this)
        if ended:
            words = ngettext("Signed out in %(n)d place.", "Signed out in %(n)d places.", ended)
            messages.success(request, words % {"n": ended})
        else:
            messages.info(request, _t("That session had already ended."))
        return redirect(request.path)
    seats = sessions.seats(user, at=at, this=this)
    context = {
        "title": title,
        "colleague": user,
        "is_own": user == user_of(request),
        "seats": seats,
        "others": [seat for seat in seats if not seat.is_this],
    }
    around = admin.site.each_context(request)
    return render(request, "admin/sessions.html", around | context)
