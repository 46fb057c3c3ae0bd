"""Titles and names of journals: where one ends and the other begins."""

import re

from django.utils.translation import gettext_lazy

from articles.references.csl import full_ranges, hyphens

# How the fields that can be doubtful are called.
LABELS = {
    "type": gettext_lazy("kind"),
    "author": gettext_lazy("authors"),
    "editor": gettext_lazy("editors"),
    "title": gettext_lazy("title"),
    "container-title": gettext_lazy("journal, book or website"),
    "issued": gettext_lazy("date"),
    "volume": gettext_lazy("volume"),
    "issue": gettext_lazy("issue"),
    "page": gettext_lazy("pages"),
    "publisher": gettext_lazy("publisher"),
    "publisher-place": gettext_lazy("place"),
    "DOI": gettext_lazy("DOI"),
}
_SENTENCES = re.compile(r"(?<=[.?!])[”\"’]?\s+(?=[“\"‘(\[]?[^\W_a-zß-öø-ÿ])")
_SMALL = re.compile(
    "of|the|and|in|for|on|an?|&|de|la|et|des|der|und|für|di|del|e|y|en|to|with|by|from"
)


def sentences(text: str) -> list[str]:
    """Return the parts of a text between marks that end a sentence."""
    return [part.strip() for part in _SENTENCES.split(text) if part.strip(" .")]


def without_end(title: str) -> str:
    """Return a title without the dot after it and the quotation marks around it."""
    title = title.strip(" ,;")
    title = title.strip('“”"') if title[:1] in '“"' else title
    return title if title.endswith("...") else title.rstrip(".")


def pages(text: str | None) -> str:
    """Return pages with plain hyphens and all their digits."""
    return full_ranges(hyphens((text or "").rstrip(" .")))


def is_abbreviated(part: str) -> bool:
    """Return whether this is "Ann." or "Clin. Orthop.", part of a journal's short name."""
    words = part.split()
    return len(words) <= 2 and all(
        re.fullmatch(r"[A-Z][a-z]{0,9}\.", word) or _SMALL.fullmatch(word.lower()) for word in words
    )


def looks_like_journal(text: str) -> bool:
    """Return whether words begin with capitals, as in names of journals and no sentence."""
    words = re.findall(r"[^\W_][\w’'.-]*|&", text)
    if not words or len(words) > 14 or (":" in text and len(words) > 8):
        return False
    large = [word for word in words if not _SMALL.fullmatch(word.lower())]
    has_word = any(len(re.sub(r"[\W\d_]", "", word)) > 1 for word in large)
    return has_word and all(word[0].isupper() or word[0].isdigit() for word in large)
