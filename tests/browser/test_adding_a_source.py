"""An editor adds a source and cites it, and sees no JSON."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.test_editor import NEW, body_of, forget


def test_a_source_is_pasted_corrected_and_cited(page_of: Any):
    page = page_of("mara")
    page.goto("/admin/articles/reference/add/")
    paste = page.get_by_role("textbox", name="Paste a DOI, PMID, address, or the whole")
    paste.fill("Okri B, Ng A. Stairs after a sprain. J Pain 2020, 7, 11-19. doi:10.1000/stairs")
    page.get_by_role("button", name="Fill in the fields").click()
    expect(page.get_by_text("Check the marked fields")).to_be_visible()
    expect(page.get_by_label("Volume")).to_have_attribute("data-unsure", "true")
    expect(page.get_by_label("Report number")).to_be_hidden()
    page.get_by_role("button", name="Add another person").click()
    page.keyboard.type("Adeyemi")
    page.get_by_label("Volume").fill("8")
    expect(page.locator("[data-printed]")).to_have_text(
        "Okri B, Ng A, Adeyemi. Stairs after a sprain. J Pain. 2020;8:11-19. doi:10.1000/stairs"
    )
    expect(page.get_by_label("CSL-JSON")).to_be_hidden()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("okri2020")
    page.goto(NEW)
    forget(page)
    field = page.locator("#id_body")
    field.click()
    page.keyboard.type("It helps [@okri")
    expect(page.locator(".editor-suggestions li").first).to_contain_text("Okri")
    field.press("Enter")
    assert "[@okri2020" in body_of(page)
