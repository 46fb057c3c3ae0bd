"""Reading CSL-JSON, and the small pieces that every style of reference is made of.

No function here raises on decoded JSON: what is missing or has another shape is left out.
"""

import html
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

Csl = Mapping[str, Any]

# Pages from one to another; nothing within "555.e1-555.e6" or a longer number.
PAGES = re.compile(r"(?<![\w.])([A-Za-z]*)(\d+)-([A-Za-z]*)(\d+)(?![\w.-])")
_DROPPED_TAGS = re.compile(r"</?(?:i|b|em|strong|span|scp)(?:\s[^<>]*)?>")
_RAISED_TEXT = re.compile(r"<(su[bp])>([^<>]{0,200})</\1>")
_ITALIC = re.compile(r"<i>((?:[^<>]|</?su[bp]>){0,400})</i>")
_ITALIC_RAISED = re.compile(r"<(su[bp])>([^<>]{0,200})<i>([^<>]{0,200})</i>([^<>]{0,200})</\1>")
_TAGS = re.compile(r"<[^<>]*>")


# Reading CSL-JSON


def text_of(csl: Csl, *keys: str) -> str:
    """The first of these fields that holds text, on one line. Crossref wraps some in lists."""
    for key in keys:
        value = csl.get(key)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            text = " ".join(str(value).split())
            if text:
                return text
    return ""


def names_of(csl: Csl, role: str) -> list[Csl]:
    """The people and bodies in a role that have any name."""
    value = csl.get(role)
    names = value if isinstance(value, list) else []
    return [name for name in names if isinstance(name, dict) and surname(name)]


def date_of(csl: Csl, key: str) -> tuple[list[int], str]:
    """A CSL date as ([year, month, day] as far as known, its words if it has no parts)."""
    value = csl.get(key)
    if not isinstance(value, dict):
        return [], ""
    return range_of(csl, key)[0], text_of(value, "literal", "raw")


def range_of(csl: Csl, key: str) -> tuple[list[int], list[int]]:
    """The first and the last day of a CSL date, each as far as known; of one day only the first."""
    ends: list[list[int]] = []
    for place in (0, 1):
        try:
            ends.append([int(part) for part in csl[key]["date-parts"][place]])
        except (KeyError, IndexError, TypeError, ValueError, OverflowError):
            ends.append([])
    return ends[0], ends[1]


# Names


def surname(name: Csl) -> str:
    """The name that a person is sorted by, with the particle that belongs to it."""
    family = text_of(name, "literal", "family", "given")
    particle = "" if text_of(name, "literal") else text_of(name, "non-dropping-particle")
    return f"{particle} {family}".strip() if family else ""


def is_rest(name: Csl) -> bool:
    return text_of(name, "literal").lower().rstrip(".") in ("et al", "others")


def initials(given: str) -> str:
    """First letters: "Hai-Tao" is HT, "Jean-Pierre M." is JPM, initials stay as they are.

    A name in a script without capitals (Chinese, Arabic) has no initials and stays whole.
    """
    words = [word for word in re.split(r"[\s.\-‐‑–]+", given) if word]
    if any(unicodedata.category(word[0]) == "Lo" for word in words):
        return given
    if len(words) == 1 and len(words[0]) <= 3 and words[0].isupper():
        return words[0]
    return "".join(word[0].upper() for word in words)


def inverted(name: Csl, suffixes: Mapping[str, str]) -> str:
    """A person as lists have them: surname, initials without dots, suffix ("King ML Jr")."""
    if text_of(name, "literal") or not text_of(name, "family"):
        return surname(name)
    suffix = text_of(name, "suffix").replace(".", "")
    parts = (
        surname(name),
        initials(text_of(name, "given")),
        text_of(name, "dropping-particle"),
        suffixes.get(suffix.lower(), suffix),
    )
    return " ".join(filter(None, parts))


def people(names: list[Csl], *, most: int, before_et_al: int, suffixes: Mapping[str, str]) -> str:
    """Persons, of more than `most` only the first with "et al"; then bodies after a semicolon.

    `suffixes`: how "ii" and the like are written. A list may end in "others" or "et al" (BibTeX's
    "and others"): the source named no more.
    """
    bodies = [surname(name) for name in names if text_of(name, "literal") and not is_rest(name)]
    persons = [inverted(name, suffixes) for name in names if not text_of(name, "literal")]
    if len(persons) > most:
        persons = [*persons[:before_et_al], "et al"]
    elif any(map(is_rest, names)):
        persons.append("et al")
    return "; ".join(filter(None, [", ".join(persons), *bodies]))


# Pieces


def labelled(label: str, value: str) -> str:
    return f"{label} {value}" if value else ""


def joined(separator: str, *parts: str) -> str:
    return separator.join(filter(None, parts))


def hyphens(text: str) -> str:
    """With a plain hyphen for every dash, as page and issue numbers have it."""
    return re.sub(r"(?<!\s)\s*+[‐‑‒–—]\s*", "-", text)


def full_ranges(pages: str) -> str:
    """Page ranges with all digits: "402-6; discussion 406-7" as "402-406; discussion 406-407", and
    one page once: "321-321" as "321"."""
    return PAGES.sub(_full_range, pages)


def _full_range(found: re.Match[str]) -> str:
    letters, first, more_letters, last = found.groups()
    if len(last) > len(first) and letters.isupper() and not more_letters:
        return f"{letters}{first}-{letters}{last}"
    if more_letters not in ("", letters) or len(last) > len(first):
        return found.group()
    last = first[: len(first) - len(last)] + last
    if last == first:
        return letters + first
    return f"{letters}{first}-{letters}{last}" if last > first else found.group()


def work(title: str) -> str:
    return format_html('<span class="journal">{}</span>', rich(title)) if title else ""


def rich(text: str) -> SafeString:
    """CSL's rich text as HTML: `i`, `sub` and `sup` stay, bold goes, all else is escaped."""
    text = " ".join(_ITALIC_RAISED.sub(r"<\1>\2\3\4</\1>", text).split())
    before, *rest = _ITALIC.split(text)
    pairs = zip(map(_raised, rest[0::2]), map(_raised, rest[1::2]), strict=True)
    return _raised(before) + format_html_join("", "<i>{}</i>{}", pairs)


def _raised(text: str) -> SafeString:
    """The same within or outside of italics."""
    text = _DROPPED_TAGS.sub("", text)
    before, *raised = _RAISED_TEXT.split(text)
    triples = zip(raised[0::3], raised[1::3], raised[2::3], strict=True)
    return format_html("{}", before) + format_html_join("", "<{0}>{1}</{0}>{2}", triples)


def sentence(part: str) -> SafeString:
    """As HTML, closed by a dot unless it ends in a mark that closes it already."""
    markup = conditional_escape(part)
    end = plain(markup).rstrip("\"'”’»)")[-1:]
    return markup if end in ("", ".", "?", "!") else format_html("{}.", markup)


def plain(markup: str) -> str:
    return html.unescape(_TAGS.sub("", markup))
