"""A practitioner without an account is asked by email to read a text, and answers by its link.

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

from articles import permissions
from articles.models import Article, Invitation, Review
from articles.review.reviews import ArticleCheck, NotSigned, hash_of, sign
from clinic.lib import throttle
from clinic.lib.database.locking import locked
from clinic.mail import outbox
from clinic.models import Practitioner, Throttle, User

LASTS = timedelta(days=14)
CODE_LASTS = timedelta(minutes=15)
TRIES = 5
CODES_PER_INVITATION = 10
ANSWERS_PER_DAY = 20  # comments, and texts sent back
SHOWN = 20
INVITED, CODE = "review-invitation", "review-code"  # kinds of mail
_signer = signing.TimestampSigner(salt="articles.invitation")


class NotInvited(Exception):
    """Nobody was asked; the message says why."""


def invite(
    article: Article,
    practitioner: Practitioner,
    *,
    by: User,
    at: datetime,
    unchanged: ArticleCheck | None = None,
) -> Invitation:
    """Mail this practitioner the link of a preview in which they can answer. Raises
    PermissionDenied, or NotInvited if there is no address."""
    if not permissions.may_write(by, article):
        raise PermissionDenied
    email = practitioner.address
    if not email:
        raise NotInvited(
            _(
                "%(name)s has no email address. Someone who manages accounts can add one under "
                "Practitioners."
            )
            % {"name": practitioner.name}
        )
    with locked(article, unchanged):
        invitation = Invitation.objects.create(
            article=article, practitioner=practitioner, email=email, invited_by=by, invited_at=at
        )
        outbox.queue(INVITED, invitation.pk, at=at)
    return invitation


def token(invitation: Invitation) -> str:
    """What stands in the link, for LASTS from when it was asked."""
    return _signer.sign_object({"invitation": invitation.pk})


def find(given: str) -> Invitation | None:
    """The invitation that a link belongs to, also if it is over; None if it was made up."""
    try:
        pk = _signer.unsign_object(given)["invitation"]
    except (signing.BadSignature, KeyError, TypeError):
        return None
    found = Invitation.objects.select_related("article", "practitioner__user")
    return found.filter(pk=pk).first()


def ends_at(invitation: Invitation) -> datetime:
    """When the link stops to work, unless it is taken back before."""
    return invitation.invited_at + LASTS


def is_open(invitation: Invitation, *, at: datetime) -> bool:
    """The link still shows the text and takes an answer."""
    return may_answer(invitation) and at < ends_at(invitation)


def may_answer(invitation: Invitation) -> bool:
    """Return whether the link is not revoked and the practitioner's address is still the same: the
    old address may be read by another person."""
    return invitation.revoked_at is None and invitation.email == invitation.practitioner.address


def revoke(
    invitation: Invitation, *, by: User, at: datetime, unchanged: ArticleCheck | None = None
) -> None:
    """Take the link back: it shows nothing and takes no answer any more, and codes that were
    mailed sign nothing. What was answered stays. Raises PermissionDenied."""
    if not permissions.may_write(by, invitation.article):
        raise PermissionDenied
    with locked(invitation.article, unchanged):
        Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=at)


@dataclass(frozen=True)
class Asked:
    """One invitation as the desk shows it."""

    invitation: Invitation
    ends_at: datetime
    is_open: bool


def of_article(article: Article, *, at: datetime) -> list[Asked]:
    """Who was asked by email to read this text, the newest first, at most SHOWN."""
    invited = article.invitations.select_related("practitioner__user")[:SHOWN]
    return [Asked(one, ends_at(one), is_open(one, at=at)) for one in invited]


def send_code(invitation: Invitation, *, read: str, at: datetime) -> None:
    """Mail a code that approves exactly what was read (its hash). Raises NotSigned if the text was
    changed since, if the link has ended, or after too many codes."""
    _require_open(invitation, at=at)
    if read != hash_of(invitation.article, at=at):
        raise NotSigned(_("The article changed while you were reading it. Please read it again."))
    with transaction.atomic():
        mine = Invitation.objects.filter(pk=invitation.pk, revoked_at=None)
        asked = mine.filter(code_serial__lt=CODES_PER_INVITATION)
        if not asked.update(
            code_serial=F("code_serial") + 1, code_hash=read, code_sent_at=at, code_tries=0
        ):
            raise NotSigned(_("Too many codes were requested. Ask the clinic for a new link."))
        invitation.refresh_from_db()
        outbox.queue(CODE, invitation.pk, serial=invitation.code_serial, at=at)


def count_answer(invitation: Invitation, *, at: datetime) -> None:
    """Count a comment that came by a link: each is kept, and one that sends back is mailed to the
    author. Call it outside of transactions. Raises NotSigned after ANSWERS_PER_DAY."""
    key = f"answers to invitation {invitation.pk}"
    limit, per = ANSWERS_PER_DAY, timedelta(days=1)
    if not throttle.allow(Throttle.objects, key, limit=limit, per=per, at=at):
        raise NotSigned(_("You have sent many comments today. Please continue tomorrow."))


def _require_open(invitation: Invitation, *, at: datetime) -> None:
    """Raise NotSigned if the link has ended, or if its reader has an account that may not review:
    a link gives no more rights than the account has."""
    current = Invitation.objects.select_related("practitioner__user").get(pk=invitation.pk)
    if not is_open(current, at=at):
        raise NotSigned(_("This link has expired. Ask the clinic for a new one."))
    user = current.practitioner.user
    if user is not None and user.is_active and not user.has_perm("articles.review_article"):
        raise NotSigned(
            _("Your account is not allowed to approve articles. You can still leave a comment.")
        )


def code_of(invitation: Invitation) -> str:
    """The six digits that were mailed last."""
    parts = f"{invitation.pk}:{invitation.code_serial}:{invitation.code_hash}"
    digest = salted_hmac("articles.invitations.code", parts, algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06}"


def approve(invitation: Invitation, *, code: str, at: datetime, note: str = "") -> Review:
    """Sign in the practitioner's name. Raises NotSigned if the code is wrong, old, used, tried too
    often, or for other words than these, or if the link has ended."""
    _require_open(invitation, at=at)
    mine = Invitation.objects.filter(
        pk=invitation.pk, code_serial=invitation.code_serial, revoked_at=None
    )
    # Counted before it is looked at, outside the transaction of what follows.
    if not mine.filter(code_tries__lt=TRIES, code_sent_at__gt=at - CODE_LASTS).update(
        code_tries=F("code_tries") + 1
    ):
        raise NotSigned(_("This code has expired. Request a new one."))
    if not constant_time_compare("".join(code.split()), code_of(invitation)):
        raise NotSigned(_("That code is wrong. Check the email again, or request a new code."))
    # Used up before it signs: of several who send it at once, one signs.
    if not mine.filter(code_sent_at__isnull=False).update(code_sent_at=None):
        raise NotSigned(_("This code has expired. Request a new one."))
    return sign(
        invitation.article,
        reviewer=invitation.practitioner,
        by=None,
        at=at,
        note=note,
        read=invitation.code_hash,
    )
