"""The visual editor under the hands of people who know word processors, and no Markdown."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import pages, steps
from tests.browser.test_editor import NEW, PASTE, WORD, body_of, forget

WRITTEN = """## Why stairs hurt

Pain is **not** damage [@chys2023].

- Start low
- Go slowly

!!! tip "Start low"
    Ten minutes are enough.

See [Dry needling](service:dry-needling)."""


@pytest.fixture
def desk(page_of: Any) -> Any:
    """A new text, open in the visual editor."""
    page = page_of("mara", visual=True)
    page.goto(NEW)
    forget(page)
    page.locator(".visual-text").first.click()
    return page


def choose(page: Any, name: str) -> None:
    """Type "/" and the name of what is wanted, and take it."""
    page.keyboard.type(f"/{name.lower()}")
    expect(page.get_by_role("option", name=name).first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")


def test_a_text_is_written_by_keyboard_alone_and_without_a_sign(desk: Any):
    keys = desk.keyboard
    choose(desk, "Heading")
    keys.type("Why stairs hurt\n")
    keys.type("Pain is ")
    keys.press("Control+b")
    keys.type("not")
    keys.press("Control+b")
    keys.type(" damage ")
    choose(desk, "Citation")
    dialog = desk.get_by_role("dialog")
    keys.type("chys 2023")
    expect(dialog.get_by_role("option")).to_have_count(1)
    keys.press("Enter")
    expect(dialog.get_by_label("Sources")).to_have_value("@chys2023")
    dialog.get_by_role("button", name="Insert").press("Enter")
    expect(desk.locator(".visual-cite")).to_have_text("Chys et al., 2023")
    keys.type(".\n")
    choose(desk, "List")
    keys.type("Start low\nGo slowly\n\n")
    choose(desk, "Box: Tip")
    keys.type("Start low\nTen minutes are enough.\n\n")
    keys.type("See ")
    keys.press("Control+k")
    keys.type("dry need")
    option = dialog.get_by_role("option", name="Dry needling service")
    expect(dialog.get_by_role("option", name="Hand therapy")).to_have_count(0)
    while option.get_attribute("aria-selected") != "true":
        keys.press("ArrowDown")
    keys.press("Enter")
    expect(dialog.get_by_label("Address")).to_have_value("service:dry-needling")
    dialog.get_by_role("button", name="Insert").press("Enter")
    keys.press("End")
    keys.type(".")
    expect(desk.locator("#id_body")).to_have_value(WRITTEN)
    keys.press("Tab")
    expect(desk.locator(".visual-text").first).not_to_be_focused()


def test_what_is_written_visually_and_as_text_is_one_text_and_the_choice_is_kept(desk: Any):
    odd = "Some  text\nin two lines\n\n```\ncode\n```\n*  an item\n\n\nLast.  "
    desk.get_by_role("button", name="Text", exact=True).click()
    desk.locator("#id_body").fill(odd)
    desk.get_by_role("button", name="Visual").click()
    place = desk.locator(".visual-text").first
    expect(place.get_by_role("group", name="Written as text")).to_contain_text("code")
    expect(desk.locator("#id_body")).to_have_value(odd)
    place.locator("li").click()
    desk.keyboard.press("End")
    desk.keyboard.type(" more")
    expect(desk.locator("#id_body")).to_have_value(odd.replace("*  an item", "* an item more"))
    desk.keyboard.press("Control+z")
    expect(desk.locator("#id_body")).to_have_value(odd)
    desk.get_by_role("button", name="Text", exact=True).click()
    desk.goto(NEW)
    expect(desk.locator("#id_body")).to_be_visible()
    desk.get_by_role("button", name="Visual").click()
    forget(desk)


def test_what_is_pasted_from_word_comes_with_its_meaning_and_goes_with_one_undo(desk: Any):
    desk.keyboard.type("Before.")
    desk.evaluate(PASTE, [".visual-text", WORD, "Stairs"])
    expect(desk.locator(".visual-text table th").first).to_have_text("Week")
    expect(desk.locator(".visual-text ul ul li")).to_have_text("Twice a week")
    desk.keyboard.press("Control+z")
    expect(desk.locator(".visual-text table")).to_have_count(0)
    expect(desk.locator("#id_body")).to_have_value("Before.")


def test_an_answer_is_written_visually_in_a_new_row(desk: Any):
    steps.unfold(desk, "Frequently asked questions")
    desk.get_by_role("button", name="Add another Question").click()
    desk.locator("#questions-0 .visual-text").click()
    desk.keyboard.type("No. Pain is ")
    desk.keyboard.press("Control+b")
    desk.keyboard.type("not")
    desk.keyboard.press("Control+b")
    desk.keyboard.type(" damage.")
    expect(desk.locator("#id_questions-0-answer")).to_have_value("No. Pain is **not** damage.")


def test_a_saved_article_is_not_changed_by_looking_at_it(page_of: Any):
    page = page_of("mara", visual=True)
    page.goto(pages.form_of_article(page))
    before = body_of(page)
    page.locator(".visual-text h2").first.click()
    page.keyboard.type("x")
    page.keyboard.press("Backspace")
    page.get_by_role("button", name="Text", exact=True).click()
    assert body_of(page) == before
    steps.save(page)
    assert body_of(page) == before


def test_an_editor_that_comes_late_takes_no_focus_from_a_field(page_of: Any):
    page = page_of("mara")  # who writes Markdown until now
    waiting: list[Any] = []
    page.route("**/visual/view*.js", lambda route: waiting.append(route))
    page.goto(NEW)
    forget(page)
    page.get_by_role("button", name="Visual").first.click()
    page.get_by_label("Title:", exact=True).click()
    page.keyboard.type("Why stairs ")
    assert waiting
    for route in waiting:
        route.continue_()
    expect(page.locator(".visual-text").first).to_be_visible()
    page.keyboard.type("hurt")
    expect(page.get_by_label("Title:", exact=True)).to_have_value("Why stairs hurt")


def test_the_menu_finds_a_box_by_its_kind(desk: Any):
    desk.keyboard.type("/urgent")
    option = desk.get_by_role("option", name="Box: Get help today")
    expect(option).to_have_attribute("aria-selected", "true")
    desk.keyboard.press("Enter")
    expect(desk.locator(".visual-text section")).to_have_count(1)
