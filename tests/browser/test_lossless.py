"""The visual editor loses nothing: what is not changed is written back byte for byte.

In the browser without the site: its modules are read from `static`. The CommonMark specification
(0.31.2, CC-BY-SA 4.0, tests/browser/commonmark) has an example of everything that Markdown can be.
"""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.from_html import CASES, TEXTS

ROOT = Path(__file__).parents[2]
EXAMPLES = re.compile(r"^`{32} example\n(.*?)^\.\n.*?^`{32}$", re.M | re.S)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
FRONT = re.compile(r"\A---\n.*?\n---\n", re.S)
# The constructs of the writing format.
OURS = """# Title

A *first* line [@chys2023, p. 3; @hu2018] with **bold [@a]**, `code` and [a link](article:knee).

## What helps
✓ It does
✓ Also **this**

✗ It does not
%%
!!! tip "Start low"
    Ten minutes[^1] are enough.

    - one
    - two

[^1]: Of walking.

!!! urgent
    1. Call
    2. Wait
%%
| Week | Load \\| kg |
| --- | ---: |
| 1 | *low* |
| 2 | 10^2^ |

[Book now](book:dry-needling)

![A knee](/media/images/knee.webp "From the side")
%%
3. three
4. four

   still four
   - deeper

> said
> so

- ✓ ticked
- ✓ too

See @chys2023 [p. 3], H~2~O.\\
Next line.

---

• pasted
• from Word
"""
EDITS = 40_000 if os.environ.get("EXAMPLES") == "thorough" else 2_000


def specification() -> list[str]:
    """Every example of CommonMark."""
    text = (ROOT / "tests/browser/commonmark/spec.txt").read_text()
    return [example.replace("→", "\t") for example in EXAMPLES.findall(text)]


def demo() -> list[str]:
    return [FRONT.sub("", path.read_text()) for path in ROOT.glob("articles/demo/*.md")]


def texts_of_tests() -> list[str]:
    """What other tests render or import: their strings without control characters, and the drafts
    of the table of cases."""
    paths = [
        *ROOT.glob("tests/clinic/**/test_markdown*.py"),
        *ROOT.glob("tests/articles/**/*wordpress*.py"),
    ]
    constants = (
        node.value
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    imported = {case.markdown for case in (*CASES, *TEXTS)}
    return sorted(
        imported | {text for text in constants if len(text) > 3 and not CONTROL.search(text)}
    )


@pytest.fixture
def bare(browser: Any) -> Iterator[Any]:
    """A page of no site that can load the modules of the editor."""
    page = browser.new_page()

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix("https://modules.test/")
        file = ROOT / ("tests/browser" if path == "lossless.js" else "static") / path
        if file.is_file():
            route.fulfill(path=file, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    page.route("**", answer)
    page.goto("https://modules.test/")
    yield page
    page.close()


def test_open_and_save_gives_the_same_bytes(bare: Any):
    texts = [*specification(), *demo(), *texts_of_tests(), "", "\n", "\n\n# A\n\n\n"]
    assert len(texts) > 1000
    run = "async texts => (await import('/lossless.js')).opened(texts)"
    assert bare.evaluate(run, texts) == []


@pytest.mark.slow if EDITS > 2_000 else pytest.mark.browser
def test_an_edit_changes_the_lines_of_its_block_and_nothing_else(bare: Any):
    examples = specification()
    together = ["\n".join(examples[at : at + 4]) for at in range(0, len(examples), 4)]
    texts = [*together, *OURS.split("%%\n")]  # the same at every run, whatever other tests say
    run = "async ([texts, count]) => (await import('/lossless.js')).edited(texts, 1, count)"
    assert bare.evaluate(run, [texts, EDITS]) == []
