"""Asks again who is there, before what a stranger at an unlocked computer must not do.

What asks is named in `hooks.confirmed_first`, by the names of its addresses. The question is the
answer of that address itself, so nobody is led away, and what was posted travels in the form.
"""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clinic.accounts import guess_limits, second_factor, sessions
from clinic.accounts.second_factor_views import EitherCodeForm
from clinic.models import User
from clinic.site import refilled_forms

LASTS = timedelta(minutes=10)  # after signing in, or after an answer
AGAIN = "confirm-again"  # the page was to be opened, or its form cannot be kept
# Of the clinic itself. The apps add theirs when they start.
OWN = {
    "admin:auth_user_password_change",
    "admin:clinic_user_add",
    "admin:clinic_user_change",
    "admin:clinic_user_delete",
    "admin:clinic_user_leave",
    "admin:clinic_user_remove_second_factor",
    "admin:clinic_user_send_link",
    "admin:second_factor_set_up",  # shows the key of the app
}


class ConfirmForm(forms.Form):
    """The password, and a code where the account has a second factor."""

    prefix = "confirm"
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        error_messages={"required": _("Enter your password.")},
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "autofocus": True},
        ),
    )

    def __init__(self, data: Any, *, request: HttpRequest, user: User, at: datetime) -> None:
        super().__init__(data)
        self.request, self.user, self.at = request, user, at
        self.factor = second_factor.factor_of(user)
        if self.factor:
            self.fields["code"] = EitherCodeForm().fields["code"]
            self.fields["code"].widget.attrs.pop("autofocus")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                self._try_password(data["password"])
                self._try_code(data.get("code", ""))
            except guess_limits.TooManyTries:
                raise ValidationError(
                    _t("There were too many wrong attempts. Wait 15 minutes, then try again.")
                ) from None
        return data

    def _try_password(self, password: str) -> None:
        limits = guess_limits.password_limits(self.request, self.user.get_username())
        guess_limits.count(limits, at=self.at)
        if not self.user.check_password(password):
            raise ValidationError({"password": _t("That password is wrong.")})
        guess_limits.was_right(limits)

    def _try_code(self, code: str) -> None:
        """Only after the password: a code that is accepted is used up."""
        who = guess_limits.asker(self.request, self.user)
        if self.factor and not second_factor.accepts(self.factor, code, at=self.at, by=who):
            raise ValidationError(
                {"code": _t("That code is wrong or has already been used. Wait for the next one.")}
            )


def question(request: HttpRequest, user: User) -> HttpResponse | None:
    """Return the page that asks, or None once it was answered: then the view may go on."""
    at = timezone.now()
    if sessions.is_fresh(request.session, at=at, lasts=LASTS):
        return None
    is_answer = request.method == "POST" and "confirm-password" in request.POST
    form = ConfirmForm(request.POST if is_answer else None, request=request, user=user, at=at)
    if is_answer and form.is_valid():
        sessions.confirm(request.session, at=at)
        return redirect(request.get_full_path()) if AGAIN in request.POST else None
    context = {
        "title": _t("Confirm that it is you"),
        "form": form,
        "kept": _kept(request),
        "files": [file.name for name in request.FILES for file in request.FILES.getlist(name)],
    }
    around = admin.site.each_context(request)
    return render(request, "admin/confirm.html", around | context, status=403)


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the names and values that the form sends on. A new password is never written into a
    page: its form is opened again."""
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and not name.startswith("confirm-")
    ]
    is_secret = any(refilled_forms.NEVER_SHOWN in name.lower() for name, _value in sent)
    if request.method != "POST" or AGAIN in request.POST or is_secret:
        return [(AGAIN, "1")]
    return sent
