"""What a manager does with a colleague's account: each a page that asks, and a POST that does."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from clinic import second_factor
from clinic.accounts import user_of
from clinic.models import User


def remove_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take away the factor of somebody whose phone is lost. Nobody does it for themselves: whoever
    sits at an open desk would be rid of it."""
    user = colleague_for(request, user_id)
    if request.method == "POST":
        words = _("Second factor taken away, because it was lost.")
        if second_factor.remove(user, by=user_of(request), words=words):
            messages.success(
                request,
                _("%(name)s is signed out everywhere, and sets up a new second factor next time.")
                % {"name": user},
            )
        return redirect("admin:clinic_user_change", user.pk)
    context = {
        "title": _("Take the second factor away"),
        "colleague": user,
        "question": _(
            "Do this when %(name)s has lost the phone and the recovery codes, and only after you "
            "have seen or heard them: a mail can come from anybody. Until a new second factor is "
            "set up, the password alone is enough to sign in."
        )
        % {"name": user},
    }
    return _ask(request, context)


def colleague_for(request: HttpRequest, user_id: int) -> User:
    """The account of somebody else, for whoever may change it; anybody else is refused."""
    user = get_object_or_404(User, pk=user_id)
    may_change = admin.site.get_model_admin(User).has_change_permission(request, user)
    if not may_change or user == user_of(request):
        raise PermissionDenied
    return user


def _ask(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    around = admin.site.each_context(request)
    return render(request, "admin/clinic/user/ask.html", around | context)
