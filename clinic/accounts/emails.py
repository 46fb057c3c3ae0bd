"""The mails to staff about their accounts: a link is made when its mail is sent, kept nowhere."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.formats import date_format
from django.utils.http import urlsafe_base64_encode
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import hooks
from clinic.accounts import staff_accounts
from clinic.accounts.staff_accounts import FACTOR_GONE, FORGOTTEN, INVITED
from clinic.mail import composer
from clinic.models import Clinic, Message, SecurityEvent, User

LINK_DAYS = settings.PASSWORD_RESET_TIMEOUT // 86_400


class LinkTokens(PasswordResetTokenGenerator):
    """Links end with a new password or address, but not with a sign-in, as Django's do: otherwise a
    thief who has the password would end the owner's link by signing in again and again."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{user.pk}:{user.password}:{timestamp}:{user.email}"


link_tokens = LinkTokens()


def invited(message: Message) -> EmailMultiAlternatives | None:
    """To a colleague: choose a password. Nothing once they have, or were let go again."""
    user = _still_here(message)
    if user is None or user.has_usable_password():
        return None
    subject = _("Your account at %(clinic)s") % {"clinic": Clinic.objects.get(id=1)}
    return _mail(user, "account_invitation", subject, _way_to_a_password(user))


def forgotten(message: Message) -> EmailMultiAlternatives | None:
    """Write the email with a link to choose a new password."""
    user = _still_here(message)
    if user is None:
        return None
    return _mail(user, "account_password", _("Reset your password"), _way_to_a_password(user))


def factor_gone(message: Message) -> EmailMultiAlternatives | None:
    """Write the email that says two-step sign-in was turned off."""
    user = _still_here(message)
    if user is None:
        return None
    subject = _("Two-step sign-in was turned off for your account")
    return _mail(user, "account_second_factor", subject, reverse("admin:index"))


def asked(message: Message) -> None:
    """Nothing by itself: mails with a link take its place, for each account of the address."""
    staff_accounts.answer_forgotten(message)


# What happened, by kind of mail: the subject, and a sentence.
NOTICES = {
    staff_accounts.PASSWORD_CHANGED: (
        gettext_lazy("Your password was changed"),
        gettext_lazy("The password for your account (%(username)s) was changed."),
    ),
    staff_accounts.EMAIL_CHANGED: (
        gettext_lazy("Your email address was changed"),
        gettext_lazy(
            "Your account, %(username)s, now has another email address. "
            "We no longer send emails about it to this one."
        ),
    ),
    staff_accounts.FACTOR_ON: (
        gettext_lazy("Two-step sign-in is on"),
        gettext_lazy("Two-step sign-in was set up for your account (%(username)s)."),
    ),
    staff_accounts.FACTOR_OFF: (
        gettext_lazy("Two-step sign-in is off"),
        gettext_lazy(
            "Two-step sign-in was turned off for your account (%(username)s) "
            "so that it can be set up again."
        ),
    ),
    staff_accounts.CODES_RENEWED: (
        gettext_lazy("You have new recovery codes"),
        gettext_lazy(
            "New recovery codes were made for your account (%(username)s). "
            "The earlier ones no longer work."
        ),
    ),
    staff_accounts.PASSWORDS_TRIED: (
        gettext_lazy("Failed attempts to sign in to your account"),
        gettext_lazy(
            "Someone has entered several wrong passwords for your account (%(username)s). They did "
            "not get in, and you can sign in as usual."
        ),
    ),
    staff_accounts.CODES_TRIED: (
        gettext_lazy("Someone may know your password"),
        gettext_lazy(
            "Someone signed in to your account (%(username)s) with the right password, but then "
            "entered several wrong codes. They did not get in."
        ),
    ),
    staff_accounts.NEW_BROWSER: (
        gettext_lazy("New sign-in to your account"),
        gettext_lazy(
            "Someone signed in to your account (%(username)s) on %(at)s, in a browser that we had "
            "not seen with it: %(browser)s."
        ),
    ),
}


def notice(message: Message) -> EmailMultiAlternatives | None:
    """To a member of staff: what happened to their account."""
    user = _still_here(message)
    if user is None:
        return None
    subject, sentence = NOTICES[message.kind]
    context = {
        "colleague": user,
        "sentence": sentence
        % {
            "username": user.get_username(),
            "at": date_format(timezone.localtime(message.created_at), "DATETIME_FORMAT"),
            "browser": _browser(message),
        },
        "link": f"{settings.SITE_URL}{reverse('admin:password_reset')}",
        "has_link": message.kind != staff_accounts.EMAIL_CHANGED,  # it would go to the new address
    }
    return composer.write("account_notice", str(subject), message.to_address or user.email, context)


def _browser(message: Message) -> str:
    """In which browser the sign-in was that this is about, in words; "" where it was none."""
    signed_in = SecurityEvent.objects.filter(
        kind=SecurityEvent.Kind.SIGNED_IN, account=message.object_id, at=message.created_at
    )
    return signed_in.values_list("note", flat=True).first() or ""


KINDS = {
    INVITED: invited,
    FORGOTTEN: forgotten,
    FACTOR_GONE: factor_gone,
    staff_accounts.ASKED: asked,
    **dict.fromkeys(NOTICES, notice),
}
# What staff read of them in the list of emails.
WORDS = {
    INVITED: gettext_lazy("To a colleague: invitation"),
    FORGOTTEN: gettext_lazy("To a colleague: password reset link"),
    FACTOR_GONE: gettext_lazy("To a colleague: two-step sign-in was removed"),
    staff_accounts.ASKED: gettext_lazy("To the owner of an address: no account has it"),
    **{
        kind: format_lazy("{}: {}", gettext_lazy("To a colleague"), subject)
        for kind, (subject, _sentence) in NOTICES.items()
    },
}


def outgoing() -> dict[str, hooks.Outgoing]:
    """What the list of emails says of ours."""
    return {kind: hooks.Outgoing(words, _about) for kind, words in WORDS.items()}


def _about(request: HttpRequest, ids: Iterable[int]) -> dict[int, hooks.PanelRow]:
    may = request.user.has_perm("clinic.view_user")
    return {
        user.pk: hooks.PanelRow(
            str(user), url=reverse("admin:clinic_user_change", args=[user.pk]) if may else ""
        )
        for user in User.objects.filter(pk__in=ids)
    }


def _still_here(message: Message) -> User | None:
    return User.objects.filter(pk=message.object_id, is_active=True).first()


def _way_to_a_password(user: User) -> str:
    """The path that lets this person choose one, once and for LINK_DAYS days."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = link_tokens.make_token(user)
    return reverse("admin:password_reset_confirm", args=[uid, token])


def _mail(user: User, name: str, subject: str, path: str) -> EmailMultiAlternatives:
    link = f"{settings.SITE_URL}{path}"
    context = {"colleague": user, "link": link, "days": LINK_DAYS}
    return composer.write(name, subject, user.email, context)
