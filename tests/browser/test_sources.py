"""A source shows itself at its citation, however one comes there, and holds nobody."""

from playwright.sync_api import expect

from tests.browser.pages import ARTICLE
from tests.browser.test_keyboard import press_until


def test_focus_shows_a_source_and_leaves_again(page):
    page.goto(ARTICLE)
    citation, source = page.locator("#cite-1-1"), page.get_by_role("dialog")
    page.keyboard.press("Tab")  # from now on focus is that of a keyboard
    citation.focus()
    expect(source).to_be_visible()
    expect(citation).to_be_focused()
    press_until(page, "Close", most=1)
    for _ in range(10):
        page.keyboard.press("Tab")
        if not source.is_visible():
            break
    expect(source).to_be_hidden()
    expect(citation).not_to_be_focused()


def test_hovering_shows_a_source_and_leaving_hides_it(page):
    page.goto(ARTICLE)
    page.locator("#cite-1-1").hover()
    source = page.get_by_role("dialog")
    expect(source).to_be_visible()
    page.get_by_role("heading", level=1).hover()
    expect(source).to_be_hidden()


def test_evidence_is_narrowed_without_scripts(new_page):
    page = new_page(java_script_enabled=False)
    page.goto("/evidence/")
    rows = page.locator(".references > li")
    before = rows.count()
    page.get_by_label("Kind of source").select_option(index=1)
    page.get_by_role("button", name="Show").click()
    assert 0 < rows.count() < before
    assert "kind=" in page.url
