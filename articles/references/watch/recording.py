"""Findings against the library: a task for each change, and one mail to each owner."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from articles.models import Article, Edition, Reference, ReferenceNotice
from articles.models.notice import NoticeKind
from articles.references.watch.finding import Finding
from clinic.mail import outbox
from clinic.site import content_version

KIND = "reference-notice"  # of mail; its object is a notice, its serial the owner (0: the clinic)
# Two sources date one notice by its print or its online day, and name an end by either word.
SAME_WITHIN = timedelta(days=45)
ENDINGS = {NoticeKind.RETRACTION, NoticeKind.WITHDRAWAL}


@dataclass
class Tally:
    """`read`: findings; `ours`: those about sources of the library; `new`: changes among them."""

    read: int = 0
    ours: int = 0
    new: int = 0


def record(findings: Iterable[Finding], *, at: datetime) -> Tally:
    """Open a task for each change that is not known yet and queue the mails about it.

    What is known already changes nothing, whichever source tells of it. Errors of the iterable
    are the caller's; nothing has been written then.
    """
    tally = Tally()
    library = _Library()
    by_reference: dict[int, list[Finding]] = {}
    for finding in findings:
        tally.read += 1
        if pk := library.find(finding):
            tally.ours += 1
            by_reference.setdefault(pk, []).append(finding)
    known = ReferenceNotice.objects.filter(reference__in=by_reference)
    by_pk: dict[int, list[ReferenceNotice]] = {}
    for notice in known:
        by_pk.setdefault(notice.reference_id, []).append(notice)
    for pk, found in by_reference.items():
        if any(_is_news(finding, by_pk.get(pk, [])) for finding in found):
            tally.new += _open(pk, found, at)
    return tally


def affected(reference: Reference, at: datetime) -> list[Article]:
    """The articles whose live editions cite it, by title. One query."""
    cites = Q(citations__reference=reference) | Q(citations__reference__merged_into=reference)
    live = Edition.objects.live(at).filter(cites).values("article")
    articles = Article.objects.filter(pk__in=live).select_related("owner", "author__user")
    return list(articles.defer("body").order_by("title", "id"))


class _Library:
    """The library's DOIs and PMIDs; those of a reference that was merged lead to the one that
    stayed. One query."""

    def __init__(self) -> None:
        self.by_doi: dict[str, int] = {}
        self.by_pmid: dict[str, int] = {}
        rows = Reference.objects.order_by("id").values_list("id", "merged_into", "doi", "pmid")
        for pk, stayed, doi, pmid in rows.iterator(chunk_size=5000):
            if doi:
                self.by_doi[doi.lower()] = stayed or pk
            if pmid:
                self.by_pmid[pmid] = stayed or pk

    def find(self, finding: Finding) -> int | None:
        return self.by_doi.get(finding.doi) or self.by_pmid.get(finding.pmid)


def _twin(finding: Finding, known: Iterable[ReferenceNotice]) -> ReferenceNotice | None:
    return next((notice for notice in known if _is_same(notice, finding)), None)


def _is_news(finding: Finding, known: Iterable[ReferenceNotice]) -> bool:
    """Whether a finding is not known: not told before, and of newer versions no older one."""
    known = list(known)
    if _twin(finding, known) is not None:
        return False
    if finding.kind != NoticeKind.SUPERSEDED:
        return True
    others = [notice for notice in known if notice.kind == NoticeKind.SUPERSEDED]
    return not any(
        finding.noticed_on is None
        or (notice.noticed_on is not None and finding.noticed_on < notice.noticed_on)
        for notice in others
    )


def _is_same(notice: ReferenceNotice, finding: Finding) -> bool:
    """One change, told again or by another source."""
    kinds = {NoticeKind(notice.kind), finding.kind}
    if len(kinds) > 1 and (notice.source == finding.source or not kinds <= ENDINGS):
        return False
    if notice.doi and finding.notice_doi:
        return notice.doi == finding.notice_doi
    if notice.url and finding.url:
        return notice.url == finding.url
    if notice.noticed_on and finding.noticed_on:
        return abs(notice.noticed_on - finding.noticed_on) <= SAME_WITHIN
    return True


def _open(pk: int, found: Iterable[Finding], at: datetime) -> int:
    """Write what is new about one reference, looking again now that nobody else can write it."""
    with transaction.atomic():
        reference = Reference.objects.select_for_update().get(pk=pk)
        known = list(reference.notices.all())
        fresh = []
        # Of several newer versions found at once the newest comes first; the others are no news.
        for finding in sorted(found, key=lambda one: one.noticed_on or date.min, reverse=True):
            if _is_news(finding, known):
                notice = reference.notices.create(
                    kind=finding.kind,
                    noticed_on=finding.noticed_on,
                    doi=finding.notice_doi,
                    url=finding.url,
                    reasons=finding.reasons[:500],
                    source=finding.source,
                    found_at=at,
                )
                known.append(notice)
                fresh.append(notice)
        if fresh:
            tell(reference, fresh, at=at)
            content_version.raise_version()
    return len(fresh)


def tell(reference: Reference, notices: Iterable[ReferenceNotice], *, at: datetime) -> None:
    """Queue an email about each notice to each owner of an article that cites the source, in the
    transaction that makes them."""
    owners = {
        owner.pk if owner else 0
        for owner in (article.responsible_user() for article in affected(reference, at))
    }
    for notice in notices:
        for owner in sorted(owners):
            outbox.queue(KIND, notice.pk, serial=owner, at=at)
