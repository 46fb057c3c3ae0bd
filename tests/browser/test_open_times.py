"""A visitor chooses open times, with and without scripts.

Nothing is sent: a few requests from one address are taken for spam, and others send theirs.
"""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import steps

ASKED = "/book/?service=physiotherapy"


def labels(page: Any) -> list[str]:
    """What is proposed, in words."""
    return page.locator("#field-wishes .choices label").all_inner_texts()


@pytest.mark.parametrize("scripts", [True, False])
def test_times_with_the_chosen_practitioner(new_page, scripts: bool):
    page = new_page(java_script_enabled=scripts)
    page.goto(ASKED)
    steps.pass_gate(page)
    page.get_by_role("radio", name="Rafael Duarte").check()
    if scripts:
        page.get_by_role("button", name="Continue").click()
    else:
        page.get_by_label("Your name").fill("Nora Field")
        page.get_by_role("button", name="Show times for").click()
    # With scripts the question is on a step before, and not shown.
    boxes = page.locator("#field-wishes input[type=checkbox]")
    expect(page.locator("#field-wishes label", has_text="with Ines Okafor")).to_have_count(0)
    expect(boxes.first).to_be_visible()
    expect(page.locator("[name=practitioner][value=rafael-duarte]")).to_be_checked()
    assert all("Rafael Duarte" in words for words in labels(page))
    boxes.nth(0).check()
    boxes.nth(2).check()
    if not scripts:
        expect(page.get_by_label("Your name")).to_have_value("Nora Field")
        page.get_by_role("button", name="Show times for").click()
        expect(boxes.nth(0)).to_be_checked()
        expect(boxes.nth(2)).to_be_checked()
        return
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("No, this is my first appointment").check()
    page.get_by_label("Your name").fill("Nora Field")
    page.get_by_label("Phone").fill("(613) 555-0117")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".answers")).to_contain_text("with Rafael Duarte")
    expect(page.locator(".answers")).to_contain_text(": First choice")


def test_back_from_the_times_keeps_the_steps(new_page):
    page = new_page()
    page.goto(ASKED)
    steps.pass_gate(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Preferred times")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("radio", name="Mei-Lin Hart")).to_be_visible()
    page.get_by_role("radio", name="Mei-Lin Hart").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Preferred times")).to_be_focused()
    assert all("Mei-Lin Hart" in words for words in labels(page))
