"""A source as reference managers and search engines read it out of a page.

COinS (OpenURL 1.0, ANSI/NISO Z39.88-2004), the words of Highwire Press
(https://scholar.google.com/intl/en/scholar/inclusion.html#indexing) and of schema.org. All three
are made when a text is rendered, and lie beside the printed entry.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.references.csl import Csl, date_of, is_rest, joined, names_of, surname, text_of
from articles.references.styles import ama

Pairs = Iterator[tuple[str, str]]

_JOURNALS = {"article-journal", "article-magazine", "article-newspaper", "review"}
_BOOKS = {"book": "book", "chapter": "bookitem", "entry-encyclopedia": "bookitem"}
# CSL's types of sources: what schema.org calls them, and what they stand in.
_TYPES = {
    "article": ("ScholarlyArticle", "WebSite"),  # a preprint
    "article-journal": ("ScholarlyArticle", "Periodical"),
    "article-magazine": ("Article", "Periodical"),
    "article-newspaper": ("NewsArticle", "Newspaper"),
    "book": ("Book", "BookSeries"),
    "chapter": ("Chapter", "Book"),
    "entry-encyclopedia": ("Chapter", "Book"),
    "paper-conference": ("ScholarlyArticle", "Book"),
    "post": ("WebPage", "WebSite"),
    "post-weblog": ("BlogPosting", "Blog"),
    "report": ("Report", "CreativeWorkSeries"),
    "thesis": ("Thesis", "CreativeWork"),
    "webpage": ("WebPage", "WebSite"),
}
_OTHERS = ("CreativeWork", "CreativeWork")


def coins(csl: Csl) -> SafeString:
    """An empty span that says what a source is."""
    return format_html('<span class="Z3988" title="{}"></span>', urlencode(list(_openurl(csl))))


def highwire(csl: Csl) -> str:
    """One source in one value, its parts divided by semicolons as Highwire has them."""
    parts = [
        ("citation_title", ama.plain_title(csl)),
        *(("citation_author", name) for name in _names(csl)),
        ("citation_journal_title", _text(csl, "container-title")),
        ("citation_publication_date", ama.year(csl)),
        ("citation_volume", _text(csl, "volume")),
        ("citation_issue", _text(csl, "issue")),
        ("citation_doi", _bare_doi(csl)),
        ("citation_pmid", _text(csl, "PMID")),
    ]
    return "; ".join(f"{name}={value.replace(';', ',')}" for name, value in parts if value)


def of_source(source: Mapping[str, Any]) -> dict[str, Any]:
    """A cited source, as far as it is known. `source` as articles.manuscript.citations lists it."""
    csl: Csl = source["csl"]
    kind, host = _TYPES.get(text_of(csl, "type"), _OTHERS)
    addresses = [url for url in (source["doi_url"], source["pmid_url"], source["url"]) if url]
    container = text_of(csl, "container-title")
    return {
        "@type": kind,
        "name": ama.plain_title(csl),
        "author": [_author(name) for name in names_of(csl, "author") if not is_rest(name)],
        "datePublished": _day_of_issue(csl),
        "isPartOf": {"@type": host, "name": container, "issn": _issn(csl)} if container else None,
        "url": addresses[0] if addresses else None,
        "sameAs": addresses[1:],
        "identifier": [
            f"{scheme}:{source[scheme]}" for scheme in ("doi", "pmid") if source[scheme]
        ],
    }


def _author(name: Csl) -> dict[str, str]:
    """A person under the name as it is spoken, or a body."""
    if text_of(name, "literal"):
        return {"@type": "Organization", "name": surname(name)}
    particle = text_of(name, "dropping-particle")
    given = text_of(name, "given") if text_of(name, "family") else ""
    spoken = joined(" ", given, particle, surname(name), text_of(name, "suffix"))
    return {"@type": "Person", "name": spoken}


def _day_of_issue(csl: Csl) -> str:
    """ISO 8601 as far as the day is known: 2023-02-01, 2023-02 or 2023."""
    parts, _words = date_of(csl, "issued")
    try:
        date(*[*parts, 1, 1][:3])
    except (TypeError, ValueError, OverflowError):  # no parts, or no day of the calendar
        return ama.year(csl)
    return "-".join(f"{part:02}" for part in parts[:3])


def _issn(csl: Csl) -> list[str]:
    return text_of(csl, "ISSN").replace(",", " ").split()


def _openurl(csl: Csl) -> Pairs:
    yield "ctx_ver", "Z39.88-2004"
    kind = _text(csl, "type")
    if kind in _JOURNALS:
        pairs = _openurl_journal(csl)
    elif kind in _BOOKS:
        pairs = _openurl_book(csl, _BOOKS[kind])
    else:
        pairs = _openurl_other(csl)
    yield from ((name, value) for name, value in pairs if value)
    if doi := _bare_doi(csl):
        yield "rft_id", f"info:doi/{doi}"
    if pmid := _text(csl, "PMID"):
        yield "rft_id", f"info:pmid/{pmid}"
    elif not doi and (url := ama.web_url(csl)):
        yield "rft_id", url


def _openurl_journal(csl: Csl) -> Pairs:
    yield "rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"
    yield "rft.genre", "article"
    yield "rft.atitle", ama.plain_title(csl)
    yield "rft.jtitle", _text(csl, "container-title")
    yield "rft.stitle", _text(csl, "container-title-short")
    for name in ("volume", "issue"):
        yield f"rft.{name}", _text(csl, name)
    yield "rft.pages", _text(csl, "page") or _text(csl, "article-number")
    yield "rft.issn", _text(csl, "ISSN").split(",")[0]  # of print and online one is enough
    yield from _openurl_who_and_when(csl, "rft.au")


def _openurl_book(csl: Csl, genre: str) -> Pairs:
    yield "rft_val_fmt", "info:ofi/fmt:kev:mtx:book"
    yield "rft.genre", genre
    if genre == "bookitem":
        yield "rft.atitle", ama.plain_title(csl)
        yield "rft.btitle", _text(csl, "container-title")
    else:
        yield "rft.btitle", ama.plain_title(csl)
    yield "rft.edition", _text(csl, "edition")
    yield "rft.pub", _text(csl, "publisher")
    yield "rft.place", _text(csl, "publisher-place")
    yield "rft.pages", _text(csl, "page")
    yield "rft.isbn", _text(csl, "ISBN")
    yield from _openurl_who_and_when(csl, "rft.au")


def _openurl_other(csl: Csl) -> Pairs:
    """Dublin Core, whose `type` readers of COinS take as the kind of item."""
    kinds = {"thesis": "thesis", "report": "report", "webpage": "webpage", "article": "preprint"}
    yield "rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"
    yield "rft.type", kinds.get(_text(csl, "type"), "document")
    yield "rft.title", ama.plain_title(csl)
    yield "rft.source", _text(csl, "container-title")
    yield "rft.publisher", _text(csl, "publisher")
    yield "rft.identifier", ama.web_url(csl)
    yield from _openurl_who_and_when(csl, "rft.creator")


def _openurl_who_and_when(csl: Csl, author: str) -> Pairs:
    yield from ((author, name) for name in _names(csl))
    yield "rft.date", ama.year(csl)


def _names(csl: Csl) -> list[str]:
    """Of people “van Tulder, Maurits W”, of bodies their name; without the “others” that a source
    did not name."""
    return [_name(name) for name in names_of(csl, "author") if not is_rest(name)]


def _name(name: Csl) -> str:
    if text_of(name, "literal") or not text_of(name, "family"):
        return surname(name)
    given = joined(" ", text_of(name, "given"), text_of(name, "dropping-particle"))
    return joined(", ", surname(name), given, text_of(name, "suffix"))


def _text(csl: Csl, name: str) -> str:
    value = csl.get(name)
    return " ".join(str(value).split()) if isinstance(value, str | int) else ""


def _bare_doi(csl: Csl) -> str:
    return ama.doi_url(csl).removeprefix("https://doi.org/")
