"""On phones: two patients choose one time, each in a window of their own; and somebody who is not
sure meets red flags of each level."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.measures import findings

PHONE = {"viewport": {"width": 390, "height": 844}}
WAY = """
from clinic.models import Service
Service.objects.filter(slug="{}").update(booking_way="{}")
"""

pytestmark = pytest.mark.parametrize("scripts", [True, False])


@contextmanager
def held(site: Any, slug: str) -> Iterator[None]:
    """Meanwhile, open times for a service are held for who chooses them."""
    site.manage("shell", "-c", WAY.format(slug, "held"))
    try:
        yield
    finally:
        site.manage("shell", "-c", WAY.format(slug, "asked"))


@pytest.fixture
def look(scripts: bool) -> Callable[[Any], None]:
    """axe finds nothing on a page; it needs scripts."""

    def check(page: Any) -> None:
        if scripts:
            assert findings(page) == []

    return check


def test_two_choose_one_time(
    site: Any,
    new_page: Callable[..., Any],
    page_of: Callable[..., Any],
    look: Callable[[Any], None],
    *,
    scripts: bool,
) -> None:
    def go_on(page: Any) -> None:
        if scripts:
            page.get_by_role("button", name="Continue").click()

    def open_form(number: int) -> Any:
        sender = {"X-Forwarded-For": f"198.51.100.{number}"}  # too many of one look like spam
        page = new_page(java_script_enabled=scripts, extra_http_headers=sender, **PHONE)
        page.goto("/book/?service=hand-therapy")
        steps.pass_gate(page)
        page.get_by_label("My child").check()
        page.get_by_label("Child’s name").fill("Mia Field")
        page.get_by_label("Child’s age").fill("7")
        go_on(page)
        times(page).first.check()
        go_on(page)
        page.get_by_label("No, this is my first appointment").check()
        page.get_by_label("Your name").fill(f"Nora Field {number}")
        page.get_by_label("Email").first.fill(f"nora{number}@patients.example")
        go_on(page)
        return page

    def times(page: Any) -> Any:
        return page.locator("#field-wishes input[type=checkbox]")

    first_of = 1 if scripts else 3
    with held(site, "hand-therapy"):
        winner, loser = open_form(first_of), open_form(first_of + 1)
        chosen = times(winner).first.get_attribute("value")
        look(winner)
        for page in (winner, loser):
            page.get_by_role("button", name="Send request").click()
        expect(winner.locator("main")).to_contain_text("we’re holding this time for you")
        look(winner)
        expect(loser.get_by_role("alert")).to_be_visible()
        expect(loser.locator("#field-wishes")).to_contain_text("no longer open")
        look(loser)
        assert times(loser).first.get_attribute("value") != chosen
        times(loser).first.check()
        go_on(loser)
        expect(loser.get_by_label("Your name")).to_have_value(f"Nora Field {first_of + 1}")
        go_on(loser)
        loser.get_by_role("button", name="Send request").click()
        expect(loser.locator("main")).to_contain_text("we’re holding this time for you")
    winner.get_by_role("button", name="Give this time back").click()
    expect(winner.get_by_role("status")).to_have_text("We’re no longer holding that time for you.")
    look(winner)
    desk = page_of("joan", java_script_enabled=scripts)
    desk.goto("/admin/bookings/enquiry/")
    desk.get_by_role("link", name=f"Nora Field {first_of + 1}").click()
    desk.get_by_role("button", name="Confirm and notify the patient").click()
    loser.reload()
    expect(loser.get_by_role("heading", level=1)).to_have_text("Your appointment is booked.")
    look(loser)


def test_not_sure_with_each_level(
    new_page: Callable[..., Any], look: Callable[[Any], None], *, scripts: bool
) -> None:
    page = new_page(java_script_enabled=scripts, **PHONE)

    def answer(words: str) -> None:
        page.get_by_label(words).check()
        go_on()

    def go_on(name: str = "Continue") -> None:
        with page.expect_navigation():
            page.get_by_role("button", name=name).click()
        look(page)

    page.goto("/book/?service=not-sure")
    answer("Knee")
    answer("Yes, at least one")
    expect(page.get_by_role("heading", level=1)).to_have_text("Please get help now")
    go_on("A doctor has looked at this")
    answer("Yes, at least one")
    expect(page.get_by_role("heading", level=1)).to_have_text("Please see a doctor today")
    go_on("A doctor has looked at this")
    expect(page.locator(".card-warning").first).to_contain_text("You can still come")
    assert page.get_by_label("Yes, at least one").count() == 0, "it only advises"
    go_on()
    expect(page.get_by_label("Monday")).to_have_count(1)
