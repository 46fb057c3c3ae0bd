"""What a text refers to, and what of it was removed or changed."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The writing format has ^raised^ and ~lowered~ signs; without, Unicode's own are used where there
# are some. static/js/admin/from-html/told.js says the same.
FORMAT_RAISES_SIGNS = True
_LONGEST = 200

LABELS: dict[str, Promise] = {
    "deleted": _("Deleted or struck-through text was removed"),
    "comment": _("A comment was removed"),
    "hidden": _("Hidden text was removed"),
    "script": _("A script was removed"),
    "form": _("A form was removed"),
    "control": _("A button or field was removed"),
    "navigation": _("A menu was removed"),
    "drawing": _("A drawing was removed"),
    "frame": _("Embedded content (a frame) was removed"),
    "embedded": _("Embedded content was replaced by a link"),
    "picture": _("An image could not be copied"),
    "no-alt": _("An image was uploaded and needs alt text"),
    "picture-link": _("The link around an image was removed"),
    "link": _("A link was removed; its text was kept"),
    "note": _("The number of a footnote was removed because the footnote itself is missing"),
    "merged": _("A table had merged cells. Check it"),
    "numbering": _("A list had other numbers or letters. Check the text that refers to them"),
    "ticked": _("These items of a checklist were ticked"),
    "formula": _("A formula was written as plain text. Check it"),
    "divided": _("A word was divided at the end of a line. Check it"),
    "bold-line": _("This bold line looks like a heading"),
}


def _any_link(address: str) -> str:
    return address if address.lower().startswith(("http:", "https:", "mailto:", "tel:")) else ""


@dataclass
class Surroundings:
    """What a text refers to, how it is written, and where it tells what is lost or doubtful.

    link(address) -> where it leads now, "" for nowhere. picture(address, alt) -> the address of
    our picture and its alternative text, None where it is not at hand. tell(kind, words): a key of
    LABELS and the words concerned.
    """

    link: Callable[[str], str] = _any_link
    picture: Callable[[str, str], tuple[str, str] | None] = lambda _address, _alt: None
    tell: Callable[[str, str], None] = lambda _kind, _words: None
    first_note: int = 1
    bold_headings: bool = False  # bold lines become headings
    raises_signs: bool = FORMAT_RAISES_SIGNS
    _told: set[tuple[str, str]] = field(default_factory=set)

    def tell_once(self, kind: str, words: str) -> None:
        """Tell something that was not told before."""
        words = " ".join(words.split())
        words = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
        if (kind, words) not in self._told:
            self._told.add((kind, words))
            self.tell(kind, words)


def sentence(kind: str, words: str) -> str:
    """What is told, in words of the interface."""
    return f"{LABELS[kind]}: “{words}”" if words else f"{LABELS[kind]}."
