"""Choosing a password by a mailed link: when it was forgotten, and the first one of all."""

from datetime import timedelta
from typing import Any

from axes.utils import reset as forgive
from django import forms
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic import accounts
from clinic.account_mails import LINK_DAYS
from clinic.lib import throttle
from clinic.lib.network import sender
from clinic.models import Throttle, User

PER = timedelta(hours=1)
MAILS_TO_ONE = 3
ASKED_FROM_ONE = 20


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Mail a link to whoever has this address. The answer tells nobody whether there is one."""
    form = ForgottenForm(request.POST or None)
    if form.is_valid():
        at, email = timezone.now(), form.cleaned_data["email"].lower()
        limits = {f"password from {sender(request)}": ASKED_FROM_ONE}
        limits[f"password for {email}"] = MAILS_TO_ONE
        rows = Throttle.objects
        if all(throttle.allow(rows, key, limit=n, per=PER, at=at) for key, n in limits.items()):
            accounts.forgot_password(email, at=at)
        return redirect("admin:password_reset_done")
    context = {"title": _t("A new password"), "form": form, "days": LINK_DAYS}
    return render(request, "admin/password/forgotten.html", context)


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What is said to everybody who asked."""
    context = {"title": _t("Look into your mail"), "days": LINK_DAYS, "most": MAILS_TO_ONE}
    return render(request, "admin/password/sent.html", context)


class ChoosePassword(PasswordResetConfirmView):
    """Opened by the link. It works once, ends by itself, and signs nobody in."""

    template_name = "admin/password/choose.html"
    success_url = reverse_lazy("admin:password_reset_complete")
    title = _("Choose your password")

    def get_user(self, uidb64: str) -> User | None:
        """Whose link it is; nobody's once the account is closed."""
        user = super().get_user(uidb64)
        return user if user is not None and user.is_active and user.is_staff else None

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        forgive(username=form.user.get_username())  # wrong passwords that were tried before
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not self.validlink:
            context["title"] = _t("This link does not work any more")
        return context | {"days": LINK_DAYS, "colleague": self.user}


@require_safe
def chosen(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in page."""
    return render(request, "admin/password/chosen.html", {"title": _t("Your password is set")})
