"""The Retraction Watch data: one CSV file, a row for each notice.

Its columns are described in the user guide of the Retraction Watch Database. Missing DOIs are
"unavailable", missing PMIDs 0, dates American ("12/28/2023 0:00"), reasons "+One;+Two;".
"""

import csv
import re
from collections.abc import Iterator
from datetime import date
from typing import TextIO

from articles.models.notice import NoticeKind
from articles.references.columns import doi_of
from articles.references.watch.finding import RETRACTION_WATCH, Finding, Unreadable

NEEDED = {"OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionDate", "RetractionNature"}
LONGEST_FIELD = 1024 * 1024  # characters; the notes of a row may be long

_NATURES = {
    "correction": NoticeKind.CORRECTION,
    "expression of concern": NoticeKind.CONCERN,
    "retraction": NoticeKind.RETRACTION,
    "withdrawal": NoticeKind.WITHDRAWAL,
    "reinstatement": NoticeKind.REINSTATEMENT,
}
# The data know no nature "withdrawal": they give it as a reason, "Withdrawn as Out of Date".
_WITHDRAWN = re.compile(r"\bwithdraw(?:n|al)\b", re.IGNORECASE)
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def read(file: TextIO) -> Iterator[Finding]:
    """The notices of the file, one after the other. Rows that name no work, or are of a nature
    that says nothing about one, are passed over. Raises Unreadable if it is another kind of file.
    """
    csv.field_size_limit(LONGEST_FIELD)
    rows = csv.DictReader(file)
    try:
        if missing := NEEDED - set(rows.fieldnames or ()):
            raise Unreadable(f"It has no column {', '.join(sorted(missing))}.")
        for row in rows:
            if finding := _finding({name: value or "" for name, value in row.items() if name}):
                yield finding
    except csv.Error as error:
        raise Unreadable(f"Line {rows.line_num}: {error}.") from error


def _finding(row: dict[str, str]) -> Finding | None:
    doi, pmid = doi_of({"DOI": row["OriginalPaperDOI"]}), _pmid(row["OriginalPaperPubMedID"])
    kind = _NATURES.get(row["RetractionNature"].strip().lower())
    if kind is None or not (doi or pmid):
        return None
    reasons = row.get("Reason", "")
    if kind is NoticeKind.RETRACTION and _WITHDRAWN.search(reasons):
        kind = NoticeKind.WITHDRAWAL
    notice_doi = doi_of({"DOI": row.get("RetractionDOI", "")})
    return Finding(
        doi,
        pmid,
        kind,
        _date(row["RetractionDate"]),
        "" if notice_doi == doi else notice_doi,
        RETRACTION_WATCH,
        "; ".join(filter(None, (part.strip(" +") for part in reasons.split(";")))),
    )


def _pmid(text: str) -> str:
    number = text.strip().removesuffix(".0")
    return number if number.isdecimal() and int(number) else ""


def _date(text: str) -> date | None:
    found = _DATE.match(text.strip())
    if found is None:
        return None
    month, day, year = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None
