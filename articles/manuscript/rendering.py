"""From a text (manuscript or edition) to the HTML of its page, and what was learnt on the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from articles.manuscript.citations import (
    Citations,
    Source,
    Use,
    library_for,
    library_from,
    pictures_for,
)
from articles.models import Article, Edition, Rendering
from articles.references import styles
from clinic.lib import markdown

# Raise the second number when this module makes other HTML from the same text.
VERSION = f"{markdown.RENDERER_VERSION}.4"


def version_of(style: str) -> str:
    """What a rendering made now, with references in this style, says that it was made by."""
    return f"{VERSION} {style}"


@dataclass(frozen=True)
class Text:
    """The words of an article or edition."""

    title: str
    summary: str
    takeaways: tuple[str, ...]
    body: str
    faq: tuple[tuple[str, str], ...]  # (question, answer in Markdown)
    format: int = markdown.FORMAT  # of the Markdown

    @classmethod
    def of_article(cls, article: Article) -> "Text":
        """One query, for the questions."""
        return cls(
            article.title,
            article.summary,
            tuple(article.takeaway_lines),
            article.body.replace("\r\n", "\n"),
            tuple((q.question, q.answer) for q in article.questions.all()),
        )

    @classmethod
    def of_edition(cls, edition: Edition) -> "Text":
        return cls(
            edition.title,
            edition.summary,
            tuple(edition.takeaways),
            edition.body,
            tuple((entry["question"], entry["answer"]) for entry in edition.faq),
            edition.format,
        )

    @property
    def written(self) -> tuple[str, ...]:
        """All parts that are Markdown."""
        return (*self.takeaways, self.body, *(answer for _question, answer in self.faq))


class Grade(TextChoices):
    """How much an issue matters; `order` sorts the worst first."""

    MUST = "must", _("must be fixed before publishing")
    SHOULD = "should", _("should be fixed, or published with a reason")
    NOTE = "note", _("a note")

    @property
    def order(self) -> int:
        return list(Grade).index(self)


@dataclass(frozen=True)
class Issue:
    """A problem of a text: in which field, in which line of it (0: the whole), and what to do."""

    where: str  # "body", "takeaways", "faq 2"
    line: int
    code: str
    message: str
    grade: Grade

    @property
    def must(self) -> bool:
        return self.grade is Grade.MUST


@dataclass(frozen=True)
class Composition:
    """All that is made from a text. `parts` as Rendering keeps them."""

    html: str
    marks: list[dict[str, Any]]
    toc: list[dict[str, Any]]
    takeaways: dict[str, Any]
    faq: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    words: int
    plain: str
    style: str  # of the references
    uses: tuple[Use, ...]
    cited: tuple[Source, ...]  # by number
    image_ids: frozenset[int]
    issues: tuple[Issue, ...] = field(default=())

    def rendering(self, edition: Edition, *, at: datetime) -> Rendering:
        """The row for this edition, not saved."""
        return Rendering(
            edition=edition,
            version=version_of(self.style),
            html=self.html,
            marks=self.marks,
            toc=self.toc,
            takeaways=self.takeaways,
            faq=self.faq,
            sources=self.sources,
            words=self.words,
            made_at=at,
        )


def compose(
    text: Text, *, at: datetime, library: Mapping[str, Source] | None = None
) -> Composition:
    """Render a text. `library`: the sources it may cite; the reference library if not given."""
    citations = Citations(
        library_for(text.written) if library is None else library,
        at,
        pictures_for(text.written),
    )
    style = styles.stored()
    issues: list[Issue] = []

    def part(where: str, source: str, id_prefix: str = "") -> markdown.Rendered:
        rendered = markdown.render(
            source, resolver=citations, id_prefix=id_prefix, format=text.format
        )
        issues.extend(
            Issue(where, p.line, p.code, p.message, Grade.MUST if p.must else Grade.SHOULD)
            for p in rendered.problems
        )
        return rendered

    takeaways = part("takeaways", "\n".join(f"- {line}" for line in text.takeaways), "key-")
    body = part("body", text.body)
    answers = [
        (question, part(f"faq {n}", answer, f"answer-{n}-"))
        for n, (question, answer) in enumerate(text.faq, start=1)
    ]
    cited = {use.number: use.source for use in citations.uses}
    return Composition(
        html=str(body.html),
        marks=list(body.marks),
        toc=[{"level": h.level, "id": h.id, "text": h.text} for h in body.toc],
        takeaways={"html": str(takeaways.html), "marks": list(takeaways.marks)},
        faq=[
            {
                "question": question,
                "id": f"question-{n}",
                "html": str(answer.html),
                "marks": list(answer.marks),
                "plain": answer.plain,
            }
            for n, (question, answer) in enumerate(answers, start=1)
        ],
        sources=citations.sources(style),
        style=style,
        words=body.words + takeaways.words + sum(answer.words for _question, answer in answers),
        plain="\n".join(
            [
                text.summary,
                takeaways.plain,
                body.plain,
                *(f"{question}\n{answer.plain}" for question, answer in answers),
            ]
        ),
        uses=tuple(citations.uses),
        cited=tuple(cited[number] for number in sorted(cited)),
        image_ids=frozenset(citations.image_ids),
        issues=tuple(issues),
    )


def rendering_of(edition: Edition, *, at: datetime) -> Rendering:
    """The stored rendering; made on the spot, and not stored, where there is none yet or where it
    is of another version or style. The worker stores it soon."""
    try:
        if edition.rendering.version == version_of(styles.chosen()):
            return edition.rendering
    except Rendering.DoesNotExist:
        pass
    return recompose(edition, at=at).rendering(edition, at=at)


def recompose(edition: Edition, *, at: datetime) -> Composition:
    """Render an edition again, from its own text and its own references."""
    return compose(Text.of_edition(edition), at=at, library=library_from(edition.references))


def rerender(
    *,
    at: datetime,
    everything: bool = False,
    most: int | None = None,
    said: Callable[[Edition], object] = lambda _: None,
) -> int:
    """Make renderings again that are of another version of the renderer or another style of
    references, or all of them; `most` of them at once, the newest first.

    Returns how many were made. Editions are not touched.
    """
    editions = Edition.objects.order_by("-id")
    if not everything:
        editions = editions.exclude(rendering__version=version_of(styles.stored()))
    made = 0
    for edition in editions[:most].iterator(chunk_size=100):
        fresh = recompose(edition, at=at).rendering(edition, at=at)
        Rendering.objects.update_or_create(
            edition=edition,
            defaults={
                name: getattr(fresh, name)
                for name in (
                    "version", "html", "marks", "toc", "takeaways", "faq", "sources", "words",
                    "made_at",
                )
            },
        )  # fmt: skip
        said(edition)
        made += 1
    return made
