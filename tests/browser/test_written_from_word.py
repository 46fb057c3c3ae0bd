"""Five texts written through the desk by somebody who knows Word: pasted, and finished by hand
without one sign of Markdown."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.test_editor import NEW, forget
from tests.browser.texts import COMPARED, SHAPES, Manuscript, plain
from tests.browser.word import Hands, Pasted, word_of

MOST_ACTIONS = 40  # from the list of articles to the public page, for the longest shape
LIST = "/admin/articles/article/"


@pytest.mark.parametrize("text", SHAPES, ids=lambda text: text.slug[:20])
def test_a_text_from_word_is_public_without_a_sign(new_page: Any, page_of: Any, text: Manuscript):
    page = page_of("mara", visual=True, viewport={"width": 1440, "height": 900})
    page.goto(NEW)
    forget(page)
    page.goto(LIST)
    hands = Hands(page)
    hands.click(page.get_by_role("link", name=re.compile("Add article")).first)
    title = f"{text.title} Again"  # the same words are typed as Markdown elsewhere
    expect(page.get_by_label("Title:", exact=True)).to_be_focused()
    hands.type(title)
    if text.summary:
        hands.click(page.get_by_label("In short"))
        hands.paste("#id_summary", text.summary)
    pasted = word_of(text)
    hands.click(page.locator(".visual-text").first)
    hands.paste(".visual-text", "", pasted.html)
    expect(page.locator(".visual-text h2").first).to_be_visible()
    take_offers(hands, text)
    finish(hands, pasted)
    if text.author:
        choose(hands, "author", text.author)
    save_and_publish(hands)
    if text is COMPARED:
        assert hands.actions <= MOST_ACTIONS, f"{hands.actions} actions: see what was printed"

    visitor = new_page()
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower().replace("’", "")).strip("-")
    steps.wait_for(
        visitor, f"/articles/{slug}/", title
    )  # another process may know it a second later
    shown = plain(visitor.locator("main").text_content())
    assert [words for words in text.statements() if words not in shown] == []
    # What a service adds to the page was not chosen here.
    written = (".text > .body", ".callout")
    own = {css: n for css, n in text.shows.items() if any(each in css for each in written)}
    assert {css: visitor.locator(css).count() for css in own} == own
    assert visitor.locator("#questions details").count() == len(text.questions)
    assert visitor.locator(".takeaways li").count() == len(text.takeaways)


def take_offers(hands: Hands, text: Manuscript) -> None:
    """Take what the note under a pasted text offers."""
    offers = ["Make boxes of"] if '"💡' in text.body else []
    offers += ["Move the list"] if text.takeaways else []
    offers += ["Move the questions"] if text.questions else []
    for offer in offers:
        hands.click(hands.page.get_by_role("button", name=re.compile(offer)))


def finish(hands: Hands, pasted: Pasted) -> None:
    """Add by hand what Word has no shape for."""
    for kind, title, words in pasted.boxes:
        hands.place_caret(words[-30:])
        hands.type(f" /{kind}")
        hands.take()
        hands.type(title)
    for behind, keys in pasted.cited:
        hands.place_caret(behind)
        cite(hands, keys)
    for words, name in pasted.links:
        hands.mark(words)
        hands.button("Link")
        scheme, slug = name.split(":")
        form = "appointment.*" if scheme == "book" else ""
        hands.find(slug.replace("-", " ")[:12], form + slug.replace("-", "."))
        hands.button("Insert")
    for behind, label, service in pasted.panels:
        hands.place_caret(behind)
        hands.button("Booking panel")
        hands.find(service.replace("-", " ")[:8], service.replace("-", ".") or ".")
        field = hands.page.get_by_role("dialog").get_by_label("Text of the button")
        hands.click(field)
        field.select_text()
        hands.type(label)
        hands.button("Insert")


def cite(hands: Hands, keys: list[str]) -> None:
    dialog = hands.page.get_by_role("dialog")
    hands.button("Citation")
    for key in keys:
        author, year = re.fullmatch(r"([a-z]+)(\d{4})\w?", key).groups()
        hands.find(f"{author} {year}", f"{author}.*{year}")
        dialog.get_by_role("combobox").fill("")
    hands.button("Insert")


def choose(hands: Hands, field: str, words: str) -> None:
    page = hands.page
    hands.click(page.locator("summary", has_text=steps.PARTS[field]))
    hands.click(page.locator(f".field-{field} .select2-selection").first)
    hands.type(words)
    hands.click(page.locator(".select2-results__option", has_text=words).first)


def save_and_publish(hands: Hands) -> None:
    page = hands.page
    hands.button("Save and continue editing")
    expect(page.locator(".messagelist")).to_contain_text("successfully")
    hands.button("Publish …")
    page.wait_for_url("**/publish/")
    for reason in ("Reason for publishing without a review", "Reason for publishing with warnings"):
        if (field := page.get_by_label(reason)).count():
            hands.click(field)
            hands.type("Tried out.")
    hands.button("Publish")
    expect(page.locator(".messagelist")).to_contain_text("is live.")
