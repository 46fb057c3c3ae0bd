"""Accounts of the staff: the first one, colleagues who are invited, and those who leave."""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clinic import hooks
from clinic.accounts import roles, security_log
from clinic.accounts.security_log import Kind
from clinic.lib.database.locking import locked
from clinic.mail import outbox
from clinic.models import Message, SecondFactor, User

# Kinds of mail
INVITED, FORGOTTEN = "account-invitation", "account-password"
FACTOR_GONE = "account-second-factor"
ASKED = "account-forgotten"  # by the owner of an address that may be nobody's
PASSWORD_CHANGED, EMAIL_CHANGED = "account-password-changed", "account-email-changed"
FACTOR_ON, FACTOR_OFF = "account-factor-on", "account-factor-off"
CODES_RENEWED = "account-recovery-codes"
PASSWORDS_TRIED, CODES_TRIED = "account-passwords-tried", "account-codes-tried"
NEW_BROWSER = "account-new-browser"

# Raises if the locked account is not what was seen when the act was asked for.
UserCheck = Callable[[User], None]

# Of the mails that say what happened: the kind of the line in the security log, and its words.
_LOGGED = {
    PASSWORD_CHANGED: (Kind.PASSWORD, gettext_noop("Changed")),
    EMAIL_CHANGED: (Kind.ACCOUNT, gettext_noop("Email address changed")),
    FACTOR_ON: (Kind.FACTOR, gettext_noop("Turned on")),
    FACTOR_OFF: (Kind.FACTOR, gettext_noop("Turned off, to be set up again")),
    FACTOR_GONE: (Kind.FACTOR, gettext_noop("Turned off because it was lost")),
    CODES_RENEWED: (Kind.FACTOR, gettext_noop("New recovery codes")),
    PASSWORDS_TRIED: (Kind.PASSWORD, gettext_noop("Wrong passwords were tried")),
    CODES_TRIED: (Kind.FACTOR, gettext_noop("Wrong codes were tried")),
}


def user_of(request: HttpRequest) -> User:
    """Who is signed in, in a view that only lets staff through."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def lock(user: User) -> None:
    """Read an account anew, and hold its row until the caller's transaction ends: what is saved
    then undoes nothing that was saved meanwhile."""
    user.refresh_from_db(from_queryset=User.objects.select_for_update())


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
    """Return the part before the @, with a number if that name is taken."""
    name = re.sub(r"[^\w.+-]", "", email.partition("@")[0].lower())[:140] or "staff"
    taken = set(User.objects.filter(username__startswith=name).values_list("username", flat=True))
    names = (f"{name}{number or ''}" for number in [0, *range(2, len(taken) + 3)])
    return next(free for free in names if free not in taken)


def send_link(user: User, *, by: User, at: datetime, unchanged: UserCheck | None = None) -> Message:
    """Queue the email with a link to choose a password: an invitation for a user who has none yet
    or has left, otherwise a reset. Links of earlier invitations stop working."""
    with locked(user, unchanged) as fresh:
        if fresh.is_active and fresh.has_usable_password():
            _account(_("Password link sent"), "password link sent", user, by=by, at=at)
            return queue_mail(FORGOTTEN, fresh, at)
        _account(_("Invited"), "invited", user, by=by, at=at)
        fresh.is_active = fresh.is_staff = True
        fresh.set_unusable_password()  # a new one each time: older links hang on the old one
        fresh.save(update_fields=["is_active", "is_staff", "password"])
        return queue_mail(INVITED, fresh, at)


def forgot_password(email: str, *, at: datetime) -> Message:
    """Note that a link was requested for this address. The worker looks for its accounts, so the
    request costs the same whether there are any."""
    with transaction.atomic():
        return outbox.queue(ASKED, secrets.randbits(62), at=at, to=email)


def answer_forgotten(asked: Message) -> None:
    """Queue a link for each account of the staff with the address, in place of the request."""
    users = User.objects.filter(email__iexact=asked.to_address, is_active=True, is_staff=True)
    with transaction.atomic():
        for user in users.exclude(email=""):
            queue_mail(FORGOTTEN, user, asked.due_at)
        outbox.erase(Message.objects.filter(pk=asked.pk))


def queue_mail(kind: str, user: User, at: datetime, *, to: str = "") -> Message:
    """One more mail of this kind to an account, in the caller's transaction. Two at the same moment
    are one."""
    earlier = Message.objects.filter(kind=kind, object_id=user.pk)
    serial = (earlier.aggregate(newest=Max("serial"))["newest"] or 0) + 1
    return outbox.queue(kind, user.pk, serial=serial, at=at, to=to)


def notify(kind: str, user: User, *, at: datetime, by: User | None = None, to: str = "") -> Message:
    """Write a line into the security log, and queue the mail that says what happened to an account.

    `by` is who did it while signed in, `to` an address that the account has no longer.
    """
    who = f"account {by.pk}" if by else "someone not signed in"
    log_kind, words = _LOGGED[kind]
    with transaction.atomic():
        security_log.write(
            *(log_kind, "%s: account %s, by %s", kind, user.pk, who),
            at=at,
            account=user,
            by=by,
            note=_(words),
        )
        return queue_mail(kind, user, at, to=to)


def signed_in(user: User, *, browser: str, is_news: bool, at: datetime) -> None:
    """Log that someone has signed in with every step; the owner is notified if it `is_news`."""
    with transaction.atomic():
        line = "account %s: signed in"
        security_log.write(Kind.SIGNED_IN, line, user.pk, at=at, account=user, note=browser)
        if is_news:
            queue_mail(NEW_BROWSER, user, at)


def was_changed(
    user: User, changed: Iterable[str], *, old_email: str, by: User, at: datetime
) -> None:
    """Log which fields of an account were changed by hand; the earlier address is notified
    of a new one, in the caller's transaction."""
    fields = ", ".join(sorted(changed))
    security_log.write(
        *(Kind.ACCOUNT, "account %s changed (%s), by account %s", user.pk, fields, by.pk),
        at=at,
        account=user,
        by=by,
        note=_("Changed"),
    )
    if old_email and old_email.lower() != user.email.lower():
        notify(EMAIL_CHANGED, user, at=at, by=by, to=old_email)


def roles_were_set(user: User, before: Iterable[str], *, by: User, at: datetime) -> None:
    """Log the roles of an account where they are no longer those of before."""
    old, new = sorted(before), sorted(user.groups.values_list("name", flat=True))
    if old != new:
        now, then = ", ".join(new), ", ".join(old)
        security_log.write(
            Kind.ROLES,
            "account %s: roles %s, before: %s, by account %s",
            *(user.pk, now or "none", then or "none", by.pk),
            at=at,
            account=user,
            by=by,
            note=_("%(now)s (before: %(then)s)") % {"now": now or "–", "then": then or "–"},
        )


def last_mail(user: User) -> Message | None:
    """The newest mail with a link to this account."""
    mails = Message.objects.filter(kind__in=[INVITED, FORGOTTEN], object_id=user.pk)
    return mails.order_by("-created_at", "-pk").first()


def things_of(user: User) -> list[tuple[hooks.HandOver, int]]:
    """Return the kinds of work that a user is responsible for, with the count of each, if any."""
    return [(each, count) for each in hooks.hand_overs if (count := each.count(user))]


def leave(
    user: User,
    *,
    to: Mapping[str, User | None],
    by: User,
    at: datetime,
    unchanged: UserCheck | None = None,
) -> list[str]:
    """Hand over a user's work, then close the account. Return a sentence for each kind.

    `to` names a colleague for each kind of thing, by its key; without one it is left with nobody.
    Password, second factor and every session end; what was done under the account stays.
    """
    with locked(user, unchanged):
        said = []
        for each, _count in things_of(user):
            receiver = to.get(each.key)
            given = each.give(user, to=receiver, by=by, at=at)
            values = {"things": each.label, "count": given, "name": receiver}
            if receiver:
                said.append(_("%(things)s (%(count)d): handed over to %(name)s.") % values)
            else:
                said.append(_("%(things)s (%(count)d): left unassigned.") % values)
        SecondFactor.objects.filter(user=user).delete()
        user.is_active = False
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        words = " ".join([_("Has left."), *said])
        LogEntry.objects.log_actions(by.pk, [user], CHANGE, words, single_object=True)
    _account(_("Closed"), "closed", user, by=by, at=at)
    return said


def _account(note: str, words: str, user: User, *, by: User, at: datetime) -> None:
    """Log what was done with an account."""
    line = f"account %s: {words}, by account %s"
    security_log.write(Kind.ACCOUNT, line, user.pk, by.pk, at=at, account=user, by=by, note=note)
