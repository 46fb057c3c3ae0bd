"""The writing desk under the hands: toolbar, paste, suggestions, and work that is never lost."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests import postgres
from tests.browser import steps
from tests.browser.clipboard import DOCS, PASTE, TRACKED, WORD
from tests.browser.conftest import ROOT, Site, wait_until_healthy
from tests.browser.measures import findings

NEW = "/admin/articles/article/add/"


FORGET = """async () => {
  const { url, article } = document.querySelector("[data-desk]").dataset;
  const body = new FormData(document.querySelector("#article_form"));
  body.append("article", article);
  body.append("fields", "{}");
  return (await fetch(url, { method: "POST", body, redirect: "manual" })).ok;
}"""


@pytest.fixture
def desk(page_of: Any) -> Any:
    """A new text, open in its editor."""
    page = page_of("mara")
    page.goto(NEW)
    forget(page)
    return page


def forget(page: Any) -> None:
    """Delete on the site what another test left unsaved, and open the form without it."""
    assert page.evaluate(FORGET)
    page.goto(NEW)
    expect(page.locator(".editor.is-live").first).to_be_visible()


def body_of(page: Any) -> str:
    return page.locator("#id_body").input_value()


def test_toolbar_and_shortcuts_write_markdown_that_can_be_undone(desk: Any):
    field = desk.locator("#id_body")
    field.click()
    desk.keyboard.type("knee")
    field.press("Control+a")
    field.press("Control+b")
    assert body_of(desk) == "**knee**"
    field.press("Control+b")
    assert body_of(desk) == "knee"
    desk.get_by_role("button", name="Heading", exact=True).click()
    assert body_of(desk) == "## knee"
    field.press("Control+z")
    assert body_of(desk) == "knee"
    field.press("End")
    desk.get_by_role("button", name="Booking panel").click()
    assert "[…](book:)" in body_of(desk)


def test_the_toolbar_is_one_stop_and_the_arrows_go_along_it(desk: Any):
    desk.get_by_role("button", name="Heading", exact=True).focus()
    desk.keyboard.press("ArrowRight")
    expect(desk.get_by_role("button", name="Smaller heading")).to_be_focused()
    desk.keyboard.press("End")
    expect(desk.get_by_role("button", name="Booking panel")).to_be_focused()
    desk.keyboard.press("Tab")
    expect(desk.locator("#id_body")).to_be_focused()


def test_what_comes_from_word_becomes_clean_markdown(desk: Any):
    desk.evaluate(PASTE, ["#id_body", WORD, "Stairs"])
    assert body_of(desk).split("\n") == [
        "## Stairs",
        "",
        "The **knee** carries *more*[^1].",
        "",
        "### What helps",
        "",
        "- Strength",
        "  - Twice a week",
        "- Walking",
        "",
        "| Week | Load |",
        "| --- | --- |",
        "| 1 | Low |",
        "",
        "See [this page](https://example.org/knee) and [@chys2023].",
        "",
        "[^1]: In most people.",
    ]


def test_what_comes_from_google_docs_becomes_clean_markdown(desk: Any):
    desk.evaluate(PASTE, ["#id_body", DOCS, "Rest"])
    assert body_of(desk) == "## Rest\n\n**Never** for long.\n\n- Walk"


def test_a_paste_says_what_it_left_out_and_one_undo_takes_it_back(desk: Any):
    field, note = desk.locator("#id_body"), desk.locator("[data-pasted]")
    field.fill("Before[^2]\n\n")
    desk.evaluate(PASTE, ["#id_body", TRACKED, "take three a day"])
    expect(note).to_contain_text("Deleted or struck-through text was removed: “two”")
    expect(note).to_contain_text("needs alt text")
    words, picture = body_of(desk).rsplit("\n\n", 1)
    assert words == "Before[^2]\n\n**What helps**\n\ntake three a day, 10^2^ times"
    assert re.fullmatch(r"!\[\]\(/media/\S+\)", picture)
    note.get_by_role("button", name="Make the bold lines headings").click()
    assert "\n\n## What helps\n\ntake three" in body_of(desk)
    field.press("Control+z")
    field.press("Control+z")
    assert body_of(desk) == "Before[^2]\n\n"
    desk.evaluate(PASTE, ["#id_body", WORD, "Stairs"])
    assert "*more*[^3]." in body_of(desk)  # not the note that is there
    desk.get_by_role("button", name="Close").click() if note.count() else None
    field.press("Control+z")
    desk.evaluate(PASTE, ["#id_body", "", "Do this:\n- walk\n- rest\nThen 5 * 3"])
    assert body_of(desk).endswith("Do this:\n\n- walk\n- rest\n\nThen 5 \\* 3")


def test_words_that_are_cut_here_are_pasted_as_they_are(desk: Any):
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    field = desk.locator("#id_body")
    field.fill("One\ntwo \\* [@chys2023]\nthree")
    field.press("Control+a")
    field.press("Control+x")
    assert body_of(desk) == ""
    field.press("Control+v")
    assert body_of(desk) == "One\ntwo \\* [@chys2023]\nthree"


def test_sources_and_pages_are_offered_by_name(desk: Any):
    field = desk.locator("#id_body")
    field.click()
    desk.keyboard.type("It helps [@chys")
    expect(desk.locator(".editor-suggestions li").first).to_contain_text("Chys")
    field.press("Enter")
    assert re.fullmatch(r"It helps \[@chys\w+\]", body_of(desk))
    field.press("End")
    desk.keyboard.type(" See service:dry")
    expect(desk.locator(".editor-suggestions li").first).to_contain_text("needling")
    field.press("Escape")
    expect(desk.locator(".editor-suggestions li")).to_have_count(0)
    desk.keyboard.type("-")
    desk.locator(".editor-suggestions li").first.click()
    assert body_of(desk).endswith("](service:dry-needling)")


def test_axe_finds_nothing_after_a_paste_while_names_are_offered(page_of: Any):
    page = page_of("mara")
    page.goto(NEW)
    page.evaluate(PASTE, ["#id_body", "<p>a<del>b</del></p><p><b>C</b></p><p>d</p>", "a"])
    expect(page.locator("[data-pasted]")).to_be_visible()
    page.locator("#id_body").press("Control+End")
    page.keyboard.type("It helps [@")
    expect(page.locator(".editor-suggestions li")).to_have_count(5)
    assert findings(page) == []


# Where a line of the text stands, counted from 1: its top and bottom in the window.
LINE = """(field, number) => {
  const style = getComputedStyle(field);
  const height = parseFloat(style.lineHeight);
  const first = field.getBoundingClientRect().top + field.clientTop + parseFloat(style.paddingTop);
  const top = first - field.scrollTop + (number - 1) * height;
  return [top, top + height];
}"""


def test_a_name_takes_the_place_of_what_was_typed_on_meanwhile(desk: Any):
    held: list[Any] = []
    desk.route("**/*q=hu2*", lambda route: held.append(route))  # a slow line: old names show
    desk.locator("#id_body").click()
    desk.keyboard.type("It helps [@hu")
    expect(desk.locator(".editor-suggestions li").first).to_contain_text("Hu")
    desk.keyboard.type("20")
    desk.keyboard.press("Enter")
    assert re.fullmatch(r"It helps \[@hu\d{4}\w?\]", body_of(desk))
    for route in held:
        route.continue_()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("lines", [1, 60])
@pytest.mark.parametrize("before", ["", "It helps, as far as we know: "])
def test_suggestions_stand_at_the_caret_and_in_view(
    page_of: Any, width: int, lines: int, before: str
):
    page = page_of("mara", viewport={"width": width, "height": 700})
    page.goto(NEW)
    forget(page)
    field = page.locator("#id_body")
    field.fill("\n".join(["Go on."] * (lines - 1) + [before]))
    field.press("Control+End")
    # A long text has its last line at the lower edge of the window, as it is while one writes.
    field.evaluate("field => field.scrollIntoView({ block: 'end' })")
    page.keyboard.type("[@chys")
    suggestions = page.get_by_role("listbox", name="Suggestions")
    expect(suggestions.get_by_role("option").first).to_contain_text("Chys")
    box, text = suggestions.bounding_box(), field.bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 700
    assert text["x"] <= box["x"]
    assert box["x"] + box["width"] <= text["x"] + text["width"] + 1
    top, bottom = field.evaluate(LINE, lines)
    gap = min(abs(box["y"] - bottom), abs(top - box["y"] - box["height"]))
    assert gap <= 12, "not beside the line in which one types"
    if width == 1440:
        assert (box["x"] - text["x"] > 100) == bool(before)
    page.keyboard.press("Escape")
    expect(suggestions).to_be_hidden()


def test_suggestions_are_chosen_by_keyboard_and_told(desk: Any):
    field = desk.locator("#id_body")
    field.click()
    desk.keyboard.type("[@20")
    options = desk.locator(".editor-suggestions li")
    expect(options.nth(1)).to_be_visible()
    expect(desk.locator("[data-told]").first).to_contain_text("Suggestions: ")
    second = options.nth(1).get_attribute("id")
    desk.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", second)
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    desk.keyboard.press("ArrowUp")
    desk.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(options.last).to_be_in_viewport()
    expect(field).to_be_focused()
    desk.keyboard.press("Escape")
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile("."))
    expect(desk.locator("[data-told]").first).to_be_empty()
    assert body_of(desk) == "[@20"


# -- work that is never lost ----------------------------------------------------------------------


def take_back(page: Any, words: str) -> None:
    """Return to the text: what was typed is offered, comes back, and is thrown away again."""
    page.goto(NEW)
    page.get_by_role("button", name="Restore unsaved changes").click()
    expect(page.locator("#id_body")).to_have_value(words)
    page.locator("#id_body").fill("")
    page.goto(NEW)
    forget(page)


def test_work_survives_a_browser_that_was_killed(page_of: Any):
    page = page_of("mara")
    page.goto(NEW)
    forget(page)
    page.locator("#id_body").click()
    page.keyboard.type("Half a sentence that nobody sav")
    expect(page.locator("[data-keeping]")).to_contain_text("stored on the site:")
    page.context.close()
    take_back(page_of("mara"), "Half a sentence that nobody sav")  # nothing of the browser is left


def test_work_survives_an_expired_login(page_of: Any, site: Site):
    page = page_of("mara")
    page.goto(NEW)
    forget(page)
    page.context.clear_cookies(name="sessionid")
    page.locator("#id_body").click()
    words = "Written while signed out, and long enough to be shown on the page that follows"
    page.keyboard.type(words)
    expect(page.locator("[data-keeping]")).to_contain_text("signed out")
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page.locator("h1")).to_have_text("Please send it again")
    expect(page.locator("main")).to_contain_text(words)
    steps.log_in(page, "mara", site.admin_password)
    take_back(page, words)


class Killable:
    """A web server of the site, on a port of its own, that can be killed and started again."""

    def __init__(self, site: Site) -> None:
        port = postgres.free_port()
        self.base_url = f"http://127.0.0.1:{port}"
        self.environment = {**site.environment, "PORT": str(port)}
        self.log = site.data_dir / "killable.log"
        self.start()

    def start(self) -> None:
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=self.environment,
                start_new_session=True,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_until_healthy(f"{self.base_url}/healthz", self.process, self.log)

    def send(self, number: signal.Signals) -> None:
        """To all of its processes, if they live."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)


@pytest.fixture
def killable(site: Site) -> Iterator[Killable]:
    server = Killable(site)
    yield server
    server.send(signal.SIGKILL)
    server.process.wait()


def test_work_survives_a_server_that_is_killed_during_the_save(
    browser: Any, killable: Killable, site: Site
):
    context = browser.new_context(base_url=killable.base_url)
    context.add_init_script(steps.AS_TEXT)
    page = context.new_page()
    steps.log_in(page, "mara", site.admin_password)
    page.goto(NEW)
    forget(page)
    page.get_by_label("Title:", exact=True).fill("Killed")
    steps.unfold(page, "Address")
    page.get_by_label("Slug").fill("killed")
    page.locator("#id_body").click()
    page.keyboard.type("Sent when nobody listened")
    killable.send(signal.SIGSTOP)  # it takes the request and does not answer
    with page.expect_request(lambda request: request.method == "POST" and NEW in request.url):
        page.get_by_role("button", name="Save and continue editing").first.click(no_wait_after=True)
    with page.expect_event("requestfailed"):  # the browser says that nobody answers
        killable.send(signal.SIGKILL)
    killable.process.wait()
    killable.start()
    take_back(page, "Sent when nobody listened")
    context.close()
