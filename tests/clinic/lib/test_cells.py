"""Tables for spreadsheets: no cell is a formula, wherever a spreadsheet splits a line."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clinic.lib import csv_cells

DANGEROUS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def written(*values: object) -> str:
    out = io.StringIO(newline="")
    csv_cells.Writer(out).row(values)
    return out.getvalue()


def read(text: str, separator: str) -> list[str]:
    """The cells as a spreadsheet sees them: it goes on after a quotation mark that closes."""
    with io.StringIO(text, newline="") as lines:
        return [cell for row in csv.reader(lines, delimiter=separator) for cell in row]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "value",
    [
        "=1+1", "+16135550188", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1+1",
        "Ann;=1+1", "Ann; =1+1", "Ann,=1+1", "Ann\t=1+1", "Ann\r=1+1", "Ann\n=1+1", "Ann|@x",
        'Ann";=1+1', 'Ann;"=1+1', 'Ann;""=1+1', "a;;=1", "a;'=1;+2;-3;@4", '"=1', ";=1", "；=1",
    ],
)  # fmt: skip
def test_no_part_of_a_cell_is_a_formula(value: str, separator: str) -> None:
    for row in ([value], ["A1", value], [value, value, "x"]):
        for cell in read(written(*row), separator):
            assert not cell.lstrip(' "\t\r\n').startswith(DANGEROUS), cell


@given(
    st.lists(st.text(alphabet="=+-@;,|\t\r\n\"' a1", max_size=8), min_size=1, max_size=3),
    st.sampled_from(",;\t|"),
)
@example(['";=', "a"], ";")
def test_no_cell_starts_like_a_formula(row: list[str], separator: str) -> None:
    for cell in read(written(*row), separator):
        assert not cell.lstrip(' "\t\r\n').startswith(DANGEROUS), (written(*row), cell)


def test_every_cell_is_quoted_and_words_stay() -> None:
    assert written("Ann-Marie O'Neil", 7, None, "a@b.example, x") == (
        '"Ann-Marie O\'Neil","7","","a@b.example, x"\r\n'
    )
