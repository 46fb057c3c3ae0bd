"""An article, and the sources that it cites, in the words of schema.org."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from articles.models import Edition
from articles.models.choices import Kind
from articles.references.csl import Csl, date_of, is_rest, joined, names_of, surname, text_of
from articles.references.styles import ama
from clinic.site import structured_data

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


def of_edition(context: dict[str, Any]) -> SafeString:
    """MedicalWebPage or WebPage with its breadcrumbs; the questions as FAQPage. `context` as
    articles.public.article_page makes it."""
    edition: Edition = context["edition"]
    address = structured_data.absolute(edition.get_absolute_url())
    is_article = edition.kind == Kind.ARTICLE
    steps = [(_("Home"), "/")]
    if is_article:
        topic = context["topic"]
        steps.append(
            (topic.name, topic.get_absolute_url())
            if topic
            else (_("Articles"), reverse("articles:list"))
        )
    steps.append((edition.title, edition.get_absolute_url()))
    page = {
        "@type": "MedicalWebPage" if is_article else "WebPage",
        "@id": address,
        "url": address,
        "name": edition.title,
        "headline": edition.title,
        "description": edition.seo_description or edition.summary,
        "inLanguage": get_language(),
        "datePublished": edition.first_live_at.isoformat(),
        "dateModified": edition.goes_live_at.isoformat(),
        "image": structured_data.picture(edition.hero),
        "publisher": {"@id": structured_data.clinic_id()},
        "breadcrumb": structured_data.crumbs(*steps),
        "about": [{"@type": "Thing", "name": topic["name"]} for topic in edition.topic_list],
        "citation": [of_source(source) for source in context["sources"]],
    }
    if author := context["author"]:
        page["author"] = structured_data.of_practitioner(author)
    elif edition.author_name:
        page["author"] = {"@type": "Person", "name": edition.author_name}
    if stamp := context["review"]:
        page["lastReviewed"] = stamp.signed_at.date().isoformat()
        page["reviewedBy"] = (
            structured_data.of_practitioner(stamp.practitioner)
            if stamp.practitioner
            else {"@type": "Person", "name": stamp.name}
        )
    things = [page]
    if context["faq"]:
        things.append(
            {
                "@type": "FAQPage",
                "@id": f"{address}#questions",
                "mainEntity": [
                    {
                        "@type": "Question",
                        "name": answer["question"],
                        "acceptedAnswer": {"@type": "Answer", "text": answer["plain"]},
                    }
                    for answer in context["rendering"].faq
                ],
            }
        )
    return structured_data.graph(*things)


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
