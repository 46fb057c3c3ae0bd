"""Synthetic references and published articles, for measuring. Nothing in them is true."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from articles.models import Article, Question, Reference, Topic
from articles.publishing import publish
from articles.references.columns import columns_of
from clinic.models import Image, Practitioner, Service
from clinic.operations.sample_data import batches, random_for

KEY = "synthetic"  # how the keys of these references begin, and the slugs of these articles
DOI_FOR_TESTS = "10.5555"  # Crossref keeps this prefix for tests: it resolves to no work
SECOND_EDITION_EVERY = 5
OLDEST, NEWEST = 1500, 3  # days ago

FAMILIES = (
    "Aldane", "Brevik", "Castelo", "Dunmore", "Esparza", "Fenwright", "Gorlach", "Hollinde",
    "Ibarren", "Jessup", "Kettering", "Lomax", "Marwick", "Norrbom", "Oyelade", "Pruett",
)  # fmt: skip
JOURNALS = (
    ("Synthetic Journal of Movement", "Synth J Mov"),
    ("Annals of Invented Rehabilitation", "Ann Invent Rehabil"),
    ("Model Data in Primary Care", "Model Data Prim Care"),
)
PARTS = ("knee", "hip", "shoulder", "neck", "elbow", "ankle", "wrist", "calf", "back", "heel")
HABITS = ("load", "rest", "balance", "strength", "sleep", "walking", "running", "lifting")
SUBJECTS = (
    "A sore {part}",
    "The {part} after a fall",
    "Most pain around the {part}",
    "A stiff {part} in the morning",
    "What people call a worn {part}",
    "Training of the {part}",
)
VERBS = (
    "settles within a few weeks",
    "responds to a little more {habit} each week",
    "needs neither a scan nor a long pause",
    "is felt more when {habit} has changed quickly",
    "gets better with {habit} that suits the day",
    "depends less on posture than on {habit}",
)
TAILS = (
    "",
    ", in nearly every trial that asked",
    ", whatever the scan shows",
    ", unless it wakes you at night",
    " for six of ten people",
    ", and worry alone makes it louder",
)


def add_references(count: int, at: datetime) -> Iterator[None]:
    """Add references with invented CSL-JSON; the moment does not matter."""
    first = Reference.objects.filter(key__startswith=KEY).count()
    for numbers in batches(first, count):
        Reference.objects.bulk_create(_reference(number) for number in numbers)
        yield from (None for _ in numbers)


def add_articles(count: int, at: datetime) -> Iterator[None]:
    """Publish invented articles, each as staff would; some have a second edition."""
    first = Article.objects.filter(slug__startswith=f"{KEY}-").count()
    writer = _Writer()
    for numbers in batches(first, count):
        with transaction.atomic():
            for number in numbers:
                writer.add(number, at)
        yield from (None for _ in numbers)


def _reference(number: int) -> Reference:
    csl = _csl(number)
    return Reference(
        key=csl["id"],
        csl=csl,
        kind=random_for("kind", number).choice(["Trial", "Systematic review", "Cohort study"]),
        plain="An invented study that found what it looked for.",
        **columns_of(csl),
    )


def _csl(number: int) -> dict[str, Any]:
    draw = random_for("reference", number)
    title, short = draw.choice(JOURNALS)
    page = draw.randint(1, 900)
    return {
        "id": f"{KEY}{number:06}",
        "type": "article-journal",
        "title": f"{_sentence(draw).rstrip('.')}: invented study {number}",
        "author": [
            {"family": family, "given": draw.choice(["Ada", "Bo M", "Cem", "Dag R", "Eun"])}
            for family in draw.sample(FAMILIES, draw.randint(1, 9))
        ],
        "container-title": title,
        "container-title-short": short,
        "issued": {"date-parts": [[draw.randint(1995, 2025), draw.randint(1, 12)]]},
        "volume": str(draw.randint(1, 80)),
        "issue": str(draw.randint(1, 12)),
        "page": f"{page}-{page + draw.randint(4, 14)}",
        "DOI": f"{DOI_FOR_TESTS}/{KEY}.{number:06}",
    }


class _Writer:
    """Writes and publishes; what articles refer to is read once."""

    def __init__(self) -> None:
        self.keys = list(Reference.objects.order_by("id").values_list("key", flat=True))
        self.people = list(Practitioner.objects.order_by("id"))
        self.services = list(Service.objects.order_by("id"))
        self.topics = list(Topic.objects.order_by("id"))
        self.heroes = list(Image.objects.exclude(alt="").order_by("id"))
        self.earlier = list(
            Article.objects.filter(slug__startswith=f"{KEY}-").order_by("id")[:1000]
        )

    def add(self, number: int, at: datetime) -> None:
        draw = random_for("article", number)
        subject = _sentence(draw)
        article = Article.objects.create(
            title=f"{subject.rstrip('.')[:120]} ({number})",
            slug=f"{KEY}-{number:06}",
            summary=f"{subject} {_sentence(draw)}"[:320],
            takeaways="\n".join(_sentence(draw) for _ in range(draw.randint(3, 5))),
            body=self._body(draw),
            author=draw.choice(self.people) if self.people else None,
            hero=draw.choice(self.heroes) if self.heroes and draw.random() < 0.5 else None,
        )
        Question.objects.bulk_create(
            Question(
                article=article, question=_question(draw), answer=self._paragraph(draw), order=n
            )
            for n in range(draw.randint(0, 4))
        )
        article.topics.set(_some(draw, self.topics, 2))
        article.services.set(_some(draw, self.services, 2))
        article.related.set(_some(draw, self.earlier, 2))
        minutes = draw.randrange(NEWEST * 1440, OLDEST * 1440)
        published_at = at - timedelta(minutes=minutes)
        publish(article, by=None, at=published_at)
        if number % SECOND_EDITION_EVERY == 0:
            publish(
                article,
                by=None,
                at=published_at + timedelta(minutes=minutes // 2),
                change_note="An invented correction.",
            )
        if len(self.earlier) < 1000:
            self.earlier.append(article)

    def _body(self, draw: random.Random) -> str:
        blocks = [self._paragraph(draw)]
        for _ in range(draw.randint(4, 7)):
            blocks += [f"## {_question(draw)}", self._paragraph(draw), self._paragraph(draw)]
            blocks += _some(
                draw,
                [
                    "\n".join(f"✓ {_sentence(draw)}" for _ in range(4)),
                    f'!!! tip "Try this"\n    {_sentence(draw)} {_sentence(draw)}',
                    "\n".join(f"- **{_word(draw)}** {_sentence(draw)}" for _ in range(3)),
                    f"!!! insight\n    {self._cited(draw)}",
                    "[Ask for an appointment](book:)",
                ],
                1,
            )
        return "\n\n".join(blocks)

    def _paragraph(self, draw: random.Random) -> str:
        return " ".join([self._cited(draw), *(_sentence(draw) for _ in range(draw.randint(2, 5)))])

    def _cited(self, draw: random.Random) -> str:
        keys = _some(draw, self.keys, 3)
        cited = "; ".join(f"@{key}" for key in keys)
        return f"{_sentence(draw).rstrip('.')} [{cited}]." if keys else _sentence(draw)


def _some(draw: random.Random, things: list[Any], most: int) -> list[Any]:
    """Up to so many of these things, each once."""
    return draw.sample(things, min(len(things), draw.randint(0, most)))


def _word(draw: random.Random) -> str:
    return draw.choice(HABITS).capitalize()


def _sentence(draw: random.Random) -> str:
    words = f"{draw.choice(SUBJECTS)} {draw.choice(VERBS)}{draw.choice(TAILS)}."
    return words.format(part=draw.choice(PARTS), habit=draw.choice(HABITS))


def _question(draw: random.Random) -> str:
    return f"Does {draw.choice(HABITS)} help the {draw.choice(PARTS)}?"
