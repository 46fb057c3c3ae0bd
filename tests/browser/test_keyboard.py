"""Everything by keyboard, and always with a focus that is seen."""

from typing import Any

from playwright.sync_api import expect

from tests.browser import steps

ARTICLE = "/articles/dry-needling-low-back-pain/"

# What is focused (its name, and whether it is seen), or null for the document itself.
FOCUSED = """() => {
  const on = document.activeElement;
  if (!on || on === document.body) return null;
  const style = getComputedStyle(on);
  const box = on.getBoundingClientRect();
  const label = on.labels?.length ? on.labels[0].innerText : "";
  return {
    name: (on.getAttribute("aria-label") || label || on.innerText || on.value || "").trim(),
    seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
      && box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


def press_until(page: Any, name: str, *, most: int = 60) -> None:
    """Press Tab until what has this name is focused; each stop on the way must be visible."""
    page.wait_for_load_state()
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused:
            assert focused["seen"], f"The focus on {focused['name']!r} is not seen"
            if focused["name"].startswith(name):
                return
    raise AssertionError(f"Tab did not lead to {name!r}")


def test_skip_link_leads_past_the_header(page):
    page.goto(ARTICLE)
    press_until(page, "Skip to main content", most=1)
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    press_until(page, "Home", most=1)


def test_menu_of_a_phone(new_page):
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto("/")
    press_until(page, "Menu")
    menu = page.get_by_role("navigation", name="Menu", exact=True)
    expect(menu).to_be_hidden()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    press_until(page, "Articles", most=3)
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(page.locator("summary", has_text="Menu")).to_be_focused()
    page.keyboard.press("Enter")
    press_until(page, "Articles", most=3)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Articles")


def test_source_of_a_sentence(page):
    page.goto(ARTICLE)
    citation = page.locator("#cite-1-1")
    citation.scroll_into_view_if_needed()
    citation.focus()
    page.keyboard.press("Enter")
    source = page.get_by_role("dialog")
    expect(source).to_be_visible()
    expect(source.get_by_role("button", name="Close")).to_be_focused()
    press_until(page, "doi", most=2)
    page.keyboard.press("Escape")
    expect(source).to_be_hidden()
    expect(citation).to_be_focused()


def test_booking_to_the_end(page):
    page.goto(f"{ARTICLE}#questions")
    page.locator("#questions-title").evaluate("head => { head.tabIndex = -1; head.focus(); }")
    press_until(page, "Request an appointment")
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/**")
    press_until(page, "Physiotherapy")  # the article has two services: none is chosen for us
    page.keyboard.press("Space")
    press_until(page, "Continue")
    page.keyboard.press("Enter")
    page.wait_for_url("**service=physiotherapy**")
    press_until(page, "Yes, at least one")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("No, none of them")).to_be_checked()
    press_until(page, "Continue")
    page.keyboard.press("Enter")
    expect(page.get_by_text("page 2 of 2")).to_be_visible()
    press_until(page, "Yes, at least one")
    page.keyboard.press("ArrowDown")
    press_until(page, "Continue")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Step 2 of 5")).to_be_visible()
    press_until(page, "Continue")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Preferred times")).to_be_focused()
    press_until(page, "Thursday")
    page.keyboard.press("Space")
    press_until(page, "Continue")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your details")).to_be_focused()
    press_until(page, "No, this is my first appointment", most=1)
    page.keyboard.press("Space")
    press_until(page, "Your name")
    page.keyboard.type("Ivo Marsh")
    press_until(page, "Email")
    page.keyboard.type("ivo.marsh@mail.example")
    press_until(page, "Continue")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check your answers")).to_be_focused()
    press_until(page, "Send request")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Thank you. We’ve received your request."
    )
    assert "?sent" in page.url


def test_desk_and_editor(page_of):
    """Tab leaves the text field, as everywhere: nobody is caught in it."""
    page = page_of("ines")
    page.goto("/admin/articles/article/add/")
    expect(page.get_by_label("Title:", exact=True)).to_be_focused()
    body = page.get_by_label("Text:")
    body.focus()
    page.keyboard.type("A first word.")
    page.keyboard.press("Tab")
    expect(body).not_to_be_focused()
    expect(body).to_have_value("A first word.")


def test_search_from_any_page_of_the_desk(page_of):
    page = page_of("mara")
    page.goto("/admin/")
    page.keyboard.press("Control+k")
    expect(page.get_by_label("Search articles")).to_be_focused()
    page.keyboard.type("arthritic knee")
    expect(page.get_by_role("status")).to_contain_text("Found in: Articles")
    press_until(page, "Exercise for an arthritic knee", most=4)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto("/admin/articles/article/add/")
    expect(page.get_by_label("Title:", exact=True)).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search")).to_have_count(0)
    page.get_by_role("link", name="Search", exact=True).click()
    page.wait_for_url("**/admin/search/")
    expect(page.get_by_label("Search articles")).to_be_focused()
    page.keyboard.type("arthritic knee")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Exercise for an arthritic knee").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Exercise for an arthritic knee")


def test_a_request_at_the_desk(page_of):
    page = page_of("joan")
    page.goto("/admin/bookings/enquiry/")
    press_until(page, "Open the most urgent request")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/**")
    press_until(page, "Staff note")
    page.keyboard.type("Comes with her daughter.")
    press_until(page, "Save note", most=1)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Comes with her daughter.")).to_be_visible()
    page.wait_for_load_state()
    press_until(page, "Offer times")
    page.keyboard.press("Enter")
    press_until(page, "Hold the times and email the patient")
    page.keyboard.press("Enter")
    expect(page.locator("#do-offer .has-error").first).to_be_visible()


def test_wrong_input_by_keyboard(page):
    page.goto("/book/?service=physiotherapy")
    press_until(page, "Continue")
    page.keyboard.press("Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    press_until(page, "Answer “Yes” or “No”", most=1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="Yes, at least one").first).to_be_focused()
    steps.pass_gate(page)


def test_suggestions_of_the_search(page):
    page.goto("/search/")
    field = page.locator("main").get_by_role("combobox", name="Search this site")
    options = page.locator("main").get_by_role("option")
    field.press_sequentially("needl")
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    chosen = options.first.get_attribute("id")
    expect(field).to_have_attribute("aria-activedescendant", chosen)
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    field.press_sequentially("i")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")  # past the end: nothing is chosen
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=needli*")
    expect(page.get_by_role("link", name="Back to results for “needli”")).to_be_visible()
