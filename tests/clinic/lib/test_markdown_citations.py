"""Citations in a text: Pandoc's grammar, reading order, and what is unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from clinic.lib.markdown import CiteItem, render, render_inline


class Library:
    """Holds the sources a, b and chys2023, and writes down what is cited."""

    schemes: frozenset[str] = frozenset()

    def __init__(self, as_marks: bool = False) -> None:
        self.as_marks = as_marks
        self.cited: list[tuple[tuple[CiteItem, ...], bool, int, str]] = []

    def known(self, key: str) -> bool:
        return key in {"a", "b", "chys2023", "doi:10.1/x-2"}

    def cite(
        self, items: Sequence[CiteItem], *, narrative: bool, line: int, sentence: str
    ) -> str | dict[str, Any] | None:
        self.cited.append((tuple(items), narrative, line, sentence))
        if self.as_marks:
            return {"kind": "cite", "keys": [item.key for item in items], "text": "Somebody"}
        words = "Chys et al., 2023" if narrative else ""
        return f'{words}<a class="cite" href="#ref-1">{len(self.cited)}</a>'

    def link(self, scheme: str, name: str) -> Mapping[str, Any] | None:
        return None

    def image(self, src: str) -> Mapping[str, Any] | None:
        return {"id": 1}


def cited(text: str) -> list[tuple[tuple[CiteItem, ...], bool]]:
    library = Library()
    render(text, resolver=library)
    return [(items, narrative) for items, narrative, _, _ in library.cited]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("[@a]", [CiteItem("a")]),
        ("[@a; @b, p. 3]", [CiteItem("a"), CiteItem("b", locator="p. 3")]),
        (
            "[see @a, pp. 3-5; also @b]",
            [CiteItem("a", locator="pp. 3-5", prefix="see"), CiteItem("b", prefix="also")],
        ),
        ("[-@a]", [CiteItem("a", suppress_author=True)]),
        ("[as -@a shows]", [CiteItem("a", prefix="as", suffix="shows", suppress_author=True)]),
        ("[@a, 33]", [CiteItem("a", locator="p. 33")]),
        ("[@a, 33-35, and more]", [CiteItem("a", locator="pp. 33-35", suffix="and more")]),
        ("[@a chap. 2]", [CiteItem("a", locator="chap. 2")]),
        ("[@a, in the table]", [CiteItem("a", suffix="in the table")]),
        ("[@doi:10.1/x-2]", [CiteItem("doi:10.1/x-2")]),
        ("[@a;\n@b]", [CiteItem("a"), CiteItem("b")]),
    ],
)
def test_bracketed(text, items):
    assert cited(f"It helps {text}.") == [(tuple(items), False)]


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("@a found", CiteItem("a")),
        ("(@a)", CiteItem("a")),
        ("@a.", CiteItem("a")),
        ("*@a*", CiteItem("a")),
        ("@a [p. 3] found", CiteItem("a", locator="p. 3")),
        ("@a [see table] found", CiteItem("a", suffix="see table")),
    ],
)
def test_narrative(text, item):
    assert cited(text) == [((item,), True)]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("@a [p. 3; @b]", [CiteItem("a", locator="p. 3"), CiteItem("b")]),
        (
            "@a [p. 3; see also @b, 5; -@chys2023]",
            [
                CiteItem("a", locator="p. 3"),
                CiteItem("b", locator="p. 5", prefix="see also"),
                CiteItem("chys2023", suppress_author=True),
            ],
        ),
        ("@a [; @b]", [CiteItem("a"), CiteItem("b")]),
        ("@a [p. 3; and more]", [CiteItem("a", locator="p. 3", suffix="; and more")]),
    ],
)
def test_narrative_with_others_behind_it(text, items):
    assert cited(f"{text} found") == [(tuple(items), True)]


def test_a_citation_after_a_name_is_one_of_its_own():
    assert cited("@a [@b] and @a [see @b; @a]") == [
        ((CiteItem("a"),), True),
        ((CiteItem("b"),), False),
        ((CiteItem("a"),), True),
        ((CiteItem("b", prefix="see"), CiteItem("a")), False),
    ]


def test_an_unknown_key_behind_a_name_is_told():
    rendered = render("@a [p. 3; @nix2020]", resolver=Library())
    assert "@a [p. 3; @nix2020]" in rendered.html
    assert [problem.code for problem in rendered.problems] == ["unknown-citation"]


@pytest.mark.parametrize(
    "text",
    [
        "me@a",
        "me.@a",
        "https://x.example/@a",
        r"\@a",
        r"[\@a]",
        "`@a` `[@a]`",
        "    [@a]",
        "```\n[@a]\n```",
        "![about @a](/media/1)",
        "[by @a](/fees/)",
        "@somebody",
        "[me@a.example]",
    ],
)
def test_no_citation(text):
    library = Library()
    rendered = render(text, resolver=library)
    assert library.cited == []
    assert rendered.problems == ()


def test_narrative_leaves_a_link_after_it_alone():
    html = render("@a [fees](/fees/)", resolver=Library()).html
    assert '<a href="/fees/">fees</a>' in html


def test_a_link_may_follow_a_citation_at_once():
    assert cited("[@a][@b]") == [((CiteItem("a"),), False), ((CiteItem("b"),), False)]


def test_each_unknown_key_is_named_with_its_line():
    rendered = render("One\n\nTwo\nis [@a; @nix2020; @nox].", resolver=Library())
    assert "[@a; @nix2020; @nox]" in rendered.html
    assert [(p.line, p.code, p.must) for p in rendered.problems] == [
        (4, "unknown-citation", True)
    ] * 2
    assert "nix2020" in rendered.problems[0].message
    assert "nox" in rendered.problems[1].message


def test_what_the_resolver_cannot_cite_stays_as_written():
    class Forgetful(Library):
        def cite(self, items, *, narrative, line, sentence):
            return None

    rendered = render("@a and [@b]", resolver=Forgetful())
    assert rendered.html == "<p>@a and [@b]</p>\n"
    assert [problem.code for problem in rendered.problems] == ["unknown-citation"]
    assert "“b”" in rendered.problems[0].message


def test_numbers_run_in_reading_order():
    library = Library()
    text = """[^n]: In a note [@a, 3].

# Head [@a, 1]

- Item[^n] [@a, 2]

!!! tip "Title [@a, 4]"
    Body [@a, 5]

| Col [@a, 6] | |
|---|---|
| [@a, 7] | @a [8] |
"""
    render(text, resolver=library)
    assert [items[0].locator for items, *_ in library.cited] == [f"p. {n}" for n in range(1, 9)]
    assert [line for _, _, line, _ in library.cited] == [3, 5, 1, 7, 8, 10, 12, 12]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("First. It *helps* [@a]. Third.", ["It helps."]),
        ("First. It helps. [@a] Third.", ["It helps."]),
        ("First. @a found it. Third.", ["@a found it."]),
        ("[@a] Before all. Then.", ["Before all."]),
        ("Tight muscles, e.g. The calf, ache [@a].", ["Tight muscles, e.g. The calf, ache."]),
        ("One [@a] and two\n[@b], too! End.", ["One and two, too!", "One and two, too!"]),
        ("Noted[^n] here [@a].\n\n[^n]: x", ["Noted here."]),
    ],
)
def test_sentence_around(text, sentences):
    library = Library()
    render(text, resolver=library)
    assert [sentence for *_, sentence in library.cited] == sentences


def test_plain_text_holds_names_but_no_numbers():
    rendered = render("# Pain [@a]\n\nIt helps [@a]. @a agree.", resolver=Library(as_marks=True))
    assert rendered.plain == "Pain\nIt helps. Somebody agree."
    assert [heading.text for heading in rendered.toc] == ["Pain"]


def test_a_citation_may_be_a_mark():
    rendered = render("It helps [@a; @b].", resolver=Library(as_marks=True))
    assert rendered.marks == ({"kind": "cite", "keys": ["a", "b"], "text": "Somebody"},)


def test_html_of_a_citation_is_sanitised():
    class Careless(Library):
        def cite(self, items, *, narrative, line, sentence):
            return '<a href="javascript:x" onclick="y" class="cite">1</a><script>z</script>'

    assert render("[@a]", resolver=Careless()).html == '<p><a class="cite">1</a></p>\n'


def test_citation_in_one_line():
    assert render_inline("Helps [@a]", resolver=Library()) == (
        'Helps<a class="cite" href="#ref-1">1</a>'
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It helps [@a].", "It helps.#"),
        ("It helps. [@a]", "It helps.#"),
        ("It helps.[@a] More.", "It helps.# More."),
        ("It helps [@a], and more [@a]: so.", "It helps,# and more#: so."),
        ("It helps\n[@a].\nMore.", "It helps.#\nMore."),
        ("It helps [@a] [@b].", "It helps.##"),
        ("It helps! [@a]", "It helps!#"),
        ("It helps (a bit [@a]).", "It helps (a bit#)."),
        ("**It helps** [@a].", "<strong>It helps</strong>.#"),
        ("And so on [@a] ...", "And so on# ..."),
        ("It helps [@a]...", "It helps#..."),
        ("[@a] helps.", "# helps."),
        ("It helps [@no].", "It helps [@no]."),
    ],
)
def test_a_citation_stands_after_the_stop_everywhere(text: str, shown: str):
    html = render(text, resolver=Library()).html
    assert re.sub(r"<a .*?</a>", "#", html) == f"<p>{shown}</p>\n"


def test_a_name_in_the_sentence_stays_where_it_is():
    html = render("So said @a, and others.", resolver=Library()).html
    assert re.sub(r"<a .*?</a>", "#", html) == "<p>So said Chys et al., 2023#, and others.</p>\n"
