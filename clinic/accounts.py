"""Accounts of the staff: the first one, colleagues who are invited, and those who leave."""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest
from django.utils.translation import gettext as _

from clinic import outbox, registry, roles
from clinic.models import Message, SecondFactor, User

# Kinds of mail
INVITED, FORGOTTEN = "account-invitation", "account-password"
FACTOR_GONE = "account-second-factor"


def user_of(request: HttpRequest) -> User:
    """Who is signed in, in a view that only lets staff through."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def ensure_first_manager(password: str | None = None) -> str | None:
    """Make the manager `admin` if nobody can sign in yet.

    Returns the password that was generated, to be shown once; None where one was given or where
    accounts exist already.
    """
    with transaction.atomic():
        if User.objects.exists():
            return None
        chosen = password or "-".join(secrets.token_hex(2) for _part in range(4))
        user = User.objects.create_user("admin", password=chosen, is_staff=True)
        user.groups.add(Group.objects.get(name=roles.MANAGER))
    return None if password else chosen


def free_username(email: str) -> str:
    """What stands before the @, and a number where somebody has that name already."""
    name = re.sub(r"[^\w.+-]", "", email.partition("@")[0].lower())[:140] or "staff"
    taken = set(User.objects.filter(username__startswith=name).values_list("username", flat=True))
    names = (f"{name}{number or ''}" for number in [0, *range(2, len(taken) + 3)])
    return next(free for free in names if free not in taken)


def send_link(user: User, *, at: datetime) -> Message:
    """Queue the mail with a link to choose a password: an invitation to whoever has none yet or
    has left, otherwise a new password. Links given out with earlier invitations end."""
    with transaction.atomic():
        if user.is_active and user.has_usable_password():
            return queue_mail(FORGOTTEN, user, at)
        user.is_active = user.is_staff = True
        user.set_unusable_password()  # a new one each time: older links hang on the old one
        user.save(update_fields=["is_active", "is_staff", "password"])
        return queue_mail(INVITED, user, at)


def forgot_password(email: str, *, at: datetime) -> int:
    """Queue a link for each account of the staff with this address; how many they are."""
    users = User.objects.filter(email__iexact=email, is_active=True, is_staff=True)
    for user in users:
        with transaction.atomic():
            queue_mail(FORGOTTEN, user, at)
    return len(users)


def queue_mail(kind: str, user: User, at: datetime) -> Message:
    """One more mail of this kind to an account, in the caller's transaction. Two at the same moment
    are one."""
    earlier = Message.objects.filter(kind=kind, object_id=user.pk)
    serial = (earlier.aggregate(newest=Max("serial"))["newest"] or 0) + 1
    return outbox.queue(kind, user.pk, serial=serial, at=at)


def last_mail(user: User) -> Message | None:
    """The newest mail with a link to this account."""
    mails = Message.objects.filter(kind__in=[INVITED, FORGOTTEN], object_id=user.pk)
    return mails.order_by("-created_at", "-pk").first()


def things_of(user: User) -> list[tuple[registry.HandOver, int]]:
    """What somebody has in hand, with how many of each; kinds without any are left out."""
    return [(each, count) for each in registry.hand_overs if (count := each.count(user))]


def leave(user: User, *, to: Mapping[str, User | None], by: User, at: datetime) -> list[str]:
    """Hand over what somebody has in hand, then close the account; a sentence for each kind.

    `to` names a colleague for each kind of thing, by its key; without one it is left with nobody.
    Password, second factor and every session end; what was done under the account stays.
    """
    with transaction.atomic():
        said = []
        for each, _count in things_of(user):
            receiver = to.get(each.key)
            given = each.give(user, to=receiver, by=by, at=at)
            values = {"things": each.label, "count": given, "name": receiver or _("nobody")}
            said.append(_("%(things)s (%(count)d): now with %(name)s.") % values)
        SecondFactor.objects.filter(user=user).delete()
        user.is_active = False
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        words = " ".join([_("Has left."), *said])
        LogEntry.objects.log_actions(by.pk, [user], CHANGE, words, single_object=True)
    return said
