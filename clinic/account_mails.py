"""The mails to staff about their accounts: a link is made when its mail is sent, kept nowhere."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from clinic import mails
from clinic.accounts import FACTOR_GONE, FORGOTTEN, INVITED
from clinic.models import Clinic, Message, User

LINK_DAYS = settings.PASSWORD_RESET_TIMEOUT // 86_400


def invited(message: Message) -> EmailMultiAlternatives | None:
    """To a colleague: choose a password. Nothing once they have, or were let go again."""
    user = _still_here(message)
    if user is None or user.has_usable_password():
        return None
    subject = _("Your account at %(clinic)s") % {"clinic": Clinic.objects.get(id=1)}
    return _mail(user, "account_invitation", subject, _way_to_a_password(user))


def forgotten(message: Message) -> EmailMultiAlternatives | None:
    """To somebody of the staff: choose a new password."""
    user = _still_here(message)
    if user is None:
        return None
    return _mail(user, "account_password", _("A new password"), _way_to_a_password(user))


def factor_gone(message: Message) -> EmailMultiAlternatives | None:
    """To somebody of the staff: the second factor was taken away, perhaps not at their wish."""
    user = _still_here(message)
    if user is None:
        return None
    subject = _("Your second factor was taken away")
    return _mail(user, "account_second_factor", subject, reverse("admin:index"))


KINDS = {INVITED: invited, FORGOTTEN: forgotten, FACTOR_GONE: factor_gone}


def _still_here(message: Message) -> User | None:
    return User.objects.filter(pk=message.object_id, is_active=True).first()


def _way_to_a_password(user: User) -> str:
    """The path that lets this person choose one, once and for LINK_DAYS days."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return reverse("admin:password_reset_confirm", args=[uid, token])


def _mail(user: User, name: str, subject: str, path: str) -> EmailMultiAlternatives:
    link = f"{settings.SITE_URL}{path}"
    context = {"colleague": user, "link": link, "days": LINK_DAYS}
    return mails.write(name, subject, user.email, context)
