"""HTML from anywhere becomes the writing format, and no word is lost without being told."""

import unicodedata
from html import escape
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from articles.importers.from_html import Surroundings, markdown_from_html
from articles.importers.from_html.told import LABELS, sentence
from articles.importers.from_html.tree import parse
from clinic.lib import markdown
from tests.from_html import CASES, Case


def written(html: str, told: list[list[str]] | None = None, **facts: Any) -> str:
    """The Markdown of a piece of HTML in which pictures with data are at hand."""
    told = [] if told is None else told
    around = Surroundings(
        picture=lambda src, alt: ("/media/pasted.png", alt) if src.startswith("data:") else None,
        tell=lambda kind, words: told.append([kind, words]),
        **facts,
    )
    return markdown_from_html(html, around)


def made(case: Case) -> list[Any]:
    told: list[list[str]] = []
    facts = {
        "bold_headings": case.bold_headings,
        "first_note": case.first_note,
        "raises_signs": case.raises_signs,
    }
    return [written(case.html, told, **facts), told]


def test_each_case_is_written_as_the_table_says():
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)
    wrong = {case.name: made(case) for case in CASES if made(case) != [case.markdown, case.told]}
    assert wrong == {}


def letters(text: str) -> str:
    """The letters and digits of a text; raised and lowered ones as on the line."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isalnum())


def test_no_case_loses_a_word_without_telling():
    marks = {"bullet": "o", "label of a comment": "AB1", "number of a note": "1"}
    for case in CASES:
        root = parse(case.html)
        root.remove(lambda node: node.tag in ("style", "script", "noscript", "xml", "video"))
        kept = letters(case.markdown + " ".join(words for _kind, words in case.told))
        for node in root.walk():
            said = letters(node.text)
            assert said in kept or said in marks.values(), (case.name, node.text)


def test_everything_that_is_told_has_words_of_its_own():
    kinds = {kind for case in CASES for kind, _words in case.told}
    assert kinds <= set(LABELS)
    assert sentence("deleted", "two") == "Deleted or struck-through text was removed: “two”"
    assert sentence("script", "") == "A script was removed."


def test_hostile_nesting_takes_no_time():
    written("<b>" * 3_000 + "a" + "<div>" * 3_000)
    written("<ul><li>" * 3_000 + "a")
    written("<table><tr><td rowspan=9999 colspan=9999>a" * 60)
    written('<a href="#fn1"><sup>1</sup></a>' * 3_000)
    written("<style>" * 2_000 + ".a{" * 2_000)


SIGNS = "*_`[]()<>!#&-+=~|.:1a é\n✓"


@given(st.text(SIGNS, max_size=60))
def test_words_say_on_the_page_what_they_said_before(text: str):
    shown = markdown.render(written(f"<p>x{escape(text)}</p>")).plain
    assert "".join(shown.split()) == "".join(f"x{text}".split())


RUNS = st.lists(
    st.tuples(st.text("ab1 .:*_()", max_size=4), st.sets(st.sampled_from(["b", "i", "u"]))),
    max_size=8,
)


@given(RUNS)
def test_marks_never_show_as_signs(runs: list[tuple[str, set[str]]]):
    html = "".join(
        "".join(f"<{tag}>" for tag in sorted(tags))
        + escape(text)
        + "".join(f"</{tag}>" for tag in sorted(tags, reverse=True))
        for text, tags in runs
    )
    shown = markdown.render(written(f"<p>x{html}x</p>")).plain
    said = "x" + "".join(text for text, _tags in runs) + "x"
    assert "".join(shown.split()) == "".join(said.split())
