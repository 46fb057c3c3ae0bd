"""Raised and lowered signs, and texts that were written before there were any."""

import pytest

from clinic.lib.markdown import render
from clinic.lib.markdown.raised import escaped


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("10^2^ m", "<p>10<sup>2</sup> m</p>\n"),
        ("H~2~O, **m^2^**", "<p>H<sub>2</sub>O, <strong>m<sup>2</sup></strong></p>\n"),
        ("x^\\^\\\\^", "<p>x<sup>^\\</sup></p>\n"),
        ("~5–~10 and a^b c^", "<p>~5–~10 and a^b c^</p>\n"),
        (r"10\^2^, `a^2^`", "<p>10^2^, <code>a^2^</code></p>\n"),
    ],
)
def test_signs_are_raised_and_lowered(text: str, html: str):
    assert render(text).html == html


def test_raised_digits_stay_apart_in_plain_text():
    assert render("10^2^ m, H~2~O, the 1^st^").plain == "10² m, H2O, the 1st"


@pytest.mark.parametrize(
    "text",
    [
        "10^2^ H~2~O",
        "3~5–~10 `a^2^`",
        "a[^1] b[^2]\n\n[^1]: n^2^\n\n[^2]: x",
        "[a~b~](/~c~d~) [a~b](/~c)",
        r"\^2^",
    ],
)
def test_a_text_of_an_earlier_format_says_the_same_when_its_signs_are_escaped(text: str):
    before = render(text, format=1).html
    assert render(escaped(text)).html == before
    assert "<sub>" not in before
