"""Why nothing was published: each says what to do."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from articles.manuscript.rendering import Issue
from articles.models import Edition


class NotPublished(Exception):
    """Nothing was published; the message says why and what to do."""


class TextHasProblems(NotPublished):
    """`issues` must be mended first."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(_("Fix these problems before publishing."))
        self.issues = tuple(issues)


class ManuscriptChanged(NotPublished):
    """The draft was saved after the publisher read it."""

    def __init__(self) -> None:
        super().__init__(_("Someone has just saved this article. Read it again, then publish."))


class AlreadyPublished(NotPublished):
    """The last edition has the same content and the same time."""

    def __init__(self, edition: Edition) -> None:
        super().__init__(
            _(
                "This text has already been published as edition %(number)s. Nothing has changed "
                "since, so no new edition was created."
            )
            % {"number": edition.number}
        )
        self.edition = edition


class EditionWaits(NotPublished):
    """Another edition waits for its time: the caller must say what becomes of it."""

    def __init__(self, edition: Edition) -> None:
        super().__init__(
            _("Edition %(number)s is already scheduled. Keep it or cancel it?")
            % {"number": edition.number}
        )
        self.edition = edition


class ReviewMissing(NotPublished):
    """The clinic wants a clinical review of exactly this content first."""

    def __init__(self) -> None:
        super().__init__(
            _("This article needs a clinical review, or a reason for publishing without one.")
        )


class ChecksNotPassed(NotPublished):
    """`issues` should be mended, or passed over with a reason."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(
            _(
                "Some checks need attention. Fix the article, or give a reason for "
                "publishing it as it is."
            )
        )
        self.issues = tuple(issues)
