"""The page that the fields of an article's form would make, before anybody saves it."""

from typing import Any

import pytest
from django.urls import reverse

from articles.editor.views import LONGEST_TEXT
from articles.models import Article, Topic
from clinic.models import Service

PAGE = reverse("preview_page")


def test_the_page_has_all_that_the_form_holds(client_as: Any, chys: Any):
    topic = Topic.objects.create(name="Knee", slug="knee")
    service = Service.objects.create(name="Taping", slug="taping", risks="A rash")
    answer = client_as("Author").post(
        PAGE,
        {
            "title": "Stairs",
            "summary": "Go slowly.",
            "takeaways": "One\r\nTwo",
            "body": "## Why\r\n\r\nIt helps [@chys2023].",
            "topics": [topic.pk, "x", 10**30],
            "services": [service.pk],
            "author": "99999999",
            "kind": "article",
            "questions-TOTAL_FORMS": "2",
            "questions-0-question": "Does it hurt?",
            "questions-0-answer": "**No.**",
            "questions-1-question": "Taken out",
            "questions-1-DELETE": "on",
        },
    )
    said = answer.json()
    page = said["html"]
    for words in ("Stairs", "Go slowly.", "<li>Two</li>", "Does it hurt?", "<strong>No.</strong>"):
        assert words in page
    assert 'id="sources"' in page
    assert "A rash" in page
    assert "Taken out" not in page
    assert "has shared this draft" not in page
    assert answer.headers["Cache-Control"] == "no-store"
    assert not Article.objects.filter(title="Stairs").exists()


def test_lines_are_those_of_the_text_and_of_nothing_else(client_as: Any):
    fields = {"body": "Fine.\n\n[@nobody1999]", "takeaways": "[@nobody2000]"}
    problems = client_as("Author").post(PAGE, fields).json()["problems"]
    lines = {word: p["line"] for p in problems for word in ("1999", "2000") if word in p["message"]}
    assert lines == {"1999": 3, "2000": 0}


def test_a_page_of_the_site_looks_like_one(client_as: Any):
    html = client_as("Author").post(PAGE, {"title": "About", "kind": "page"}).json()["html"]
    assert "page-head plain" in html


def test_too_long_is_said(client_as: Any):
    answer = client_as("Author").post(PAGE, {"body": "x" * (LONGEST_TEXT + 1)})
    assert answer.status_code == 400
    assert "Split it" in answer.content.decode()


@pytest.mark.parametrize(("role", "status"), [("Clinical reviewer", 200), ("Receptionist", 403)])
def test_it_is_for_those_who_write_or_review(client_as: Any, role: str, status: int):
    client = client_as(role)
    assert client.post(PAGE, {}).status_code == status
    assert client.get(PAGE).status_code == (405 if status == 200 else 403)
