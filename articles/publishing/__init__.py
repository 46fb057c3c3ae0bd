"""Publishing: a manuscript becomes an edition, is withdrawn, corrected or redacted.

The desk, the importers and the worker call it. It must not know the desk or the public views.
"""

from articles.publishing.publisher import (
    ChecksNotPassed,
    EditionWaits,
    ManuscriptChanged,
    NotPublished,
    ReviewMissing,
    TextHasProblems,
    cancel,
    issues_of,
    publish,
    republish,
    reschedule,
    withdraw,
)

__all__ = [
    "ChecksNotPassed",
    "EditionWaits",
    "ManuscriptChanged",
    "NotPublished",
    "ReviewMissing",
    "TextHasProblems",
    "cancel",
    "issues_of",
    "publish",
    "republish",
    "reschedule",
    "withdraw",
]
