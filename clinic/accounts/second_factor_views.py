"""The pages of the second factor: its code at sign-in, setting it up, looking after it.

The first two stand between the password and the desk (clinic.middleware.SecondFactor), so they see
for themselves which step the user has reached.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from clinic.accounts import guess_limits, known_devices, second_factor, session_views
from clinic.accounts.guess_limits import TooManyTries
from clinic.accounts.second_factor import Standing
from clinic.accounts.staff_accounts import user_of
from clinic.lib import totp
from clinic.models import SecondFactor, User
from clinic.site import page_context

FEW = 3  # recovery codes; a warning is shown from here on
PICTURE_LASTS = 3600  # seconds in which a code must follow the picture
_signer = signing.TimestampSigner(salt="clinic.second_factor.set_up")


class CodeForm(forms.Form):
    """One field for both kinds of code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        error_messages={"required": _("Enter the code.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
                "inputmode": "numeric",
                "autofocus": True,
            }
        ),
    )


class EitherCodeForm(CodeForm):
    """Takes a recovery code, too: it holds letters, so no keyboard of digits alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["code"].widget.attrs["inputmode"]


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def ask_code(request: HttpRequest) -> HttpResponse:
    """The second step of signing in. With `?recovery` the field is made for a recovery code; both
    take either."""
    user = user_of(request)
    factor = second_factor.factor_of(user)
    if factor is None or second_factor.standing(user, request.session) != Standing.CODE:
        return redirect(_came_for(request))
    by_recovery = "recovery" in request.GET
    form = (EitherCodeForm if by_recovery else CodeForm)(request.POST or None)
    if form.is_valid() and _is_accepted(request, form, factor):
        answer = redirect(_came_for(request))
        _let_in(request, answer, factor, signs_in=True)
        _warn_of_few_codes(request, factor)
        return answer
    context = {
        "title": _t("Enter a recovery code") if by_recovery else _t("Enter your code"),
        "form": form,
        "next": _came_for(request),
        "by_recovery": by_recovery,
    }
    return render(request, "admin/second_factor/code.html", context)


@sensitive_post_parameters("code", "picture")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Scan a picture, type the first code, be shown the recovery codes.

    The secret is kept once its first code was right; until then it travels in the form, signed.
    """
    user = user_of(request)
    standing = second_factor.standing(user, request.session)
    must = standing == Standing.SET_UP
    if not must and (standing != Standing.IN or second_factor.factor_of(user)):
        return redirect("admin:second_factor")
    form = CodeForm(request.POST if request.method == "POST" else None)  # which may be empty
    secret = _secret_of(request.POST.get("picture", ""), user)
    if request.method == "POST" and secret is None:
        form.add_error(None, _t("This QR code has expired. Scan the new one."))
    if secret and form.is_valid():
        done = second_factor.set_up(
            user, secret=secret, code=form.cleaned_data["code"], at=timezone.now()
        )
        if done:
            factor, codes = done
            answer = _show_codes(request, codes)
            _let_in(request, answer, factor, signs_in=must, is_new_factor=True)
            return answer
        form.add_error(
            "code",
            _t("That code is wrong or has expired. Check that the clock on your phone is correct."),
        )
    secret = secret or totp.new_secret()
    context = {
        "title": _t("Set up two-step sign-in"),
        "form": form,
        "must": must,
        "next": _came_for(request),
        "picture": _signer.sign_object({"user": user.pk, "secret": secret}),
        "uri": totp.uri(
            secret, account=user.get_username(), issuer=page_context.current().clinic.name
        ),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    }
    # Who must set one up is not in yet, and sees nothing of the desk round the page.
    around = {} if must else admin.site.each_context(request)
    return render(request, "admin/second_factor/set_up.html", around | context)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """One's own second factor: what is left of it; new recovery codes, or another app.

    Both ask for a code, so that nobody does it at a desk that was left open.
    """
    user = user_of(request)
    factor = second_factor.factor_of(user)
    if factor is None:
        return redirect("admin:second_factor_set_up")
    form = EitherCodeForm(request.POST or None)
    form.fields["code"].widget.attrs.pop("autofocus")
    if form.is_valid() and _is_accepted(request, form, factor):
        if "renew" in request.POST:
            codes = second_factor.renew_recovery_codes(factor, at=timezone.now())
            return _show_codes(request, codes)
        second_factor.turn_off(factor, at=timezone.now())
        del request.session[second_factor.MARK]
        messages.success(request, _t("Your old two-step sign-in has been removed."))
        return redirect("admin:second_factor_set_up")
    context = {
        "title": _t("Two-step sign-in"),
        "form": form,
        "factor": factor,
        "left": second_factor.recovery_codes_left(factor),
        "few": FEW,
    }
    around = admin.site.each_context(request)
    return render(request, "admin/second_factor/own.html", around | context)


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The only time that they are shown; the answer to a POST, so no address leads back here."""
    context = {
        "title": _t("Your recovery codes"),
        "codes": codes,
        "file": "\r\n".join(
            [f"{page_context.current().clinic.name}, {user_of(request)}", "", *codes, ""]
        ),
        "next": _came_for(request),
    }
    around = admin.site.each_context(request)
    return render(request, "admin/second_factor/codes.html", around | context)


def _is_accepted(request: HttpRequest, form: CodeForm, factor: SecondFactor) -> bool:
    """Try what was typed; what is wrong with it is said at the form."""
    who = guess_limits.asker(request, user_of(request))
    try:
        if second_factor.accepts(factor, form.cleaned_data["code"], at=timezone.now(), by=who):
            return True
    except TooManyTries:
        form.add_error(
            None,
            _t(
                "Too many wrong codes were entered. Use a recovery code, or wait 15 minutes (after "
                "40 wrong codes, until tomorrow). If this wasn’t you, choose a new password."
            ),
        )
        return False
    form.add_error(
        "code", _t("That code is wrong or has already been used. Wait for the next one.")
    )
    return False


def _let_in(
    request: HttpRequest,
    answer: HttpResponse,
    factor: SecondFactor,
    *,
    signs_in: bool,
    is_new_factor: bool = False,
) -> None:
    """A session under a new key, so that one known from before is worth nothing. The device is
    known from now on."""
    request.session.cycle_key()
    request.session[second_factor.MARK] = factor.pk
    if signs_in:
        session_views.let_in(request, answer, user_of(request), is_new_factor=is_new_factor)
    else:
        known_devices.remember(request, answer, user_of(request))


def _warn_of_few_codes(request: HttpRequest, factor: SecondFactor) -> None:
    left = second_factor.recovery_codes_left(factor)
    if left <= FEW:
        words = ngettext(
            "You have %(n)d recovery code left. Create new ones under “Two-step sign-in”.",
            "You have %(n)d recovery codes left. Create new ones under “Two-step sign-in”.",
            left,
        )
        messages.warning(request, words % {"n": left})


def _secret_of(picture: str, user: User) -> str | None:
    """The secret of a picture that was shown to this person lately."""
    try:
        shown = _signer.unsign_object(picture, max_age=PICTURE_LASTS)
    except signing.BadSignature:
        return None
    return shown["secret"] if shown["user"] == user.pk else None


def _came_for(request: HttpRequest) -> str:
    """The page of the desk that was asked for first; never one elsewhere."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours and wanted.startswith("/admin/") else "/admin/"
