"""The shapes in which clinics publish: typed into the real admin, read by the public."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.texts import NEEDLES, SHAPES, plain


@pytest.mark.parametrize("text", SHAPES, ids=lambda text: text.slug[:20])
def test_no_sentence_and_no_structure_is_lost(new_page, page_of, text):
    editor = page_of("mara")
    steps.write(editor, text)
    if text is NEEDLES:
        steps.choose(editor, "related", "Tennis elbow")
        steps.save(editor)
    steps.publish(editor)

    visitor = new_page()
    visitor.goto(f"/articles/{text.slug}/")
    shown = plain(visitor.locator("main").text_content())
    assert [words for words in text.statements() if words not in shown] == []
    assert {css: visitor.locator(css).count() for css in text.shows} == text.shows
    assert "!!!" not in shown
    assert not re.search("[•✓✗]", shown)
    if text is NEEDLES:
        expect(visitor.locator(".read-next h3").first).to_have_text(re.compile("elbow", re.I))
        assert_sources_are_cited_in_the_text(visitor)


def assert_sources_are_cited_in_the_text(visitor):
    """The two references to the letter, and the line that names them."""
    entries = visitor.locator("#sources .entry").all_text_contents()
    assert [plain(entry) for entry in entries] == [
        "Chys M, De Meulemeester K, De Greef I, et al. Clinical Effectiveness of Dry Needling in "
        "Patients with Musculoskeletal Pain-An Umbrella Review. J Clin Med. 2023;12(3):1205.",
        "Hu HT, Gao H, Ma RJ, et al. Is dry needling effective for low back pain?: A systematic "
        "review and PRISMA-compliant meta-analysis. Medicine (Baltimore). 2018;97(26):e11225.",
    ]
    line = visitor.locator("p", has_text="Sources:")
    assert re.sub(r"\s*Source \d", "", plain(line.text_content())) == (
        "Sources: Chys et al., 2023, Journal of Clinical Medicine; "
        "Hu et al., 2018, Medicine (Baltimore)"
    )


def test_what_is_typed_wrongly_is_named_with_its_line(page_of):
    author = page_of("ines")
    author.goto("/admin/articles/article/add/")
    body = author.get_by_label("Text:")
    body.fill("Fine.\n\nNo such source [@nobody1999].\n\n!!! warning\nNot indented.\n")
    problems = author.locator("[data-problems]")
    expect(problems).to_contain_text("nobody1999")
    jump = problems.get_by_role("button", name="Line 3")
    jump.click()
    expect(body).to_be_focused()
    chosen = "field => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert body.evaluate(chosen) == "No such source [@nobody1999]."
