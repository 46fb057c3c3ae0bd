"""An article in the words of schema.org."""

from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from articles import ama
from articles.models import Edition
from articles.models.article import Kind
from clinic import structured


def of_edition(context: dict[str, Any]) -> SafeString:
    """MedicalWebPage or WebPage with its breadcrumbs; the questions as FAQPage. `context` as
    articles.page makes it."""
    edition: Edition = context["edition"]
    address = structured.absolute(edition.get_absolute_url())
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
        "image": structured.picture(edition.hero),
        "publisher": {"@id": structured.clinic_id()},
        "breadcrumb": structured.crumbs(*steps),
        "about": [{"@type": "Thing", "name": topic["name"]} for topic in edition.topic_list],
        "citation": [_citation(source) for source in context["sources"]],
    }
    if author := context["author"]:
        page["author"] = structured.of_practitioner(author)
    elif edition.author_name:
        page["author"] = {"@type": "Person", "name": edition.author_name}
    if stamp := context["review"]:
        page["lastReviewed"] = stamp.signed_at.date().isoformat()
        page["reviewedBy"] = (
            structured.of_practitioner(stamp.practitioner)
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
    return structured.graph(*things)


def _citation(source: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "ScholarlyArticle"
        if source["csl"].get("type") == "article-journal"
        else "CreativeWork",
        "name": ama.plain_title(source["csl"]),
        "url": source["doi_url"] or source["pmid_url"] or source["url"],
        "identifier": f"doi:{source['doi']}" if source["doi"] else None,
        "datePublished": ama.year(source["csl"]),
    }
