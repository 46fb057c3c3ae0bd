"""Whatever is written: no error, no unsafe HTML, no forged mark, no runaway."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.lib.markdown import CiteItem, Rendered, fill, plain_inline, render, render_inline
from clinic.lib.markdown.wall import sanitise

TAGS = frozenset(
    {
        *("h2", "h3", "h4", "h5", "h6", "p", "blockquote", "pre", "hr", "br", "ul", "ol", "li"),
        *("table", "thead", "tbody", "tr", "th", "td", "section", "aside", "div", "figure"),
        *("figcaption", "a", "span", "em", "strong", "code", "sub", "sup"),
    }
)
ATTRIBUTES = frozenset(
    {
        *("href", "id", "class", "title", "rel", "role", "scope", "start", "data-label"),
        *("aria-label", "aria-labelledby", "aria-describedby"),
    }
)


class Anything:
    """Knows every source, name and picture, and counts how often it is asked to cite."""

    schemes = frozenset({"article", "book"})

    def __init__(self) -> None:
        self.citations = 0

    def known(self, key: str) -> bool:
        return True

    def cite(
        self, items: Sequence[CiteItem], *, narrative: bool, line: int, sentence: str
    ) -> str | None:
        self.citations += 1
        return '<a class="cite" href="#ref-1">1</a>'

    def link(self, scheme: str, name: str) -> Mapping[str, Any] | None:
        return {"kind": "link", "name": name}

    def image(self, src: str) -> Mapping[str, Any] | None:
        return {"src": src}


class Inspector(HTMLParser):
    """Fails on any tag, attribute or address that is not expected."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        for name, value in attrs:
            assert name in ATTRIBUTES
            if name == "href":
                assert value is not None
                assert urlsplit(value).scheme in {"", "http", "https", "mailto", "tel"}
                assert value.startswith(("http", "mailto:", "tel:", "/", "#"))
                assert not value.startswith(("//", "/\\"))

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration")


def inspect(html: str) -> None:
    inspector = Inspector(convert_charrefs=True)
    inspector.feed(html)
    inspector.close()


# Pieces of every form, hostile and plain, that hypothesis puts together.
PIECES = st.sampled_from(
    [
        *("# ", "### ", "> ", "- ", "1. ", "✓ ", "✗ ", "• ", "    ", "\t", "\n", "\n\n", " "),
        *("---\n", "!!! tip\n", '!!! urgent "x"\n', "!!! what ", "| a | b |\n|--|:-:|\n", "|"),
        *("[@a]", "@a", "[@a; see @b, p. 3]", "[^a]", "[^a]: ", "[", "](", ")", "![", "*", "**"),
        *("`", "```\n", "\\", "[x](article:y)", "[x](book:)\n\n", "![a](/b 'c')", "[x]: y\n"),
        *("<https://x>", "<script>alert(1)</script>", "<img src=x onerror=y>", "<svg/onload="),
        *("<a href='javascript:z'>", "[x](javascript:alert(1))", "[x](//y)", "[x](/\\y)"),
        *("[x](data:text/html,y)", "](java\tscript:x)", "![](x\"onerror='y)", "<style>", "</p>"),
        *("<!--", "&lt;b&gt;", "&#xe000;", "\ue0000\ue001", "\ud800", "\x00", "\x0b", "\x1b"),
        *("'\"", "\r", "\u2028", "word", "Ärger", "痛み"),
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=200))


def shape(rendered: Rendered) -> tuple[object, ...]:
    return rendered.html, rendered.toc, rendered.problems, rendered.marks, rendered.plain


@settings(max_examples=4 * settings.default.max_examples)
@given(TEXTS, st.booleans())
def test_any_text_gives_safe_html(text, with_resolver):
    resolver = Anything() if with_resolver else None
    rendered = render(text, resolver=resolver)
    inspect(rendered.html)
    assert sanitise(rendered.html) == rendered.html
    rendered.html.encode()
    assert json.loads(json.dumps(rendered.marks)) == list(rendered.marks)
    lines = text.count("\n") + text.count("\r") + 1
    assert all(1 <= problem.line <= lines for problem in rendered.problems)
    assert shape(render(text, resolver=Anything() if with_resolver else None)) == shape(rendered)


@settings(max_examples=2 * settings.default.max_examples)
@given(TEXTS)
def test_each_mark_stands_once_in_the_html_and_no_other(text):
    rendered = render(text, resolver=Anything())
    drawn: list[Mapping[str, Any]] = []
    html = fill(rendered.html, rendered.marks, lambda mark: drawn.append(mark) or "")
    assert drawn == list(rendered.marks)
    assert "\ue000" not in html
    assert "\ue001" not in html


@settings(max_examples=2 * settings.default.max_examples)
@given(TEXTS)
def test_any_line_gives_safe_html(text):
    inspect(render_inline(text, resolver=Anything()))
    assert isinstance(plain_inline(text), str)


@settings(max_examples=2 * settings.default.max_examples)
@given(TEXTS)
def test_the_wall_alone_lets_nothing_through(text):
    inspect(sanitise(text.encode(errors="replace").decode()))


@pytest.mark.parametrize(
    "forged", ["\ue0000\ue001", "&#xe000;0&#xe001;", "`\ue0000\ue001`", "[&#xe000;0&#xe001;](/a)"]
)
def test_marks_cannot_be_forged(forged):
    rendered = render(f"[x](article:y) {forged}", resolver=Anything())
    drawn: list[Mapping[str, Any]] = []
    fill(rendered.html, rendered.marks, lambda mark: drawn.append(mark) or "")
    assert [mark["kind"] for mark in drawn] == ["link-open", "link-close"]


def test_what_a_filler_returns_is_not_filled_again():
    assert fill("\ue0000\ue001", [{"kind": "a"}], lambda mark: "\ue0000\ue001") == "\ue0000\ue001"


def test_a_mark_that_is_not_there_is_nothing():
    assert fill("a\ue0007\ue001b", [], lambda mark: "x") == "ab"


# Were any rule quadratic, the long ones would take minutes: these tests are there to finish.
@pytest.mark.parametrize("size", [20_000, pytest.param(200_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "piece",
    [
        *("[", "![", "*", "**a ", "`", "<", "&", "\\", "|", "](", "[a](", "![a](", "[a][", "[^"),
        *("@", "[@", "[@a", "@a;", "@a [", "-@a ", "[^a]: x\n", "!!! ", "!!! tip\n", "✓ ", "✓\n"),
        *("> ", "- ", "#", "# a\n", "x [@a]. B "),
    ],
)
def test_hostile_repetition_ends(piece, size):
    rendered = render((piece * (size // len(piece) + 1))[:size], resolver=Anything())
    assert len(rendered.html) < 60 * size


@pytest.mark.parametrize("opening", ["> ", "- ", "✓ ", "    ", "*a **b ", "[", "![", "1. "])
def test_deep_nesting_ends(opening):
    inspect(render(opening * 5_000 + "x").html)


def test_citations_are_asked_for_once_each():
    for count in (500, 1000):
        library = Anything()
        render("x [@a]. B " * count, resolver=library)
        assert library.citations == count


def test_wide_tables_do_not_blow_up():
    head = "|" + "a very long column head " * 400
    text = f"{head}|b\n|-|-\n" + "|\n" * 5_000
    assert len(render(text).html) < 50 * len(text)
