"""Unsaved changes of an article come back whole."""

from typing import Any

from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.test_editor import NEW, forget


def test_every_field_comes_back(page_of: Any):
    page = page_of("mara")
    page.goto(NEW)
    forget(page)
    form = page.locator("#article_form")
    steps.unfold(page, "Address and menu")
    page.get_by_label("Kind").select_option("page")
    page.get_by_label("In the menu").check()
    steps.unfold(page, "Frequently asked questions")
    page.get_by_role("button", name="Add another Question").click()
    page.locator("#id_questions-0-question").fill("Why?")
    steps.choose(page, "author", "Ines Okafor")
    steps.choose(page, "topics", "Knee")
    read = "form => JSON.stringify([...new FormData(form)].filter(([name]) => !/token/.test(name)))"
    typed = form.evaluate(read)
    kept = page.locator("[data-keeping]")
    expect(kept).to_contain_text("stored on the site:", timeout=15_000)
    steps.choose(page, "services", "Dry needling")  # by itself: a choice counts as a change
    with page.expect_response("**/working-copy/"):
        pass
    page.context.close()
    page = page_of("mara")  # nothing of the browser is left
    page.goto(NEW)
    page.get_by_role("button", name="Restore unsaved changes").click()
    form = page.locator("#article_form")
    expect(page.locator(".field-services .select2-selection")).to_contain_text("Dry needling")
    expect(page.locator("#select2-id_author-container")).to_contain_text("Ines Okafor")
    page.locator("#id_services").evaluate("list => list.value = ''")
    assert form.evaluate(read) == typed
    forget(page)
