"""A roster is edited without scripts, and drawn with a mouse."""

from typing import Any

from playwright.sync_api import expect

LISTED = "/admin/bookings/roster/"


def open_roster(page: Any, name: str) -> None:
    page.goto(LISTED)
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def words(page: Any, day: str) -> Any:
    """What the page says of a day, in words."""
    return page.locator(".week-words").first.locator("div", has_text=day).locator("dd")


def day(page: Any, number: int) -> Any:
    return page.locator(f".hours-day[data-weekday='{number}']")


def save(page: Any) -> None:
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def delete_hours(page: Any, number: int) -> None:
    day(page, number).get_by_label("Delete").check()
    save(page)


def test_without_scripts(page_of):
    page = page_of("admin", java_script_enabled=False)
    open_roster(page, "Mei-Lin Hart")
    expect(words(page, "Saturday")).to_have_text("No hours")
    saturday = day(page, 5)
    saturday.locator("summary", has_text="Add hours").click()
    saturday.get_by_label("From", exact=True).fill("09:00")
    saturday.get_by_label("Until", exact=True).fill("08:00")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(saturday.get_by_text("The end is not after the start.")).to_be_visible()
    saturday.get_by_label("Until", exact=True).fill("12:15")
    save(page)
    expect(words(page, "Saturday")).to_have_text("9:00 a.m.–12:15 p.m., Millbrook")
    delete_hours(page, 5)
    expect(words(page, "Saturday")).to_have_text("No hours")


def test_with_a_mouse(page_of):
    page = page_of("admin", viewport={"width": 1280, "height": 1400})
    open_roster(page, "Mei-Lin Hart")
    expect(page.get_by_text("Drag across an empty area to add hours")).to_be_visible()
    svg = page.locator(".week-day[data-weekday='6'] svg").first
    box = svg.bounding_box()
    hour = box["height"] / 10  # from eight to six

    def drag(begin: float, end: float) -> None:
        x = box["x"] + box["width"] / 2
        page.mouse.move(x, box["y"] + (begin - 8) * hour)
        page.mouse.down()
        page.mouse.move(x, box["y"] + (end - 8) * hour, steps=4)

    sunday = day(page, 6)
    begins, ends = (sunday.get_by_label(name, exact=True) for name in ("From", "Until"))
    drag(10, 12)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(svg.locator("rect")).to_have_count(0)
    expect(begins).to_have_value("")
    drag(12, 10)
    page.mouse.up()
    expect(begins).to_have_value("10:00")
    expect(ends).to_have_value("12:00")
    save(page)
    expect(words(page, "Sunday")).to_have_text("10:00 a.m.–12:00 p.m., Millbrook")
    box = svg.bounding_box()
    drag(12, 13.5)
    page.mouse.up()
    expect(sunday.get_by_label("Until", exact=True).first).to_have_value("13:30")
    save(page)
    expect(words(page, "Sunday")).to_have_text("10:00 a.m.–1:30 p.m., Millbrook")
    delete_hours(page, 6)
