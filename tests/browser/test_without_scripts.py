"""The whole of it in a browser that runs no scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import steps


@pytest.fixture
def plain_page(new_page):
    return new_page(java_script_enabled=False)


def test_visitor_reads_follows_a_source_and_comes_back(plain_page):
    page = plain_page
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Low back").first.click()
    page.get_by_role("link", name="Does dry needling help low back pain?").first.click()
    page.locator("#cite-1-1").click()
    assert page.url.endswith("#ref-1")
    expect(page.locator("#ref-1")).to_be_in_viewport()
    page.locator("#ref-1").get_by_role("link", name="Back to citation 1 in the text").click()
    assert page.url.endswith("#cite-1-1")
    expect(page.locator("#cite-1-1")).to_be_in_viewport()
    question = page.locator("#questions summary").first
    question.click()
    expect(page.locator("#questions .answer").first).to_be_visible()


def test_visitor_searches(plain_page):
    page = plain_page
    page.goto("/search/")
    page.get_by_role("main").get_by_role("searchbox").fill("acupuncture")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    found = page.get_by_role("main").get_by_role("link", name="Does dry needling help low back")
    expect(found.first).to_be_visible()


def test_visitor_books(plain_page):
    page = plain_page
    page.goto("/book/")
    page.get_by_label("Women’s health").or_(page.get_by_label("Physiotherapy")).first.check()
    page.get_by_role("button", name="Continue").click()
    steps.pass_gate(page)
    page.get_by_label("Your name").fill("Nora Field")
    page.get_by_role("button", name="Choose another service").click()
    page.get_by_label("Dry needling").check()
    page.get_by_role("button", name="Continue").click()
    steps.pass_gate(page)
    expect(page.get_by_role("main")).to_contain_text("Service: Dry needling.")
    expect(page.get_by_label("Your name")).to_have_value("Nora Field")
    page.get_by_label("No, this is my first appointment").check()
    page.get_by_label("Your name").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("so that we can reply")
    expect(page.get_by_label("Your name")).to_have_value("Nora Field")
    page.get_by_label("Phone").fill("(613) 555-0117")
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Thank you. We’ve received your request."
    )
    expect(page.get_by_text("(613) 555-0117").first).to_be_visible()


def test_red_flag_interrupts_with_advice_and_a_way_on(plain_page):
    page = plain_page
    page.goto("/book/?service=physiotherapy")
    page.get_by_label("Yes, at least one").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Please get help now")
    main = page.get_by_role("main")
    expect(main.get_by_role("link", name="911")).to_be_visible()
    expect(main.get_by_role("textbox")).to_have_count(0)
    main.get_by_role("button", name="A doctor has looked at this").click()
    expect(page.get_by_text("page 2 of 2")).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.get_by_label("Yes, at least one")).to_be_checked()


def test_editor_writes_a_whole_article_and_publishes(plain_page, site):
    page = plain_page
    steps.log_in(page, "mara", site.admin_password)
    page.goto("/admin/articles/article/add/")
    page.get_by_label("Title:", exact=True).fill("Stairs without scripts")
    for part in ("Address", "Author and reviewer", "Topics"):
        steps.unfold(page, part)
    page.get_by_label("Slug").fill("stairs-without-scripts")
    page.get_by_label("In short").fill("One step at a time.")
    page.locator("#id_body").fill("Take **one** step at a time.")
    page.get_by_label("Written by").select_option(label="Ines Okafor")
    page.get_by_label("Topics:").select_option(label=["Knee", "Shoulder"])
    page.get_by_label("Services").select_option(label="Dry needling")
    page.locator("#id_questions-0-question").fill("Does it hurt?")
    page.locator("#id_questions-0-answer").fill("A little.")
    page.locator("#id_questions-2-question").fill("For how long?")
    page.locator("#id_questions-2-answer").fill("Some weeks.")
    steps.save(page)
    for part in ("Topics", "Frequently"):
        steps.unfold(page, part)
    expect(page.locator("#id_questions-1-question")).to_have_value("For how long?")
    page.locator("#id_questions-2-question").fill("And then?")
    page.locator("#id_questions-2-answer").fill("Go on.")
    page.get_by_label("Services").select_option(label=["Dry needling", "Physiotherapy"])
    steps.save(page)
    page.get_by_role("button", name="Preview the whole page").click()
    expect(page.locator(".text > .body strong")).to_have_text("one")
    page.go_back()
    steps.publish(page)
    page.goto("/articles/stairs-without-scripts/")
    expect(page.locator(".text > .body")).to_have_text(re.compile("Take one step at a time."))
    expect(page.locator(".byline")).to_contain_text("Ines Okafor")
    expect(page.locator("#questions summary")).to_have_text(
        [re.compile(question) for question in ("Does it hurt", "For how long", "And then")]
    )
    assert page.locator("#suitability").count() == 1
