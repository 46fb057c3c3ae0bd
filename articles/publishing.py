"""From manuscript to edition: publish, schedule, cancel, withdraw, republish.

Everything is rendered before the transaction; the transaction compares the manuscript's revision
and writes edition, rendering, citations, redirects and search index, and last raises the content
version.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from articles import checks, corrections, rules
from articles.issuing import Snapshot, snapshot_of, write
from articles.manuscript import content_hash, missing_parts
from articles.models import Article, Edition, Review
from articles.models.edition import cancelled
from articles.refusals import (
    ChecksNotPassed,
    EditionWaits,
    ManuscriptChanged,
    NotPublished,
    ReviewMissing,
    TextHasProblems,
)
from articles.rendering import Composition, Grade, Issue, Text, compose, recompose
from clinic import addresses, content
from clinic.lib import search
from clinic.models import Clinic, Redirect, SearchDocument, User

Waiting = Literal["keep", "cancel"]


def issues_of(article: Article, *, at: datetime) -> list[Issue]:
    """What stands in the text's way, what should be mended, and notes; the worst first."""
    text = Text.of_article(article)
    return _issues(article, text, compose(text, at=at), at)


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
) -> Edition:
    """Make an edition of the manuscript that goes live at `at`, or at a later moment.

    `article` as it was read: if it was saved since, nothing is published. `checks_reason` passes
    over the checks that should be mended; `minor` carries the last sign-off over, if the
    correction is typo-sized. `waiting` says what becomes of an edition that waits for its time.
    `by` None is the operator's act (import, demo): only rendering errors refuse, and no review is
    asked for. Raises PermissionDenied or a NotPublished.
    """
    rules.require(by, "articles.publish_article")
    snapshot = snapshot_of(article, at=at)
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
        passed=passed,
        checks_reason=checks_reason,
        minor=minor,
        waiting=waiting,
        revision=article.revision,
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
) -> Edition:
    """Publish an old edition's content again, as a new edition. The manuscript stays as it is.

    Its checks were passed when it was first published. Raises PermissionDenied or a NotPublished.
    """
    rules.require(by, "articles.publish_article")
    snapshot = Snapshot(
        text=Text.of_edition(edition),
        composition=recompose(edition, at=at),
        kind=edition.kind,
        slug=edition.slug,
        hero_id=edition.hero_id,
        hero_alt=edition.hero_alt,
        author_id=edition.author_id,
        author_name=edition.author_name,
        topics=tuple((topic["id"], topic["name"]) for topic in edition.topic_list),
        services=tuple((service["id"], service["name"]) for service in edition.service_list),
        related_ids=tuple(edition.related_ids),
        certainty=edition.certainty,
        seo_title=edition.seo_title,
        seo_description=edition.seo_description,
    )
    return _issue(
        edition.article,
        snapshot,
        by=by,
        at=at,
        change_note=change_note
        or _("An earlier text is back (edition %(number)s).") % {"number": edition.number},
        unreviewed_reason=unreviewed_reason,
        waiting=waiting,
        revision=None,
    )


def withdraw(article: Article, *, by: User | None, at: datetime) -> Edition:
    """Take the live edition from the public: its address answers 410. Raises NotPublished if
    nothing is live."""
    rules.require(by, "articles.publish_article")
    with transaction.atomic():
        _lock(article)
        edition = Edition.objects.live(at).filter(article=article).first()
        if edition is None:
            raise NotPublished(_("Nothing of this text is public."))
        _set_withdrawn(edition, at)
        search.remove(SearchDocument, "edition", edition.pk)
        content.raise_version()
    return edition


def cancel(edition: Edition, *, by: User | None, at: datetime) -> None:
    """Cancel an edition whose time has not come. Raises NotPublished if it has, or was cancelled
    before."""
    rules.require(by, "articles.publish_article")
    with transaction.atomic():
        _lock(edition.article)
        if not Edition.objects.waiting(at).filter(pk=edition.pk).exists():
            raise NotPublished(_("This edition does not wait for its time any more."))
        _cancel(edition, at)
        content.raise_version()


def _cancel(edition: Edition, at: datetime) -> None:
    _set_withdrawn(edition, at)
    search.remove(SearchDocument, "edition", edition.pk)


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
    passed: Sequence[Issue] = (),
    checks_reason: str = "",
    minor: bool = False,
) -> Edition:
    live_at = goes_live_at or at
    if live_at < at:
        raise NotPublished(_("That moment is past. Choose a later one, or publish now."))
    digest = content_hash(snapshot.text, snapshot.certainty, snapshot.composition.cited)
    with transaction.atomic():
        locked = _lock(article)
        if revision is not None and locked.revision != revision:
            raise ManuscriptChanged
        _check_address(article, snapshot)
        if minor:
            _carry_over(article, snapshot, digest, by=by, at=at)
        if by is not None and not unreviewed_reason:
            _check_review(article, snapshot.kind, digest)
        for edition in Edition.objects.waiting(at).filter(article=article):
            if waiting is None or (waiting == "keep" and live_at > at):
                raise EditionWaits(edition)  # never two that wait
            if waiting == "cancel":
                _cancel(edition, at)
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
        if revision is not None:
            Article.objects.filter(pk=article.pk).update(submitted_at=None, submitted_by=None)
        content.raise_version()
    return edition


def _lock(article: Article) -> Article:
    """The article's row, held until the transaction ends: one publishes at a time."""
    return Article.objects.select_for_update().get(pk=article.pk)


def _check_address(article: Article, snapshot: Snapshot) -> None:
    """A slug once public is never given to another thing of its kind."""
    taken = (
        Edition.objects.filter(kind=snapshot.kind, slug=snapshot.slug)
        .exclude(article=article)
        .exclude(cancelled())
        .exists()
    )
    past = Redirect.objects.filter(path=addresses.path_of(snapshot.kind, snapshot.slug)).first()
    if taken or (past and (past.kind, past.object_id) != (snapshot.kind, article.pk)):
        raise NotPublished(
            _("“%(slug)s” is or was the address of another text. Choose another address word.")
            % {"slug": snapshot.slug}
        )


def _carry_over(
    article: Article, snapshot: Snapshot, digest: str, *, by: User | None, at: datetime
) -> None:
    if Review.objects.filter(article=article, content_hash=digest).exists():
        return
    try:
        review = corrections.carried_from(article, snapshot.certainty, snapshot.text)
    except corrections.NotMinor as refusal:
        raise NotPublished(str(refusal)) from None
    corrections.carry_over(review, digest=digest, by=by, at=at)


def _check_review(article: Article, kind: str, digest: str) -> None:
    clinic = Clinic.objects.get(id=1)
    if kind != "article" or not clinic.review_before_publishing:
        return
    if not Review.objects.filter(article=article, content_hash=digest).exists():
        raise ReviewMissing
