"""Free times are chosen on the calendar by keyboard and without scripts."""

from typing import Any

from playwright.sync_api import expect


def press(page: Any, button: str, arrives: str) -> None:
    page.get_by_role("button", name=button).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(arrives)


def test_by_keyboard_without_scripts(page_of: Any):
    page = page_of("joan", java_script_enabled=False)
    page.goto("/admin/bookings/enquiry/")
    page.get_by_role("link", name="Margaret Ellery").click()
    page.get_by_text("Offer times", exact=True).click()
    page.get_by_role("link", name="Choose from the calendar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose times for Margaret Ellery")
    press(page, "Next week", "**&to=**")
    page.get_by_role("checkbox").first.focus()
    page.keyboard.press("Space")
    press(page, "Next week", "**&slot=**")
    expect(page.get_by_role("group", name="Also chosen").get_by_role("checkbox")).to_be_checked()
    page.locator(".calendar-slot input").first.focus()
    page.keyboard.press("Space")
    press(page, "Continue with these times", "**/change/?slot=**")
    form = page.locator("#do-offer")
    for number in (1, 2):
        expect(form.get_by_label(f"Time {number}", exact=True)).not_to_have_value("")
    expect(form.get_by_label("Time 3", exact=True)).to_have_value("")
