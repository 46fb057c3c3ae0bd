"""Editorial checks: what the renderer does not see because it is no mistake of form.

Three grades: what must be mended before publishing, what should be (an editor may pass it over with
a reason, which stays with the edition), and notes. The renderer's own problems join them in
articles.publishing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles import readability
from articles.models import Article
from articles.models.article import Kind
from articles.rendering import Composition, Grade, Issue, Text
from clinic.models import Service

LONGEST_SUMMARY = 170  # characters; search engines cut what they show at about 160
MANY_LONG = 25  # percent of the sentences
OLDEST_READER = 14  # years; health texts aim at 9 to 11 (NHS), a specialist subject at a few more

_LEFT_OVER = re.compile(
    r"lorem ipsum|\bTODO\b|\bTBC\b|\bTKTK?\b|\bX{4,}\b"
    r"|\[(?:insert|your|name|title|link|add)\b[^\]]*\]|\{\{.*?\}\}|<(?:insert|your)\b[^>]*>",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"\d\s?%|\b\d+(?:\.\d+)?\s?(?:per ?cent|percentage)\b|\b\d+ (?:in|of|out of) (?:every )?\d+\b"
    r"|\b\d+ (?:studies|trials|reviews|patients|participants|people)\b|\bp\s?[<=]\s?0?\.\d",
    re.IGNORECASE,
)
_CITATION = re.compile(r"(?<![\w.])@[A-Za-z0-9_]|\]\(reference:")
_LINKED_SERVICE = re.compile(r"\]\((?:service|book):([a-z0-9-]+)")
_RISK_HEADING = re.compile(
    r"^#{2,4}\s.*(?:risk|side[ -]effect|safe|harm|complication)", re.IGNORECASE | re.MULTILINE
)
_CODE = re.compile(r"^( {4,}|\t|```)")


@dataclass(frozen=True)
class Subject:
    """What the checks need to know beside the words. Empty while a text is being typed."""

    asks_for_summary: bool = False
    twin: str = ""  # the address word of another text with this title
    risky: tuple[str, ...] = field(default=())  # services with risks that the page will not show

    @classmethod
    def of_article(cls, article: Article) -> "Subject":
        """At most three queries."""
        twins = Article.objects.filter(title__iexact=article.title).exclude(pk=article.pk)
        named = set(_LINKED_SERVICE.findall(article.body))
        with_risks = Service.objects.filter(slug__in=named).exclude(Q(risks=""))
        shown = article.services.values("pk")
        return cls(
            asks_for_summary=article.kind == Kind.ARTICLE,
            twin=twins.values_list("slug", flat=True).first() or "",
            risky=tuple(with_risks.exclude(pk__in=shown).values_list("name", flat=True))
            if named
            else (),
        )


def run(text: Text, composition: Composition, subject: Subject) -> list[Issue]:
    """What an editor would remark on."""
    return [
        *_about_the_whole(text, subject),
        *_left_over(text),
        *_claims(text),
        *_reading(text, composition),
    ]


def _about_the_whole(text: Text, subject: Subject) -> Iterator[Issue]:
    if subject.asks_for_summary and not text.summary.strip():
        yield Issue(
            "summary",
            0,
            "no-summary",
            _("“In short” is empty: lists, search engines and hurried readers go by it."),
            Grade.SHOULD,
        )
    if len(text.summary) > LONGEST_SUMMARY:
        yield Issue(
            "summary",
            0,
            "long-summary",
            _("“In short” has %(n)d characters: search engines cut it at about 160.")
            % {"n": len(text.summary)},
            Grade.NOTE,
        )
    if subject.twin:
        yield Issue(
            "title",
            0,
            "repeated-title",
            _("“%(slug)s” has the same title: readers cannot tell the two apart in lists.")
            % {"slug": subject.twin},
            Grade.SHOULD,
        )
    if subject.risky and not _RISK_HEADING.search(text.body):
        yield Issue(
            "body",
            0,
            "no-risks",
            _(
                "The text leads to %(services)s, which has risks, and names none: choose it under "
                "Services, or write a section about its risks."
            )
            % {"services": ", ".join(subject.risky)},
            Grade.SHOULD,
        )


def _left_over(text: Text) -> Iterator[Issue]:
    for where, number, line in _lines(text):
        if found := _LEFT_OVER.search(line):
            yield Issue(
                where,
                number,
                "left-over",
                _("“%(words)s” looks as if it had been left from a template.")
                % {"words": found[0][:40]},
                Grade.SHOULD,
            )
        # Bold that was not closed stays on the page as two stars.
        if line.count("**") % 2 and not _CODE.match(line):
            yield Issue(
                where,
                number,
                "stars",
                _("Two stars (**) without a second pair: they will stand in the text."),
                Grade.SHOULD,
            )


def _claims(text: Text) -> Iterator[Issue]:
    for number, paragraph in _paragraphs(text.body):
        if (found := _CLAIM.search(paragraph)) and not _CITATION.search(paragraph):
            yield Issue(
                "body",
                number,
                "claim-without-source",
                _("“%(claim)s” is a number that readers will want to check: cite its source here.")
                % {"claim": found[0].strip()},
                Grade.SHOULD,
            )


def _reading(text: Text, composition: Composition) -> Iterator[Issue]:
    reading = readability.read(composition.plain)
    if reading.sentences >= 8 and reading.long_share > MANY_LONG:
        yield Issue(
            "body",
            0,
            "long-sentences",
            ngettext(
                "%(share)d%% of the sentences (%(n)d) has more than 20 words.",
                "%(share)d%% of the sentences (%(n)d) have more than 20 words.",
                reading.long,
            )
            % {"share": reading.long_share, "n": reading.long},
            Grade.NOTE,
        )
    if reading.age is None or reading.age <= OLDEST_READER:
        return
    yield Issue(
        "body",
        0,
        "reading-age",
        _("Reads like a text for the age of %(age)d. The sentences named here weigh most.")
        % {"age": reading.age},
        Grade.NOTE,
    )
    for sentence in reading.hardest:
        yield Issue(
            "body",
            _line_of(sentence.text, text.body),
            "hard-sentence",
            _("Long and hard (%(words)d words): “%(start)s …”")
            % {"words": sentence.words, "start": " ".join(sentence.text.split()[:7])},
            Grade.NOTE,
        )


def _lines(text: Text) -> Iterator[tuple[str, int, str]]:
    """Every line of the Markdown with the field that it stands in, from 1."""
    parts = [("summary", text.summary), ("takeaways", "\n".join(text.takeaways))]
    parts += [("body", text.body)]
    parts += [(f"faq {n}", answer) for n, (_question, answer) in enumerate(text.faq, start=1)]
    for where, part in parts:
        for number, line in enumerate(part.split("\n"), start=1):
            yield where, number, line


def _paragraphs(body: str) -> Iterator[tuple[int, str]]:
    """Paragraphs and lists, each with the line it begins in."""
    start, lines = 1, list[str]()
    for number, line in enumerate([*body.split("\n"), ""], start=1):
        if line.strip():
            if not lines:
                start = number
            lines.append(line)
        elif lines:
            yield start, "\n".join(lines)
            lines = []


def _line_of(sentence: str, body: str) -> int:
    """The line where a sentence begins, as far as its first plain words tell; else 0."""
    words = sentence.split()
    for count in (5, 3):
        start = " ".join(words[:count])
        for number, line in enumerate(body.split("\n"), start=1):
            if start and start in line:
                return number
    return 0
