"""Lists and rows are put in order by dragging and by keyboard."""

from typing import Any

from playwright.sync_api import expect

LISTED = "/admin/clinic/service/"


def names(page: Any) -> list[str]:
    return page.locator("#result_list tbody th").all_inner_texts()


def grip(page: Any, row: Any) -> tuple[float, float]:
    """The middle of the handle of a row, in view."""
    handle = row.locator(".drag-handle")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Any, row: Any, onto: Any) -> None:
    """Drag a row by its handle below the middle of another one."""
    page.mouse.move(*grip(page, row))
    page.mouse.down()
    box = onto.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] / 2, steps=4)
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] - 2, steps=4)


def test_a_list_by_keyboard_and_by_dragging(page_of):
    page = page_of("mara")
    page.goto(LISTED)
    before = names(page)
    page.get_by_role("button", name=f"Move “{before[0]}” down").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"“{before[0]}” is now number 2 of {len(before)}.")).to_be_visible()
    expect(page.get_by_role("button", name=f"Move “{before[0]}” down")).to_be_focused()
    assert names(page) == [before[1], before[0], *before[2:]]
    rows = page.locator("#result_list tbody tr")
    drag(page, rows.nth(0), rows.nth(2))
    page.keyboard.press("Escape")
    page.mouse.up()
    assert names(page) == [before[1], before[0], *before[2:]]
    drag(page, rows.nth(0), rows.nth(2))
    page.mouse.up()
    expect(page.get_by_text(f"“{before[1]}” is now number 3 of {len(before)}.")).to_be_visible()
    assert names(page) == [before[0], before[2], before[1], *before[3:]]
    page.get_by_role("button", name=f"Move “{before[1]}” up").click()
    expect(page.get_by_text(f"“{before[1]}” is now number 2 of {len(before)}.")).to_be_visible()
    assert names(page) == before


def test_questions_inside_a_form(page_of):
    page = page_of("mara")
    page.goto("/admin/articles/article/?q=sciatica&kind__exact=article")
    page.locator("#result_list th a", has_text="Sciatica").click()
    page.locator("summary", has_text="Frequently asked questions").click()
    rows = page.locator("#questions-group .inline-related:not(.empty-form)")
    fields = page.locator(
        "#questions-group .inline-related:not(.empty-form) input[name$='-question']"
    )
    asked = [field.input_value() for field in fields.all()]
    assert len(asked) > 2
    expect(page.locator("#questions-group input[name$='-order']").first).to_be_hidden()
    rows.nth(1).get_by_role("button", name="Move up").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".order-said")).to_have_text(f"Now number 1 of {len(asked)}.")
    expect(rows.nth(0).get_by_role("button", name="Move up")).to_be_focused()
    page.get_by_role("button", name="Save and continue editing").first.click()
    page.locator("summary", has_text="Frequently asked questions").click()
    assert [field.input_value() for field in fields.all()] == [asked[1], asked[0], *asked[2:]]
