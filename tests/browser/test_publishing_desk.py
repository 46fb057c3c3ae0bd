"""One text through the whole desk: pasted, reviewed by a mailed link, scheduled, corrected, rolled
back."""

import re
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.test_editor import NEW, PASTE, forget
from tests.browser.test_journey import mails_of, words_of

TITLE = "Stairs and knees, said plainly"
HTML = """<h1>Why stairs hurt</h1><p>The knee carries <b>more</b> than the hole body.</p>
<ul><li>Start low</li><li>Go slowly</li></ul>"""
MAIL_WITHIN = 30  # seconds


def test_paste_review_schedule_correct_and_roll_back(new_page: Any, page_of: Any, site: Any):
    author = page_of("ines")
    write(author)
    link = ask_hanna(author, site)
    approve(new_page(), link, site)

    editor = page_of("mara")
    address = urlsplit(author.url).path
    schedule(editor, address)
    publish_now(editor, address)
    visitor = new_page()
    stamp = visitor.locator("dl.stamp")
    visitor.goto("/articles/stairs-and-knees-said-plainly/")
    expect(stamp).to_contain_text("Dr Hanna Weiss")

    editor.goto(address)
    body = editor.locator("#id_body")
    body.fill(body.input_value().replace("hole body", "whole body"))
    steps.save(editor)
    editor.get_by_role("link", name="What changed").click()
    expect(editor.locator(".differences ins").first).to_contain_text("whole")
    editor.goto(f"{address}../publish/")
    editor.get_by_label("A minor correction").check()
    send(editor)
    steps.wait_for(visitor, "/articles/stairs-and-knees-said-plainly/", "whole body")
    expect(stamp).to_contain_text("Dr Hanna Weiss")

    editor.goto(f"{address}../editions/")
    row = editor.get_by_role("row").filter(has=editor.get_by_role("link", name="2", exact=True))
    row.get_by_role("link", name="Publish it again …").click()
    editor.locator("input[type=submit]").click()
    expect(editor.locator(".messagelist")).to_contain_text("public again")
    steps.wait_for(visitor, "/articles/stairs-and-knees-said-plainly/", "hole body.")
    assert "whole body" not in visitor.locator("main").inner_text()


def write(author: Any) -> None:
    """As somebody who knows Word and no Markdown."""
    author.goto(NEW)
    forget(author)
    author.get_by_label("Title:", exact=True).press_sequentially(TITLE)
    author.get_by_label("In short").fill("Stairs hurt less after some weeks.")
    author.locator("#id_body").click()
    author.evaluate(PASTE, ["#id_body", HTML, "Why stairs hurt"])
    author.keyboard.press("Control+End")
    author.keyboard.type("\n\nIt is known [@chys")
    expect(author.locator(".editor-suggestions li").first).to_be_visible()
    author.keyboard.press("Enter")
    author.keyboard.type(".")
    author.get_by_role("button", name="Add another Question").click()
    author.locator("#id_questions-0-question").fill("Does it hurt?")
    author.locator("#id_questions-0-answer").fill("A little.")
    steps.save(author)
    expect(author.get_by_role("heading", name="Draft")).to_be_visible()


def ask_hanna(author: Any, site: Any) -> str:
    """Returns the path of the link that she gets by e-mail."""
    here = author.url
    author.get_by_role("link", name="Ask somebody by e-mail").click()
    author.get_by_label("Who is to read it?").select_option(label="Dr Hanna Weiss")
    author.get_by_role("button", name="Send the link").click()
    expect(author.locator(".messagelist")).to_contain_text("by e-mail")
    author.goto(here)
    return mailed(site, "Please read this text", r"http\S+?(/preview/\S+/)")


def approve(hanna: Any, link: str, site: Any) -> None:
    hanna.goto(link)
    expect(hanna.get_by_role("heading", level=1)).to_have_text(TITLE)
    hanna.get_by_role("button", name="Approve: mail me a code").click()
    expect(hanna.locator("#answer").get_by_role("status")).to_contain_text("mailed you a code")
    hanna.get_by_label("Code from the e-mail").fill(mailed(site, "Your code", r"(?m)^(\d{6})\s*$"))
    hanna.get_by_role("button", name="Approve in my name").click()
    expect(hanna.locator("#answer").get_by_role("status")).to_contain_text(
        "You have approved this text"
    )


def schedule(editor: Any, address: str) -> None:
    editor.goto(f"{address}../publish/")
    editor.get_by_label("At a time").check()
    day = timezone.now() + timedelta(days=3)
    editor.locator("#id_goes_live_at_0").fill(day.strftime("%Y-%m-%d"))
    editor.locator("#id_goes_live_at_1").fill("09:00")
    editor.get_by_role("button", name="Publish").click()
    expect(editor.locator(".messagelist")).to_contain_text("goes live on")
    expect(editor.get_by_role("heading", name=re.compile("scheduled for"))).to_be_visible()


def publish_now(editor: Any, address: str) -> None:
    editor.goto(f"{address}../publish/")
    editor.get_by_label("Cancel it").check()
    send(editor)


def send(editor: Any) -> None:
    editor.get_by_label("What changed, for readers").fill("Clearer words.")
    editor.get_by_role("button", name="Publish").click()
    expect(editor.locator(".messagelist")).to_contain_text("is public.")


def mailed(site: Any, subject: str, pattern: str) -> str:
    """What a mail with this subject says, once it has come."""
    until = time.monotonic() + MAIL_WITHIN
    while time.monotonic() < until:
        for mail in mails_of(site):
            if mail["Subject"].startswith(subject):
                return re.search(pattern, words_of(mail))[1]
        time.sleep(0.3)
    raise AssertionError(f"No mail “{subject}” has come.")
