"""Codes that change every half minute."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from clinic.lib import totp

# "12345678901234567890", the secret of RFC 6238's test values.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
AT = datetime(2027, 3, 14, 9, 15, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_values_of_rfc_6238(seconds: int, digits: str) -> None:
    """Appendix B gives eight digits; with six, the last six."""
    step = totp.step_at(datetime.fromtimestamp(seconds, UTC))
    assert totp.code(SECRET, step) == digits[-6:]


@pytest.mark.parametrize(
    ("off", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_one_step_of_drift_each_way(off: int, is_taken: bool) -> None:
    step = totp.step_at(AT) + off
    found = totp.matching_step(SECRET, totp.code(SECRET, step), at=AT)
    assert found == (step if is_taken else None)


@pytest.mark.parametrize("given", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\0"])
def test_anything_else_is_no_code(given: str) -> None:
    assert totp.matching_step(SECRET, given, at=AT) is None


def test_a_new_secret_has_160_bits_and_is_new() -> None:
    secrets = {totp.new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert {len(secret) for secret in secrets} == {32}
    step = totp.step_at(AT + timedelta(days=1))
    assert all(totp.code(secret, step).isdigit() for secret in secrets)


def test_the_picture_names_clinic_and_account() -> None:
    address = urlsplit(totp.uri(SECRET, account="joan", issuer="Mill & Lane: Physio"))
    assert address.scheme == "otpauth"
    assert address.netloc == "totp"
    assert address.path == "/Mill%20%26%20Lane%3A%20Physio%3Ajoan"
    assert parse_qs(address.query) == {
        "secret": [SECRET],
        "issuer": ["Mill & Lane: Physio"],
        "digits": ["6"],
        "period": ["30"],
    }
