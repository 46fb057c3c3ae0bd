"""Blocks and shortcodes of WordPress become plain HTML."""

from typing import Any

import pytest

from articles.importers.wordpress import classic
from articles.importers.wordpress.attached import Attached
from articles.importers.wordpress.blocks import plain_html


def plain(content: str, told: list[str] | None = None, **facts: Any) -> str:
    facts = {"attached": {}, "reusable": {}, **facts}
    html = plain_html(content, post="7", tell=(told if told is not None else []).append, **facts)
    return html.replace(f"<{classic.TAG}>", "").replace(f"</{classic.TAG}>", "")


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
        ('[button url="https://a.example/b"]Book <b>now</b>[/button]',
         '<a href="https://a.example/b">Book <b>now</b></a>'),
        ('[vc_btn title="Book" link="url:https%3A%2F%2Fa.example%2Fb|target:_blank"]',
         ' <a href="https://a.example/b">Book</a> '),
        ('[pdf-embedder url="https://a.example/plan.pdf"]',
         ' <a href="https://a.example/plan.pdf">https://a.example/plan.pdf</a> '),
        ('[photo src="https://a.example/k.jpg" alt="A knee"]',
         '<img src="https://a.example/k.jpg" alt="A knee">'),
        ("[vc_raw_html]JTNDcCUzRVdhbGslM0MlMkZwJTNF[/vc_raw_html]", "<p>Walk</p>"),
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


def test_words_of_shortcodes_and_blocks_are_quoted():
    told: list[str] = []
    plain(
        '[cta title="Book your first visit" size="2"][/cta][vc_row css="a"]a[/vc_row]'
        '<!-- wp:acme/cta {"heading":"Ask us anything","width":3,"to":"https://a.example/"} /-->'
        '<!-- wp:acme/box {"shown":"Also in HTML"} --><p>Also in HTML</p><!-- /wp:acme/box -->',
        told,
    )
    said = "\n".join(told)
    assert '[cta title="Book your first visit" size="2"]' in said
    assert "The shortcode [vc_row] was removed" in said
    assert "“acme/cta” also said: “Ask us anything”, “https://a.example/”" in said
    assert "“acme/box” also said" not in said
