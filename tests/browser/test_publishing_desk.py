"""One text through the whole desk, by people who know Word and no Markdown: pasted, reviewed by a
mailed link, scheduled, corrected twice, rolled back.

With DESK_SHOTS=folder each page on the way is pictured there, at three widths, light and dark.
"""

import io
import os
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image as Pixels
from PIL import ImageDraw
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.measures import faint, findings, overrun
from tests.browser.screenshots import ALL_PICTURES
from tests.browser.test_editor import NEW, PASTE, forget
from tests.browser.test_journey import mails_of, words_of

TITLE = "Stairs and knees, said plainly"
PUBLIC = "/articles/stairs-and-knees-said-plainly/"
# What Word puts on the clipboard: its own classes and styles, a list of paragraphs, curly quotes.
WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta name=Generator content="Microsoft Word">
<style><!-- p.MsoNormal {margin:0cm; font-family:"Calibri",sans-serif;} --></style></head>
<body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<p class=MsoNormal><span style='mso-fareast-language:EN-GB'>Going <b>down</b> stairs is harder than
going up\u2014your knee brakes the hole body. \u201cIs something broken?\u201d Mostly
not.<o:p></o:p></span></p>
<h2><a name="_Toc1"></a>Why stairs hurt<o:p></o:p></h2>
<p class=MsoNormal>The kneecap is pressed into its groove. It likes to be used, and it likes a
break.<o:p></o:p></p>
<h2>What helps</h2>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'>
<![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>\u00b7<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span></span><![endif]><b>Start low:</b>
one step, ten times</p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'>
<![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>\u00b7<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span></span><![endif]><b>Go slowly:</b>
three seconds down</p>
<table class=MsoTableGrid border=1><tr><td><p class=MsoNormal>Week</p></td>
<td><p class=MsoNormal>Steps</p></td></tr><tr><td><p class=MsoNormal>One</p></td>
<td><p class=MsoNormal>One at a time</p></td></tr></table>
<p class=MsoNormal>Stronger thighs take load off the knee.<o:p></o:p></p>
<!--EndFragment--></body></html>"""
QUESTIONS = (("Does it do harm?", "No. Pain is not damage."), ("For how long?", "Some weeks."))
MAIL_WITHIN = 60  # seconds
SCHEDULED_IN = timedelta(seconds=25)
PUBLIC_WITHIN = 60  # seconds
SHOTS = os.environ.get("DESK_SHOTS")


def test_paste_review_schedule_correct_and_roll_back(new_page: Any, page_of: Any, site: Any):
    author, editor, visitor = page_of("ines"), page_of("mara"), new_page()
    stamp = visitor.locator("dl.stamp")
    write(author)
    link = ask_hanna(author, site)
    approve(new_page(), link, site)

    desk = urlsplit(author.url).path
    schedule(editor, desk)
    assert visitor.goto(PUBLIC).status == 404
    steps.wait_for(visitor, PUBLIC, "your knee brakes the hole body", within=PUBLIC_WITHIN)
    expect(stamp).to_contain_text("Dr. Hanna Weiss")
    look(visitor, "public")
    as_it_was_written(visitor)

    correct(editor, desk, "hole body", "whole body")
    look(editor, "changed")
    compare(editor, desk, gone="hole", new="whole")
    publish(editor, desk, minor=True)
    steps.wait_for(visitor, PUBLIC, "whole body")
    expect(stamp).to_contain_text("Dr. Hanna Weiss")

    correct(editor, desk, "Stronger thighs take", "Weak thighs put more")
    publish(editor, desk, minor=False)
    steps.wait_for(visitor, PUBLIC, "Weak thighs")
    expect(stamp).to_have_count(0)

    roll_back(editor, desk, edition=2)
    steps.wait_for(visitor, PUBLIC, "Stronger thighs")
    expect(stamp).to_contain_text("Dr. Hanna Weiss")
    expect(visitor.locator("[aria-labelledby=updates] li")).to_have_count(4)
    look(visitor, "public-again")

    take_back(author, desk)
    closed = new_page()
    assert closed.goto(link).status == 410
    look(closed, "link-over")
    every_page_is_sound(page_of, desk)


def write(author: Any) -> None:
    author.goto(NEW)
    forget(author)
    author.get_by_label("Title:", exact=True).press_sequentially(TITLE)
    author.get_by_label("In short").fill("Stairs hurt less after some weeks of slow practice.")
    author.get_by_label("Key takeaways").fill("Pain is not damage\nStart low, go slowly")
    author.locator("#id_body").click()
    author.evaluate(PASTE, ["#id_body", WORD, "Why stairs hurt"])
    author.keyboard.press("Control+End")
    author.keyboard.press("Backspace")
    author.keyboard.type(" [@chys")
    expect(author.locator(".editor-suggestions li").first).to_be_visible()
    look(author, "suggestions")
    author.keyboard.press("Enter")
    author.keyboard.press("End")
    author.keyboard.type(". Needles may add to it [@hu20")
    expect(author.locator(".editor-suggestions li").first).to_contain_text("Hu")
    author.keyboard.press("Enter")
    author.keyboard.press("End")
    author.keyboard.type(".")
    add_picture(author)
    steps.choose(author, "topics", "Knee")
    steps.ask(author, QUESTIONS)
    look(author, "editor")
    steps.save(author)
    expect(author.get_by_role("heading", name="Draft")).to_be_visible()


def add_picture(author: Any) -> None:
    pixels = Pixels.new("RGB", (1200, 700), "#a9d4e5")
    draw = ImageDraw.Draw(pixels)
    for step in range(4):
        box = (200 + 200 * step, 600 - 120 * step, 1200, 700)
        draw.rectangle(box, fill="#14222d", outline="#a9d4e5", width=6)
    file = io.BytesIO()
    pixels.save(file, "PNG")
    sent = {"name": "stairs.png", "mimeType": "image/png", "buffer": file.getvalue()}
    author.locator("[data-file]").set_input_files(sent)
    asked = author.get_by_role("dialog")
    look(author, "picture")
    asked.get_by_role("textbox").fill("Four steps, seen from the side")
    asked.get_by_role("button", name="Insert").click()
    placed = re.compile(r"\[@hu2018\]\.\n\n!\[Four steps, seen from the side\]\(/media/\S+\)\s*$")
    expect(author.locator("#id_body")).to_have_value(placed)


def ask_hanna(author: Any, site: Any) -> str:
    """Returns the path of the link that she gets by e-mail."""
    here = author.url
    author.get_by_role("button", name="Share the preview by email").click()
    author.get_by_label("Reviewer").select_option(label="Dr. Hanna Weiss")
    look(author, "share")
    author.get_by_role("button", name="Send the link").click()
    expect(author.locator(".messagelist")).to_contain_text("email the link to Dr. Hanna Weiss")
    author.goto(here)
    expect(author.get_by_role("link", name="Revoke …")).to_be_visible()
    look(author, "panel-shared")
    return mailed(site, "Please review this article", r"http\S+?(/preview/\S+/)")


def approve(hanna: Any, link: str, site: Any) -> None:
    hanna.goto(link)
    expect(hanna.get_by_role("heading", level=1)).to_have_text(TITLE)
    hanna.get_by_role("button", name="Approve: email me a code").click()
    expect(hanna.locator("#answer").get_by_role("status")).to_contain_text("emailed you a code")
    look(hanna, "shared-preview")
    hanna.get_by_label("Code from the email").fill(mailed(site, "Your code", r"(?m)^(\d{6})\s*$"))
    hanna.get_by_role("button", name="Approve as reviewer").click()
    expect(hanna.locator("#answer").get_by_role("status")).to_contain_text(
        "You have approved this article"
    )


def schedule(editor: Any, desk: str) -> None:
    """For some seconds from now, on the clinic's clock."""
    editor.goto(f"{desk}../publish/")
    editor.get_by_label("Schedule").check()
    give_reasons(editor)
    offset = timedelta(seconds=int(editor.locator("body").get_attribute("data-admin-utc-offset")))
    look(editor, "publish")
    moment = datetime.now(UTC) + offset + SCHEDULED_IN
    editor.locator("#id_goes_live_at_0").fill(moment.strftime("%Y-%m-%d"))
    editor.locator("#id_goes_live_at_1").fill(moment.strftime("%H:%M:%S"))
    editor.get_by_role("button", name="Publish").click()
    expect(editor.locator(".messagelist")).to_contain_text("is scheduled")
    expect(editor.get_by_role("heading", name=re.compile("scheduled for"))).to_be_visible()


def as_it_was_written(visitor: Any) -> None:
    """What was pasted and typed is on the page as what it was meant."""
    body = visitor.locator(".text > .body")
    expect(body.locator("h2")).to_have_text(
        [re.compile("Why stairs hurt"), re.compile("What helps")]
    )
    expect(body.locator("ul > li > strong")).to_have_text(["Start low:", "Go slowly:"])
    expect(body.locator("table th")).to_have_text(["Week", "Steps"])
    expect(body.locator("figure img, img").first).to_have_attribute(
        "alt", "Four steps, seen from the side"
    )
    expect(visitor.locator("#sources li")).to_have_count(2)
    expect(visitor.locator("#questions summary")).to_have_count(len(QUESTIONS))
    expect(visitor.locator(".takeaways li")).to_have_count(2)
    assert "mso" not in visitor.locator("main").inner_html().lower()


def correct(editor: Any, desk: str, old: str, new: str) -> None:
    editor.goto(desk)
    place = editor.locator("#id_body")
    place.fill(place.input_value().replace(old, new))
    steps.save(editor)
    heading = re.compile("1 unpublished change")
    expect(editor.get_by_role("heading", name=heading)).to_be_visible()


def compare(editor: Any, desk: str, *, gone: str, new: str) -> None:
    editor.goto(desk)
    editor.get_by_role("link", name="Changes").click()
    expect(editor.locator(".differences ins").first).to_contain_text(new)
    expect(editor.locator(".differences del").first).to_contain_text(gone)
    look(editor, "compare")


def publish(editor: Any, desk: str, *, minor: bool) -> None:
    editor.goto(f"{desk}../publish/")
    if minor:
        editor.get_by_label("Minor correction").check()
    else:
        editor.get_by_label("Reason for publishing without a review").fill(
            "The review is on its way."
        )
    give_reasons(editor)
    editor.get_by_label("Change note for readers").fill("Clearer words.")
    editor.get_by_role("button", name="Publish").click()
    expect(editor.locator(".messagelist")).to_contain_text("is live.")


def give_reasons(editor: Any) -> None:
    field = editor.get_by_label("Reason for publishing with warnings")
    if field.count():
        field.fill("Tried out.")


def roll_back(editor: Any, desk: str, *, edition: int) -> None:
    editor.goto(f"{desk}../editions/")
    look(editor, "editions")
    number = editor.get_by_role("link", name=str(edition), exact=True)
    row = editor.get_by_role("row").filter(has=number)
    row.get_by_role("link", name="Publish again …").click()
    look(editor, "republish")
    editor.locator("input[type=submit]").click()
    expect(editor.locator(".messagelist")).to_contain_text("published as a new edition")


def take_back(author: Any, desk: str) -> None:
    author.goto(desk)
    author.get_by_role("link", name="Revoke …").click()
    look(author, "take-back")
    author.get_by_role("button", name="Revoke link").click()
    expect(author.locator(".invited")).to_contain_text("was revoked")


def every_page_is_sound(page_of: Any, desk: str) -> None:
    """axe finds nothing on the pages of the desk, and none can be moved sideways (on SQLite)."""
    if "DATABASE_URL" in os.environ:
        return
    names = ("change", "publish", "review", "submit", "invite", "editions", "compare", "withdraw")
    pages = {name: f"{desk}../{name}/" for name in names}
    pages |= {"new": NEW, "again": f"{desk}../republish/1/", "list": f"{desk}../../"}
    found: dict[str, list[str]] = {}
    for width, scheme in ((390, "dark"), (1440, "light")):
        window = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
        page = page_of("admin", **window)
        for name, path in pages.items():
            page.goto(path)
            page.wait_for_load_state()
            faults = found.setdefault(f"{name} {width}", [])
            for measured in (820, width):
                faults += overrun(page, measured, 900)
            is_light = scheme == "light"
            faults += faint(page, large=4.5) if is_light else []
            faults += findings(page, by_place=not is_light)
    assert {name: faults for name, faults in found.items() if faults} == {}


def mailed(site: Any, subject: str, pattern: str) -> str:
    """What a mail with this subject says, once it has come."""
    until = time.monotonic() + MAIL_WITHIN
    while time.monotonic() < until:
        for mail in mails_of(site):
            said = re.search(pattern, words_of(mail))  # nothing while it is being written
            if mail["Subject"].startswith(subject) and said:
                return said[1]
        time.sleep(0.3)
    raise AssertionError(f"No mail “{subject}” has come.")


def look(page: Any, name: str) -> None:
    """Picture the page, where pictures are asked for, and leave it as it was."""
    if not SHOTS:
        return
    folder = Path(SHOTS)
    folder.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    for width in (390, 820, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.evaluate(ALL_PICTURES)
            page.wait_for_timeout(200)
            whole = name not in {"suggestions", "picture"}  # what stands at a place of the window
            path = folder / f"{name}-{width}-{scheme}.png"
            page.screenshot(path=path, full_page=whole)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(size)
