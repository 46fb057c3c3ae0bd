"""What a manager does with a colleague's account: each a page that asks, and a POST that does."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import accounts, second_factor
from clinic.accounts import user_of
from clinic.admin.account_forms import LeaveForm
from clinic.models import User


def remove_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take away the factor of somebody whose phone is lost. Nobody does it for themselves: whoever
    sits at an open desk would be rid of it."""
    user = colleague_for(request, user_id)
    if request.method == "POST":
        words = _("Second factor taken away, because it was lost.")
        if second_factor.remove(user, by=user_of(request), at=timezone.now(), words=words):
            messages.success(
                request,
                _("%(name)s is signed out everywhere, and sets up a new second factor next time.")
                % {"name": user},
            )
        return redirect("admin:clinic_user_change", user.pk)
    question = _(
        "Do this when %(name)s has lost the phone and the recovery codes, and only after you "
        "have seen or heard them: a mail can come from anybody. Until a new second factor is "
        "set up, the password alone is enough to sign in."
    )
    return _ask(request, user, _("Take the second factor away"), question=question % {"name": user})


def send_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """Mail a link to choose a password: the invitation once more, or a new password. Somebody who
    had left may sign in again with it."""
    user = colleague_for(request, user_id)
    if not user.email:
        messages.error(
            request,
            _("%(name)s has no e-mail address. Write one down first.") % {"name": user},
        )
        return redirect("admin:clinic_user_change", user.pk)
    invites = not (user.is_active and user.has_usable_password())
    title = _("Send an invitation") if invites else _("Send a link for a new password")
    if request.method == "POST":
        accounts.send_link(user, at=timezone.now())
        words = _("Invited.") if invites else _("A link for a new password was sent.")
        LogEntry.objects.log_actions(user_of(request).pk, [user], CHANGE, words, single_object=True)
        messages.success(request, _("The mail to %(to)s is on its way.") % {"to": user.email})
        return redirect("admin:clinic_user_change", user.pk)
    question = (
        _("%(to)s gets a link with which %(name)s chooses a password. Older links end.")
        if invites
        else _("%(to)s gets a link with which %(name)s chooses a new password.")
    )
    return _ask(request, user, title, question=question % {"to": user.email, "name": user})


def leave(request: HttpRequest, user_id: int) -> HttpResponse:
    """Hand over what somebody has in hand, and close their account."""
    user = colleague_for(request, user_id)
    form = LeaveForm(request.POST if request.method == "POST" else None, leaver=user)
    if form.is_valid():
        said = accounts.leave(user, to=form.cleaned_data, by=user_of(request), at=timezone.now())
        words = [_("The account of %(name)s is closed.") % {"name": user}, *said]
        messages.success(request, " ".join(words))
        return redirect("admin:clinic_user_changelist")
    title = _("%(name)s leaves") % {"name": user}
    return _ask(
        request,
        user,
        title,
        template="leave.html",
        form=form,
        practitioner=getattr(user, "practitioner", None),
    )


def colleague_for(request: HttpRequest, user_id: int) -> User:
    """The account of somebody else, for whoever may change it; anybody else is refused."""
    user = get_object_or_404(User, pk=user_id)
    may_change = admin.site.get_model_admin(User).has_change_permission(request, user)
    if not may_change or user == user_of(request):
        raise PermissionDenied
    return user


def _ask(
    request: HttpRequest, user: User, title: str, *, template: str = "ask.html", **more: Any
) -> HttpResponse:
    around = admin.site.each_context(request)
    context = {"title": title, "colleague": user, **more}
    return render(request, f"admin/clinic/user/{template}", around | context)
