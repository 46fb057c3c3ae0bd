"""What an imported entry itself says of retractions and corrections.

PubMed's tags and `RefType`s after NLM's list of MEDLINE/PubMed data elements. A comment (CIN) is
no change to the source and makes no notice.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from articles.models.notice import NoticeKind
from articles.references import identifiers
from articles.references.columns import columns_of
from articles.references.formats import dates
from articles.references.watch import crossref
from articles.references.watch.finding import PUBMED, Finding

# (tag of NBIB, RefType of XML): what it says of this source, and of the one that it names.
_ABOUT_THIS = {
    ("RIN", "RetractionIn"): NoticeKind.RETRACTION,
    ("ECI", "ExpressionOfConcernIn"): NoticeKind.CONCERN,
    ("EIN", "ErratumIn"): NoticeKind.CORRECTION,
    ("CRI", "CorrectedandRepublishedIn"): NoticeKind.CORRECTION,
    ("UIN", "UpdateIn"): NoticeKind.SUPERSEDED,
}
_ABOUT_ANOTHER = {
    ("ROF", "RetractionOf"): NoticeKind.RETRACTION,
    ("ECF", "ExpressionOfConcernFor"): NoticeKind.CONCERN,
    ("EFR", "ErratumFor"): NoticeKind.CORRECTION,
    ("CRF", "CorrectedandRepublishedFrom"): NoticeKind.CORRECTION,
    ("UOF", "UpdateOf"): NoticeKind.SUPERSEDED,
}
_DAY = re.compile(r"\b\d{4} [A-Z][a-z]{2} \d{1,2}\b")


def findings(csl: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the changes that an entry names: to itself, or to another source as its notice."""
    custom = csl.get("custom")
    if not isinstance(custom, Mapping):
        return
    columns = columns_of(csl)
    doi, pmid = columns["doi"], columns["pmid"]
    if isinstance(updates := custom.get("crossref"), dict) and doi:
        yield from crossref.read({**updates, "DOI": doi, "PMID": pmid})
    is_said = False
    for kind, text in _said(custom, _ABOUT_THIS):
        is_said = is_said or kind == NoticeKind.RETRACTION
        if doi or pmid:
            notice_doi = identifiers.doi_in(text).lower()
            notice_doi = "" if notice_doi == doi else notice_doi
            # Only what is newer is worth a link where it has no DOI.
            newer = kind == NoticeKind.SUPERSEDED and not notice_doi
            url = _at_pubmed(identifiers.pmid_in(text)) if newer else ""
            yield Finding(doi, pmid, kind, _day(text), notice_doi, PUBMED, url=url)
    for kind, text in _said(custom, _ABOUT_ANOTHER):
        other, number = identifiers.doi_in(text).lower(), identifiers.pmid_in(text)
        if other or number:
            notice_doi = "" if other == doi else doi
            url = "" if notice_doi or kind != NoticeKind.SUPERSEDED else _at_pubmed(pmid)
            yield Finding(other, number, kind, _own_day(csl), notice_doi, PUBMED, url=url)
    if "retracted publication" in _kinds(custom) and not is_said and (doi or pmid):
        yield Finding(doi, pmid, NoticeKind.RETRACTION, None, "", PUBMED)


def _at_pubmed(pmid: str) -> str:
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else ""


def _said(
    custom: Mapping[str, Any], meanings: Mapping[tuple[str, str], NoticeKind]
) -> Iterator[tuple[NoticeKind, str]]:
    for (tag, label), kind in meanings.items():
        for text in _texts(custom, "nbib", tag):
            yield kind, text
        for text in _texts(custom, "pubmed", "CommentsCorrections"):
            if text.startswith(f"{label}:"):
                yield kind, text


def _kinds(custom: Mapping[str, Any]) -> set[str]:
    types = [*_texts(custom, "nbib", "PT"), *_texts(custom, "ris", "PT")]
    types += _texts(custom, "pubmed", "PublicationTypeList/PublicationType")
    return {text.strip().lower() for text in types}


def _texts(custom: Mapping[str, Any], kind: str, tag: str) -> Iterable[str]:
    aside = custom.get(kind)
    values = aside.get(tag) if isinstance(aside, Mapping) else None
    return [text for text in values if isinstance(text, str)] if isinstance(values, list) else []


def _day(text: str) -> date | None:
    found = _DAY.search(text)
    return _whole(dates.parse(found.group())) if found else None


def _own_day(csl: Mapping[str, Any]) -> date | None:
    return _whole(csl.get("issued"))


def _whole(value: Any) -> date | None:
    """A date of CSL-JSON whose day is known."""
    try:
        year, month, day = value["date-parts"][0]
        return date(int(year), int(month), int(day))
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        return None
