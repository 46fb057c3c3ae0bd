"""Phone numbers as people type them, in the country of the clinic and from abroad."""

import phonenumbers
import pytest
from django.core.exceptions import ValidationError

from clinic.lib.fields import phones


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("(613) 555-0123", "US", "+16135550123"),
        (" 613.555.0199 ", "US", "+16135550199"),
        ("+1 613 555 0123", "GB", "+16135550123"),
        ("020 7946 0123", "GB", "+442079460123"),
        ("00 44 20 7946 0123", "ES", "+442079460123"),
        ("011 44 20 7946 0123", "US", "+442079460123"),
        ("+44 (0)20 7946 0123", "US", "+442079460123"),
        ("٠٢٠٧٩٤٦٠١٢٣", "GB", "+442079460123"),
    ],
)
def test_numbers_are_kept_as_e164(text: str, region: str, e164: str):
    assert phones.normalise(text, region) == e164


def test_a_reserved_number_that_no_list_holds_is_accepted():
    number = phones.normalise("613 555 0123", "US")
    fictional = phones.normalise("(555) 555-0123", "US")
    assert not phonenumbers.is_valid_number(phonenumbers.parse(fictional))
    assert [number, fictional] == ["+16135550123", "+15555550123"]


@pytest.mark.parametrize(
    ("text", "region", "sentence"),
    [
        ("", "US", "This is not a phone number."),
        ("tomorrow", "US", "This is not a phone number."),
        ("555-0123", "US", "Include the area code."),
        ("613 555 012", "US", "This number is too short."),
        ("613 555 0123 / 613 555 0199", "US", "This number is too long."),
        ("9" * 10_000, "US", "This number is too long."),
        ("+999 123 456 789", "US", "This country code is not valid."),
        ("06 12 34 56 78", "CA", "No number in this country starts like that."),
        ("613 123 4567", "US", "No number in this country starts like that."),
        ("613 555 0123", "", "This country code is not valid."),
        ("call 613 555 0123 please", "US", "Enter digits only"),
        ("someone@clinic.example 613 555 0123", "US", "Enter digits only"),
    ],
)
def test_what_is_no_number_is_explained(text: str, region: str, sentence: str):
    with pytest.raises(ValidationError) as caught:
        phones.normalise(text, region)
    assert caught.value.messages[0].startswith(sentence)
    assert caught.value.messages[0].endswith("starting with + and the country code.")


@pytest.mark.parametrize("text", ["613 555 0123 ext. 5", "613 555 0123 x5", "613-555-0123#5"])
def test_extensions_are_refused_not_dropped(text: str):
    with pytest.raises(ValidationError, match="Leave out the extension"):
        phones.normalise(text, "US")


@pytest.mark.parametrize(
    ("e164", "region", "shown"),
    [
        ("+16135550123", "US", "(613) 555-0123"),
        ("+16135550123", "GB", "+1 613-555-0123"),
        ("+442079460123", "GB", "020 7946 0123"),
        ("+442079460123", "US", "+44 20 7946 0123"),
        ("+16135550123", "CA", "(613) 555-0123"),
        ("not stored as E.164", "US", "not stored as E.164"),
        ("", "US", ""),
    ],
)
def test_numbers_are_shown_as_their_readers_dial_them(e164: str, region: str, shown: str):
    assert phones.display(e164, region) == shown


def test_what_is_shown_is_read_again():
    for e164 in ("+16135550123", "+442079460123", "+61255501234"):
        for region in ("US", "GB", "AU"):
            assert phones.normalise(phones.display(e164, region), region) == e164


def test_the_address_that_dials():
    assert phones.tel("+16135550123") == "tel:+16135550123"
