"""The hash of a manuscript: what a reviewer signs, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.manuscript.citations import Source
from articles.manuscript.content_hash import content_hash, missing_parts
from articles.manuscript.rendering import Text
from tests.whole_site import add_picture

TEXT = Text(
    "Knees and stairs",
    "They hurt less.",
    ("Start low", "Go slowly"),
    "## Why\n\nThe knee carries\nmuch.\n\n- one\n- two",
    (("Does it hurt?", "A little."), ("For long?", "No.")),
)
CHYS = Source(
    1, "chys2023", {"title": "Needling", "issued": {"date-parts": [[2023]]}}, "10.1/x", "123"
)
HU = Source(2, "hu2018", {"title": "Backs", "issued": {"date-parts": [[2018]]}})
BASE = content_hash(TEXT, "fair", [CHYS, HU])


def with_csl(**changes: Any) -> Source:
    return replace(CHYS, csl={**CHYS.csl, **changes})


@pytest.mark.parametrize(
    "text",
    [
        replace(TEXT, title="  Knees  and\tstairs "),
        replace(TEXT, summary="They hurt\r\nless."),
        replace(TEXT, takeaways=("Start  low ", "Go slowly")),
        replace(TEXT, body=TEXT.body.replace("\n", "\r\n")),
        replace(TEXT, body=TEXT.body.replace("\n", "\r")),
        replace(TEXT, body=TEXT.body.replace("much.\n\n", "much.\n\n\n\n")),
        replace(TEXT, body=f"\n\n{TEXT.body}\n\n"),
        replace(TEXT, body=TEXT.body.replace("## Why", "## Why ")),
        replace(TEXT, faq=(("Does it  hurt?", "A little.\n"), TEXT.faq[1])),
    ],
)
def test_white_space_that_means_nothing_does_not_count(text: Text):
    assert content_hash(text, "fair", [CHYS, HU]) == BASE


@pytest.mark.parametrize(
    "text",
    [
        replace(TEXT, title="Knees and stair"),
        replace(TEXT, summary=""),
        replace(TEXT, takeaways=("Start low",)),
        replace(TEXT, takeaways=TEXT.takeaways[::-1]),
        replace(TEXT, takeaways=("Start low Go slowly",)),
        replace(TEXT, body=TEXT.body.replace("much", "little")),
        replace(TEXT, body=TEXT.body.replace("Why", "why")),
        replace(TEXT, body=TEXT.body.replace("- two", "  - two")),
        replace(TEXT, body=TEXT.body.replace("\n\n- one", "\n- one")),
        replace(TEXT, faq=TEXT.faq[:1]),
        replace(TEXT, faq=TEXT.faq[::-1]),
        replace(TEXT, faq=(("Does it hurt?", "A lot."), TEXT.faq[1])),
    ],
)
def test_each_word_and_the_order_count(text: Text):
    assert content_hash(text, "fair", [CHYS, HU]) != BASE


@pytest.mark.parametrize("certainty", ["", "firm", "thin"])
def test_certainty_counts(certainty: str):
    assert content_hash(TEXT, certainty, [CHYS, HU]) != BASE


@pytest.mark.parametrize(
    "source",
    [
        with_csl(title="Needling."),
        with_csl(issued={"date-parts": [[2024]]}),
        replace(CHYS, key="chys2023a"),
        replace(CHYS, doi="10.1/y"),
        replace(CHYS, pmid="124"),
    ],
)
def test_what_a_source_is_counts(source: Source):
    assert content_hash(TEXT, "fair", [source, HU]) != BASE


@pytest.mark.parametrize(
    "source",
    [
        with_csl(title=" Needling  "),
        with_csl(volume="12"),
        replace(CHYS, id=9),
        replace(CHYS, plain="In plain words."),
        replace(CHYS, kind="Trial"),
    ],
)
def test_what_is_only_said_about_a_source_does_not_count(source: Source):
    assert content_hash(TEXT, "fair", [source, HU]) == BASE


def test_the_order_in_which_sources_are_numbered_does_not_count():
    assert content_hash(TEXT, "fair", [HU, CHYS]) == BASE
    assert content_hash(TEXT, "fair", [HU]) != BASE


@given(st.text(), st.text())
def test_any_text_has_a_hash_and_other_words_have_another(one: str, other: str):
    first, second = (content_hash(replace(TEXT, title=title), "", []) for title in (one, other))
    assert len(first) == 64
    assert (first == second) == (one.split() == other.split())


def test_what_a_text_lacks_is_said(make_article: Any):
    article = make_article(title=" ", body=" ", hero=add_picture(""))
    found = {
        (issue.where, issue.code) for issue in missing_parts(article, Text.of_article(article))
    }
    assert found == {("title", "no-title"), ("body", "no-text"), ("hero", "missing-alt")}
