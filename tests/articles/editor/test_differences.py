"""Differences by words, and the page that shows them."""

from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from articles.editor.diff import between
from articles.publishing import publish
from clinic.lib.comparing import by_words


def said(old: str, new: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in by_words(old, new)]


def test_words_are_compared_not_lines():
    assert said("Rest for three days.", "Rest for two days.") == [
        ("same", "Rest for "),
        ("gone", "three"),
        ("new", "two"),
        ("same", " days."),
    ]
    assert said("", "New.") == [("new", "New.")]
    assert said("Same.", "Same.") == [("same", "Same.")]


def test_long_stretches_without_a_difference_are_cut():
    words = "word " * 400
    pieces = said(f"{words}\n\nOld.", f"{words}\n\nNew.")
    assert len(pieces[0][1]) < 400
    assert "…" in pieces[0][1]
    assert ("gone", "Old") in pieces
    assert ("new", "New") in pieces


words = st.lists(st.sampled_from(["knee", "hip", "rest", "\n\n", " ", "."]), max_size=30)


@given(old=words, new=words)
def test_both_texts_can_be_read_out_of_a_difference(old: list[str], new: list[str]):
    before, after = "".join(old), "".join(new)
    pieces = by_words(before, after)
    assert "".join(p.text for p in pieces if p.kind != "new") == before
    assert "".join(p.text for p in pieces if p.kind != "gone") == after


def test_every_part_that_differs_is_named(make_article: Any, knee: Any, noon: Any):
    article = make_article(questions=[("Does it hurt?", "A little.")])
    edition = publish(article, by=None, at=noon)
    assert between(edition, article) == []
    article.title, article.certainty = "Hips", "firm"
    article.questions.update(answer="No.")
    article.topics.add(knee)
    labels = [part.label for part in between(edition, article)]
    assert labels == ["Title", "Question 1", "Evidence", "Topics"]


def test_the_page_compares_what_is_asked(client_as: Any, make_article: Any, noon: Any):
    article = make_article(body="First words.")
    url = reverse("admin:articles_article_compare", args=[article.pk])
    client = client_as("Author")
    assert "First words." in client.get(url).content.decode()  # nothing older: all of it
    for number, body in enumerate(["Second words.", "Third words."], start=1):
        publish(article, by=None, at=noon.replace(hour=number))
        article.body = body
        article.save()
    page = client.get(url).content.decode()
    assert "Second</del>" in page
    assert "Third</ins>" in page
    page = client.get(url, {"old": 1, "new": 2}).content.decode()
    assert "First</del>" in page
    assert "Second</ins>" in page
    for wrong in ("9", "x", "-1"):
        assert client.get(url, {"old": wrong}).status_code == 404


@pytest.mark.parametrize("role", ["Receptionist", "Practitioner"])
def test_the_history_is_for_those_who_write_or_review(role: str, client_as: Any, make_article: Any):
    url = reverse("admin:articles_article_compare", args=[make_article().pk])
    assert client_as(role).get(url).status_code == 403
