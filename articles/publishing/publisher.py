"""From manuscript to edition: publish, schedule, reschedule, cancel, withdraw, republish.

Everything is rendered before the transaction; the transaction compares the manuscript's revision
and writes edition, rendering, citations, redirects and search index, and last raises the content
version.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext as _

from articles import permissions
from articles.manuscript import checks, slugs
from articles.manuscript.content_hash import content_hash, missing_parts
from articles.manuscript.rendering import Composition, Grade, Issue, Text, compose
from articles.models import Article, Edition, Review
from articles.publishing import minor_corrections
from articles.publishing.edition_writer import Snapshot, snapshot_again, snapshot_of, write
from articles.publishing.errors import (
    AlreadyPublished,
    ChecksNotPassed,
    EditionWaits,
    ManuscriptChanged,
    NotPublished,
    ReviewMissing,
    TextHasProblems,
)
from articles.review import reviews
from articles.review.reviews import ArticleCheck
from clinic.finding import indexing
from clinic.lib.database.locking import locked
from clinic.models import Clinic, User
from clinic.site import content_version

Waiting = Literal["keep", "cancel"]


def issues_of(
    article: Article, *, at: datetime, composition: Composition | None = None
) -> list[Issue]:
    """What stands in the text's way, what should be mended, and notes; the worst first.
    `composition`: of the same text, where the caller has rendered it already."""
    text = Text.of_article(article)
    return _issues(article, text, composition or compose(text, at=at), at)


def _issues(article: Article, text: Text, composition: Composition, at: datetime) -> list[Issue]:
    subject = checks.Subject.of_article(article, at=at)
    found = checks.all_issues(text, composition, subject)
    return [*missing_parts(article, text), *found]


def publish(
    article: Article,
    *,
    by: User | None,
    at: datetime,
    goes_live_at: datetime | None = None,
    change_note: str = "",
    unreviewed_reason: str = "",
    checks_reason: str = "",
    minor: bool = False,
    waiting: Waiting | None = None,
    composition: Composition | None = None,
    unchanged: ArticleCheck | None = None,
) -> Edition:
    """Make an edition of the manuscript that goes live at `at`, or at a later moment.

    `article` as it was read: if it was saved since, nothing is published. `checks_reason` passes
    over the checks that should be mended; `minor` carries the last sign-off over, if the
    correction is typo-sized. `waiting` says what becomes of an edition that waits for its time.
    `composition`: of the same text, where the caller has rendered it already. `by` None is the
    operator's act (import, demo): only rendering errors refuse, and no review is asked for. Raises
    PermissionDenied or a NotPublished. `unchanged` as in clinic.lib.database.locking.
    """
    permissions.require(by, "articles.publish_article")
    snapshot = snapshot_of(article, at=at, composition=composition)
    problems = [*missing_parts(article, snapshot.text)]
    problems += [issue for issue in snapshot.composition.issues if issue.must]
    if problems:
        raise TextHasProblems(problems)
    passed = _passed_over(article, snapshot, checks_reason, at) if by is not None else []
    return _issue(
        article,
        snapshot,
        by=by,
        at=at,
        goes_live_at=goes_live_at,
        change_note=change_note,
        unreviewed_reason=unreviewed_reason,
        passed=[{"code": i.code, "where": i.where, "line": i.line} for i in passed],
        checks_reason=checks_reason,
        minor=minor,
        waiting=waiting,
        revision=article.revision,
        unchanged=unchanged,
    )


def _passed_over(article: Article, snapshot: Snapshot, reason: str, at: datetime) -> list[Issue]:
    issues = _issues(article, snapshot.text, snapshot.composition, at)
    found = [issue for issue in issues if issue.grade is Grade.SHOULD]
    if found and not reason:
        raise ChecksNotPassed(found)
    return found


def republish(
    edition: Edition,
    *,
    by: User | None,
    at: datetime,
    change_note: str = "",
    unreviewed_reason: str = "",
    waiting: Waiting | None = None,
    unchanged: ArticleCheck | None = None,
) -> Edition:
    """Publish an old edition's content again, as a new edition. The manuscript stays as it is.

    Its checks were passed when it was first published. Raises PermissionDenied or a NotPublished.
    """
    permissions.require(by, "articles.publish_article")
    return _issue(
        edition.article,
        snapshot_again(edition, at=at),
        by=by,
        at=at,
        change_note=change_note
        or _("Edition %(number)s has been republished.") % {"number": edition.number},
        unreviewed_reason=unreviewed_reason,
        waiting=waiting,
        revision=None,
        unchanged=unchanged,
    )


def reschedule(
    edition: Edition,
    *,
    by: User | None,
    at: datetime,
    goes_live_at: datetime,
    unchanged: ArticleCheck | None = None,
) -> Edition:
    """Give an edition that waits another time. Editions do not change: it is cancelled, and a new
    one has its content, its note to readers and the reasons that were given for it.

    Raises PermissionDenied or a NotPublished.
    """
    permissions.require(by, "articles.publish_article")
    return _issue(
        edition.article,
        snapshot_again(edition, at=at),
        by=by,
        at=at,
        goes_live_at=goes_live_at,
        change_note=edition.change_note,
        unreviewed_reason=edition.unreviewed_reason,
        passed=edition.checks_passed,
        checks_reason=edition.checks_reason,
        waiting="cancel",
        revision=edition.manuscript_revision,
        replaces=edition,
        unchanged=unchanged,
    )


def withdraw(
    article: Article,
    *,
    by: User | None,
    at: datetime,
    note: str = "",
    waiting: Waiting | None = None,
    unchanged: ArticleCheck | None = None,
) -> Edition:
    """Take the live edition from the public: its address answers 410, and shows `note`.

    `waiting` says what becomes of an edition that waits for its time. Raises PermissionDenied,
    NotPublished if nothing is live, or EditionWaits.
    """
    permissions.require(by, "articles.publish_article")
    with locked(article, unchanged):
        edition = Edition.objects.live(at).filter(article=article).first()
        if edition is None:
            raise NotPublished(_("This article is not published."))
        _settle_waiting(article, waiting, at=at)
        # Each by itself: so the guards let them through, once.
        Edition.objects.filter(pk=edition.pk).update(withdrawal_note=note)
        _set_withdrawn(edition, at)
        indexing.remove("edition", edition.pk)
        content_version.raise_version()
    return edition


def cancel(
    edition: Edition, *, by: User | None, at: datetime, unchanged: ArticleCheck | None = None
) -> None:
    """Cancel an edition whose time has not come. Raises NotPublished if it has, or was cancelled
    before."""
    permissions.require(by, "articles.publish_article")
    with locked(edition.article, unchanged):
        _require_waiting(edition, at)
        _cancel(edition, at)
        content_version.raise_version()


def _require_waiting(edition: Edition, at: datetime) -> None:
    if not Edition.objects.waiting(at).filter(pk=edition.pk).exists():
        raise NotPublished(_("This edition is no longer scheduled."))


def _cancel(edition: Edition, at: datetime) -> None:
    _set_withdrawn(edition, at)
    indexing.remove("edition", edition.pk)


def _settle_waiting(
    article: Article, waiting: Waiting | None, *, at: datetime, may_keep: bool = True
) -> None:
    """Cancel the edition that waits, or keep it. Raises EditionWaits if the caller did not say."""
    for edition in Edition.objects.waiting(at).filter(article=article):
        if waiting is None or (waiting == "keep" and not may_keep):
            raise EditionWaits(edition)
        if waiting == "cancel":
            _cancel(edition, at)


def _set_withdrawn(edition: Edition, at: datetime) -> None:
    # `update` of the one column that the guards let through, once.
    Edition.objects.filter(pk=edition.pk, withdrawn_at=None).update(withdrawn_at=at)
    edition.withdrawn_at = at


def _issue(
    article: Article,
    snapshot: Snapshot,
    *,
    by: User | None,
    at: datetime,
    goes_live_at: datetime | None = None,
    change_note: str,
    unreviewed_reason: str,
    waiting: Waiting | None,
    revision: int | None,
    passed: Sequence[dict[str, Any]] = (),
    checks_reason: str = "",
    minor: bool = False,
    replaces: Edition | None = None,
    unchanged: ArticleCheck | None = None,
) -> Edition:
    live_at = goes_live_at or at
    if live_at < at:
        raise NotPublished(_("That time has passed. Choose a later one, or publish now."))
    digest = content_hash(snapshot.text, snapshot.certainty, snapshot.composition.cited)
    with locked(article, unchanged) as fresh:
        if replaces is not None:
            _require_waiting(replaces, at)
        elif revision is not None and fresh.revision != revision:
            raise ManuscriptChanged
        _check_is_new(fresh, snapshot, revision, by=by, at=at, live_at=live_at)
        _check_address(article, snapshot)
        review = _review_for(fresh, snapshot, digest, minor=minor, by=by, at=at)
        if by is not None and not unreviewed_reason and replaces is None:
            _check_review(snapshot.kind, review)
        _settle_waiting(article, waiting, at=at, may_keep=live_at <= at)  # never two that wait
        edition = write(
            article,
            snapshot,
            digest,
            revision=revision,
            by=by,
            at=at,
            live_at=live_at,
            change_note=change_note,
            unreviewed_reason=unreviewed_reason,
            passed=passed,
            checks_reason=checks_reason,
        )
        if revision is not None and replaces is None:
            Article.objects.filter(pk=article.pk).update(submitted_at=None, submitted_by=None)
        content_version.raise_version()
    return edition


def _check_is_new(
    article: Article,
    snapshot: Snapshot,
    revision: int | None,
    *,
    by: User | None,
    at: datetime,
    live_at: datetime,
) -> None:
    """Refuse a second edition of what the last one has, for the same time: of several who publish
    at once, and of a button pressed twice, one makes an edition.

    The operator may repeat an edition, but not at the same moment.
    """
    last = Edition.objects.filter(article=article, withdrawn_at=None).order_by("-number").first()
    if last is None or last.manuscript_revision != revision or not snapshot.is_in(last):
        return
    if by is None and last.created_at < at:
        return
    if last.goes_live_at > last.created_at or live_at > at:  # scheduled
        repeated = last.goes_live_at == live_at
    else:
        moment = max(at, last.goes_live_at)
        repeated = Edition.objects.live(moment).filter(pk=last.pk).exists()
    if repeated:
        raise AlreadyPublished(last)


def _check_address(article: Article, snapshot: Snapshot) -> None:
    """A slug once public is never given to another thing of its kind."""
    if slugs.is_taken(snapshot.kind, snapshot.slug, article.pk):
        raise NotPublished(
            _("“%(slug)s” is or was the slug of another article or page. Choose a different slug.")
            % {"slug": snapshot.slug}
        )


def _review_for(
    article: Article,
    snapshot: Snapshot,
    digest: str,
    *,
    minor: bool,
    by: User | None,
    at: datetime,
) -> Review | None:
    """The sign-off that counts for this snapshot; None without one. Carried over where it is bound
    to other words by a minor correction, or to the same words by an earlier recipe."""
    text, certainty, author_id = snapshot.text, snapshot.certainty, snapshot.author_id
    review = reviews.find(article, author_id, text, certainty, snapshot.composition.cited)
    if review is None and minor:
        try:
            review = minor_corrections.carried_from(article, snapshot, at=at)
        except minor_corrections.NotMinor as refusal:
            raise NotPublished(str(refusal)) from None
    if review is not None and review.content_hash != digest:
        review = minor_corrections.carry_over(review, digest=digest, by=by, at=at)
    return review


def _check_review(kind: str, review: Review | None) -> None:
    clinic = Clinic.objects.get(id=1)
    if kind == "article" and clinic.review_before_publishing and review is None:
        raise ReviewMissing
