"""A practitioner without an account is asked by e-mail to read a text, and answers by its link.

The link is signed and ends. Approving asks for a code that is mailed at that moment, so a link that
was passed on signs nothing. Link and code are made from SECRET_KEY: the database holds neither.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from articles import rules
from articles.models import Article, Invitation, Review
from articles.reviewing import NotSigned, hash_of, sign
from clinic import outbox
from clinic.models import Practitioner, User

LASTS = timedelta(days=14)
CODE_LASTS = timedelta(minutes=15)
TRIES = 5
CODES_PER_INVITATION = 10
SHOWN = 20
INVITED, CODE = "review-invitation", "review-code"  # kinds of mail
_signer = signing.TimestampSigner(salt="articles.invitation")


class NotInvited(Exception):
    """Nobody was asked; the message says why."""


def invite(article: Article, practitioner: Practitioner, *, by: User, at: datetime) -> Invitation:
    """Mail this practitioner the link of a preview in which they can answer. Raises
    PermissionDenied, or NotInvited if there is no address."""
    if not rules.may_write(by, article):
        raise PermissionDenied
    email = address_of(practitioner)
    if not email:
        raise NotInvited(
            _("%(name)s has no e-mail address. Write one down under People first.")
            % {"name": practitioner.name}
        )
    with transaction.atomic():
        invitation = Invitation.objects.create(
            article=article, practitioner=practitioner, email=email, invited_by=by, invited_at=at
        )
        outbox.queue(INVITED, invitation.pk, at=at)
    return invitation


def address_of(practitioner: Practitioner) -> str:
    """Where mail for a practitioner goes: their own address, or that of their account."""
    user = practitioner.user
    return practitioner.email or (user.email if user else "")


def token(invitation: Invitation) -> str:
    """What stands in the link, for LASTS from when it was asked."""
    return _signer.sign_object({"invitation": invitation.pk})


def find(given: str) -> Invitation | None:
    """The invitation that a link belongs to, also if it is over; None if it was made up."""
    try:
        pk = _signer.unsign_object(given)["invitation"]
    except (signing.BadSignature, KeyError, TypeError):
        return None
    return Invitation.objects.select_related("article", "practitioner").filter(pk=pk).first()


def ends_at(invitation: Invitation) -> datetime:
    """When the link stops to work, unless it is taken back before."""
    return invitation.invited_at + LASTS


def is_open(invitation: Invitation, *, at: datetime) -> bool:
    """The link still shows the text and takes an answer."""
    return invitation.revoked_at is None and at < ends_at(invitation)


def revoke(invitation: Invitation, *, by: User, at: datetime) -> None:
    """Take the link back: it shows nothing and takes no answer any more, and codes that were
    mailed sign nothing. What was answered stays. Raises PermissionDenied."""
    if not rules.may_write(by, invitation.article):
        raise PermissionDenied
    Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=at)


@dataclass(frozen=True)
class Asked:
    """One invitation as the desk shows it."""

    invitation: Invitation
    ends_at: datetime
    is_open: bool


def of_article(article: Article, *, at: datetime) -> list[Asked]:
    """Who was asked by e-mail to read this text, the newest first, at most SHOWN."""
    invited = article.invitations.select_related("practitioner")[:SHOWN]
    return [Asked(one, ends_at(one), is_open(one, at=at)) for one in invited]


def send_code(invitation: Invitation, *, read: str, at: datetime) -> None:
    """Mail a code that approves exactly what was read (its hash). Raises NotSigned if the text was
    changed since, or after too many codes."""
    if read != hash_of(invitation.article, at=at):
        raise NotSigned(_("The text was changed while you read it. Please read it again."))
    with transaction.atomic():
        mine = Invitation.objects.filter(pk=invitation.pk, revoked_at=None)
        asked = mine.filter(code_serial__lt=CODES_PER_INVITATION)
        if not asked.update(
            code_serial=F("code_serial") + 1, code_hash=read, code_sent_at=at, code_tries=0
        ):
            raise NotSigned(_("Too many codes were asked for. Ask the clinic for a new link."))
        invitation.refresh_from_db()
        outbox.queue(CODE, invitation.pk, serial=invitation.code_serial, at=at)


def code_of(invitation: Invitation) -> str:
    """The six digits that were mailed last."""
    parts = f"{invitation.pk}:{invitation.code_serial}:{invitation.code_hash}"
    digest = salted_hmac("articles.invitations.code", parts, algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06}"


def approve(invitation: Invitation, *, code: str, at: datetime, note: str = "") -> Review:
    """Sign in the practitioner's name. Raises NotSigned if the code is wrong, old, used, tried too
    often, or for other words than these."""
    mine = Invitation.objects.filter(
        pk=invitation.pk, code_serial=invitation.code_serial, revoked_at=None
    )
    # Counted before it is looked at, outside the transaction of what follows.
    if not mine.filter(code_tries__lt=TRIES, code_sent_at__gt=at - CODE_LASTS).update(
        code_tries=F("code_tries") + 1
    ):
        raise NotSigned(_("This code is over. Ask for a new one."))
    if not constant_time_compare("".join(code.split()), code_of(invitation)):
        raise NotSigned(_("This is not the code that we mailed. Look again, or ask for a new one."))
    review = sign(
        invitation.article,
        reviewer=invitation.practitioner,
        by=None,
        at=at,
        note=note,
        read=invitation.code_hash,
    )
    mine.update(code_sent_at=None)
    return review
