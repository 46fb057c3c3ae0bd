"""Tables for spreadsheets, in which no cell is a formula (OWASP, CSV injection).

Where a comma is the decimal sign, spreadsheets split a line at semicolons: the rest of a cell that
holds one then starts a cell of its own. So every part is made harmless, not only the start.
"""

import csv
import re
from collections.abc import Iterable
from typing import Any

_SIGN = re.compile("(?<![\\s\"'])([\\s\"']*+)(?=[=+\\-@\uff0b\uff0d\uff1d\uff20])")
_CONTROLS = ("\t", "\r", "\n")
_PARTS = (",", ";", "|")


class Writer:
    """Writes rows as CSV, every cell in quotation marks."""

    def __init__(self, out: Any) -> None:
        self._writer = csv.writer(out, quoting=csv.QUOTE_ALL)

    def row(self, values: Iterable[object]) -> None:
        """Write one row; None is an empty cell."""
        self._writer.writerow(map(harmless, values))


def harmless(value: object) -> str:
    """A cell that no spreadsheet takes for a formula, whatever it splits lines at."""
    text = _SIGN.sub(_quoted, "" if value is None else str(value))
    return f"'{text}" if text.startswith(_CONTROLS) else text


def _quoted(found: re.Match[str]) -> str:
    """What is before a sign, made harmless where a cell may start."""
    start, before = found.start(), found[1]
    begins = start == 0 or found.string[start - 1] in _PARTS
    return f"{before}'" if begins or any(each in before for each in _CONTROLS) else before
