"""Why nothing was published: each says what to do."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from articles.models import Edition
from articles.rendering import Issue


class NotPublished(Exception):
    """Nothing was published; the message says why and what to do."""


class TextHasProblems(NotPublished):
    """`issues` must be mended first."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(_("The text has problems that must be mended first."))
        self.issues = tuple(issues)


class ManuscriptChanged(NotPublished):
    """Somebody saved the manuscript after it was read."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has just saved this text. Read it again, then publish."))


class EditionWaits(NotPublished):
    """Another edition waits for its time: the caller must say what becomes of it."""

    def __init__(self, edition: Edition) -> None:
        super().__init__(
            _("Edition %(number)s waits for its time. Keep it or cancel it?")
            % {"number": edition.number}
        )
        self.edition = edition


class ReviewMissing(NotPublished):
    """The clinic wants a clinical review of exactly this content first."""

    def __init__(self) -> None:
        super().__init__(
            _("This text needs a clinical review, or a reason why it is published without one.")
        )


class ChecksNotPassed(NotPublished):
    """`issues` should be mended, or passed over with a reason."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(_("Some checks ask for a second look: mend it, or give a reason."))
        self.issues = tuple(issues)
