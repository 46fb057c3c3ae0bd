"""Articles and their sources as reference managers read them out of a page.

Meta elements in the words of Highwire Press and of Dublin Core for the article; its sources are
described by articles.references.machine_readable.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from articles.models import Edition
from articles.references.csl import Csl
from clinic.site import page_context, structured_data

Pairs = Iterator[tuple[str, str]]


def of_edition(context: Mapping[str, Any]) -> SafeString:
    """The meta elements of an article's page. `context` as articles.public.article_page makes
    it."""
    edition: Edition = context["edition"]
    csl = csl_of(edition)
    pairs = [
        *_highwire(csl, edition),
        *(("citation_reference", source["highwire"]) for source in context["sources"]),
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


def _highwire(csl: Csl, edition: Edition) -> Pairs:
    yield "citation_title", edition.title
    for name in csl["author"]:
        yield "citation_author", name["literal"]
    yield "citation_publication_date", f"{edition.first_live_at:%Y/%m/%d}"
    yield "citation_online_date", f"{edition.goes_live_at:%Y/%m/%d}"
    yield "citation_publisher", csl["publisher"]
    yield "citation_language", get_language() or ""
    yield "citation_public_url", csl["URL"]
