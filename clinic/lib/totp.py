"""Codes of six digits that change every half minute (TOTP, RFC 6238), as phones show them.

SHA-1, six digits and thirty seconds are what every authenticator app understands; most ignore
other values in the picture that they scan.
"""

import base64
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from django.utils.crypto import constant_time_compare

DIGITS = 6
PERIOD = 30  # seconds
DRIFT = 1  # steps by which a phone's clock may be off, each way (RFC 6238, 5.2)
SECRET_BYTES = 20  # as long as the hash (RFC 4226, 4: at least 16, better 20)


def new_secret() -> str:
    """A fresh secret of 160 bits in base32, without padding."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def step_at(at: datetime) -> int:
    """The number of the half minute in which this moment lies, counted from 1970."""
    return int(at.timestamp()) // PERIOD


def code(secret: str, step: int) -> str:
    """The six digits of one step. Raises ValueError for a secret that is no base32."""
    # SHA-1 within HMAC is not weakened by its collisions, and apps know no other.
    return HOTP(base64.b32decode(secret), DIGITS, SHA1()).generate(step).decode()  # noqa: S303


def matching_step(secret: str, given: str, *, at: datetime) -> int | None:
    """The step whose code was given, now or one step off; None if it is none of theirs.

    All candidates are compared, each in constant time.
    """
    now = step_at(at)
    steps = [
        step
        for step in range(now - DRIFT, now + DRIFT + 1)
        if constant_time_compare(code(secret, step), given)
    ]
    return max(steps, default=None)


def uri(secret: str, *, account: str, issuer: str) -> str:
    """What the picture says to an authenticator app (the `otpauth` key URI format)."""
    label = quote(f"{issuer}:{account}", safe="")
    values = {"secret": secret, "issuer": issuer, "digits": DIGITS, "period": PERIOD}
    return f"otpauth://totp/{label}?{urlencode(values, quote_via=quote)}"
