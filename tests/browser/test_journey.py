"""From the author's first word to the receptionist's inbox, everybody in their own browser."""

import email
import re
import time
from email.policy import default

from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.texts import Manuscript

COMPLAINT = "Numb toes and a burning calf since the harvest."
TEXT = Manuscript(
    title="A nerve that is cross: what to do in week one",
    summary="Keep moving in small steps. Most nerves calm down by themselves within weeks.",
    takeaways=("Short walks are better than long rests.", "Weak legs need a doctor at once."),
    body="""\
A cross nerve can hurt from the back down to the toes. @chys2023 looked at needles for it, and so \
did others [@hu2018].

## What helps at once

✓ Lie as you like
✓ Walk to the next corner and back

Ask us if you are unsure [@chys2023].
""",
    shows={},
    author="Ines Okafor",
    service="Physiotherapy",
)


def test_from_manuscript_to_enquiry(new_page, site):
    author = new_page()
    steps.log_in(author, "ines", site.admin_password)
    steps.write(author, TEXT)
    author.get_by_role("button", name="Preview", exact=True).click()
    preview = author.frame_locator("iframe[title=Preview]")
    expect(preview.get_by_role("heading", name="What helps at once")).to_be_visible()
    expect(preview.locator("ul.ticks li")).to_have_count(2)
    expect(author.get_by_role("heading", name="Draft")).to_be_visible()
    expect(author.get_by_role("button", name="Publish …")).to_have_count(0)

    visitor = new_page()
    assert visitor.goto(f"/articles/{TEXT.slug}/").status == 404

    publish_as_editor(new_page(), site)

    read(visitor)
    book(visitor)
    number = re.search(r"LP \d+", visitor.locator(".lead").inner_text())[0]

    receptionist = new_page()
    steps.log_in(receptionist, "joan", site.admin_password)
    find_enquiry(receptionist, number)

    look_into_mails(site, visitor, number)


def publish_as_editor(editor, site):
    steps.log_in(editor, "mara", site.admin_password)
    editor.get_by_role("link", name="Articles", exact=True).click()
    editor.get_by_role("searchbox").fill("a nerve that is cross")
    editor.get_by_role("button", name="Search").click()
    editor.get_by_role("link", name=TEXT.title).click()
    editor.get_by_role("button", name="Preview the whole page").click()
    expect(editor.get_by_role("heading", level=1)).to_have_text(TEXT.title)
    expect(editor.locator("#sources li")).to_have_count(2)
    editor.go_back()
    steps.publish(editor)
    expect(editor.get_by_role("heading", name="Published · edition 1")).to_be_visible()


def read(visitor):
    steps.wait_for(visitor, "/", TEXT.title)
    visitor.get_by_role("link", name=TEXT.title).first.click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text(TEXT.title)

    citation = visitor.locator("#cite-1-1")
    citation.click()
    source = visitor.get_by_role("dialog")
    expect(source).to_contain_text("Clinical Effectiveness of Dry Needling in Patients")
    visitor.keyboard.press("Escape")
    expect(source).to_be_hidden()
    expect(citation).to_be_focused()

    visitor.locator(".contents .wide").get_by_role("link", name="Sources").click()
    expect(visitor.locator("#sources")).to_be_in_viewport()
    visitor.locator("#ref-1").get_by_role("link", name="Back to citation 2 in the text").click()
    assert visitor.url.endswith("#cite-1-2")
    expect(visitor.locator("#cite-1-2")).to_be_in_viewport()


def book(visitor):
    visitor.locator("main .book-panel").get_by_role("link", name="Request an appointment").click()
    expect(visitor.get_by_role("radio", name="Physiotherapy")).to_have_count(0)  # chosen already
    expect(visitor.get_by_text("You chose: Physiotherapy.")).to_be_visible()
    steps.pass_gate(visitor)

    visitor.get_by_role("radio", name="Ines Okafor").check()
    visitor.get_by_role("button", name="Continue").click()
    visitor.get_by_label("Tuesday", exact=True).check()
    visitor.get_by_role("button", name="Continue").click()
    visitor.get_by_label("No, this is my first appointment").check()
    visitor.get_by_label("Your name").fill("Alba Brook")
    visitor.get_by_label("Email", exact=True).fill("alba.brook@")
    visitor.get_by_label("Tell us about the problem").fill(COMPLAINT)
    visitor.get_by_role("button", name="Continue").click()

    summary = visitor.get_by_role("alert")
    expect(summary).to_contain_text("Enter the full address")
    expect(summary).to_be_focused()
    expect(visitor.locator("[value=ines-okafor]")).to_be_checked()  # on steps before
    expect(visitor.locator("[name=days][value='1']")).to_be_checked()
    expect(visitor.get_by_label("No, this is my first appointment")).to_be_checked()
    expect(visitor.get_by_label("Your name")).to_have_value("Alba Brook")
    expect(visitor.get_by_label("Email", exact=True)).to_have_value("alba.brook@")
    expect(visitor.get_by_label("Tell us about the problem")).to_have_value(COMPLAINT)

    visitor.get_by_label("Email", exact=True).fill("alba.brook@mail.example")
    visitor.get_by_role("button", name="Continue").click()
    visitor.get_by_role("button", name="Send request").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text(
        "Thank you. We’ve received your request."
    )
    expect(visitor.get_by_role("heading", name="What happens next")).to_be_visible()


def find_enquiry(receptionist, number):
    receptionist.get_by_role("link", name=re.compile("^Requests")).first.click()
    row = receptionist.get_by_role("row").filter(has_text=number)
    expect(row).to_contain_text("Alba Brook")
    expect(receptionist.get_by_text(COMPLAINT)).to_have_count(0)
    row.get_by_role("link", name="Alba Brook").click()
    expect(receptionist.get_by_text(COMPLAINT)).to_be_visible()
    origin = receptionist.get_by_role("link", name=TEXT.title)
    expect(origin).to_have_attribute("href", f"/articles/{TEXT.slug}/")


def look_into_mails(site, page, number):
    """One mail to the patient and one to the clinic, none with words about health."""
    until = time.monotonic() + 60
    mails = []
    while len(mails) < 2:
        assert time.monotonic() < until, "The mails have not come."
        page.wait_for_timeout(200)
        mails = [mail for mail in mails_of(site) if number in mail["Subject"] + words_of(mail)]
    receivers = " ".join(mail["To"] for mail in mails)
    assert "alba.brook@mail.example" in receivers
    assert "@larkspur.example" in receivers
    for mail in mails:
        words = mail["Subject"] + words_of(mail)
        assert not re.search(r"(?i)\b(numb|toes|calf|harvest|burning)\b", words)


def mails_of(site):
    files = (site.data_dir / "mail").glob("*.eml")
    return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]


def words_of(mail):
    parts = (part for part in mail.walk() if part.get_content_maintype() == "text")
    return "\n".join(part.get_content() for part in parts)
