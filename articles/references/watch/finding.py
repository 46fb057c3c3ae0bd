from dataclasses import dataclass
from datetime import date

from articles.models.notice import NoticeKind

RETRACTION_WATCH = "Retraction Watch"
CROSSREF = "Crossref"
PUBMED = "PubMed"
STAFF = "Staff"


@dataclass(frozen=True)
class Finding:
    """A notice about a work in the data of Crossref, PubMed or Retraction Watch, or by staff.

    `doi` and `pmid` are the work's, bare and in small letters, "" where unknown; `notice_doi` is
    "" too where the notice stands at the work's own address.
    """

    doi: str
    pmid: str
    kind: NoticeKind
    noticed_on: date | None
    notice_doi: str
    source: str
    reasons: str = ""
    url: str = ""  # of a newer version without a DOI


class Unreadable(Exception):
    """A file of another kind, or none; the words are for the operator."""
