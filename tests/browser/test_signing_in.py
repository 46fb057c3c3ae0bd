"""A colleague from the invitation to the day they leave: by mail, password, code, recovery code."""

import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from clinic.lib import totp
from tests.browser.measures import findings
from tests.browser.test_journey import mails_of, words_of

MAIL_WITHIN = 60  # seconds
PASSWORD = "staple of paper clips"
WINDOWS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "dark phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
}


@pytest.mark.parametrize("window", ["wide", pytest.param("dark phone", marks=pytest.mark.look)])
def test_from_the_invitation_to_the_last_day(
    window: str, new_page: Any, page_of: Any, site: Any, tmp_path: Path
):
    options, found = WINDOWS[window], {}
    name = f"nuria{len(window)}"

    def look(page: Any, what: str) -> None:
        expect(page.locator("h1")).to_have_count(1)
        page.wait_for_load_state()
        size = page.viewport_size
        found[what] = findings(page)
        page.set_viewport_size(size)

    manager = page_of("admin", **options)
    invite(manager, name, look)
    account = urlsplit(manager.url).path
    colleague = new_page(**options)
    choose_password(colleague, link_mailed(site, f"{name}@larkspur.example"), look)
    secret, codes = set_up(colleague, name, look, tmp_path)
    sign_out(colleague)

    give_password(colleague, name)
    look(colleague, "code")
    give(colleague, "000000")
    expect(colleague.locator(".errorlist")).to_contain_text("That code is wrong")
    give(colleague, unused_code(secret))
    expect(colleague).to_have_url(re.compile("/admin/$"))
    sign_out(colleague)

    give_password(colleague, name)
    colleague.get_by_role("link", name="I don’t have my phone").click()
    look(colleague, "recovery code")
    give(colleague, codes[0])
    expect(colleague).to_have_url(re.compile("/admin/$"))
    colleague.goto("/admin/second-factor/")
    expect(colleague.locator("#content")).to_contain_text("You have 9 recovery codes left")
    look(colleague, "own")

    manager.goto(account)
    expect(manager.locator(".publish-panel")).to_contain_text("Two-step sign-in: on since")
    look(manager, "account")
    manager.get_by_role("link", name="Lost phone").click()
    look(manager, "phone lost")
    manager.goto(account)
    manager.get_by_role("link", name="Has left").click()
    look(manager, "has left")
    manager.get_by_role("button", name="Close the account").click()
    expect(manager.locator(".messagelist")).to_contain_text("is closed")
    colleague.goto("/admin/")
    expect(colleague).to_have_url(re.compile("/admin/login/"))
    assert {what: faults for what, faults in found.items() if faults} == {}


def invite(manager: Any, name: str, look: Callable[[Any, str], None]) -> None:
    manager.goto("/admin/clinic/user/add/")
    look(manager, "invite")
    manager.get_by_label("First name").fill(name.title())
    manager.get_by_label("Email").fill(f"{name}@larkspur.example")
    manager.get_by_label("Receptionist").check()
    manager.get_by_role("button", name="Send invitation").click()
    expect(manager.locator(".publish-panel h2")).to_have_text("Invited")


def link_mailed(site: Any, address: str) -> str:
    """The path in the mail to this address, once the worker has sent it."""
    until = time.monotonic() + MAIL_WITHIN
    while time.monotonic() < until:
        for mail in mails_of(site):
            link = re.search(rf"{site.base_url}(/admin/\S+?/)\s", words_of(mail))
            if mail["to"] == address and link:  # without a link it is still being written
                return link[1]
        time.sleep(0.3)
    raise AssertionError(f"No mail to {address}")


def choose_password(page: Any, link: str, look: Callable[[Any, str], None]) -> None:
    page.goto(link)
    assert "set-password" in page.url, "the address that opens it is in no history"
    look(page, "choose a password")
    page.get_by_label("New password:").fill(PASSWORD)
    page.get_by_label("New password confirmation:").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    expect(page.locator("h1")).to_have_text("Your password is set")
    page.goto(link)
    expect(page.locator("h1")).to_have_text("This link no longer works")
    look(page, "link that is over")
    page.get_by_role("link", name="Send me a new link").click()
    look(page, "forgotten")


def set_up(
    page: Any, name: str, look: Callable[[Any, str], None], folder: Path
) -> tuple[str, list[str]]:
    """Set a second factor up, which a demo only offers; its secret and the recovery codes."""
    give_password(page, name)
    open_menu(page)
    page.get_by_role("link", name="Two-step sign-in").click()
    look(page, "set up")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.wait_for_load_state()
    assert page.locator("svg.qr").bounding_box()["width"] >= 200
    page.get_by_role("textbox", name="Code").fill(totp.code(secret, now()))
    page.get_by_role("button", name="Turn on").click()
    look(page, "codes")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    download.value.save_as(folder / "codes.txt")
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    assert set(codes) < set((folder / "codes.txt").read_text().split())
    page.get_by_role("link", name="I’ve saved them").click()
    return secret, codes


def give_password(page: Any, name: str) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).not_to_have_text("Staff sign in")


def give(page: Any, code: str) -> None:
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()


def unused_code(secret: str) -> str:
    """That of the next half minute, which counts already: the one of now was used to set it up."""
    return totp.code(secret, now() + 1)


def now() -> int:
    moment: datetime = timezone.now()
    return totp.step_at(moment)


def open_menu(page: Any) -> None:
    """On phones, what is one's own stands in the menu of the desk.

    Told by the width: before its style sheet has come, a wide page shows the link too.
    """
    if page.viewport_size["width"] < 600:
        page.get_by_role("link", name="Menu", exact=True).click()


def sign_out(page: Any) -> None:
    open_menu(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("You are signed out")
