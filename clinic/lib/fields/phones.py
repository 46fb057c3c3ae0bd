"""Phone numbers: typed as people write them, kept as E.164, shown as their readers dial them."""

import re
from functools import lru_cache

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumbers import (
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
)

_EXAMPLE = _("Enter it as you would dial it, or starting with + and the country code.")
_REFUSALS = {
    ValidationResult.TOO_SHORT: _("This number is too short."),
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: _("Include the area code."),
    ValidationResult.TOO_LONG: _("This number is too long. Enter one number only."),
    ValidationResult.INVALID_LENGTH: _("This number has too few or too many digits."),
    ValidationResult.INVALID_COUNTRY_CODE: _("This country code is not valid."),
}
_PARSE_REFUSALS = {
    NumberParseException.INVALID_COUNTRY_CODE: _REFUSALS[ValidationResult.INVALID_COUNTRY_CODE],
    NumberParseException.TOO_SHORT_AFTER_IDD: _REFUSALS[ValidationResult.TOO_SHORT],
    NumberParseException.TOO_SHORT_NSN: _REFUSALS[ValidationResult.TOO_SHORT],
    NumberParseException.TOO_LONG: _REFUSALS[ValidationResult.TOO_LONG],
}


def normalise(text: str, region: str) -> str:
    """The number as E.164, `+16135550123`; `region` (ISO 3166, "US") is where it is dialled from.

    Numbers need only be possible, by length and first digits: lists of numbers in use are always
    behind, and hold none of those reserved for fiction. Extensions are refused, not dropped: E.164
    has no place for them. Raises ValidationError with a sentence that says what to do.
    """
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        reason = _PARSE_REFUSALS.get(error.error_type, _("This is not a phone number."))
        raise _refusal(reason) from None
    if number.extension:
        raise ValidationError(
            _("Leave out the extension: enter a direct number, or the main number only."),
            code="extension",
        )
    if any(character.isalpha() for character in text):
        raise _refusal(_("Enter digits only, without words."))
    result = phonenumbers.is_possible_number_with_reason(number)
    if result != ValidationResult.IS_POSSIBLE:
        raise _refusal(_REFUSALS[result])
    if not _can_exist(number):
        raise _refusal(_("No number in this country starts like that."))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _can_exist(number: PhoneNumber) -> bool:
    """Whether numbers of this country begin so. In North America neither area code nor exchange
    begins with 0 or 1 (North American Numbering Plan)."""
    national = phonenumbers.national_significant_number(number)
    code = number.country_code or 0
    if code == 1:
        return bool(re.fullmatch(r"[2-9]\d\d[2-9]\d{6}", national))
    main = phonenumbers.region_code_for_country_code(code)
    known = PhoneMetadata.metadata_for_region_or_calling_code(code, main)
    described = known.general_desc if known else None
    pattern = described.national_number_pattern if described else None
    return not pattern or bool(re.fullmatch(pattern, national))


@lru_cache(maxsize=256)
def display(e164: str, region: str) -> str:
    """The number as it is written within its own country, and with its country code elsewhere."""
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return e164
    is_home = number.country_code == phonenumbers.country_code_for_region(region)
    form = PhoneNumberFormat.NATIONAL if is_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def tel(e164: str) -> str:
    """The address that dials it (RFC 3966)."""
    return f"tel:{e164}"


def _refusal(reason: object) -> ValidationError:
    return ValidationError(
        "%(reason)s %(example)s", code="phone", params={"reason": reason, "example": _EXAMPLE}
    )
