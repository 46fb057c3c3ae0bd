"""References in the style of the National Library of Medicine ("Vancouver"), from CSL-JSON.

After Citing Medicine (2nd edition) as the ICMJE's sample references apply it: six authors and
"et al", months in three letters, the last page shortened, nothing in italics. The functions are
those of articles.ama, so that a clinic can have either style.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from articles import ama
from articles.csljson import (
    Csl,
    date_of,
    joined,
    labelled,
    names_of,
    plain,
    rich,
    sentence,
    text_of,
)

MOST_AUTHORS = 6

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def format_reference(csl: Csl) -> SafeString:
    """The list entry as HTML: text, `sub` and `sup`. DOI and address are links beside it."""
    parts = [sentence(part(csl)) for part in _layout(csl)]
    return format_html_join(" ", "{}", ((part,) for part in parts if part))


def format_plain(csl: Csl) -> str:
    """The same entry without HTML."""
    return plain(format_reference(csl))


def full_entry(csl: Csl) -> str:
    """The entry as it is printed: with the DOI at its end, or where there is none, the address."""
    if doi := ama.doi_url(csl).removeprefix("https://doi.org/"):
        return f"{format_plain(csl)} doi: {unquote(doi)}."
    return joined(" ", format_plain(csl), labelled("Available from:", ama.web_url(csl)))


# The sentences of an entry, as in articles.ama.


def _authors(csl: Csl) -> str:
    return ama.people(names_of(csl, "author"), MOST_AUTHORS, MOST_AUTHORS) or _editors(csl)


def _editors(csl: Csl) -> str:
    editors = names_of(csl, "editor")
    word = "editors" if len(editors) > 1 else "editor"
    return f"{ama.people(editors, MOST_AUTHORS, MOST_AUTHORS)}, {word}" if editors else ""


def _title(csl: Csl) -> str:
    return rich(text_of(csl, "title"))


def _marked_title(csl: Csl) -> str:
    """A title with what kind of thing it is, in brackets: no journal or book says it."""
    mark = {"thesis": "dissertation", "webpage": "Internet"}.get(text_of(csl, "type"), "Internet")
    return format_html("{} [{}]", _title(csl), mark)


def _journal(csl: Csl) -> str:
    short = text_of(csl, "container-title-short", "journalAbbreviation").replace(".", "")
    return rich(short.strip() or text_of(csl, "container-title"))


def _server(csl: Csl) -> str:
    return f"{text_of(csl, 'container-title', 'publisher')} [Preprint]".strip()


def _host(csl: Csl) -> str:
    book = rich(text_of(csl, "container-title"))
    editors = sentence(_editors(csl)) if names_of(csl, "author") else ""
    return format_html("In: {}{}{}", editors, " " if editors else "", book) if book else ""


def _numeration(csl: Csl) -> str:
    """Date;volume(issue):pages. A supplement to a volume stands outside the brackets."""
    volume, issue = text_of(csl, "volume"), text_of(csl, "issue")
    if supplement := text_of(csl, "supplement-number"):
        issue = joined(" ", issue, f"Suppl {supplement}")
    if issue.startswith("Suppl"):
        where = f"{volume} {issue}"
    else:
        where = volume + (f"({issue})" if issue else "")
    pages = _pages(csl, "number")
    if not where:
        return joined(":", _day(csl, "issued"), pages)
    return joined(";", _day(csl, "issued"), joined(":", where, pages))


def _imprint(csl: Csl) -> str:
    """Place: publisher; year."""
    publisher = joined(": ", text_of(csl, "publisher-place"), text_of(csl, "publisher"))
    return joined("; ", publisher, ama.year(csl))


def _imprint_online(csl: Csl) -> str:
    """Place: publisher; date [cited date]. The site stands in for a publisher."""
    name = text_of(csl, "publisher", "container-title")
    publisher = joined(": ", text_of(csl, "publisher-place"), name)
    cited = labelled("cited", _day(csl, "accessed"))
    date = joined(" ", _day(csl, "issued"), f"[{cited}]" if cited else "")
    return joined("; ", publisher, date)


def _book_pages(csl: Csl) -> str:
    return labelled("p.", _pages(csl))


def _report_number(csl: Csl) -> str:
    number = text_of(csl, "number")
    return labelled("Report No.:", number)


Sentence = Callable[[Csl], str]

_ARTICLE: tuple[Sentence, ...] = (_authors, _title, _journal, _numeration)
_BOOK: tuple[Sentence, ...] = (_authors, _title, ama.edition_of, _imprint)
_CHAPTER: tuple[Sentence, ...] = (_authors, _title, _host, ama.edition_of, _imprint, _book_pages)
_WEBPAGE: tuple[Sentence, ...] = (_authors, _marked_title, _imprint_online)

_LAYOUTS: dict[str, tuple[Sentence, ...]] = {
    "article": (_authors, _title, _server, _numeration),
    "article-journal": _ARTICLE,
    "article-magazine": _ARTICLE,
    "article-newspaper": _ARTICLE,
    "book": _BOOK,
    "chapter": _CHAPTER,
    "entry-encyclopedia": _CHAPTER,
    "paper-conference": _CHAPTER,
    "post": _WEBPAGE,
    "post-weblog": _WEBPAGE,
    "report": (*_BOOK, _report_number),
    "thesis": (_authors, _marked_title, _imprint),
    "webpage": _WEBPAGE,
}


def _layout(csl: Csl) -> tuple[Sentence, ...]:
    return _LAYOUTS.get(text_of(csl, "type"), _ARTICLE if _journal(csl) else _BOOK)


def _pages(csl: Csl, *more: str) -> str:
    """Pages with the last one shortened to the digits that differ: "284-7", "S93-9"."""
    pages = ama.pages_of(csl, *more)
    found = re.fullmatch(r"([A-Za-z]*)(\d+)-\1(\d+)", pages)
    if not found or found[2] == found[3]:
        return pages
    first, last, same = found[2], found[3], 0
    while len(first) == len(last) and first[same] == last[same]:
        same += 1
    return f"{found[1]}{first}-{last[same:]}"


def _day(csl: Csl, key: str) -> str:
    """A date as "2002 Jul 25", as far as known, or in its own words."""
    parts, literal = date_of(csl, key)
    if len(parts) > 1 and 1 <= parts[1] <= len(_MONTHS):
        return joined(" ", str(parts[0]), _MONTHS[parts[1] - 1], *map(str, parts[2:3]))
    return str(parts[0]) if parts else literal
