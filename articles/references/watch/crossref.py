"""Crossref's metadata of works: `update-to` on a notice names the works that it is about,
`updated-by` on a work names the notices about it. Both say the same, but a publisher may have
deposited the one without the other being there yet.

https://www.crossref.org/documentation/principles-practices/best-practices/versioning/
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from articles.models.notice import NoticeKind
from articles.references.columns import doi_of
from articles.references.watch.finding import CROSSREF, Finding, Unreadable

# Crossref's types of updates. A partial retraction leaves the rest of the work standing.
_TYPES = {
    "addendum": NoticeKind.CORRECTION,
    "clarification": NoticeKind.CORRECTION,
    "correction": NoticeKind.CORRECTION,
    "corrigendum": NoticeKind.CORRECTION,
    "erratum": NoticeKind.CORRECTION,
    "partial_retraction": NoticeKind.CORRECTION,
    "expression_of_concern": NoticeKind.CONCERN,
    "retraction": NoticeKind.RETRACTION,
    "removal": NoticeKind.WITHDRAWAL,
    "withdrawal": NoticeKind.WITHDRAWAL,
    "reinstatement": NoticeKind.REINSTATEMENT,
    "new_version": NoticeKind.SUPERSEDED,
    "new_edition": NoticeKind.SUPERSEDED,
}
# Relations of a work: to its newer version, and to the older one that it replaces. A version of
# unknown age (`is-version-of`) says neither.
NEWER, OLDER = ("is-replaced-by", "is-preprint-of"), ("replaces", "has-preprint")


def read(answer: Any) -> Iterator[Finding]:
    """The notices in decoded JSON: one work, a list of works, or an answer of the REST API.
    Raises Unreadable where it is nothing of the kind."""
    for work in _works(answer):
        own = doi_of(work)
        pmid = str(work.get("PMID") or "")
        for update in _updates(work, "update-to"):
            yield from _finding(update, doi=doi_of(update), pmid="", notice_doi=own)
        for update in _updates(work, "updated-by"):
            yield from _finding(update, doi=own, pmid=pmid, notice_doi=doi_of(update))
        for newer in _related(work, NEWER):
            yield Finding(own, pmid, NoticeKind.SUPERSEDED, None, newer, CROSSREF)
        for older in _related(work, OLDER):
            day = _date(work.get("published") or work.get("issued"))
            yield Finding(older, "", NoticeKind.SUPERSEDED, day, own, CROSSREF)


def _works(answer: Any) -> list[Mapping[str, Any]]:
    if isinstance(answer, dict) and isinstance(answer.get("message"), dict):
        answer = answer["message"]
    if isinstance(answer, dict) and isinstance(answer.get("items"), list):
        answer = answer["items"]
    works = answer if isinstance(answer, list) else [answer]
    if not all(isinstance(work, dict) and "DOI" in work for work in works):
        raise Unreadable("This is not Crossref metadata for works.")
    return works


def _updates(work: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    updates = work.get(name)
    if not isinstance(updates, list):
        return []
    return [update for update in updates if isinstance(update, dict)]


def _related(work: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    """The DOIs, other than its own, to which a work has one of these relations."""
    relations = work.get("relation")
    if not isinstance(relations, dict):
        return
    for name in names:
        found = relations.get(name)
        for each in found if isinstance(found, list) else [found]:
            if isinstance(each, dict) and str(each.get("id-type", "doi")).lower() == "doi":
                doi = doi_of({"DOI": each.get("id")})
                if doi and doi != doi_of(work):
                    yield doi


def _finding(
    update: Mapping[str, Any], *, doi: str, pmid: str, notice_doi: str
) -> Iterator[Finding]:
    kind = _TYPES.get(str(update.get("type")).lower().replace("-", "_").replace(" ", "_"))
    if kind and (doi or pmid):
        notice_doi = "" if notice_doi == doi else notice_doi
        yield Finding(doi, pmid, kind, _date(update.get("updated")), notice_doi, CROSSREF)


def _date(updated: Any) -> date | None:
    """A whole date; one without its day is none."""
    try:
        year, month, day = updated["date-parts"][0]
        return date(int(year), int(month), int(day))
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        return None
