"""An article, and the sources that it cites, in the words of schema.org."""

import json
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from articles.models import Edition
from articles.models.choices import Kind
from clinic.site import structured_data


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
        "citation": [_in_order(source["schema"]) for source in context["sources"]],
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


def _in_order(stored: dict[str, Any]) -> Any:
    """The same with its keys in order: PostgreSQL keeps none, and a page is the same either way."""
    return json.loads(json.dumps(stored, sort_keys=True))
