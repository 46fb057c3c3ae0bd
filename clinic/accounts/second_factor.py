"""The second factor: who needs one, setting it up, its codes, and what happens when it is lost.

A code of the authenticator app works once (clinic.lib.totp); so does each of ten recovery codes,
of which only an HMAC is kept. A session remembers which factor it was opened with: when that one
is gone, so is the session.
"""

import secrets
from collections.abc import MutableMapping
from datetime import datetime
from enum import Enum, auto
from typing import Any

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.utils.crypto import salted_hmac

from clinic.accounts import guess_limits, roles, security_log, staff_accounts
from clinic.accounts.guess_limits import TooManyTries
from clinic.lib import totp
from clinic.lib.database.locking import locked
from clinic.models import RecoveryCode, SecondFactor, User
from clinic.site import page_context

__all__ = ["TooManyTries"]

MARK = "second_factor"  # in a session: the key of the factor that was shown
RECOVERY_CODES = 10
# Crockford's base 32: nothing that is read as something else. Ten signs are 50 bits.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
READ_AS = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None})
CODE_LENGTH = 10
UNKNOWN = guess_limits.Asker()


class Standing(Enum):
    """How far a session has come."""

    IN = auto()  # nothing is missing
    CODE = auto()  # the code is asked for
    SET_UP = auto()  # a factor is needed, and there is none
    OVER = auto()  # the factor of this session is gone, or it lasted too long


def is_required(user: User) -> bool:
    """Whether this account must have one: it sees enquiries, and this is not a demo.

    The setting SECOND_FACTOR overrides the demo's leave (`required`) and the need (`optional`).
    """
    if settings.SECOND_FACTOR == "optional":
        return False
    if settings.SECOND_FACTOR != "required" and page_context.current().clinic.is_demo:
        return False
    return roles.sees_enquiries(user)


def standing(user: User, session: MutableMapping[str, Any]) -> Standing:
    """How far this session of `user` has come. One query where a factor was shown."""
    factor = SecondFactor.objects.filter(user=user).values_list("pk", flat=True).first()
    shown = session.get(MARK)
    if shown is not None:
        return Standing.IN if shown == factor else Standing.OVER
    if factor is not None:
        return Standing.CODE
    return Standing.SET_UP if is_required(user) else Standing.IN


def factor_of(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user).first()


def set_up(
    user: User, *, secret: str, code: str, at: datetime
) -> tuple[SecondFactor, list[str]] | None:
    """Keep the factor and give its recovery codes, to be shown once.

    None if the code is not one of this secret now, or the account has a factor already.
    """
    step = totp.matching_step(secret, _plain(code), at=at)
    if step is None:
        return None
    with transaction.atomic():
        factor, is_new = SecondFactor.objects.get_or_create(
            user=user, defaults={"secret": secret, "last_step": step, "made_at": at}
        )
        if not is_new:
            return None
        staff_accounts.notify(staff_accounts.FACTOR_ON, user, at=at, by=user)
        return factor, _new_codes(factor)


def accepts(
    factor: SecondFactor, code: str, *, at: datetime, by: guess_limits.Asker = UNKNOWN
) -> bool:
    """Whether this is the app's current code or a recovery code that has not been used before.

    Whatever is accepted is used up. Raises TooManyTries; call it outside of transactions.
    """
    plain = _plain(code)
    limits = guess_limits.code_limits(factor.user_id, by, of_app=len(plain) == totp.DIGITS)
    guess_limits.count(limits, at=at)
    if _is_right(factor, plain, at):
        guess_limits.was_right(limits)
        return True
    security_log.count_failure(at=at)
    if not by.device:
        guess_limits.code_was_wrong(factor.user, at=at)
    return False


def _is_right(factor: SecondFactor, plain: str, at: datetime) -> bool:
    if len(plain) == totp.DIGITS:
        step = totp.matching_step(factor.secret, plain, at=at)
        newer = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step or 0)
        return step is not None and bool(newer.update(last_step=step))
    unused = factor.recovery_codes.filter(digest=_digest(factor, plain), used_at=None)
    return bool(unused.update(used_at=at))


def renew_recovery_codes(factor: SecondFactor, *, at: datetime) -> list[str]:
    """Replace all recovery codes, at their owner's wish; the new ones, as they are to be shown."""
    staff_accounts.notify(staff_accounts.CODES_RENEWED, factor.user, at=at, by=factor.user)
    return _new_codes(factor)


def _new_codes(factor: SecondFactor) -> list[str]:
    codes = [
        "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    with transaction.atomic():
        factor.recovery_codes.all().delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(factor=factor, digest=_digest(factor, code)) for code in codes
        )
    half = CODE_LENGTH // 2
    return [f"{code[:half]}-{code[half:]}" for code in codes]


def recovery_codes_left(factor: SecondFactor) -> int:
    return factor.recovery_codes.filter(used_at=None).count()


def turn_off(factor: SecondFactor, *, at: datetime) -> None:
    """Remove a factor at its owner's wish, who has just shown a code of it."""
    with transaction.atomic():
        staff_accounts.notify(staff_accounts.FACTOR_OFF, factor.user, at=at, by=factor.user)
        factor.delete()


def remove(
    user: User,
    *,
    by: User,
    at: datetime,
    words: str,
    unchanged: staff_accounts.UserCheck | None = None,
) -> bool:
    """Take the factor of an account away because it was lost; False if there is none.

    Every session that was opened with it ends. The line of the account's history has these words,
    and its owner, who may not have asked for it, is notified by email.
    """
    with locked(user, unchanged):
        removed, _ = SecondFactor.objects.filter(user=user).delete()
        if removed:
            LogEntry.objects.log_actions(by.pk, [user], CHANGE, words, single_object=True)
            # By their owner: by the command, at nobody's desk.
            staff_accounts.notify(
                staff_accounts.FACTOR_GONE, user, at=at, by=None if by == user else by
            )
    return bool(removed)


def _plain(code: str) -> str:
    """What was typed, as it is compared: copied from paper, with or without strokes and spaces."""
    return "".join(code.split()).lower().translate(READ_AS)


def _digest(factor: SecondFactor, code: str) -> str:
    value = f"{factor.pk}:{code}"
    return salted_hmac("clinic.second_factor", value, algorithm="sha256").hexdigest()
