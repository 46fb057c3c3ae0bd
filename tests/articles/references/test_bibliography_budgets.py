"""What a bibliography may cost: time and memory do not grow beyond its own length.

Nothing here is measured by the clock: each reading has seconds of the processor and an address
space that the machine itself enforces (heavy_bibliographies.py has the inputs).
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from articles.models import Reference, ReferenceUpload
from articles.references.formats import blocks, reading
from articles.references.formats.entry import Broken
from clinic.lib import nested_json
from tests.articles.references.heavy_bibliographies import BIBLIOGRAPHIES, doubled, ris, xml

ROOT = Path(__file__).parents[3]
IMPORT = "/admin/articles/reference/import/"
# Starts once and forks for each name: most of the time would go into starting.
READER = """
import json, os, resource, sys
import django
django.setup()
from articles.references.formats import reading
from articles.references.formats.entry import Broken
from articles.references.columns import columns_of
from tests.articles.references.heavy_bibliographies import BIBLIOGRAPHIES

def read(name):
    content = BIBLIOGRAPHIES[name][0]().encode()
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 6,) * 2)
    pages = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (pages + 250_000_000,) * 2)
    try:
        return [
            isinstance(one, Broken) or bool(columns_of(one.csl)) and one.csl["title"][:1]
            for one in reading.open_bibliography(content, "")
        ]
    except reading.Unreadable:
        return None

for line in sys.stdin:
    child = os.fork()
    if not child:
        print(json.dumps(read(json.loads(line))), flush=True)
        os._exit(0)
    print("ended:", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def read() -> Iterator[Callable[[str], Any]]:
    """`read(name)`: what a process with bounds finds in that bibliography."""
    with subprocess.Popen(
        [sys.executable, "-c", READER],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as reader:  # fmt: skip
        assert reader.stdin
        assert reader.stdout
        asked, answers = reader.stdin, reader.stdout

        def read(name: str) -> Any:
            print(json.dumps(name), file=asked, flush=True)
            answer = answers.readline()
            assert answer.startswith(("[", "null")), f"The process {answer}"
            assert answers.readline() == "ended: 0\n"
            return json.loads(answer)

        yield read


@pytest.mark.parametrize("name", BIBLIOGRAPHIES)
def test_no_bibliography_costs_more_than_it_may(name: str, read: Callable[[str], Any]) -> None:
    found, expected = read(name), BIBLIOGRAPHIES[name][1]
    if found is None:
        assert expected is None
        return
    read = [one for one in found if one is not True]
    assert len(read) == expected
    assert expected or found, "what is not read is told"


def test_strings_of_journals_are_still_put_in() -> None:
    text = '@string{j="The Journal of Knees"}\n' + "".join(
        f"@article{{k{n}, title={{T}}, journal=j # {{, Series B}}}}\n" for n in range(1_000)
    )
    found = list(blocks.read(text))
    assert len(found) == 1_000
    assert all(block.fields["journal"] == "The Journal of Knees, Series B" for block in found)


def test_what_is_too_long_is_told_with_its_line() -> None:
    found = list(reading.open_bibliography(doubled(20).encode(), "a.bib"))
    assert [one.line for one in found if isinstance(one, Broken)] == [15]
    assert "longer than 100000 characters" in next(one.why for one in found)


def test_a_paper_of_five_thousand_authors_is_taken() -> None:
    text = ris("".join(f"AU  - Oxenfordshire{n}, Maximiliana Q.\n" for n in range(5_154)))
    [entry] = reading.open_bibliography(text.encode(), "")
    assert len(entry.csl["author"]) == 5_154


def test_lines_that_go_on_are_put_together() -> None:
    [entry] = reading.open_bibliography(ris("AB  - one\n  two\n\n three\nVL  - 7\n").encode(), "")
    assert (entry.csl["abstract"], entry.csl["volume"]) == ("one two three", "7")


@pytest.mark.parametrize(
    "text",
    [
        ris("AU  - A, B\n") + xml("")[:0] + ris("AB  - " + "x" * 400_000 + "\n"),
        '[{"title":"a"},{"title":"b","x":' + "[" * 500 + "]" * 500 + "}]",
        xml("a").replace("</PubmedArticleSet>", "") + xml("<i>" * 500 + "</i>" * 500)[21:],
    ],
)
def test_the_desk_shows_what_it_does_not_take(client_as: Any, text: str) -> None:
    editor = client_as("Editor")
    preview = editor.post(IMPORT, {"text": text}).url
    page = editor.get(preview)
    assert page.context["counts"]["new"] == 1
    assert page.context["counts"]["broken"] >= 1
    report = editor.post(preview).context["report"]
    assert len(report.added) == 1
    assert report.problems
    assert not ReferenceUpload.objects.exists()


# -- JSON that is typed ----------------------------------------------------------------------------

DEEP = '{"title":"a","x":' + "[" * 900 + "]" * 900 + "}"


@pytest.mark.parametrize(
    "csl",
    [
        DEEP,
        '{"title":"a","x":' + "[" * 99_000 + "]" * 99_000 + "}",
        '{"title":"a","n":' + "1" * 5_000 + "}",
        '{"title":"a","n":1e999}',
        '{"title":"a","n":NaN}',
        '{"title":"a\\u0000"}',
        '{"title":"a\\ud800"}',
        '{"title":"' + "a" * 400_000 + '"}',
        "[" * 2_000,
        '"a"',
        "",
    ],
)
def test_a_reference_that_cannot_be_kept_is_refused(client_as: Any, csl: str) -> None:
    editor = client_as("Editor")
    page = editor.post("/admin/articles/reference/add/", {"key": "a2020", "csl": csl})
    assert page.status_code == 200
    assert page.context["adminform"].form.errors["csl"]
    assert not Reference.objects.exists()


def test_a_reference_is_typed_as_before(client_as: Any) -> None:
    editor = client_as("Editor")
    csl = json.dumps({"title": "Ä “b”", "author": [{"family": "Ok"}], "issued": {"raw": "2020"}})
    editor.post("/admin/articles/reference/add/", {"key": "a2020", "csl": csl})
    assert Reference.objects.get().csl == {**json.loads(csl), "type": "article-journal"}


@pytest.mark.parametrize("fields", ['{"body":' + "[" * 900, '{"a":' * 2_000, DEEP, "1" * 5_000])
def test_unsaved_words_that_are_no_words_are_refused(client_as: Any, fields: str) -> None:
    answer = client_as("Author").post("/admin/articles/article/working-copy/", {"fields": fields})
    assert answer.status_code == 400


def test_depth_is_counted_without_recursion() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    assert not nested_json.is_within_bounds(deep)
    assert nested_json.is_within_bounds([["x"] * 5] * 5, deepest=2)
    assert not nested_json.is_within_bounds([[["x"]]], deepest=2)
    assert not nested_json.is_within_bounds({"a" * 20: "b"}, longest=20)
    while isinstance(deep, list):  # taken apart again, or its end would be a recursion of its own
        deep = deep.pop()
