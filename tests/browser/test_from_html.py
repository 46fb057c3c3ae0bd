"""What is pasted becomes the writing format: the table of cases, in the browser."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.from_html import CASES, TEXTS, Case

STATIC = Path(__file__).parents[2] / "static"
HOME = "http://127.0.0.1:9/"  # answered here, by nobody else
RUN = """async (cases) => {
  const { markdownFromHTML, markdownFromText } = await import("/js/admin/from-html/index.js");
  const picture = (src, alt) => (src.startsWith("data:") ? ["/media/pasted.png", alt] : null);
  return cases.map(({ html, text, options }) => {
    const { markdown, told } = text
      ? markdownFromText(text)
      : markdownFromHTML(html, { picture, ...options });
    return [markdown, told];
  });
}"""


@pytest.fixture(scope="module")
def empty_page(browser: Any) -> Iterator[Any]:
    """A page that has the site's scripts, and nothing else."""
    page = browser.new_page()

    def answer(route: Any) -> None:
        path = STATIC / route.request.url.removeprefix(HOME)
        if path.is_file():
            kind = "text/javascript" if path.suffix == ".js" else "application/octet-stream"
            route.fulfill(path=path, content_type=kind)
        else:
            policy = {"Content-Security-Policy": "default-src 'self'"}
            route.fulfill(body="<!doctype html>", content_type="text/html", headers=policy)

    page.route(f"{HOME}**", answer)
    page.goto(HOME)
    yield page
    page.close()


def run(page: Any, cases: list[Case]) -> list[Any]:
    options = [
        {
            "boldHeadings": case.bold_headings,
            "firstNote": case.first_note,
            "raisesSigns": case.raises_signs,
        }
        for case in cases
    ]
    rows = [
        {"html": case.html, "text": case.text, "options": chosen}
        for case, chosen in zip(cases, options, strict=True)
    ]
    return json.loads(json.dumps(page.evaluate(RUN, rows)))


def test_each_case_is_written_as_the_table_says(empty_page: Any):
    said: list[str] = []
    empty_page.on("console", lambda message: said.append(message.text))
    cases = [*CASES, *TEXTS]
    found = run(empty_page, cases)
    wrong = {
        case.name: made
        for case, made in zip(cases, found, strict=True)
        if made != [case.markdown, case.told]
    }
    assert wrong == {}
    assert said == []  # such as a style that the policy refuses


SPLIT = """async ([name, text]) => {
  const parts = await import("/js/admin/pasted-parts.js");
  const split = parts[name](text);
  return split && [split.rest, split.found];
}"""
ASKED = "## FAQ\n\n### Does it *hurt*?\n\nNo.\n\nNot much.\n\n### Is 5 \\* 3 enough?\n\n- Yes"


@pytest.mark.parametrize(
    ("name", "text", "rest", "found"),
    [
        (
            "splitQuestions",
            f"Before.\n\n{ASKED}\n\n## After\n\nEnd.",
            "Before.\n\n## After\n\nEnd.",
            [
                {"question": "Does it hurt?", "answer": "No.\n\nNot much."},
                {"question": "Is 5 * 3 enough?", "answer": "- Yes"},
            ],
        ),
        (
            "splitQuestions",
            "**Frequently asked questions:**\n\n**Why?**\n\nSo.\n\n**More**\n\nEnd.\n\n[^1]: Note.",
            "**More**\n\nEnd.\n\n[^1]: Note.",
            [{"question": "Why?", "answer": "So."}],
        ),
        (
            "splitQuestions",
            "## Questions and answers\n\nAsk us.\n\nWhy?\n\nSo.",
            "## Questions and answers\n\nAsk us.",
            [{"question": "Why?", "answer": "So."}],
        ),
        ("splitQuestions", "## FAQ\n\n### Why?\n\n### How?\n\nSo.", None, None),  # no answer
        ("splitQuestions", "## FAQ\n\n### [Why](/why/)?\n\nSo.", None, None),  # a link would go
        ("splitQuestions", "## FAQ\n\n### Why?\n\nSo[^1].\n\n[^1]: Note.", None, None),
        ("splitQuestions", "## Why\n\nSo.", None, None),
        (
            "splitSummary",
            "**TL;DR:** Rest *helps*\nat first.\n\nThen words.",
            "Then words.",
            ["Rest helps at first."],
        ),
        (
            "splitSummary",
            "Before.\n\n## In short\n\nRest helps.\n\n## After\n\nEnd.",
            "Before.\n\n## After\n\nEnd.",
            ["Rest helps."],
        ),
        ("splitSummary", "## Summary\n\nRest.\n\nWalk.", None, None),  # two paragraphs
        ("splitSummary", "## Summary\n\n- Rest", None, None),
        ("splitSummary", "Summary: see [here](/why/).", None, None),  # a link would go
        (
            "splitTakeaways",
            "## Key takeaways\n\n- Walk\n- **Rest**\n\nThen words.",
            "Then words.",
            ["Walk", "**Rest**"],
        ),
        ("splitTakeaways", "## Key takeaways\n\n- Walk\n  - Far", None, None),  # a list in a list
        ("splitTakeaways", "## Key takeaways\n\nWords.", None, None),
        (
            "splitBoxes",
            "**📌 Expert Insight:** Rest.\n\nTip: *Walk*.\nFar.\n\nNo note: no.",
            '!!! insight "📌 Expert Insight"\n    Rest.\n\n!!! tip "Tip"\n    *Walk*.\n    Far.\n\n'
            "No note: no.",
            ["📌 Expert Insight", "Tip"],
        ),
        ("splitBoxes", "- Tip: walk", None, None),
    ],
)
def test_parts_of_a_pasted_article_are_found_and_no_word_is_lost(
    empty_page: Any, name: str, text: str, rest: str | None, found: Any
):
    split = empty_page.evaluate(SPLIT, [name, text])
    assert split == (None if rest is None else [rest, found])
