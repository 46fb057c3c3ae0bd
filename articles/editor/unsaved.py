"""The page of an article as its form stands, saved or not: the preview beside the text."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import QueryDict

from articles.editor.previews import page_of
from articles.manuscript.rendering import Composition, Text, compose
from articles.models import Article, Topic
from articles.models.choices import Certainty, Kind
from clinic.lib.fields.numbers import whole_number
from clinic.models import Image, Practitioner, Service
from clinic.models.service import lines

MOST_QUESTIONS = 200
LARGEST_ID = 2**31 - 1


def text_of(given: QueryDict) -> Text:
    """Return the words that the fields of an article's form hold."""
    return Text(
        _line(given, "title"),
        _line(given, "summary"),
        tuple(lines(_words(given, "takeaways"))),
        _words(given, "body"),
        tuple(_questions(given)),
    )


def context_of(given: QueryDict, text: Text, *, at: datetime) -> tuple[dict[str, Any], Composition]:
    """Return the context of the public template for the fields of an article's form, and what was
    learnt from rendering it. Nothing is saved; whatever a field names that is not there is left
    out."""
    article = Article(
        kind=kind if (kind := given.get("kind", "")) in Kind.values else Kind.ARTICLE,
        slug="preview",
        author=_named(Practitioner, given, "author"),
        hero=_named(Image, given, "hero"),
        certainty=level if (level := given.get("certainty", "")) in Certainty.values else "",
    )
    composition = compose(text, at=at)
    page = page_of(
        article,
        text,
        topics=list(Topic.objects.filter(pk__in=_ids(given, "topics")).values("id", "name")),
        services=list(Service.objects.filter(pk__in=_ids(given, "services")).values("id", "name")),
        related=_ids(given, "related"),
        composition=composition,
        at=at,
    )
    return page, composition


def _words(given: QueryDict, name: str) -> str:
    return given.get(name, "").replace("\0", "").replace("\r\n", "\n")


def _line(given: QueryDict, name: str) -> str:
    return " ".join(_words(given, name).split())


def _questions(given: QueryDict) -> Iterator[tuple[str, str]]:
    count = whole_number(given.get("questions-TOTAL_FORMS", "")) or 0
    for number in range(min(count, MOST_QUESTIONS)):
        row = f"questions-{number}"
        question, answer = _line(given, f"{row}-question"), _words(given, f"{row}-answer")
        if question and not given.get(f"{row}-DELETE"):
            yield question, answer


def _ids(given: QueryDict, name: str) -> list[int]:
    numbers = (whole_number(value) for value in given.getlist(name)[:MOST_QUESTIONS])
    return [number for number in numbers if number and number <= LARGEST_ID]


def _named(model: Any, given: QueryDict, name: str) -> Any:
    ids = _ids(given, name)
    return model.objects.filter(pk=ids[0]).first() if ids else None
