"""References in the style of the National Library of Medicine ("Vancouver"), from CSL-JSON.

After Citing Medicine (2nd edition) as the NLM's "Samples of Formatted References for Authors of
Journal Articles" apply it: six authors and "et al", months in three letters, the last page
shortened, nothing in italics. An English style, like articles.references.styles.ama, whose
functions these are.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote

from django.conf.locale import LANG_INFO
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from articles.references.csl import (
    PAGES,
    Csl,
    date_of,
    hyphens,
    joined,
    labelled,
    names_of,
    people,
    plain,
    range_of,
    rich,
    sentence,
    text_of,
)
from articles.references.styles import ama

MOST_AUTHORS = 6

_SUFFIXES = {"ii": "2nd", "iii": "3rd", "iv": "4th"}
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


# The sentences of an entry, as in articles.references.styles.ama.


def _authors(csl: Csl) -> str:
    return _people(names_of(csl, "author")) or _editors(csl)


def _editors(csl: Csl) -> str:
    editors = names_of(csl, "editor")
    word = "editors" if len(editors) > 1 else "editor"
    return f"{_people(editors)}, {word}" if editors else ""


def _people(names: list[Csl]) -> str:
    return people(names, most=MOST_AUTHORS, before_et_al=MOST_AUTHORS, suffixes=_SUFFIXES)


def _title(csl: Csl) -> str:
    return rich(text_of(csl, "title"))


def _marked_title(csl: Csl) -> str:
    """A title with what kind of thing it is, in brackets, where no journal or printer says it."""
    mark = "Internet" if _is_online(csl) else ""
    if text_of(csl, "type") == "thesis":
        mark = "dissertation on the Internet" if mark else "dissertation"
    title = _title(csl)
    return format_html("{} [{}]", title, mark) if title and mark else title


def _journal(csl: Csl) -> str:
    short = text_of(csl, "container-title-short", "journalAbbreviation").replace(".", "")
    return rich(short.strip() or text_of(csl, "container-title"))


def _newspaper(csl: Csl) -> str:
    """Newspapers are not abbreviated."""
    return rich(text_of(csl, "container-title"))


def _server(csl: Csl) -> str:
    return f"{text_of(csl, 'container-title', 'publisher')} [Preprint]".strip()


def _host(csl: Csl) -> str:
    """The book that a chapter stands in, of a paper with the days and place of its meeting."""
    meeting = text_of(csl, "event-title", "event")
    met = joined("; ", _day(csl, "event-date"), text_of(csl, "event-place"))
    if book := rich(text_of(csl, "container-title")):
        editors = sentence(_editors(csl)) if names_of(csl, "author") else ""
        met = labelled(";", met)
        return format_html("In: {}{}{}{}", editors, " " if editors else "", book, met)
    return labelled("Paper presented at:", joined("; ", meeting, met)) if meeting else ""


def _volume_of_book(csl: Csl) -> str:
    return labelled("Vol.", text_of(csl, "volume"))


def _numeration(csl: Csl) -> str:
    """Date;volume(issue):pages. A supplement to a volume stands outside the brackets."""
    volume, issue = text_of(csl, "volume"), hyphens(text_of(csl, "issue"))
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


def _column(csl: Csl) -> str:
    """Of a newspaper: day;section:page."""
    section = labelled("Sect.", text_of(csl, "section"))
    return joined(";", _day(csl, "issued"), joined(":", section, _pages(csl)))


def _imprint(csl: Csl) -> str:
    """Place: publisher; year."""
    return _published(csl, text_of(csl, "publisher"), ama.year(csl))


def _imprint_of_report(csl: Csl) -> str:
    """Place: publisher; year and month."""
    return _published(csl, text_of(csl, "publisher"), _day(csl, "issued"))


def _imprint_of_site(csl: Csl) -> str:
    """The same; the site stands in for a publisher."""
    return _published(csl, text_of(csl, "publisher", "container-title"), _day(csl, "issued"))


def _published(csl: Csl, name: str, date: str) -> str:
    """Place: publisher; date [cited date]: the last of what is read online, where it may change."""
    publisher = joined(": ", text_of(csl, "publisher-place"), name)
    cited = labelled("cited", _day(csl, "accessed")) if _is_online(csl) else ""
    return joined("; ", publisher, joined(" ", date, f"[{cited}]" if cited else ""))


def _book_pages(csl: Csl) -> str:
    return labelled("p.", _pages(csl))


def _report_number(csl: Csl) -> str:
    return labelled("Report No.:", text_of(csl, "number"))


def _language(csl: Csl) -> str:
    """What a text is written in, if not English: "Norwegian"."""
    language = text_of(csl, "language")
    code = re.split(r"[-_]", language.lower())[0]
    name = str(LANG_INFO.get(code, {}).get("name", language if len(code) > 3 else ""))
    return "" if name.lower() == "english" else name


Sentence = Callable[[Csl], str]

_ARTICLE: tuple[Sentence, ...] = (_authors, _title, _journal, _numeration, _language)
_BOOK: tuple[Sentence, ...] = (
    _authors,
    _marked_title,
    _volume_of_book,
    ama.edition_of,
    _imprint,
    _language,
)
_CHAPTER: tuple[Sentence, ...] = (
    _authors,
    _title,
    _host,
    _volume_of_book,
    ama.edition_of,
    _imprint,
    _book_pages,
    _language,
)
_REPORT: tuple[Sentence, ...] = (
    _authors,
    _marked_title,
    ama.edition_of,
    _imprint_of_report,
    _report_number,
    _language,
)
_WEBPAGE: tuple[Sentence, ...] = (_authors, _marked_title, _imprint_of_site, _language)

_LAYOUTS: dict[str, tuple[Sentence, ...]] = {
    "article": (_authors, _title, _server, _numeration, _language),
    "article-journal": _ARTICLE,
    "article-magazine": _ARTICLE,
    "article-newspaper": (_authors, _title, _newspaper, _column, _language),
    "book": _BOOK,
    "chapter": _CHAPTER,
    "entry-encyclopedia": _CHAPTER,
    "paper-conference": _CHAPTER,
    "post": _WEBPAGE,
    "post-weblog": _WEBPAGE,
    "report": _REPORT,
    "review": _ARTICLE,
    "thesis": (_authors, _marked_title, _imprint, _language),
    "webpage": _WEBPAGE,
}


def _layout(csl: Csl) -> tuple[Sentence, ...]:
    return _LAYOUTS.get(text_of(csl, "type"), _ARTICLE if _journal(csl) else _REPORT)


# Small pieces


def _is_online(csl: Csl) -> bool:
    """Whether it is read at an address that may change: a DOI is for ever."""
    is_page = text_of(csl, "type") in ("webpage", "post", "post-weblog")
    return is_page or bool(ama.web_url(csl) and not ama.doi_url(csl))


def _pages(csl: Csl, *more: str) -> str:
    """Pages with the last one shortened to the digits that differ: "284-7", "S93-9"."""
    return PAGES.sub(_shortened, ama.pages_of(csl, *more))


def _shortened(found: re.Match[str]) -> str:
    letters, first, more_letters, last = found.groups()
    if letters != more_letters:
        return found.group()
    same = 0
    while len(first) == len(last) and first[same] == last[same]:
        same += 1
    return f"{letters}{first}-{last[same:]}"


def _day(csl: Csl, key: str) -> str:
    """A date as "2002 Jul 25", as far as known, or in its own words. Of days in a row, as of a
    meeting, from the first to the last: "2002 Apr 3-5", "2002 Apr 30-May 2"."""
    first, last = range_of(csl, key)
    if not first:
        return date_of(csl, key)[1]
    begins = _words(first)
    if last[:1] != first[:1]:
        return joined("-", begins, _words(last))
    differs = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return joined("-", begins, _words(last, differs)) if differs else begins


def _words(parts: list[int], start: int = 0) -> str:
    """Year, month and day, from the part of this number on."""
    if len(parts) > 1 and not 1 <= parts[1] <= len(_MONTHS):
        parts = parts[:1]
    words = [str(part) if n != 1 else _MONTHS[part - 1] for n, part in enumerate(parts)]
    return " ".join(words[start:])
