"""The writing format: what staff write and the HTML it becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from django.utils.html import format_html

from clinic.lib.markdown import CiteItem, Rendered, fill, plain_inline, render, render_inline


class Names:
    """Knows a few names; says "gone" of the rest."""

    schemes = frozenset({"article", "service", "book"})

    def known(self, key: str) -> bool:
        return False

    def cite(
        self, items: Sequence[CiteItem], *, narrative: bool, line: int, sentence: str
    ) -> str | None:
        return None

    def link(self, scheme: str, name: str) -> Mapping[str, Any] | None:
        return None if name == "gone" else {"kind": "link", "to": scheme, "id": name or None}

    def image(self, src: str) -> Mapping[str, Any] | None:
        return {"id": 7} if src.startswith("/media/") else None


def written(text: str) -> Rendered:
    return render(text, resolver=Names())


def shown(text: str) -> str:
    """Render and draw each mark as [its kind]."""
    rendered = written(text)
    return fill(rendered.html, rendered.marks, lambda mark: f"[{mark['kind']}]")


def codes(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in written(text).problems]


def test_paragraphs_keep_dashes_quotes_and_line_breaks():
    assert shown('One -- "two"\nthree') == '<p>One -- "two"\nthree</p>\n'


def test_html_is_text():
    assert shown("<b>x</b> & <script>y</script>") == (
        "<p>&lt;b&gt;x&lt;/b&gt; &amp; &lt;script&gt;y&lt;/script&gt;</p>\n"
    )


# Headings


def test_first_level_is_demoted_and_ids_are_unique_and_ascii():
    rendered = render("# Über Rücken\n\n## Pain\n\n## Pain\n\n### 痛み", id_prefix="a-")
    assert [(h.level, h.id, h.text) for h in rendered.toc] == [
        (2, "a-uber-rucken", "Über Rücken"),
        (2, "a-pain", "Pain"),
        (2, "a-pain-2", "Pain"),
        (3, "a-section", "痛み"),
    ]
    assert '<h2 id="a-pain-2">Pain</h2>' in rendered.html


def test_heading_ids_do_not_meet_those_of_notes():
    html = render("# fn 1\n\nx[^a]\n\n[^a]: y").html
    assert '<h2 id="fn-1">' in html
    assert '<aside class="note" id="fn-1-2"' in html
    assert 'href="#fn-1-2"' in html


def test_skipped_and_empty_headings_are_named():
    assert codes("### Low\n\n##\n\n## Fine\n\n#### Deep") == [
        (1, "heading-skipped"),
        (3, "empty-heading"),
        (7, "heading-skipped"),
    ]
    assert not any(problem.must for problem in written("### Low\n\n##").problems)
    assert "<h2" not in shown("##")


def test_contents_hold_only_headings_of_the_text_itself():
    rendered = written("## A\n\n> ## B\n\n!!! tip\n    ## C\n\n#### D")
    assert [heading.text for heading in rendered.toc] == ["A"]
    assert '<h3 id="c">C</h3>' in rendered.html


# Lists


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("✓ One\n✔ Two", '<ul class="ticks" aria-label="Checklist">'),
        ("✗ One\n✘ Two", '<ul class="crosses" aria-label="Not recommended">'),
        ("• One\n• Two", "<ul>"),
        ("•\tOne\n•\tTwo", "<ul>"),
        ("  • One\n  • Two", "<ul>"),
        ("• One\n  • Two", "<ul>"),
        ("      • One\n      • Two", "<ul>"),
        ("• One\n\n• Two", "<ul>"),
        ("- • One\n- • Two", "<ul>"),
        ("- ✓ One\n- ✓ Two", '<ul class="ticks" aria-label="Checklist">'),
        ("* ✗ One\n\n* ✗ Two", '<ul class="crosses" aria-label="Not recommended">'),
    ],
)
def test_lines_with_signs_are_one_list(text, opening):
    html = shown(text).replace("<p>", "").replace("</p>\n", "")
    assert html == f"{opening}\n<li>One</li>\n<li>Two</li>\n</ul>\n"


def test_a_sign_ends_a_paragraph_and_a_plain_line_ends_the_list():
    assert shown("It helps to:\n✓ Rest **well**\n✓ Move\nThe result?") == (
        '<p>It helps to:</p>\n<ul class="ticks" aria-label="Checklist">\n'
        "<li>Rest <strong>well</strong></li>\n<li>Move</li>\n</ul>\n<p>The result?</p>\n"
    )


def test_signs_of_another_kind_begin_another_list():
    assert shown("✓ Yes\n✗ No").count("<ul") == 2


def test_an_item_may_hold_more_text_and_a_list():
    assert shown("• One\n  more\n    • Below\n• Two") == (
        "<ul>\n<li>One\nmore<ul>\n<li>Below</li>\n</ul>\n</li>\n<li>Two</li>\n</ul>\n"
    )


def test_signs_after_a_bullet_item_are_a_list_of_their_own():
    html = shown("- One\n✓ Two")
    assert html.index("</ul>") < html.index('<ul class="ticks"')


def test_a_bullet_list_of_several_kinds_stays_as_it_is():
    assert shown("- ✓ One\n- Two") == "<ul>\n<li>✓ One</li>\n<li>Two</li>\n</ul>\n"


def test_numbered_lists_keep_their_start():
    assert shown("3. Three").startswith('<ol start="3">')


# Callouts


def test_callout_is_an_aside_with_its_title():
    assert shown('!!! insight "What *I* see"\n    One\n\n    - Two\n\nAfter') == (
        '<aside class="callout callout-insight">\n'
        '<div class="callout-title">What <em>I</em> see</div>\n'
        "<p>One</p>\n<ul>\n<li>Two</li>\n</ul>\n</aside>\n<p>After</p>\n"
    )


@pytest.mark.parametrize(
    ("kind", "urgency", "ends_with_numbers"),
    [
        ("warning", "Important: ", False),
        ("urgent", "Urgent advice: ", True),
        ("emergency", "Immediate action required: ", True),
    ],
)
def test_cards_say_their_urgency_and_show_the_numbers(kind, urgency, ends_with_numbers):
    html = shown(f'!!! {kind} "Fever"\n    Call.')
    assert f'<section class="card card-{kind}" aria-labelledby="card-{kind}">' in html
    assert (
        f'<h3 class="card-title" id="card-{kind}">'
        f'<span class="visually-hidden">{urgency}</span>Fever</h3>'
    ) in html
    assert ("[emergency-numbers]</div>" in html) is ends_with_numbers
    assert written(f"!!! {kind}\n    x").toc == ()


@pytest.mark.parametrize("kind", ["insight", "case", "tip", "warning", "urgent", "emergency"])
def test_callouts_without_a_title_get_one(kind):
    rendered = written(f"!!! {kind}\n\n    Body")
    assert rendered.plain.endswith("\nBody")
    assert len(rendered.plain.splitlines()) == 2


@pytest.mark.parametrize("opening", ["!!! tip “Rest”", "!!! Tip Rest", "!!!tip 'Rest'"])
def test_titles_are_read_as_people_type_them(opening):
    assert '<div class="callout-title">Rest</div>' in shown(f"Before\n{opening}\n    Body")


def test_unknown_callout_keeps_its_text():
    assert shown('!!! note "T"\n    One\n\n    Two') == (
        '<p>!!! note "T"</p>\n<p>One</p>\n<p>Two</p>\n'
    )
    assert codes("\n!!! note\n    One") == [(2, "unknown-callout")]


def test_callout_without_an_indented_text_is_named():
    assert codes("!!! tip\nNot indented") == [(1, "empty-callout")]


def test_callouts_nest():
    html = shown("!!! tip\n    A\n\n    !!! urgent\n        B\n\n    C")
    assert html.index("callout-tip") < html.index("card-urgent") < html.index("</section>")
    assert html.index("<p>C</p>") < html.index("</aside>")


# Links


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[a](/fees/)", '<a href="/fees/">a</a>'),
        ("[a](#pain)", '<a href="#pain">a</a>'),
        ("[a](tel:+15550100)", '<a href="tel:+15550100">a</a>'),
        ("<me@clinic.example>", '<a href="mailto:me@clinic.example">me@clinic.example</a>'),
        ("[a](https://x.example)", '<a href="https://x.example" rel="noopener">a</a>'),
        ("https://x.example", "https://x.example"),
    ],
)
def test_links_by_address(text, html):
    assert shown(text) == f"<p>{html}</p>\n"


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "//evil.example", "www.x.example"],
)
def test_links_that_lead_nowhere_stay_words(address):
    text = f"\n[words]({address})"
    assert shown(text) == "<p>words</p>\n"
    assert codes(text) == [(2, "refused-link")]


def test_link_by_name_is_two_marks_around_its_words():
    rendered = written("See [the *back*](article:low-back).")
    draw = {"link-open": format_html('<a href="{}">', "/articles/low-back/"), "link-close": "</a>"}
    assert fill(rendered.html, rendered.marks, lambda mark: draw[mark["kind"]]) == (
        '<p>See <a href="/articles/low-back/">the <em>back</em></a>.</p>\n'
    )
    assert rendered.marks[0] == {
        "kind": "link-open",
        "to": "article",
        "id": "low-back",
        "part": "open",
    }
    assert fill(rendered.html, rendered.marks, lambda mark: "") == (
        "<p>See the <em>back</em>.</p>\n"
    )


def test_link_to_an_unknown_name_stays_words_and_must_be_mended():
    rendered = written("\n\n[words](article:gone)")
    assert rendered.html == "<p>words</p>\n"
    (problem,) = rendered.problems
    assert (problem.line, problem.code, problem.must) == (3, "unknown-link", True)
    assert "gone" in problem.message


def test_link_without_words_is_named():
    assert codes("[](/fees/)") == [(1, "empty-link")]
    assert "<a" not in shown("[](/fees/)")


def test_booking_link_alone_is_a_panel_and_places_count_on():
    rendered = written(
        "[Book an appointment](book:)\n\nor [here](book:needling) it is\n\n[Go](book:x)"
    )
    first, opening, _, last = rendered.marks
    assert first == {
        "kind": "booking",
        "to": "book",
        "id": None,
        "label": "Book an appointment",
        "place": 1,
    }
    assert (opening["kind"], opening["id"], opening["place"]) == ("link-open", "needling", 2)
    assert (last["kind"], last["place"]) == ("booking", 3)
    assert shown("[Book](book:)") == "[booking]\n"


def test_booking_of_something_unknown_stays_words_with_one_problem():
    assert shown("[Book](book:gone)") == "<p>Book</p>\n"
    assert codes("[Book](book:gone)") == [(1, "unknown-link")]


# Pictures


def test_picture_alone_is_a_figure_with_its_title_below():
    rendered = written('![A bend](/media/7.png "Slowly & well")')
    assert rendered.marks == (
        {"id": 7, "kind": "image", "alt": "A bend", "caption": "Slowly & well"},
    )
    assert shown('![A bend](/media/7.png "Slowly & well")') == (
        '<figure class="figure">[image]<figcaption>Slowly &amp; well</figcaption></figure>\n'
    )


def test_pictures_on_lines_of_their_own_are_figures_each():
    assert shown("![a](/media/1)\n![b](/media/2)").count("<figure") == 2


def test_picture_within_text_is_no_figure():
    assert shown("See ![a](/media/1).") == "<p>See [image].</p>\n"


def test_picture_without_alt_text_must_be_mended():
    assert codes("![](/media/1)") == [(1, "missing-alt")]


def test_foreign_picture_is_its_alt_text():
    assert shown("![A bend](https://x.example/a.png)") == "<p>A bend</p>\n"
    assert codes("a\n![A bend](https://x.example/a.png)") == [(2, "foreign-image")]


# Tables


def test_cells_carry_the_head_of_their_column():
    html = shown("| With | Weeks |\n|---|--:|\n| *Sham* | 4 |")
    assert '<th scope="col">With</th><th scope="col" class="align-right">Weeks</th>' in html
    assert '<td data-label="With"><em>Sham</em></td>' in html
    assert '<td data-label="Weeks" class="align-right">4</td>' in html


def test_column_heads_are_escaped_in_cells():
    assert 'data-label="&quot;&lt;b&gt;"' in shown('| "<b> |\n|---|\n| x |')


# Notes


def test_note_follows_the_block_that_refers_to_it():
    html = shown("- One[^a]\n- Two\n\nAfter[^a]\n\n[^a]: The *note*.")
    assert '<sup class="noteref"><a href="#fn-1" id="fnref-1"' in html
    assert html.index("</ul>") < html.index('<aside class="note" id="fn-1"') < html.index("After")
    assert html.count('<aside class="note"') == 1
    assert '<a href="#fn-1" id="fnref-1-2"' in html
    assert 'href="#fnref-1" role="doc-backlink"' in html


def test_notes_are_numbered_as_met():
    html = shown("[^b]: Second.\n[^a]: First.\n\nOne[^a] two[^b]")
    assert html.index("First.") < html.index("Second.")
    assert ">a</a></sup> two<sup" in html
    assert '<span class="note-number">b</span>\n<p>Second.' in html


def test_notes_have_letters_as_sources_have_numbers():
    text = "".join(f"w[^n{n}] " for n in range(54))
    html = shown(text + "\n\n" + "".join(f"[^n{n}]: x\n\n" for n in range(54)))
    signs = re.findall(r'aria-label="Footnote (\w+)">', html)
    assert [signs[n] for n in (0, 25, 26, 51, 52, 53)] == ["a", "z", "aa", "az", "ba", "bb"]


def test_notes_in_notes_are_placed():
    html = shown("x[^a]\n\n[^a]: A[^b]\n[^b]: B[^a]")
    assert html.count('<aside class="note"') == 2


def test_note_without_text_and_text_without_note_are_named():
    assert codes("x[^a]\n\n[^b]: B") == [(1, "unknown-note"), (3, "unused-note")]
    assert "[^a]" in shown("x[^a]")


# The whole


def test_without_resolver_names_and_pictures_are_words_without_problems():
    rendered = render("[a](article:x) @key [@key] ![b](/media/1)")
    assert rendered.html == "<p>a @key [@key] b</p>\n"
    assert rendered.problems == rendered.marks == ()


def test_plain_text_and_words():
    rendered = written("# Back *pain*\n\n✓ `One`\n\n| A |\n|---|\n| [b](/c) |\n\n![pic](/media/1)")
    assert rendered.plain == "Back pain\nOne\nA\nb\npic"
    assert rendered.words == 6


def test_too_deep_nesting_is_named():
    assert codes(">" * 30 + " lost") == [(1, "too-deep")]


def test_one_line():
    assert render_inline("A *b* [c](article:x) ![d](/media/1)", resolver=Names()) == (
        "A <em>b</em> c d"
    )
    assert plain_inline("A **b** `c` [d](/e) & ![f](g)") == "A b c d & f"


def test_a_third_warning_is_too_many():
    text = '!!! warning "Wait"\n    Read this.\n\n'
    assert codes(text * 2) == []
    assert codes(text * 3) == [(7, "too-many-warnings")]
    assert not any(problem.must for problem in written(text * 3).problems)
