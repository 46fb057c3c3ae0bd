"""Passwords: at sign-in, changed by their owner, chosen by a mailed link (the first one too)."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    PasswordChangeView,
    PasswordResetConfirmView,
)
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.accounts import guess_limits, known_devices, security_log, staff_accounts
from clinic.accounts.emails import LINK_DAYS, link_tokens
from clinic.lib import throttle
from clinic.lib.fields.visible_text import VisibleEmailField
from clinic.lib.web.network import sender
from clinic.models import Throttle, User

PER = timedelta(hours=1)
MAILS_TO_ONE = 3
ASKED_FROM_ONE = 20


class ForgottenForm(forms.Form):
    email = VisibleEmailField(
        label=_("Your email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )


class SignInForm(AdminAuthenticationForm):
    """The first step of signing in. Raises guesses.TooManyTries."""

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name is None or not password or self.request is None:
            return super().clean()
        at = timezone.now()
        limits = guess_limits.password_limits(self.request, name)
        guess_limits.count(limits, at=at)
        try:
            data = super().clean()
        except ValidationError:
            if not any("device" in key for key, _most, _per in limits):
                guess_limits.password_was_wrong(name, at=at)
            security_log.count_failure(at=at)
            raise
        guess_limits.was_right(limits)
        return data


class OwnPasswordForm(AdminPasswordChangeForm):
    """Asks for the old password, as often as at sign-in: a stranger at an unlocked computer does
    not know it."""

    request: HttpRequest

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password2"].help_text = _("Enter the new password again.")

    def clean_old_password(self) -> str:
        at = timezone.now()
        limits = guess_limits.password_limits(self.request, self.user.get_username())
        try:
            guess_limits.count(limits, at=at)
        except guess_limits.TooManyTries:
            raise ValidationError(
                _t("Too many wrong passwords were entered. Wait 15 minutes, then try again.")
            ) from None
        old = super().clean_old_password()
        guess_limits.was_right(limits)
        return old


class ChangeOwnPassword(PasswordChangeView):
    """One's own password, from the desk. Other sessions end; this one goes on."""

    form_class = OwnPasswordForm
    template_name = "registration/password_change_form.html"
    success_url = reverse_lazy("admin:password_change_done")
    title = _("Change password")

    def get_form(self, form_class: Any = None) -> Any:
        form: Any = super().get_form(form_class)
        form.request = self.request
        return form

    def form_valid(self, form: Any) -> HttpResponse:
        user = staff_accounts.user_of(self.request)
        old = user.password
        with transaction.atomic():
            staff_accounts.lock(form.user)
            if not form.user.is_active or form.user.password != old:
                raise PermissionDenied  # closed, or changed elsewhere, at this moment
            answer = super().form_valid(form)
            staff_accounts.notify(staff_accounts.PASSWORD_CHANGED, user, at=timezone.now(), by=user)
        known_devices.remember(self.request, answer, user)
        return answer


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Email a link to the owner of this address. The answer is the same if there is none."""
    form = ForgottenForm(request.POST or None)
    if form.is_valid():
        at, email = timezone.now(), form.cleaned_data["email"].lower()
        limits = {f"password from {sender(request)}": ASKED_FROM_ONE}
        limits[f"password for {email}"] = MAILS_TO_ONE
        rows = Throttle.objects
        if all(throttle.allow(rows, key, limit=n, per=PER, at=at) for key, n in limits.items()):
            staff_accounts.forgot_password(email, at=at)
        return redirect("admin:password_reset_done")
    context = {"title": _t("A new password"), "form": form, "days": LINK_DAYS}
    return render(request, "admin/password/forgotten.html", context)


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What is said to everybody who asked."""
    context = {"title": _t("Check your email"), "days": LINK_DAYS, "most": MAILS_TO_ONE}
    return render(request, "admin/password/sent.html", context)


class ChoosePassword(PasswordResetConfirmView):
    """Opened by the link. It works once, ends by itself, and signs nobody in."""

    template_name = "admin/password/choose.html"
    token_generator = link_tokens
    success_url = reverse_lazy("admin:password_reset_complete")
    title = _("Choose your password")

    def get_user(self, uidb64: str) -> User | None:
        """Whose link it is; nobody's once the account is closed."""
        user = super().get_user(uidb64)
        return user if user is not None and user.is_active and user.is_staff else None

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            staff_accounts.lock(form.user)
            token = self.request.session.get(INTERNAL_RESET_SESSION_TOKEN)
            if not form.user.is_active or not self.token_generator.check_token(form.user, token):
                self.validlink = False  # used, or the account was closed, at this moment
                return self.render_to_response(self.get_context_data())
            is_first = not form.user.has_usable_password()
            answer = super().form_valid(form)
            if not is_first:
                staff_accounts.notify(staff_accounts.PASSWORD_CHANGED, form.user, at=timezone.now())
        guess_limits.forgive(form.user, guess_limits.asker(self.request, None))
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not self.validlink:
            context["title"] = _t("This link no longer works")
        return context | {"days": LINK_DAYS, "colleague": self.user}


@require_safe
def chosen(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in page."""
    return render(request, "admin/password/chosen.html", {"title": _t("Your password is set")})
