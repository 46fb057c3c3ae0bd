"""What a manager does with a colleague's account: each a page that asks, and a POST that does."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic import hooks
from clinic.accounts import second_factor, session_views, staff_accounts
from clinic.accounts.staff_accounts import user_of
from clinic.admin import stale
from clinic.admin.account_forms import LeaveForm
from clinic.models import User


def remove_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Turn off two-step sign-in for a colleague who has lost the phone. Nobody can do it for their
    own account: a stranger at an unlocked computer could turn it off."""
    user = colleague_for(request, user_id)
    if request.method == "POST":
        words = _("Two-step sign-in turned off because the phone was lost.")
        try:
            removed = second_factor.remove(
                user,
                by=user_of(request),
                at=timezone.now(),
                words=words,
                unchanged=_unchanged(request),
            )
        except stale.ChangedSince:
            return _changed(request, user)
        if removed:
            messages.success(
                request,
                _(
                    "%(name)s has been signed out on all devices and will set up two-step sign-in "
                    "at the next sign-in."
                )
                % {"name": user},
            )
        return redirect("admin:clinic_user_change", user.pk)
    question = _(
        "Do this only if %(name)s has lost both phone and recovery codes, and only after you "
        "have seen or spoken to them: an email can come from anyone. Until they set up two-step "
        "sign-in again, their password alone is enough to sign in."
    )
    return _ask(request, user, _("Turn off two-step sign-in"), question=question % {"name": user})


def send_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """Email a link to choose a password: an invitation, or a password reset. A colleague who had
    left can sign in again with it."""
    user = colleague_for(request, user_id)
    if not user.email:
        messages.error(
            request,
            _("%(name)s has no email address. Add one first.") % {"name": user},
        )
        return redirect("admin:clinic_user_change", user.pk)
    invites = not (user.is_active and user.has_usable_password())
    title = _("Send invitation") if invites else _("Send a password reset link")
    if request.method == "POST":
        try:
            staff_accounts.send_link(
                user, by=user_of(request), at=timezone.now(), unchanged=_unchanged(request)
            )
        except stale.ChangedSince:
            return _changed(request, user)
        words = _("Invited.") if invites else _("A password reset link was sent.")
        LogEntry.objects.log_actions(user_of(request).pk, [user], CHANGE, words, single_object=True)
        messages.success(request, _("We’ve emailed %(to)s.") % {"to": user.email})
        return redirect("admin:clinic_user_change", user.pk)
    question = (
        _(
            "We’ll email %(to)s a link so that %(name)s can choose a password. Older links will "
            "stop working."
        )
        if invites
        else _("We’ll email %(to)s a link so that %(name)s can choose a new password.")
    )
    return _ask(request, user, title, question=question % {"to": user.email, "name": user})


@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest, user_id: int) -> HttpResponse:
    """Where a colleague is signed in, to end what they cannot end themselves."""
    user = colleague_for(request, user_id)
    return session_views.page(request, user, _("Where %(name)s is signed in") % {"name": user})


def leave(request: HttpRequest, user_id: int) -> HttpResponse:
    """Hand over a colleague's work and close their account."""
    user = colleague_for(request, user_id)
    form = LeaveForm(request.POST if request.method == "POST" else None, leaver=user)
    if stale.is_stale(request, _state(user)):
        form.add_error(None, stale.refusal(user))
    elif form.is_valid() and (said := _leave(request, user, form)) is not None:
        words = [_("The account for %(name)s is closed.") % {"name": user}, *said]
        messages.success(request, " ".join(words))
        return redirect("admin:clinic_user_changelist")
    title = _("%(name)s is leaving") % {"name": user}
    return _ask(
        request,
        user,
        title,
        template="leave.html",
        form=form,
        practitioner=getattr(user, "practitioner", None),
        panels=[panel for find in hooks.leaver_panels if (panel := find(request, user))],
    )


def _leave(request: HttpRequest, user: User, form: LeaveForm) -> list[str] | None:
    """Close the account; None, with the reason in the form, if it has changed since."""
    try:
        return staff_accounts.leave(
            user,
            to=form.cleaned_data,
            by=user_of(request),
            at=timezone.now(),
            unchanged=_unchanged(request),
        )
    except stale.ChangedSince:
        user.refresh_from_db()
        form.add_error(None, stale.refusal(user))
        return None


def colleague_for(request: HttpRequest, user_id: int) -> User:
    """Return another person's account, if the user may change it. Raises PermissionDenied."""
    user = get_object_or_404(User, pk=user_id)
    may_change = admin.site.get_model_admin(User).has_change_permission(request, user)
    if not may_change or user == user_of(request):
        raise PermissionDenied
    return user


def _state(user: User) -> str:
    """The account as the pages that ask show it, with its second factor."""
    factor = second_factor.factor_of(user)
    return stale.digest(user, factor and factor.pk)


def _unchanged(request: HttpRequest) -> Callable[[User], None]:
    """Return what a verb calls with the locked account; it raises ChangedSince."""
    return lambda user: stale.refuse(request, _state(user))


def _changed(request: HttpRequest, user: User) -> HttpResponse:
    """Ask again: the account is no longer as it was when the page was opened."""
    messages.error(request, stale.refusal(user))
    return redirect(request.path)


def _ask(
    request: HttpRequest, user: User, title: str, *, template: str = "ask.html", **more: Any
) -> HttpResponse:
    around = admin.site.each_context(request)
    context = {"title": title, "colleague": user, "seen": _state(user), **more}
    return render(request, f"admin/clinic/user/{template}", around | context)
