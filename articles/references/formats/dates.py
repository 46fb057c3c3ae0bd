"""Dates as bibliographies write them, as CSL-JSON."""

import calendar
import re
from typing import Any

MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name}
_SEASONS = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T.*)?")
_SLASHED = re.compile(r"(\d{4})/(\d{1,2})?(?:/(\d{1,2})?)?(?:/(.*))?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?|undefined")  # Zotero wrote this for "no clock"
_WORDED = re.compile(r"(\d{4})[\s-]+([A-Za-z]{3,9})\.?(?:\s+(\d{1,2}))?")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.?[\s/]+(\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.?\s+([A-Za-z]{3,9})\.?,?\s+(\d{4})")
_DAY_SECOND = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})")
_RANGE = re.compile(
    r"(\d{4})\s+([A-Za-z]{3})[A-Za-z]*\s*[-–/]\s*(?:(\d{4})\s+)?([A-Za-z]{3})[A-Za-z]*"
)


def parse(text: str) -> dict[str, Any]:
    """A CSL date of "2023-02-02", "2023/02/02/12:00:00", "2023 Feb 2", "2 February 2023",
    "Feb 2, 2023", "Feb./2023", "2018 Jul-Aug", "2019 Spring" or "1999/2001"; other words are kept
    as they are (`literal`). Empty if there is nothing."""
    text = " ".join(text.split()).strip(" /")
    if not text:
        return {}
    parts = _day(text)
    if parts:
        return {"date-parts": [parts]}
    if found := _RANGE.fullmatch(text):
        first, second = month(found[2]), month(found[4])
        if first and second:
            until = [int(found[3] or found[1]), second]
            return {"date-parts": [[int(found[1]), first], until]}
    found = re.fullmatch(r"(\d{4}) ([A-Za-z]+)", text)
    if found and (season := _SEASONS.get(found[2].lower())):
        return {"date-parts": [[int(found[1])]], "season": season}
    if text.count("/") == 1:
        ends = [_day(part) for part in text.split("/")]
        if all(ends):
            return {"date-parts": ends}
    return {"literal": text}


def month(text: str) -> int:
    """1 to 12 of "2", "02", "Feb", "feb." or "February"; 0 of anything else."""
    text = text.strip(" .").lower()
    if text.isascii() and text.isdigit():
        return int(text) if len(text) < 3 and 1 <= int(text) <= 12 else 0
    return MONTHS.get(text[:3], 0) if text.isalpha() else 0


def _day(text: str) -> list[int]:
    """[year, month, day] as far as given; empty if these are other words."""
    for form in (_ISO, _SLASHED):
        if found := form.fullmatch(text):
            if form is _SLASHED and found[4] and not _CLOCK.fullmatch(found[4]):
                return []
            return _checked(found[1], found[2] or "", found[3] or "")
    if found := _WORDED.fullmatch(text):
        return _checked(found[1], found[2], found[3] or "")
    if found := _MONTH_FIRST.fullmatch(text):
        return _checked(found[2], found[1], "")
    if found := _DAY_FIRST.fullmatch(text):
        return _checked(found[3], found[2], found[1])
    if found := _DAY_SECOND.fullmatch(text):
        return _checked(found[3], found[1], found[2])
    return []


def _checked(year: str, month_text: str, day: str) -> list[int]:
    parts = [int(year)]
    if month_text:
        n = month(month_text)
        if not n:
            return [] if month_text.isalpha() else parts
        parts.append(n)
        if day and 1 <= int(day) <= 31:
            parts.append(int(day))
    return parts
