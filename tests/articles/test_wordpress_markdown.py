"""HTML as WordPress stores it becomes our own writing format."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.wordpress.blocks import Attached, plain_html
from articles.wordpress.markdown import written
from articles.wordpress.words import Surroundings
from clinic.lib import markdown

CASES: dict[str, tuple[str, str]] = {
    "words": ("<p>Knees <b>ache</b>, <i>often</i>.</p>", "Knees **ache**, *often*."),
    "space inside bold": ("<p>a<b> bold </b>word</p>", "a **bold** word"),
    "bold against a letter": ("<b>Note:</b>then", "**Note**:then"),
    "neighbours": ("<b>a</b><b>b</b> <em></em>c", "**ab** c"),
    "bold in bold": ("<b>a <strong>b</strong></b>", "**a b**"),
    "headings": ("<h3>One</h3><h5>Two</h5>", "## One\n\n### Two"),
    "bold heading": ("<h2><strong>One</strong></h2>", "## One"),
    "empty paragraphs": ("<p>&nbsp;</p><p>a</p><p></p>", "a"),
    "list": ("<ul><li>a<li>b</ul>", "- a\n- b"),
    "numbers from three": ("<ol start='3'><li>a</li><li>b</li></ol>", "3. a\n4. b"),
    "nested": (
        "<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>",
        "- a\n  1. b\n- c",
    ),
    "list beside its item": ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b"),
    "loose list": ("<ul><li><p>a</p><p>b</p></li></ul>", "- a\n\n  b"),
    "quote": ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
    "code": ("<pre><code>if a &lt; b:\n  c</code></pre>", "```\nif a < b:\n  c\n```"),
    "table": (
        "<table><thead><tr><th>a</th><th>b|c</th></tr></thead><tr><td>1</td></tr></table>",
        "| a | b\\|c |\n| --- | --- |\n| 1 |  |",
    ),
    "table without head": (
        "<table><tr><td>1<br>2</td></tr></table>",
        "|  |\n| --- |\n| 1 2 |",
    ),
    "line break": ("<p>a<br>b</p>", "a\\\nb"),
    "two line breaks": ("<p>a<br><br>b</p>", "a\n\nb"),
    "ticks": ("<p>✓ a<br>✓ b</p>", "✓ a\n✓ b"),
    "raised": ("10<sup>2</sup> H<sub>2</sub>O", "10² H₂O"),
    "escaped": ("<p>*a* [b] # c_d_ _e_ &amp;copy;</p>", r"\*a\* \[b\] # c_d\_ \_e\_ \&copy;"),
    "looks like a heading": ("<p># a</p><p>1. b</p><p>- c</p>", "\\# a\n\n1\\. b\n\n\\- c"),
    "link": ('<a href="https://a.example/x (1)">w</a>', "[w](<https://a.example/x%20(1)>)"),
    "link that runs": ('<a href="javascript:alert(1)">w</a>', "w"),
    "bare address": (
        "<p>https://video.example/1</p>",
        "[https://video.example/1](https://video.example/1)",
    ),
    "frame": (
        '<iframe src="//video.example/1"></iframe>',
        "[https://video.example/1](https://video.example/1)",
    ),
    "figure": (
        '<figure><img src="/k.jpg" alt="A knee"><figcaption>Mine, "new"</figcaption></figure>',
        '![A knee](/media/k.jpg "Mine, ”new”")',
    ),
    "gallery": (
        '<figure class="wp-block-gallery"><figure><img src="/a.jpg" alt="A"></figure>'
        '<figure><img src="/b.jpg" alt="B"></figure><figcaption>Two</figcaption></figure>',
        "![A](/media/a.jpg)\n\n![B](/media/b.jpg)\n\n*Two*",
    ),
    "picture among words": (
        '<p><a href="/k.jpg"><img src="/k.jpg" alt="A knee"></a>Words</p>',
        "![A knee](/media/k.jpg)\n\nWords",
    ),
    "picture elsewhere": ('<img src="https://a.example/no.jpg" alt="No">',
                          "[No](https://a.example/no.jpg)"),
    "terms": ("<dl><dt>a<dd>b</dl>", "**a**\n\nb"),
    "details": ("<details><summary>a</summary><p>b</p></details>", "**a**\n\nb"),
    "div soup": ("<div>a<div><span><p>b</p></span></div>c</div>", "a\n\nb\n\nc"),
    "script": ("a<script>alert(1)</script><style>p{}</style>", "a"),
    "note": ('a<sup data-fn="x"><a href="#x">1</a></sup>', "a[^1]"),
}  # fmt: skip


def around(told: list[str] | None = None, **facts: Any) -> Surroundings:
    return Surroundings(
        link=lambda address: "" if address.startswith("javascript") else address,
        picture=lambda src, alt: None if "no.jpg" in src else (f"/media{src}", alt),
        note=lambda name: "1",
        tell=(told if told is not None else []).append,
        **facts,
    )


@pytest.mark.parametrize("name", CASES)
def test_each_form_is_written_in_ours(name: str):
    html, expected = CASES[name]
    assert written(html, around()) == expected


def test_a_classic_post_has_its_paragraphs_by_empty_lines():
    html = "One\nline\n\nTwo <em>words</em>\n\n<ul>\n<li>a</li>\n</ul>\nThree"
    expected = "One\\\nline\n\nTwo *words*\n\n- a\n\nThree"
    assert written(html, around(keeps_breaks=True)) == expected


@pytest.mark.parametrize(
    ("html", "word"),
    [
        ("<form><p>Send</p></form>", "form"),
        ("<script>1</script>a", "script"),
        ("<p><s>old</s></p>", "struck"),
        ("<table><tr><td colspan=2>a</td></tr></table>", "table"),
        ('<a href="https://a.example/"><img src="/a.jpg"></a>', "https://a.example/"),
        ("<iframe></iframe>", "frame"),
    ],
)
def test_what_is_lost_is_told(html: str, word: str):
    told: list[str] = []
    written(html, around(told))
    assert [word in message for message in told] == [True]


def plain(content: str, told: list[str] | None = None, **facts: Any) -> str:
    facts = {"attached": {}, "reusable": {}, **facts}
    return plain_html(content, post="7", tell=(told if told is not None else []).append, **facts)


def test_known_blocks_leave_their_html_and_no_word():
    told: list[str] = []
    content = '<!-- wp:heading {"level":3} --><h3>a</h3><!-- /wp:heading --><!--more-->b'
    assert plain(content, told).split() == ["<h3>a</h3>", "b"]
    assert told == []


def test_unknown_blocks_are_told_by_name():
    told: list[str] = []
    html = plain(
        "<!-- wp:acme/slider --><p>a</p><!-- /wp:acme/slider --><!-- wp:calendar /-->b", told
    )
    assert html == "<p>a</p>b"
    assert ["acme/slider" in told[0], "calendar" in told[1], len(told)] == [True, True, 2]


def test_a_reusable_block_is_put_in():
    content = '<!-- wp:block {"ref":7} /-->'
    inner = "<!-- wp:paragraph --><p>a</p><!-- /wp:paragraph -->"
    assert plain(content, reusable={"7": inner}) == "<p>a</p>"
    told: list[str] = []
    assert plain(content, told) == ""
    assert len(told) == 1
    assert plain(content, told, reusable={"7": content}) == ""  # it holds itself


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('[caption id="a" caption="Old"]<img src="/a.jpg">[/caption]',
         '<figure><img src="/a.jpg"><figcaption>Old</figcaption></figure>'),
        ('[caption id="a"]<a href="/a.jpg"><img src="/a.jpg"></a> New[/caption]',
         '<figure><a href="/a.jpg"><img src="/a.jpg"></a><figcaption>New</figcaption></figure>'),
        ("[embed]https://v.example/1[/embed]",
         '<p><a href="https://v.example/1">https://v.example/1</a></p>'),
        ("[youtube https://v.example/1]",
         '<p><a href="https://v.example/1">https://v.example/1</a></p>'),
        ("[vc_row][vc_column width='1/2']a[/vc_column][/vc_row]", "a"),
        ('[contact-form-7 id="1" title="Ask us"]', ""),
        ("pain [sic] and [see below] [1]", "pain [sic] and [see below] [1]"),
        ("[[gallery]]", "[gallery]"),
    ],
)  # fmt: skip
def test_shortcodes_become_html(content: str, expected: str):
    assert plain(content) == expected


def test_a_gallery_shows_its_pictures_and_tells_of_those_that_are_missing():
    told: list[str] = []
    attached = {"1": Attached("/a.jpg", alt="A <b>", caption="One")}
    html = plain('[gallery ids="1,2"]', told, attached=attached)
    assert html == (
        '<figure><img src="/a.jpg" alt="A &lt;b&gt;"><figcaption>One</figcaption></figure>'
    )
    assert ["2" in message for message in told] == [True]


def test_hostile_brackets_and_comments_take_no_time():
    plain("[a " + "b " * 20_000 + "<!-- wp:a {" * 50)
    plain('[a b="' * 2_000)
    written("<b>" * 3_000 + "a" + "<div>" * 3_000, around())


@settings(max_examples=60)
@given(st.text("*_`[]()<>!#&-+=~|.:1a é\n✓", max_size=60))
def test_words_say_on_the_page_what_they_said_in_the_post(text: str):
    from html import escape

    shown = markdown.render(written(f"<p>x{escape(text)}</p>", around())).plain
    assert "".join(shown.split()) == "".join(f"x{text}".split())
