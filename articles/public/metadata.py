"""Articles and their sources as reference managers read them out of a page.

Two ways, because readers of pages know one or the other: meta elements in the words of Highwire
Press (https://scholar.google.com/intl/en/scholar/inclusion.html#indexing) and of Dublin Core for
the article, and a COinS span (OpenURL 1.0, ANSI/NISO Z39.88-2004) for the article and each source.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from articles.models import Edition
from articles.references.csl import Csl, is_rest, joined, names_of, surname, text_of
from articles.references.styles import ama
from clinic.site import page_context, structured_data

Pairs = Iterator[tuple[str, str]]

_JOURNALS = {"article-journal", "article-magazine", "article-newspaper", "review"}
_BOOKS = {"book": "book", "chapter": "bookitem", "entry-encyclopedia": "bookitem"}


def of_edition(context: Mapping[str, Any]) -> SafeString:
    """The meta elements of an article's page. `context` as articles.public.article_page makes
    it."""
    edition: Edition = context["edition"]
    csl = csl_of(edition)
    pairs = [
        *_highwire(csl, edition),
        *(("citation_reference", _reference(source["csl"])) for source in context["sources"]),
        ("DC.title", edition.title),
        *(("DC.creator", name["literal"]) for name in csl["author"]),
        ("DC.date", edition.goes_live_at.date().isoformat()),
        ("DC.publisher", csl["publisher"]),
        ("DC.identifier", csl["URL"]),
        ("DC.language", get_language() or ""),
    ]
    return format_html_join(
        "\n", '<meta name="{}" content="{}">', (pair for pair in pairs if pair[1])
    )


def csl_of(edition: Edition) -> dict[str, Any]:
    """The article as a source that others may cite."""
    day = edition.goes_live_at.date()
    clinic = page_context.current().clinic.full_name
    return {
        "type": "webpage",
        "title": edition.title,
        "author": [{"literal": edition.author_name or clinic}],
        "container-title": clinic,
        "publisher": clinic,
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "URL": structured_data.absolute(edition.get_absolute_url()),
    }


def coins(csl: Csl) -> SafeString:
    """An empty span that says what a source is."""
    return format_html('<span class="Z3988" title="{}"></span>', urlencode(list(_openurl(csl))))


def _highwire(csl: Csl, edition: Edition) -> Pairs:
    yield "citation_title", edition.title
    for name in csl["author"]:
        yield "citation_author", name["literal"]
    yield "citation_publication_date", f"{edition.first_live_at:%Y/%m/%d}"
    yield "citation_online_date", f"{edition.goes_live_at:%Y/%m/%d}"
    yield "citation_publisher", csl["publisher"]
    yield "citation_language", get_language() or ""
    yield "citation_public_url", csl["URL"]


def _reference(csl: Csl) -> str:
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
