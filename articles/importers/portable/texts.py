"""An article or page as a value: what a file says, what a manuscript says, what was published."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from django.db.models import F

from articles.models import Article, Edition, Question, Topic
from articles.models.choices import Kind
from clinic.models import Image, Practitioner, Service

# Where a text shows or links a picture: ](media/x.webp …), stored ](/media/images/x.webp …).
PICTURE = re.compile(r"(\]\(\s*<?)(/?media/[^\s)>]+)")
_BLANK_LINES_FIRST = re.compile(r"\A(?:\s*\n)+")
PAGE_PREFIX = "page:"  # of a page among `related`; articles are named by their slug alone


@dataclass(frozen=True)
class PortableText:
    """All that a manuscript holds, with names in place of rows.

    Topics by name, services and people by slug, the hero by the name of its file; names that have
    no order are sorted.
    """

    kind: str
    slug: str
    title: str
    summary: str = ""
    takeaways: tuple[str, ...] = ()
    body: str = ""
    faq: tuple[tuple[str, str], ...] = ()
    hero: str = ""
    author: str = ""
    reviewer: str = ""
    topics: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    certainty: str = ""
    seo_title: str = ""
    seo_description: str = ""
    menu: int | None = None
    menu_below: bool = False

    @property
    def public(self) -> "PortableText":
        """Without what an edition does not hold."""
        return replace(self, reviewer="", menu=None, menu_below=False)


def plain_lines(text: str) -> str:
    """The same text with Unix line ends, as all texts of a folder have them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def trimmed(body: str) -> str:
    """Without the blank lines around it, which mean nothing in Markdown; a first line keeps its
    indentation."""
    return _BLANK_LINES_FIRST.sub("", plain_lines(body)).rstrip()


def with_pictures(text: PortableText, named: Callable[[str], str]) -> PortableText:
    """The text with every picture in it named as `named` says."""

    def renamed(words: str) -> str:
        return PICTURE.sub(lambda found: found[1] + named(found[2]), words)

    return replace(
        text,
        body=renamed(text.body),
        takeaways=tuple(map(renamed, text.takeaways)),
        faq=tuple((question, renamed(answer)) for question, answer in text.faq),
    )


def of_article(article: Article) -> PortableText:
    """The manuscript as it is stored."""
    return PortableText(
        kind=article.kind,
        slug=article.slug,
        title=article.title,
        summary=plain_lines(article.summary),
        takeaways=tuple(article.takeaway_lines),
        body=trimmed(article.body),
        faq=tuple((q.question, trimmed(q.answer)) for q in article.questions.all()),
        hero=str(article.hero.file) if article.hero else "",
        author=article.author.slug if article.author else "",
        reviewer=article.reviewer.slug if article.reviewer else "",
        topics=tuple(sorted(article.topics.values_list("name", flat=True))),
        services=tuple(sorted(article.services.values_list("slug", flat=True))),
        related=_related_names(
            Article.related.through.objects.filter(from_article=article)
            .order_by("pk")
            .values_list("to_article", flat=True)
        ),
        certainty=article.certainty,
        seo_title=article.seo_title,
        seo_description=article.seo_description,
        menu=article.menu_order,
        menu_below=article.menu_below,
    )


def of_edition(edition: Edition) -> PortableText:
    """The text as it was published, under the present names of what it refers to."""
    return PortableText(
        kind=edition.kind,
        slug=edition.slug,
        title=edition.title,
        summary=plain_lines(edition.summary),
        takeaways=tuple(edition.takeaways),
        body=trimmed(edition.body),
        faq=tuple((entry["question"], trimmed(entry["answer"])) for entry in edition.faq),
        hero=str(edition.hero.file) if edition.hero else "",
        author=edition.author.slug if edition.author else "",
        topics=tuple(sorted(edition.topics.values_list("name", flat=True))),
        services=tuple(sorted(edition.services.values_list("slug", flat=True))),
        related=_related_names(edition.related_ids),
        certainty=edition.certainty,
        seo_title=edition.seo_title,
        seo_description=edition.seo_description,
    )


def write(article: Article, text: PortableText, related: Mapping[str, Article]) -> None:
    """Make the manuscript say this. All names must be known, `related` holds those of articles."""
    by_slug = {
        p.slug: p for p in Practitioner.objects.filter(slug__in=[text.author, text.reviewer])
    }
    article.kind, article.slug, article.title = text.kind, text.slug, text.title
    article.summary, article.takeaways = text.summary, "\n".join(text.takeaways)
    article.body = text.body
    article.hero = Image.objects.get(file=text.hero) if text.hero else None
    article.author, article.reviewer = by_slug.get(text.author), by_slug.get(text.reviewer)
    article.certainty = text.certainty
    article.seo_title, article.seo_description = text.seo_title, text.seo_description
    article.menu_order, article.menu_below = text.menu, text.menu_below
    article.save()
    article.topics.set(Topic.objects.filter(name__in=text.topics))
    article.services.set(Service.objects.filter(slug__in=text.services))
    article.questions.all().delete()
    Question.objects.bulk_create(
        Question(article=article, question=question, answer=answer, order=order)
        for order, (question, answer) in enumerate(text.faq)
    )
    links = Article.related.through  # its rows, one after the other, keep the order of the choice
    links.objects.filter(from_article=article).delete()
    links.objects.bulk_create(
        links(from_article=article, to_article=related[name]) for name in text.related
    )
    Article.objects.filter(pk=article.pk).update(revision=F("revision") + 1)


def related_name(kind: str, slug: str) -> str:
    """How `related` names an article or page."""
    return PAGE_PREFIX + slug if kind == Kind.PAGE else slug


def _related_names(ids: Iterable[int]) -> tuple[str, ...]:
    ids = list(ids)
    rows = Article.objects.filter(pk__in=ids).values_list("pk", "kind", "slug")
    names = {pk: related_name(kind, slug) for pk, kind, slug in rows}
    return tuple(names[pk] for pk in ids if pk in names)
