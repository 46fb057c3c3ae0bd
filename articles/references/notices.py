"""What readers see about sources that were corrected, doubted or retracted.

It follows the library, not the edition: live pages say it as soon as it is known.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from articles.models import ReferenceNotice
from articles.models.notice import NoticeKind, NoticeState
from articles.references.styles import ama
from clinic.site import page_context

# The gravest first.
_GRAVITY = (
    NoticeKind.RETRACTION,
    NoticeKind.WITHDRAWAL,
    NoticeKind.CONCERN,
    NoticeKind.REINSTATEMENT,
    NoticeKind.CORRECTION,
    NoticeKind.SUPERSEDED,
)
# Readers should no longer lean on the source. A reinstatement ends it.
GRAVE = {NoticeKind.RETRACTION, NoticeKind.WITHDRAWAL, NoticeKind.CONCERN}
_WORDS = {
    NoticeKind.RETRACTION: pgettext_lazy("of a source", "retracted"),
    NoticeKind.WITHDRAWAL: pgettext_lazy("of a source", "withdrawn"),
    NoticeKind.CONCERN: pgettext_lazy("of a source", "expression of concern"),
    NoticeKind.REINSTATEMENT: pgettext_lazy("of a source", "reinstated"),
    NoticeKind.CORRECTION: pgettext_lazy("of a source", "corrected"),
    NoticeKind.SUPERSEDED: "",  # said in the list of sources, not in the middle of a sentence
}
_SENTENCES = {
    NoticeKind.RETRACTION: gettext_lazy("This source has been retracted."),
    NoticeKind.WITHDRAWAL: gettext_lazy("This source has been withdrawn."),
    NoticeKind.CONCERN: gettext_lazy("The journal has expressed concern about this source."),
    NoticeKind.REINSTATEMENT: gettext_lazy(
        "This source was retracted and has since been reinstated."
    ),
    NoticeKind.CORRECTION: gettext_lazy("This source has been corrected."),
    NoticeKind.SUPERSEDED: gettext_lazy("There is a newer version of this source."),
}


@dataclass(frozen=True)
class Notice:
    """A notice as pages show it."""

    kind: NoticeKind
    noticed_on: date | None
    url: str  # of the notice itself, "" if it has no DOI of its own
    is_open: bool = False  # no editor has decided yet
    kept_because: str = ""  # the editor's reason to keep the source, for readers
    kept_at: datetime | None = None

    @property
    def is_grave(self) -> bool:
        """Whether a reader should no longer lean on the source."""
        return self.kind in GRAVE

    @property
    def label(self) -> str:
        """For the link to it."""
        newer = self.kind == NoticeKind.SUPERSEDED
        return _("Read the newer version") if newer else _("Read the notice")

    @property
    def word(self) -> str:
        """For the citation in the text; empty where the list of sources says enough."""
        return str(_WORDS[self.kind])

    @property
    def sentence(self) -> str:
        """For the list of sources."""
        said = str(_SENTENCES[self.kind])
        if self.noticed_on is None or self.kind == NoticeKind.SUPERSEDED:
            return said
        day = formats.date_format(self.noticed_on, "DATE_FORMAT")
        return _("%(sentence)s Notice of %(day)s.") % {"sentence": said, "day": day}


def of_key(key: str) -> tuple[Notice, ...]:
    """What is to be said of the source of this key, the gravest first; nothing is the rule."""
    return _all().get(key, ())


def standing(notices: Iterable[ReferenceNotice]) -> tuple[Notice, ...]:
    """Of the notices on one source those that still hold, the gravest first."""
    holding: list[ReferenceNotice] = []
    for notice in sorted(notices, key=_day):
        if notice.kind == NoticeKind.REINSTATEMENT:
            holding = [earlier for earlier in holding if earlier.kind not in GRAVE]
        elif notice.kind in GRAVE:  # what was reinstated may be taken back again
            holding = [n for n in holding if n.kind != NoticeKind.REINSTATEMENT]
        elif notice.kind == NoticeKind.SUPERSEDED:  # the newest version is the one to read
            holding = [n for n in holding if n.kind != NoticeKind.SUPERSEDED]
        holding.append(notice)
    shown = [
        Notice(
            NoticeKind(n.kind),
            n.noticed_on,
            ama.doi_url({"DOI": n.doi}) or n.url,
            n.state == NoticeState.OPEN,
            n.kept_because if n.state == NoticeState.SEEN else "",
            n.decided_at,
        )
        for n in holding
    ]
    return tuple(sorted(shown, key=lambda notice: _GRAVITY.index(notice.kind)))


def _day(notice: ReferenceNotice) -> tuple[date, int]:
    return notice.noticed_on or notice.found_at.date(), notice.pk


def _all() -> dict[str, tuple[Notice, ...]]:
    """By key, also by the keys of what was merged; kept for the content version."""

    def build() -> dict[str, tuple[Notice, ...]]:
        found: dict[tuple[str, ...], list[ReferenceNotice]] = defaultdict(list)
        rows = ReferenceNotice.objects.shown().select_related("reference")
        for notice in rows.prefetch_related("reference__merged"):
            reference = notice.reference
            keys = (reference.key, *(gone.key for gone in reference.merged.all()))
            found[keys].append(notice)
        return {key: standing(rows) for keys, rows in found.items() for key in keys}

    return page_context.once("notices", build)
