"""Texts that once kept a pattern busy for minutes, in which no other thread of the process runs.

The sizes are such that a slow pattern would take a quarter of an hour or more, and a sound one
takes less than a second. The alarm only ends what would not end.
"""

import signal
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest
from django.urls import reverse

from articles.manuscript import checks, ignored_markup
from articles.references import identifiers
from articles.references.formats import reading
from articles.references.formats.cleaning import cleaned
from articles.references.formats.pasted.parsing import parse
from clinic.lib import markdown
from clinic.lib.fields.visible_text import visible_line

PATIENCE = 60  # seconds


@pytest.fixture(autouse=True)
def _ends() -> Iterator[None]:
    def end(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"It took more than {PATIENCE} seconds.")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 60 + "Chys M. A title. J Pain. 2020;1:2-3.",
        " \n" * 60 + "FN x\n" * 20 + "A title",
        "@article{" + " " * 20_000 + "\n%",
        "@article(" + "a " * 10_000 + "\n%",
    ],
    ids=["blank lines", "headers", "spaces for a key", "a key of words"],
)
def test_the_beginning_of_a_file(text: str):
    list(reading.open_bibliography(text.encode(), ""))


@pytest.mark.django_db
def test_blank_lines_before_a_pasted_reference(client_as: Any):
    form = {"fill": "1", "paste": "\n" * 60 + "A title"}
    assert (
        client_as("Author").post(reverse("admin:articles_reference_add"), form).status_code == 200
    )


@pytest.mark.parametrize(
    "text",
    [
        "Hollis OT (2020). " + "A? In b (Ed.), " * 200 + "c (" + "p.1" * 400,
        "a" * 16 + " " + "A" * 2_000 + "- 2020;1:2-3",
        "a" * 16 + " " + "A. " * 1_000 + "2020;1:2-3",
    ],
    ids=["a chapter", "capitals", "initials"],
)
def test_a_pasted_reference(text: str):
    parse(text)


@pytest.mark.parametrize("sign", [".", "(", " ", "s", "suppl "])
def test_an_issue(sign: str):
    cleaned({"type": "article-journal", "title": "Knees", "issue": sign * 200_000})


def test_a_line_of_spaces():
    assert visible_line("a" + " " * 400_000 + "b") == "a" + " " * 400_000 + "b"
    assert visible_line("a \n\t b  c") == "a b  c"


@pytest.mark.parametrize("words", ["{{", "[your ", "<your ", "{{ ", "[a b=", '[a b="', "[a b=c "])
def test_the_checks_of_a_body(words: str):
    body = (words * 100_000)[:100_000]
    checks._LEFT_OVER.search(body)
    ignored_markup._SHORTCODE.search(body)


def test_heads_are_not_repeated_in_the_cells_of_a_huge_table():
    heads = "|".join(["&" * 80] * 900)
    rows = "\n".join(["|" * 900] * 72)
    page = markdown.render(f"|{heads}|\n|{'---|' * 900}\n{rows}")
    assert len(page.html) < 3_000_000


def test_a_body_of_citations():
    class Sources:
        schemes = frozenset[str]()

        def known(self, key: str) -> bool:
            return True

        def cite(self, items: Any, **_more: Any) -> dict[str, str]:
            return {"kind": "cite", "text": ""}

    markdown.render("[@a] " * 20_000, resolver=Sources())


@pytest.mark.parametrize("end", [")", "],", ");"])
def test_a_doi_with_many_brackets(end: str):
    assert identifiers.doi_in("10.1000/a(b)" + end * 400_000) == "10.1000/a(b)"
