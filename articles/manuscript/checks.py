"""Editorial checks: what the renderer does not see because it is no mistake of form.

Three grades: what must be mended before publishing, what should be (an editor may pass it over with
a reason, which stays with the edition), and notes. The renderer's own problems join them in
articles.publishing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.manuscript import ignored_markup, readability, service_facts
from articles.manuscript.citations import MOST_LINKS
from articles.manuscript.rendering import Composition, Grade, Issue, Text
from articles.models import Article, Edition
from articles.models.choices import Kind
from articles.references import notices
from clinic import hooks
from clinic.models import Service
from clinic.site import redirects

LONGEST_SUMMARY = 170  # characters; search engines cut what they show at about 160
MOST_INVITATIONS = 2  # to book; more of them press people who came to read
MANY_LONG = 25  # percent of the sentences
OLDEST_READER = 14  # years; health texts aim at 9 to 11 (NHS), a specialist subject at a few more

_LEFT_OVER = re.compile(
    r"lorem ipsum|\bTODO\b|\bTBC\b|\bTKTK?\b|\bX{4,}\b"
    r"|\[(?:insert|your|name|title|link|add)\b[^\[\]]{0,200}\](?![(\[])|\{\{[^{}\n]{0,200}\}\}|<(?:insert|your)\b[^<>]{0,200}>",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"\b\d+(?:[.,]\d+)?\s?(?:%|(?:per ?cent|percentage)\b)"
    r"|\b\d+ (?:in|of|out of) (?:every )?\d+\b"
    r"|\b\d+ (?:studies|trials|reviews|patients|participants|people)\b|\bp\s?[<=]\s?0?\.\d",
    re.IGNORECASE,
)
_CITATION = re.compile(r"(?<![\w.])@[A-Za-z0-9_]|\]\(reference:")
_LINKED_SERVICE = re.compile(r"\]\((?:service|book):([a-z0-9-]+)")
_NAMED_LINK = re.compile(r"\]\(([a-z]+):([a-z0-9-]+)\s*[\")]")
_PATH = re.compile(r"\]\(<?(/(?!/|media/)[^\s)>?#]*)")
_BOOKING = re.compile(r"\]\(book:")
_BOOKING_PANEL = re.compile(r"\s*\[[^\]]+\]\(book:[^)\s]*\)\s*")
_URGENT_ADVICE = re.compile(
    r"!!! (?:urgent|emergency)\b|#{2,4}\s.*\b(?:red flags?|warning signs?|emergency|get help"
    r"|when to (?:see|call|go|get|seek))\b",
    re.IGNORECASE,
)
_RISK_HEADING = re.compile(
    r"^#{2,4}\s.*(?:risk|side[ -]effect|safe|harm|complication)", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True)
class Subject:
    """What the checks need to know beside the words. Empty while a text is being typed."""

    asks_for_summary: bool = False
    twin: str = ""  # the slug of another text with this title
    services: tuple[Service, ...] = ()  # whose facts the page shows
    risky: tuple[str, ...] = ()  # services with risks that the page will not show
    hidden: frozenset[str] = frozenset()  # links by name to what is not public now
    missing: frozenset[str] = frozenset()  # links to paths of this site at which nothing is

    @classmethod
    def of_article(cls, article: Article, *, at: datetime) -> "Subject":
        """A manuscript. A few queries, and one for each link by name."""
        shown = article.services.values_list("pk", flat=True)
        return cls._of(article.kind, article.pk, article.title, article.body, list(shown), at)

    @classmethod
    def of_edition(cls, edition: Edition, *, at: datetime) -> "Subject":
        """An edition as it was published, among what is there now."""
        shown = [service["id"] for service in edition.service_list]
        kind, pk = edition.kind, edition.article_id
        return cls._of(kind, pk, edition.title, edition.body, shown, at)

    @classmethod
    def _of(
        cls, kind: str, pk: int, title: str, body: str, shown: list[int], at: datetime
    ) -> "Subject":
        twins = Article.objects.filter(title__iexact=title).exclude(pk=pk)
        linked = set(_LINKED_SERVICE.findall(body))
        services = Service.objects.filter(slug__in=linked).exclude(risks="").exclude(pk__in=shown)
        shown_services = Service.objects.filter(pk__in=shown, is_public=True) if shown else ()
        return cls(
            asks_for_summary=kind == Kind.ARTICLE,
            twin=twins.values_list("slug", flat=True).first() or "",
            services=tuple(shown_services) if kind == Kind.ARTICLE else (),
            risky=tuple(services.values_list("name", flat=True)) if linked else (),
            hidden=frozenset(_not_public(dict.fromkeys(_NAMED_LINK.findall(body)), at)),
            missing=frozenset(_missing(dict.fromkeys(_PATH.findall(body)), at)),
        )


def _not_public(links: Iterable[tuple[str, str]], at: datetime) -> Iterator[str]:
    for scheme, name in islice(links, MOST_LINKS):
        named = hooks.named.get(scheme)
        found = named.find(name) if named else None
        if named and found and found not in named.urls([found], at):
            yield f"{scheme}:{name}"


def _missing(paths: Iterable[str], at: datetime) -> Iterator[str]:
    for path in islice(paths, MOST_LINKS):
        if not redirects.is_known(path, at):
            yield path


def all_issues(text: Text, composition: Composition, subject: Subject) -> list[Issue]:
    """What the renderer and these checks found, the worst first."""
    found = [*composition.issues, *run(text, composition, subject)]
    return sorted(found, key=lambda issue: issue.grade.order)


def run(text: Text, composition: Composition, subject: Subject) -> list[Issue]:
    """What an editor would remark on."""
    return [
        *_about_the_whole(text, subject),
        *_left_over(text),
        *ignored_markup.run(text),
        *_missing_pages(text, subject),
        *_hidden_links(text, subject),
        *_claims(text),
        *service_facts.run(text, subject.services),
        *_invitations(text),
        *_sources(text, composition),
        *_reading(text, composition),
    ]


def _sources(text: Text, composition: Composition) -> Iterator[Issue]:
    """Sources that were taken back or are in doubt, at the first line that names them."""
    for source in composition.cited:
        found = notices.of_key(source.key)
        if found and found[0].is_grave:
            before, mention, _rest = text.body.partition(f"@{source.key}")
            line = before.count("\n") + 1 if mention else 0
            message = _("%(key)s: %(notice)s Check that the article is still accurate.")
            said = message % {"key": source.key, "notice": found[0].sentence}
            yield Issue("body", line, "source-in-doubt", said, Grade.SHOULD)


def _about_the_whole(text: Text, subject: Subject) -> Iterator[Issue]:
    if subject.asks_for_summary and not text.summary.strip():
        yield Issue(
            "summary",
            0,
            "no-summary",
            _("“In short” is empty. Lists, search engines and readers in a hurry rely on it."),
            Grade.SHOULD,
        )
    if len(text.summary) > LONGEST_SUMMARY:
        yield Issue(
            "summary",
            0,
            "long-summary",
            _("“In short” has %(n)d characters. Search engines show only about 160.")
            % {"n": len(text.summary)},
            Grade.NOTE,
        )
    if subject.twin:
        yield Issue(
            "title",
            0,
            "repeated-title",
            _("“%(slug)s” has the same title, so readers can’t tell the two apart in lists.")
            % {"slug": subject.twin},
            Grade.SHOULD,
        )
    if subject.risky and not _RISK_HEADING.search(text.body):
        yield Issue(
            "body",
            0,
            "no-risks",
            _(
                "The article links to %(services)s, which has risks, but mentions none. Select "
                "it under Services, or add a section on its risks."
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
                _("“%(words)s” looks like placeholder text.") % {"words": found[0][:40]},
                Grade.SHOULD,
            )


def _hidden_links(text: Text, subject: Subject) -> Iterator[Issue]:
    for where, number, line in _lines(text):
        for scheme, name in _NAMED_LINK.findall(line):
            if f"{scheme}:{name}" in subject.hidden:
                yield Issue(
                    where,
                    number,
                    "link-not-public",
                    _(
                        "“%(name)s” is not published, so the link is shown as plain text until it "
                        "is."
                    )
                    % {"name": f"{scheme}:{name}"},
                    Grade.NOTE,
                )


def _missing_pages(text: Text, subject: Subject) -> Iterator[Issue]:
    for where, number, line in _lines(text):
        for path in _PATH.findall(line):
            if path in subject.missing:
                yield Issue(
                    where,
                    number,
                    "link-missing",
                    _("There is no page at “%(path)s” on this site. Check the link.")
                    % {"path": path},
                    Grade.SHOULD,
                )


def _claims(text: Text) -> Iterator[Issue]:
    for number, paragraph in _paragraphs(text.body):
        if (found := _CLAIM.search(paragraph)) and not _CITATION.search(paragraph):
            yield Issue(
                "body",
                number,
                "claim-without-source",
                _("“%(claim)s” is a figure readers may want to check. Cite its source here.")
                % {"claim": found[0].strip()},
                Grade.SHOULD,
            )


def _invitations(text: Text) -> Iterator[Issue]:
    """Urgent advice that stands after an invitation to book, and invitations beyond the second."""
    panel, links = 0, 0
    for where, number, line in _lines(text):
        if panel and _URGENT_ADVICE.match(line.strip()):
            yield Issue(
                where,
                number,
                "urgent-after-booking",
                _(
                    "This urgent advice comes after a booking panel (line %(line)d of the text). "
                    "Move it above the panel, so that nobody books who needs help now."
                )
                % {"line": panel},
                Grade.SHOULD,
            )
        if where == "body" and not panel and _BOOKING_PANEL.fullmatch(line):
            panel = number
        links += len(_BOOKING.findall(line))
        if links > MOST_INVITATIONS and _BOOKING.search(line):
            yield Issue(
                where,
                number,
                "many-invitations",
                _("The article invites readers to book more than twice. Remove this link."),
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
                "%(n)d sentence (%(share)d%%) is longer than 20 words.",
                "%(n)d sentences (%(share)d%%) are longer than 20 words.",
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
        _("The reading age is about %(age)d. These sentences are the hardest.")
        % {"age": reading.age},
        Grade.NOTE,
    )
    for sentence in reading.hardest:
        yield Issue(
            "body",
            _line_of(sentence.text, text.body),
            "hard-sentence",
            _("Long sentence (%(words)d words): “%(start)s …”")
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
