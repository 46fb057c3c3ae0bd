"""What people do in these journeys, in the words that they read on the screen."""

import re
import time
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import expect

from tests.browser.texts import Manuscript

SECONDS_UNTIL_PUBLIC = 60
# Where the fields of an article are that search.
PARTS = dict.fromkeys(["topics", "services", "related"], "Topics")
PARTS["author"] = "Author and reviewer"
# Chosen before any page is open: this person writes Markdown.
AS_TEXT = 'localStorage.setItem("writing-mode", "text")'
# True once scripts have made of a page what they make of it, and it has kept its height since.
SETTLED = """() => {
  const copied = (each) => each.name.includes("__prefix__");
  const made = [...document.querySelectorAll("select.admin-autocomplete")].every(
    (each) => copied(each) || each.matches(".select2-hidden-accessible"));
  const live = [...document.querySelectorAll("[data-editor] textarea")].every(
    (each) => copied(each) || each.closest(".is-live"));
  const asked = !document.querySelector("[data-desk]:not([data-asked])");
  const height = document.documentElement.scrollHeight;
  const same = globalThis.heightBefore === height;
  globalThis.heightBefore = height;
  globalThis.framesOfSameHeight = same ? globalThis.framesOfSameHeight + 1 : 0;
  const loaded = document.fonts.status === "loaded";
  return made && live && asked && loaded && globalThis.framesOfSameHeight > 2;
}"""


def log_in(page: Any, name: str, password: str) -> None:
    """Sign in to the admin."""
    page.goto("/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/admin/$"))


def write(page: Any, text: Manuscript) -> None:
    """Fill a new article and save it; the page then shows the saved article."""
    page.context.add_init_script(AS_TEXT)
    page.goto("/admin/articles/article/add/")
    page.get_by_label("Title:", exact=True).press_sequentially(text.title)
    page.get_by_label("In short").fill(text.summary)
    page.get_by_label("Key takeaways").fill("\n".join(text.takeaways))
    page.locator("#id_body").fill(text.body)
    if text.author:
        choose(page, "author", text.author)
    if text.service:
        choose(page, "services", text.service)
    ask(page, text.questions)
    save(page)


def unfold(page: Any, name: str) -> None:
    """Open the part of a form with this name."""
    part = page.locator("details", has=page.locator("summary", has_text=name)).first
    if part.get_attribute("open") is None:
        part.locator("summary").first.click()


def ask(page: Any, questions: Sequence[tuple[str, str]]) -> None:
    """Add questions and their answers to a new article."""
    unfold(page, "Frequently asked questions")
    for number, (question, answer) in enumerate(questions):
        page.get_by_role("button", name="Add another Question").click()
        page.locator(f"#id_questions-{number}-question").fill(question)
        page.locator(f"#id_questions-{number}-answer").fill(answer)


def choose(page: Any, field: str, words: str) -> None:
    """Choose in a field that searches while one types, in a part that may be folded."""
    unfold(page, PARTS[field])
    page.locator(f".field-{field} .select2-selection").first.click()
    page.locator(".select2-container--open .select2-search__field").press_sequentially(words)
    page.locator(".select2-results__option", has_text=words).first.click()


def save(page: Any) -> None:
    """Save and stay on the page."""
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page.locator(".messagelist")).to_contain_text("successfully")


def publish(page: Any) -> None:
    """Publish, now, the article whose page is open."""
    page.get_by_role("button", name="Publish …").click()
    page.wait_for_url("**/publish/")  # loaded: which reasons it asks for is counted
    for reason in ("Reason for publishing without a review", "Reason for publishing with warnings"):
        field = page.get_by_label(reason)
        if field.count():
            field.fill("Tried out.")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".messagelist")).to_contain_text("is live.")


def wait_for(page: Any, path: str, words: str, within: int = SECONDS_UNTIL_PUBLIC) -> None:
    """Load a public page until it shows these words, for some seconds: another process may know
    them a second later."""
    until = time.monotonic() + within
    page.goto(path)
    while words not in page.locator("main").inner_text():
        assert time.monotonic() < until, f"{path} does not show {words!r}"
        page.wait_for_timeout(200)
        page.goto(path)


def pass_gate(page: Any) -> None:
    """Answer on each page that no red flag is true."""
    while page.locator("[name=lines]").count():
        for answer in page.get_by_label("No, none of them").all():
            answer.check()
        with page.expect_navigation():
            page.get_by_role("button", name="Continue").click()
