"""Parts of a text can be linked: headings, and answers that open by themselves."""

import re

from playwright.sync_api import expect

from tests.browser.pages import ARTICLE


def test_a_heading_gives_its_link(new_page, site):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(ARTICLE)
    heading = page.locator(".body h2").first
    name = heading.get_attribute("id")
    heading.hover()
    heading.get_by_role("link", name="Copy link to this section").click()
    expect(page.get_by_role("status")).to_have_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{site.base_url}{ARTICLE}#{name}"
    expect(page).to_have_url(re.compile(f"#{name}$"))


def test_an_answer_opens_when_it_is_linked(page):
    page.goto(f"{ARTICLE}#question-2")
    answer = page.locator("#question-2")
    expect(answer).to_be_in_viewport()
    expect(page.locator("#question-1")).to_be_hidden()
    page.evaluate("location.hash = 'question-1'")
    expect(page.locator("#question-1")).to_be_in_viewport()


def test_an_answer_opens_without_scripts(new_page):
    page = new_page(java_script_enabled=False)
    page.goto(f"{ARTICLE}#question-2")
    expect(page.locator("#question-2")).to_be_visible()


def test_paper_shows_answers_codes_and_the_clinic(page):
    page.goto(ARTICLE)
    page.emulate_media(media="print")
    expect(page.locator(".paper-head")).to_contain_text("Harbour Street")
    expect(page.get_by_role("img", name="QR code")).to_have_count(2)
    expect(page.locator("#question-1")).to_be_visible()
    expect(page.locator(".book-panel, .reach, .site-nav, .contents").first).to_be_hidden()
    expect(page.locator("#sources")).to_be_visible()
    page.emulate_media(media="screen")
    expect(page.get_by_role("img", name="QR code").first).to_be_hidden()
