"""A thumb on a phone: what matters is in reach and large enough, and nothing moves sideways."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import open_first

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
ARTICLE = "/articles/dry-needling-low-back-pain/"
NARROW = [
    "/",
    "/articles/",
    ARTICLE,
    "/articles/topics/low-back/",
    "/evidence/",
    "/evidence/chys2023/",
    "/practitioners/",
    "/practitioners/ines-okafor/",
    "/services/",
    "/services/dry-needling/",
    "/locations/millbrook/",
    "/book/",
    "/book/?service=dry-needling",
    "/search/?q=needle",
    "/privacy/",
]


@pytest.fixture
def phone(new_page):
    return new_page(**PHONE)


def test_menu_opens_and_leads_on(phone):
    phone.goto(ARTICLE)
    phone.locator("summary", has_text="Menu").tap()
    menu = phone.get_by_role("navigation", name="Menu", exact=True)
    for link in menu.get_by_role("link").all():
        assert link.bounding_box()["height"] >= 44
    menu.get_by_role("link", name="Practitioners").tap()
    expect(phone).to_have_url("/practitioners/")


def test_menu_of_the_desk_opens_with_what_is_ones_own(page_of):
    phone = page_of("joan", **PHONE)
    phone.goto("/admin/")
    sign_out = phone.get_by_role("button", name="Sign out")
    expect(sign_out).to_be_hidden()
    phone.get_by_role("link", name="Menu", exact=True).tap()
    expect(sign_out).to_be_visible()
    desk = phone.get_by_role("navigation", name="Staff menu")
    expect(desk.get_by_role("link", name="Requests")).to_be_visible()
    desk.get_by_role("link", name="Close menu").tap()
    expect(sign_out).to_be_hidden()


@pytest.mark.parametrize("path", ["/", ARTICLE])
def test_call_and_book_are_always_in_reach(phone, path):
    phone.goto(path)
    phone.mouse.wheel(0, 2500)
    reach = phone.get_by_role("navigation", name="Call or request an appointment")
    call = reach.get_by_role("link", name="Call")
    expect(call).to_be_in_viewport(ratio=1)
    expect(call).to_have_attribute("href", "tel:+16135550142")
    book = reach.get_by_role("link", name="Request an appointment")
    assert book.bounding_box()["height"] >= 48
    book.tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Request an appointment")


def test_the_bar_waits_for_the_button_of_the_page(phone):
    phone.goto("/")
    bar = phone.locator(".reach")
    expect(bar).to_be_hidden()
    expect(phone.locator(".hero svg")).to_be_in_viewport(ratio=1)
    phone.locator("#visit-title").scroll_into_view_if_needed()
    expect(bar).to_be_visible()
    phone.locator(".hero .button").scroll_into_view_if_needed()
    expect(bar).to_be_hidden()


def test_without_scripts_the_bar_is_always_there(new_page):
    page = new_page(**PHONE, java_script_enabled=False)
    page.goto("/")
    expect(page.locator(".reach")).to_be_visible()


def test_announcements_are_one_line_each_until_they_are_opened(new_page):
    page = new_page(**PHONE, java_script_enabled=False)
    page.goto("/")
    notices = page.locator(".notice p")
    assert {notice.bounding_box()["height"] < 40 for notice in notices.all()} == {True}
    page.locator("summary", has_text="Show the whole notice").tap()
    assert notices.last.bounding_box()["height"] > 40


def test_source_opens_by_a_tap_and_closes(phone):
    phone.goto(ARTICLE)
    phone.locator("#cite-1-1").tap()
    source = phone.get_by_role("dialog")
    expect(source).to_be_in_viewport(ratio=0.9)
    source.get_by_role("button", name="Close").tap()
    expect(source).to_be_hidden()


def test_an_article_of_900_words_is_short_enough_to_be_read(phone):
    phone.goto("/articles/sciatica/")
    phone.evaluate("document.fonts.ready.then(() => true)")
    screens = phone.evaluate("document.documentElement.scrollHeight / innerHeight")
    # 8.97 on the day on which it was written; a notice or a longer line of hours may be added.
    assert screens <= 9.4


def test_a_note_of_the_text_opens_at_its_sign(phone):
    phone.goto(ARTICLE)
    note = phone.locator(".body .note").first
    expect(note).to_be_hidden()
    phone.locator(".noteref a").first.tap()
    expect(note).to_be_in_viewport()
    note.locator(".note-back").tap()
    expect(note).to_be_hidden()


def test_nothing_moves_sideways_at_320_pixels(new_page):
    page = new_page(viewport={"width": 320, "height": 640})
    wider = {}
    for path in NARROW:
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 320:
            wider[path] = wide
    assert wider == {}


def test_an_article_on_a_phone_starts_with_its_title(page_of):
    phone = page_of("mara", **PHONE)
    open_first(phone, "/admin/articles/article/first/change/")
    save = phone.get_by_role("button", name="Save", exact=True)
    text = phone.locator(".editor").first
    assert phone.get_by_label("Title:").bounding_box()["y"] < 844
    assert save.bounding_box()["y"] > text.bounding_box()["y"] + text.bounding_box()["height"]
    phone.get_by_role("link", name="Go to saving, checks and publishing").tap()
    expect(save).to_be_in_viewport()
    phone.set_viewport_size({"width": 1440, "height": 900})
    phone.get_by_label("Title:").focus()
    expect(save).to_be_in_viewport()
