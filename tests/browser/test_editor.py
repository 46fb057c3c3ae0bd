"""The writing desk under the hands: toolbar, paste, suggestions, and work that is never lost."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

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
    expect(page.locator("[data-frame]")).to_be_visible()
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


def test_work_survives_a_browser_that_was_killed(page_of: Any):
    page = page_of("mara")
    page.goto(NEW)
    forget(page)
    page.locator("#id_body").click()
    page.keyboard.type("Half a sentence that nobody sav")
    expect(page.locator("[data-keeping]")).to_contain_text("kept", timeout=15_000)
    page.context.close()

    again = page_of("mara")  # nothing of the former browser is left
    again.goto(NEW)
    again.get_by_role("button", name="Take it back").click()
    expect(again.locator("#id_body")).to_have_value("Half a sentence that nobody sav")
    again.locator("#id_body").fill("")
    again.goto(NEW)
    forget(again)


def test_work_survives_an_expired_login(page_of: Any):
    page = page_of("mara")
    page.goto(NEW)
    forget(page)
    page.context.clear_cookies(name="sessionid")
    page.locator("#id_body").click()
    page.keyboard.type("Written while signed out")
    expect(page.locator("[data-keeping]")).to_contain_text("signed out", timeout=15_000)
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "Written while signed out" in kept
    assert "Written while signed out" in body_of(page)


def test_work_survives_a_server_that_dies_during_the_save(page_of: Any):
    page = page_of("mara")
    page.goto(NEW)
    forget(page)
    page.locator("#id_body").click()
    page.keyboard.type("Sent when nobody listened")
    page.route("**/article/add/", lambda route: route.abort())
    page.get_by_role("button", name="Save and continue editing").first.click(no_wait_after=True)
    page.wait_for_timeout(500)
    page.unroute("**/article/add/")
    page.goto(NEW)
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator("#id_body")).to_have_value("Sent when nobody listened")
    page.locator("#id_body").fill("")
    page.goto(NEW)
    forget(page)
