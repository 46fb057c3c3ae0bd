"""Texts and moments that tests of articles share."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

# Models are imported inside: this file is read before Django is set up.

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def chys(db: None) -> Any:
    from articles.models import Reference

    return Reference.objects.create(
        key="chys2023",
        title="Clinical Effectiveness of Dry Needling",
        authors="Chys, De Meulemeester",
        year=2023,
        doi="10.3390/jcm12031205",
        plain="An umbrella review of 36 reviews.",
        csl={
            "type": "article-journal",
            "title": "Clinical Effectiveness of Dry Needling",
            "author": [{"family": "Chys", "given": "Marjolein"}],
            "container-title-short": "J Clin Med",
            "issued": {"date-parts": [[2023]]},
            "volume": "12",
            "issue": "3",
            "page": "1205",
            "DOI": "10.3390/jcm12031205",
        },
    )


@pytest.fixture
def make_article(db: None) -> Callable[..., Any]:
    """`make_article(slug=…, body=…)`: a manuscript that can be published."""
    from articles.models import Article, Question

    def make(**fields: Any) -> Any:
        questions = fields.pop("questions", [])
        topics = fields.pop("topics", [])
        services = fields.pop("services", [])
        defaults = {
            "title": "Knees and stairs",
            "slug": "knees-and-stairs",
            "summary": "Stairs hurt less after some weeks of strength work.",
            "takeaways": "Start low\nGo slowly",
            "body": "## Why stairs hurt\n\nThe knee carries more than the whole body.",
        }
        article = Article.objects.create(**{**defaults, **fields})
        for order, (question, answer) in enumerate(questions):
            Question.objects.create(article=article, question=question, answer=answer, order=order)
        article.topics.set(topics)
        article.services.set(services)
        return article

    return make


@pytest.fixture
def knee(db: None) -> Any:
    from articles.models import Topic

    return Topic.objects.create(name="Knee", slug="knee", place="knee", hint="Stairs, squats")


@pytest.fixture
def ines(db: None) -> Any:
    from clinic.models import Practitioner

    return Practitioner.objects.create(name="Ines Okafor", slug="ines-okafor", role="Physio")


@pytest.fixture
def needling(db: None) -> Any:
    from clinic.models import Service

    return Service.objects.create(
        name="Dry needling",
        slug="dry-needling",
        summary="A thin needle.",
        risks="A bruise\nFainting",
        not_for="You take blood thinners",
    )


@pytest.fixture
def hanna(reviewer: Any) -> Any:
    """A clinical reviewer with an account and an address of her own."""
    from clinic.models import Practitioner

    return Practitioner.objects.create(
        name="Dr Hanna Weiss",
        slug="hanna",
        role="Doctor",
        user=reviewer,
        email="hanna@larkspur.example",
    )


@pytest.fixture
def move_in(db: None, tmp_path: Path) -> Callable[..., Any]:
    """`move_in(export, **options)` from WordPress: (what was said, exit code)."""

    def run(content: str | bytes, **options: Any) -> tuple[str, int]:
        file = tmp_path / "old.xml"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        said = StringIO()
        try:
            call_command("import_wordpress", file, stdout=said, stderr=said, **options)
        except CommandError as error:
            return said.getvalue() + str(error), error.returncode
        return said.getvalue(), 0

    return run
