"""Where a text stands, in words: the same in the list, in the form and on the pages about it."""

from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.editor import status_text
from articles.editor.diff import changes_of
from articles.models import Article
from articles.publishing import publish, republish, withdraw
from clinic.site import page_context

BODY = "## Why\n\nThe knee carries more.\n\nGo slowly.\n\nStart low."


def words(article: Article, at: datetime) -> str:
    fresh = Article.objects.with_state(at).get(pk=article.pk)
    status_text.count_changes([fresh], at=at)
    return status_text.words(fresh, at=at)


def save(article: Article, **fields: Any) -> None:
    """As the form saves: the revision rises."""
    Article.objects.filter(pk=article.pk).update(revision=article.revision + 1, **fields)
    article.refresh_from_db()


@pytest.fixture
def article(make_article: Any, noon: datetime) -> Article:
    made: Article = make_article(body=BODY, questions=[("Does it hurt?", "A little.")])
    publish(made, by=None, at=noon)
    return made


def test_changes_are_counted_by_paragraph_and_field(article: Article, noon: datetime):
    assert words(article, noon) == "Published · edition 1"
    save(article, body=BODY.replace("more", "much more"))
    assert words(article, noon) == "Published · edition 1 · 1 unpublished change"
    save(article, title="Stairs", body=BODY.replace("more", "much more") + "\n\nRest.\n\nWalk.")
    assert words(article, noon) == "Published · edition 1 · 4 unpublished changes"


def test_what_was_changed_and_changed_back_is_no_change(article: Article, noon: datetime):
    save(article, body="Other words.")
    save(article, body=BODY.replace("\n", "\r\n"))
    assert words(article, noon) == "Published · edition 1"


def test_each_part_is_named(
    article: Article, make_article: Any, knee: Any, ines: Any, needling: Any, noon: datetime
):
    article.topics.add(knee)
    article.services.add(needling)
    article.related.add(make_article(slug="hips", title="Hips"))
    article.questions.update(answer="No.")
    save(article, slug="stairs", summary="Short.", takeaways="One", author=ines, certainty="firm")
    save(article, seo_title="Knee", seo_description="About knees.")
    (found,) = changes_of([article], at=noon).values()
    assert {change.label for change in found} == {
        "Slug", "In short", "Key takeaways", "Question 1", "Evidence", "Written by",
        "Topics", "Services", "Read next", "Title in search results",
        "Description in search results",
    }  # fmt: skip
    assert {change.places for change in found} == {1}


def test_what_waits_is_told_with_its_moment(article: Article, noon: datetime):
    save(article, body="New.")
    at = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
    publish(article, by=None, at=noon, goes_live_at=at)
    assert words(article, noon).startswith("Published · edition 1 · 4 unpublished changes · ")
    assert words(article, noon).endswith("scheduled for Dec 3, 9:00\xa0a.m.")
    assert words(article, at) == "Published · edition 2"
    next_year = at + timedelta(days=365)
    publish(article, by=None, at=at, goes_live_at=next_year)
    assert words(article, at).endswith("scheduled for Dec 3, 2027, 9:00\xa0a.m.")


def test_a_text_that_was_taken_back(article: Article, noon: datetime):
    save(article, body="New.")
    edition = withdraw(article, by=None, at=noon + timedelta(hours=1))
    later = noon + timedelta(hours=2)
    assert words(article, later) == "Withdrawn · edition 1"
    republish(edition, by=None, at=later)
    assert words(article, later) == "Published · edition 2 · 4 unpublished changes"


def test_the_list_counts_with_as_many_queries_for_many_as_for_one(
    client_as: Any, make_article: Any, knee: Any, noon: datetime, monkeypatch: Any
):
    monkeypatch.setattr(
        page_context, "FRESH_SECONDS", inf
    )  # the frame is built by the first request
    client, queries = client_as("Editor"), []
    url = reverse("admin:articles_article_changelist")
    for number in range(4):
        one = make_article(slug=f"text-{number}", title=f"Text {number}", topics=[knee])
        publish(one, by=None, at=noon)
        save(one, body="New.")
        if number in (0, 3):
            page_context.forget()
            client.get(url)
            with time_machine.travel(noon, tick=False), CaptureQueriesContext(connection) as seen:
                page = client.get(url).content.decode()
            queries.append(len(seen))
    assert page.count("2 unpublished changes") == 4
    assert queries[0] == queries[1]


def test_the_form_names_what_differs(client_as: Any, article: Article):
    save(article, title="Stairs", body=BODY.replace("more", "less").replace("slowly", "on"))
    page = client_as("Editor").get(reverse("admin:articles_article_change", args=[article.pk]))
    shown = " ".join(page.content.decode().split())
    assert "3 unpublished changes</h2>" in shown
    assert "which is live: Title, Text (2 paragraphs)." in shown


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"body": ""}, "Still needed before publishing"),
        (
            {"submitted_at": datetime(2026, 3, 2, 12, 0, tzinfo=UTC)},
            "and is waiting for review",
        ),
    ],
)
def test_handing_in_says_what_is_missing(
    fields: dict[str, Any], said: str, client_as: Any, make_article: Any
):
    url = reverse("admin:articles_article_submit", args=[make_article(**fields).pk])
    assert said in client_as("Editor").get(url).content.decode()
