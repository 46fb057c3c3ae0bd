"""References in the style of the AMA Manual of Style, 11th edition (chapter 3), from CSL-JSON.

CSL-JSON is what reference managers and registries exchange. `_LAYOUTS` says for each type of
source which sentences make up its entry. AMA is an English style: its own words ("In:",
"Accessed", "et al", months) are part of it and are not translated.

No function here raises on decoded JSON: what is missing or has another shape is left out.
DOI, PubMed number and web address are not in the text of `format_reference`; they are links
beside it. `full_entry` is the entry as AMA prints it, with them.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from articles.references.csl import (
    Csl,
    date_of,
    full_ranges,
    hyphens,
    is_rest,
    joined,
    labelled,
    names_of,
    people,
    plain,
    rich,
    sentence,
    surname,
    text_of,
    work,
)

MOST_AUTHORS = 6  # AMA 3.7: up to six are all named, of seven or more the first three
AUTHORS_BEFORE_ET_AL = 3
TITLE_WORDS = 6  # of a source without author, in the text

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
# AMA 3.7 prefers II and III to the NLM's 2nd and 3rd.
_SUFFIXES = {"2nd": "II", "3rd": "III", "4th": "IV", "ii": "II", "iii": "III", "iv": "IV"}
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_DOI_PREFIX = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


def format_reference(csl: Csl) -> SafeString:
    """The list entry as HTML: text, `sub`, `sup` and `<span class="journal">` round the names of
    journals and books (what AMA sets in italics)."""
    parts = [sentence(part(csl)) for part in _layout(csl)]
    return format_html_join(" ", "{}", ((part,) for part in parts if part))


def format_plain(csl: Csl) -> str:
    """The same entry without HTML, as it reads on paper."""
    return plain(format_reference(csl))


def full_entry(csl: Csl) -> str:
    """The entry as AMA prints it: with the DOI at its end, or where there is none, the address."""
    doi = doi_url(csl).removeprefix("https://doi.org/")
    return joined(" ", format_plain(csl), f"doi:{unquote(doi)}" if doi else web_url(csl))


def short_name(csl: Csl) -> str:
    """How the running text names a source: "Hu, 2018", "Hu and Gao, 2018", "Chys et al., 2023".

    Without author or editor its first title words stand in; without a year no year is given.
    """
    names = names_of(csl, "author") or names_of(csl, "editor")
    if len(names) > 2 or any(map(is_rest, names[1:])):
        who = f"{surname(names[0])} et al."
    elif names:
        who = " and ".join(map(surname, names))
    else:
        words = plain_title(csl).split()
        who = " ".join(words[:TITLE_WORDS]) + ("…" if len(words) > TITLE_WORDS else "")
    return ", ".join(filter(None, [who, year(csl)]))


def plain_title(csl: Csl) -> str:
    """The title without its markup."""
    return plain(_title(csl))


def year(csl: Csl) -> str:
    """The year of issue in four digits, or an empty string."""
    parts, literal = date_of(csl, "issued")
    if parts:
        return str(parts[0])
    found = _YEAR.search(literal)
    return found.group() if found else ""


def doi_url(csl: Csl) -> str:
    """The https address of the DOI (given bare, with "doi:" or as an address); empty if none."""
    doi = _DOI_PREFIX.sub("", text_of(csl, "DOI"))
    return f"https://doi.org/{quote(doi, safe='/:;()._-')}" if _DOI.fullmatch(doi) else ""


def pmid_url(csl: Csl) -> str:
    """The page of the source in PubMed, or an empty string."""
    pmid = text_of(csl, "PMID")
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if re.fullmatch(r"[0-9]+", pmid) else ""


def web_url(csl: Csl) -> str:
    """The address given with the source if it is http or https, or an empty string."""
    url = text_of(csl, "URL")
    return url if re.fullmatch(r"https?://\S+", url, re.IGNORECASE) else ""


# The sentences of an entry. Each takes the source and gives text, which is escaped at the end, or
# a SafeString that is HTML already; an empty one is left out.


def _authors(csl: Csl) -> str:
    return _people(names_of(csl, "author")) or _editors(csl)


def _editors(csl: Csl) -> str:
    editors = names_of(csl, "editor")
    return f"{_people(editors)}, {'eds' if len(editors) > 1 else 'ed'}" if editors else ""


def _people(names: list[Csl]) -> str:
    return people(names, most=MOST_AUTHORS, before_et_al=AUTHORS_BEFORE_ET_AL, suffixes=_SUFFIXES)


def _title(csl: Csl) -> str:
    return rich(text_of(csl, "title"))


def _work_title(csl: Csl) -> str:
    return work(text_of(csl, "title"))


def _journal(csl: Csl) -> str:
    short = text_of(csl, "container-title-short", "journalAbbreviation").replace(".", "")
    return work(short.strip() or text_of(csl, "container-title"))


def _newspaper(csl: Csl) -> str:
    """Newspapers are not abbreviated (AMA 3.13.1)."""
    return work(text_of(csl, "container-title"))


def _site(csl: Csl) -> str:
    return rich(text_of(csl, "container-title", "publisher"))


def _host(csl: Csl) -> str:
    """The book a chapter stands in, or the meeting a paper was read at."""
    if book := work(text_of(csl, "container-title")):
        editors = _editors(csl) if names_of(csl, "author") else ""
        return format_html("In: {}{}{}", sentence(editors), " " if editors else "", book)
    meeting, place = text_of(csl, "event-title", "event"), text_of(csl, "event-place")
    return f"Presented at: {joined('; ', meeting, _day(csl, 'issued'), place)}" if meeting else ""


def edition_of(csl: Csl) -> str:
    """From the second edition on: AMA does not name the first."""
    edition = re.sub(r"(?<!\s)\s++(?:ed|edition)\.?$", "", text_of(csl, "edition"))
    if edition in ("", "1", "1st"):
        return ""
    if re.fullmatch(r"[0-9]{1,3}", edition):
        ending = {"1": "st", "2": "nd", "3": "rd"}.get(edition[-1], "th")
        edition += "th" if edition[-2:] in ("11", "12", "13") else ending
    return f"{edition} ed"


def _volume_of_book(csl: Csl) -> str:
    volume = text_of(csl, "volume")
    return f"Vol {volume}" if volume else ""


def _numeration(csl: Csl) -> str:
    """Year, volume, issue and pages; before there are any, the day it appeared online."""
    volume, issue, pages = text_of(csl, "volume"), _issue(csl), pages_of(csl, "number")
    if not (volume or issue or pages):
        return labelled("Published online", _day(csl, "issued"))
    if not (volume or issue):
        return joined(":", _day(csl, "issued"), pages)
    where = volume + (f"({issue})" if issue else "")
    return joined(";", year(csl), joined(":", where, pages))


def _column(csl: Csl) -> str:
    """Of a newspaper: day:section and page."""
    section, page = text_of(csl, "section"), pages_of(csl)
    where = page if page.startswith(section) else section + page
    return joined(":", _day(csl, "issued"), where)


def _issue(csl: Csl) -> str:
    """Issue, supplement and part; AMA writes "suppl" and "pt" small."""
    supplement = text_of(csl, "supplement-number")
    issue = joined(" ", hyphens(text_of(csl, "issue")), f"suppl {supplement}" if supplement else "")
    return re.sub(r"\b(Suppl|Pt)\b\.?", lambda found: found[1].lower(), issue)


def _imprint(csl: Csl) -> str:
    """Publisher, year and pages."""
    return joined("; ", text_of(csl, "publisher"), joined(":", year(csl), pages_of(csl)))


def _imprint_of_report(csl: Csl) -> str:
    """The same (AMA 3.13.2); without a publisher the day, as far as known."""
    if text_of(csl, "publisher"):
        return _imprint(csl)
    return joined(":", _day(csl, "issued"), pages_of(csl))


def _series(csl: Csl) -> str:
    series, number = text_of(csl, "collection-title"), text_of(csl, "collection-number")
    return joined(" ", series, f"no. {number}" if number.isdigit() else number) if series else ""


def _number(csl: Csl) -> str:
    return joined(" ", text_of(csl, "genre"), text_of(csl, "number"))


def _degree(csl: Csl) -> str:
    return text_of(csl, "genre") or "Dissertation"


def _posted(csl: Csl) -> str:
    return labelled("Preprint posted online", _day(csl, "issued")) or "Preprint"


def _issued(csl: Csl) -> str:
    """The day without a word before it (AMA 3.15.3; the 10th edition wrote "Published")."""
    return _day(csl, "issued")


def _accessed(csl: Csl) -> str:
    """Only of what has no DOI: that is for ever."""
    if doi_url(csl):
        return ""
    return labelled("Accessed", _day(csl, "accessed"))


def _accessed_online(csl: Csl) -> str:
    """Of what is printed too, only where the address is given."""
    return _accessed(csl) if web_url(csl) else ""


Sentence = Callable[[Csl], str]

_ARTICLE: tuple[Sentence, ...] = (_authors, _title, _journal, _numeration, _accessed_online)
_BOOK: tuple[Sentence, ...] = (
    _authors,
    _work_title,
    _volume_of_book,
    edition_of,
    _imprint,
    _accessed,
)
_TALK: tuple[Sentence, ...] = (_authors, _title, _host)
_CHAPTER: tuple[Sentence, ...] = (
    _authors,
    _title,
    _host,
    _volume_of_book,
    edition_of,
    _imprint,
    _accessed,
)
_REPORT: tuple[Sentence, ...] = (
    _authors,
    _work_title,
    _imprint_of_report,
    _series,
    _number,
    _accessed,
)
_WEBPAGE: tuple[Sentence, ...] = (_authors, _title, _site, _issued, _accessed)

_LAYOUTS: dict[str, tuple[Sentence, ...]] = {
    "article": (_authors, _title, _site, _posted),
    "article-journal": _ARTICLE,
    "article-magazine": _ARTICLE,
    "article-newspaper": (_authors, _title, _newspaper, _column, _accessed_online),
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
    if text_of(csl, "type") == "paper-conference" and not text_of(csl, "container-title"):
        return _TALK
    return _LAYOUTS.get(text_of(csl, "type"), _ARTICLE if _journal(csl) else _REPORT)


# Small pieces


def pages_of(csl: Csl, *more: str) -> str:
    """Pages with all their digits, or the number that stands for them."""
    if pages := text_of(csl, "page"):
        return full_ranges(hyphens(pages))
    return hyphens(text_of(csl, "article-number", *more))


def _day(csl: Csl, key: str) -> str:
    """A date as AMA writes it, "March 5, 2026", as far as known, or in its own words."""
    parts, literal = date_of(csl, key)
    if len(parts) < 2 or not 1 <= parts[1] <= len(_MONTHS):
        return str(parts[0]) if parts else literal
    day = f" {parts[2]}," if len(parts) > 2 else ""
    return f"{_MONTHS[parts[1] - 1]}{day} {parts[0]}"
