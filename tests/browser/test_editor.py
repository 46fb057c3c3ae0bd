"""The writing desk under the hands: toolbar, paste, suggestions, and work that is never lost."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import ROOT, Site, wait_until_healthy
from tests.browser.test_accessibility import findings

NEW = "/admin/articles/article/add/"
PASTE = """([field, html, plain]) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", plain);
  const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  document.querySelector(field).dispatchEvent(event);
}"""
WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p {}</style></head>
<body><!--StartFragment--><h1>Stairs</h1>
<p class=MsoNormal>The <b>knee</b> carries&nbsp;<i>more</i><a href="#_ftn1" name="_ftnref1">
<span class=MsoFootnoteReference>[1]</span></a>.<o:p></o:p></p>
<h2>What <b>helps</b></h2>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·
</span>Strength</p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o
</span>Twice a week</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·
</span>Walking</p>
<table class=MsoTableGrid><tr><td><p>Week</p></td><td><p>Load</p></td></tr>
<tr><td><p>1</p></td><td><p>Low</p></td></tr></table>
<p>See <a href="https://example.org/knee">this page</a> and [@chys2023].</p>
<div><div id=ftn1><p><a href="#_ftnref1" name="_ftn1">[1]</a> In most people.</p></div></div>
</body></html>"""
DOCS = """<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1">
<h2 dir="ltr"><span style="font-weight:400;">Rest</span></h2>
<p dir="ltr"><span style="font-weight:700;">Never</span><span style="font-weight:400;"> for long.
</span></p><ul><li dir="ltr"><p><span style="font-weight:400;">Walk</span></p></li></ul></b>"""


@pytest.fixture
def desk(page_of: Any) -> Any:
    """A new text, open in its editor."""
    page = page_of("mara")
    page.goto(NEW)
    forget(page)
    return page


def forget(page: Any) -> None:
    """Throw away what another test left unsaved."""
    offer = page.get_by_role("button", name="Throw it away")
    expect(page.locator(".editor.is-live").first).to_be_visible()
    page.wait_for_timeout(300)
    if offer.count():
        offer.click()
        page.goto(NEW)


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
    lines = [re.sub(r" +\|", " |", line) for line in body_of(desk).split("\n")]
    assert lines == [
        "## Stairs",
        "",
        "The **knee** carries *more*[^1].",
        "",
        "### What helps",
        "",
        "- Strength",
        "    - Twice a week",
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


def test_axe_finds_nothing_while_names_are_offered(page_of: Any):
    page = page_of("mara", bypass_csp=True)
    page.goto(NEW)
    page.locator("#id_body").click()
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
    expect(desk.locator("[data-told]")).to_contain_text("suggestions")
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
    expect(desk.locator("[data-told]")).to_be_empty()
    assert body_of(desk) == "[@20"


# -- work that is never lost ----------------------------------------------------------------------


def take_back(page: Any, words: str) -> None:
    """Return to the text: what was typed is offered, comes back, and is thrown away again."""
    page.goto(NEW)
    page.get_by_role("button", name="Take it back").click()
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
    expect(page.locator("[data-keeping]")).to_contain_text("kept:", timeout=15_000)
    page.context.close()
    take_back(page_of("mara"), "Half a sentence that nobody sav")  # nothing of the browser is left


def test_work_survives_an_expired_login(page_of: Any, site: Site):
    page = page_of("mara")
    page.goto(NEW)
    forget(page)
    page.context.clear_cookies(name="sessionid")
    page.locator("#id_body").click()
    page.keyboard.type("Written while signed out")
    expect(page.locator("[data-keeping]")).to_contain_text("signed out", timeout=15_000)
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page).to_have_url(re.compile("/admin/login/"))
    steps.log_in(page, "mara", site.admin_password)
    take_back(page, "Written while signed out")


class Killable:
    """A web server of the site, on a port of its own, that can be killed and started again."""

    def __init__(self, site: Site) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
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
    page = context.new_page()
    steps.log_in(page, "mara", site.admin_password)
    page.goto(NEW)
    forget(page)
    page.get_by_label("Title:", exact=True).fill("Killed")
    page.get_by_label("Address word").fill("killed")
    page.locator("#id_body").click()
    page.keyboard.type("Sent when nobody listened")
    killable.send(signal.SIGSTOP)  # it takes the request and does not answer
    with page.expect_request(lambda request: request.method == "POST" and NEW in request.url):
        page.get_by_role("button", name="Save and continue editing").first.click(no_wait_after=True)
    killable.send(signal.SIGKILL)
    killable.process.wait()
    page.wait_for_timeout(500)  # the browser says that nobody answers
    killable.start()
    take_back(page, "Sent when nobody listened")
    context.close()
