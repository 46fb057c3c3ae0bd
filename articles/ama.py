"""References in the style of the AMA Manual of Style, 11th edition (chapter 3), from CSL-JSON.

CSL-JSON is what reference managers and registries exchange. `_LAYOUTS` says for each type of
source which sentences make up its entry. AMA is an English style: its own words ("In:",
"Accessed", "et al", months) are part of it and are not translated.

No function here raises on decoded JSON: what is missing or has another shape is left out.
DOI, PubMed number and web address are not in the text; they are links beside it.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

Csl = Mapping[str, Any]

MOST_AUTHORS = 6  # AMA 3.7: up to six are all named, of seven or more the first three
AUTHORS_BEFORE_ET_AL = 3
TITLE_WORDS = 6  # of a source without author, in the text

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_SUFFIXES = {"ii": "2nd", "iii": "3rd", "iv": "4th", "2nd": "2nd", "3rd": "3rd", "4th": "4th"}
_DROPPED_TAGS = re.compile(r"</?(?:i|b|em|strong|span|scp)(?:\s[^<>]*)?>")
_RAISED_TEXT = re.compile(r"<(su[bp])>([^<>]{0,200})</\1>")
_TAGS = re.compile(r"<[^>]*>")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_DOI_PREFIX = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


def format_reference(csl: Csl) -> SafeString:
    """The list entry as HTML: text, `sub`, `sup` and `<span class="journal">` round the names of
    journals and books (what AMA sets in italics)."""
    sentences = [_sentence(part(csl)) for part in _layout(csl)]
    return format_html_join(" ", "{}", ((sentence,) for sentence in sentences if sentence))


def format_plain(csl: Csl) -> str:
    """The same entry without HTML, as it reads on paper."""
    return _plain(format_reference(csl))


def short_name(csl: Csl) -> str:
    """How the running text names a source: "Hu, 2018", "Hu and Gao, 2018", "Chys et al., 2023".

    Without author or editor its first title words stand in; without a year no year is given.
    """
    names = _names(csl, "author") or _names(csl, "editor")
    if len(names) > 2 or any(map(_is_rest, names[1:])):
        who = f"{_surname(names[0])} et al."
    elif names:
        who = " and ".join(map(_surname, names))
    else:
        words = plain_title(csl).split()
        who = " ".join(words[:TITLE_WORDS]) + ("…" if len(words) > TITLE_WORDS else "")
    return ", ".join(filter(None, [who, year(csl)]))


def plain_title(csl: Csl) -> str:
    """The title without its markup."""
    return _plain(_title(csl))


def year(csl: Csl) -> str:
    """The year of issue in four digits, or an empty string."""
    parts, literal = _date(csl, "issued")
    if parts:
        return str(parts[0])
    found = _YEAR.search(literal)
    return found.group() if found else ""


def doi_url(csl: Csl) -> str:
    """The https address of the DOI (given bare, with "doi:" or as an address); empty if none."""
    doi = _DOI_PREFIX.sub("", _text(csl, "DOI"))
    return f"https://doi.org/{quote(doi, safe='/:;()._-')}" if _DOI.fullmatch(doi) else ""


def pmid_url(csl: Csl) -> str:
    """The page of the source in PubMed, or an empty string."""
    pmid = _text(csl, "PMID")
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if re.fullmatch(r"[0-9]+", pmid) else ""


def web_url(csl: Csl) -> str:
    """The address given with the source if it is http or https, or an empty string."""
    url = _text(csl, "URL")
    return url if re.fullmatch(r"https?://\S+", url, re.IGNORECASE) else ""


# Reading CSL-JSON


def _text(csl: Csl, *keys: str) -> str:
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


def _names(csl: Csl, role: str) -> list[Csl]:
    """The people and bodies in a role that have any name."""
    value = csl.get(role)
    names = value if isinstance(value, list) else []
    return [name for name in names if isinstance(name, dict) and _surname(name)]


def _date(csl: Csl, key: str) -> tuple[list[int], str]:
    """A CSL date as ([year, month, day] as far as known, its words if it has no parts)."""
    value = csl.get(key)
    if not isinstance(value, dict):
        return [], ""
    try:
        parts = [int(part) for part in value["date-parts"][0]]
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        parts = []
    return parts, _text(value, "literal", "raw")


# Names


def _surname(name: Csl) -> str:
    """The name that a person is sorted by, with the particle that belongs to it."""
    family = _text(name, "literal", "family", "given")
    particle = "" if _text(name, "literal") else _text(name, "non-dropping-particle")
    return f"{particle} {family}".strip() if family else ""


def _is_rest(name: Csl) -> bool:
    return _text(name, "literal").lower().rstrip(".") in ("et al", "others")


def _inverted(name: Csl) -> str:
    """A person as AMA lists them: surname, initials without dots, suffix ("King ML Jr")."""
    if _text(name, "literal") or not _text(name, "family"):
        return _surname(name)
    suffix = _text(name, "suffix").replace(".", "")
    parts = (
        _surname(name),
        _initials(_text(name, "given")),
        _text(name, "dropping-particle"),
        _SUFFIXES.get(suffix.lower(), suffix),
    )
    return " ".join(filter(None, parts))


def _initials(given: str) -> str:
    """First letters: "Hai-Tao" is HT, "Jean-Pierre M." is JPM, initials stay as they are.

    A name in a script without capitals (Chinese, Arabic) has no initials and stays whole.
    """
    words = [word for word in re.split(r"[\s.\-‐‑–]+", given) if word]
    if any(unicodedata.category(word[0]) == "Lo" for word in words):
        return given
    if len(words) == 1 and len(words[0]) <= 3 and words[0].isupper():
        return words[0]
    return "".join(word[0].upper() for word in words)


def _people(names: list[Csl]) -> str:
    """Persons by the rule of six, then bodies after a semicolon.

    A list may end in "others" or "et al" (BibTeX's "and others"): the source named no more.
    """
    bodies = [_surname(name) for name in names if _text(name, "literal") and not _is_rest(name)]
    persons = [_inverted(name) for name in names if not _text(name, "literal")]
    if len(persons) > MOST_AUTHORS:
        persons = [*persons[:AUTHORS_BEFORE_ET_AL], "et al"]
    elif any(map(_is_rest, names)):
        persons.append("et al")
    return "; ".join(filter(None, [", ".join(persons), *bodies]))


# The sentences of an entry. Each takes the source and gives text, which is escaped at the end, or
# a SafeString that is HTML already; an empty one is left out.


def _authors(csl: Csl) -> str:
    return _people(_names(csl, "author")) or _editors(csl)


def _editors(csl: Csl) -> str:
    editors = _names(csl, "editor")
    return f"{_people(editors)}, {'eds' if len(editors) > 1 else 'ed'}" if editors else ""


def _title(csl: Csl) -> str:
    return _rich(_text(csl, "title"))


def _work_title(csl: Csl) -> str:
    return _work(_text(csl, "title"))


def _journal(csl: Csl) -> str:
    short = _text(csl, "container-title-short", "journalAbbreviation").replace(".", "")
    return _work(short.strip() or _text(csl, "container-title"))


def _site(csl: Csl) -> str:
    return _rich(_text(csl, "container-title", "publisher"))


def _host(csl: Csl) -> str:
    """The book a chapter stands in, or the meeting a paper was read at."""
    if book := _work(_text(csl, "container-title")):
        editors = _editors(csl) if _names(csl, "author") else ""
        return format_html("In: {}{}{}", _sentence(editors), " " if editors else "", book)
    meeting, place = _text(csl, "event-title", "event"), _text(csl, "event-place")
    return f"Presented at: {_joined('; ', meeting, _day(csl, 'issued'), place)}" if meeting else ""


def _edition(csl: Csl) -> str:
    """From the second edition on: AMA does not name the first."""
    edition = re.sub(r"\s+(?:ed|edition)\.?$", "", _text(csl, "edition"))
    if edition in ("", "1", "1st"):
        return ""
    if re.fullmatch(r"[0-9]{1,3}", edition):
        ending = {"1": "st", "2": "nd", "3": "rd"}.get(edition[-1], "th")
        edition += "th" if edition[-2:] in ("11", "12", "13") else ending
    return f"{edition} ed"


def _volume_of_book(csl: Csl) -> str:
    volume = _text(csl, "volume")
    return f"Vol {volume}" if volume else ""


def _numeration(csl: Csl) -> str:
    """Year, volume, issue and pages; before there are any, the day it appeared online."""
    volume, issue, pages = _text(csl, "volume"), _text(csl, "issue"), _pages(csl, "number")
    if not (volume or issue or pages):
        return _labelled("Published online", _day(csl, "issued"))
    where = volume + (f"({issue})" if issue else "")
    return _joined(";", year(csl), _joined(":", where, pages))


def _imprint(csl: Csl) -> str:
    """Publisher, year and pages; a body that publishes its own work is not named twice."""
    publisher = _text(csl, "publisher")
    if publisher in [_surname(name) for name in _names(csl, "author")]:
        publisher = ""
    return _joined("; ", publisher, _joined(":", year(csl), _pages(csl)))


def _number(csl: Csl) -> str:
    return _joined(" ", _text(csl, "genre"), _text(csl, "number"))


def _degree(csl: Csl) -> str:
    return _text(csl, "genre") or "Dissertation"


def _posted(csl: Csl) -> str:
    return _labelled("Preprint posted online", _day(csl, "issued")) or "Preprint"


def _published(csl: Csl) -> str:
    return _labelled("Published", _day(csl, "issued"))


def _accessed(csl: Csl) -> str:
    return _labelled("Accessed", _day(csl, "accessed"))


Sentence = Callable[[Csl], str]

_ARTICLE: tuple[Sentence, ...] = (_authors, _title, _journal, _numeration)
_BOOK: tuple[Sentence, ...] = (_authors, _work_title, _volume_of_book, _edition, _imprint)
_TALK: tuple[Sentence, ...] = (_authors, _title, _host)
_CHAPTER: tuple[Sentence, ...] = (_authors, _title, _host, _volume_of_book, _edition, _imprint)
_REPORT: tuple[Sentence, ...] = (_authors, _work_title, _imprint, _number, _accessed)
_WEBPAGE: tuple[Sentence, ...] = (_authors, _title, _site, _published, _accessed)

_LAYOUTS: dict[str, tuple[Sentence, ...]] = {
    "article": (_authors, _title, _site, _posted),
    "article-journal": _ARTICLE,
    "article-magazine": _ARTICLE,
    "article-newspaper": _ARTICLE,
    "book": _BOOK,
    "chapter": _CHAPTER,
    "entry-encyclopedia": _CHAPTER,
    "paper-conference": _CHAPTER,
    "post": _WEBPAGE,
    "post-weblog": _WEBPAGE,
    "report": _REPORT,
    "review": _ARTICLE,
    "thesis": (_authors, _work_title, _degree, _imprint, _accessed),
    "webpage": _WEBPAGE,
}


def _layout(csl: Csl) -> tuple[Sentence, ...]:
    if _text(csl, "type") == "paper-conference" and not _text(csl, "container-title"):
        return _TALK
    return _LAYOUTS.get(_text(csl, "type"), _ARTICLE if _journal(csl) else _REPORT)


# Small pieces


def _pages(csl: Csl, *more: str) -> str:
    """Pages, or the number that stands for them, with a plain hyphen in ranges."""
    return re.sub(r"\s*[‐‑‒–—]\s*", "-", _text(csl, "page", "article-number", *more))


def _day(csl: Csl, key: str) -> str:
    """A date as AMA writes it, "March 5, 2026", as far as known, or in its own words."""
    parts, literal = _date(csl, key)
    if len(parts) < 2 or not 1 <= parts[1] <= len(_MONTHS):
        return str(parts[0]) if parts else literal
    day = f" {parts[2]}," if len(parts) > 2 else ""
    return f"{_MONTHS[parts[1] - 1]}{day} {parts[0]}"


def _labelled(label: str, value: str) -> str:
    return f"{label} {value}" if value else ""


def _joined(separator: str, *parts: str) -> str:
    return separator.join(filter(None, parts))


def _work(title: str) -> str:
    return format_html('<span class="journal">{}</span>', _rich(title)) if title else ""


def _rich(text: str) -> SafeString:
    """CSL's rich text as HTML: `sub` and `sup` stay, italics and bold go, all else is escaped."""
    text = " ".join(_DROPPED_TAGS.sub("", text).split())
    before, *raised = _RAISED_TEXT.split(text)
    triples = zip(raised[0::3], raised[1::3], raised[2::3], strict=True)
    return format_html("{}", before) + format_html_join("", "<{0}>{1}</{0}>{2}", triples)


def _sentence(part: str) -> SafeString:
    """As HTML, closed by a dot unless it ends in a mark that closes it already."""
    markup = conditional_escape(part)
    end = _plain(markup).rstrip("\"'”’»)")[-1:]
    return markup if end in ("", ".", "?", "!") else format_html("{}.", markup)


def _plain(markup: str) -> str:
    return html.unescape(_TAGS.sub("", markup))
