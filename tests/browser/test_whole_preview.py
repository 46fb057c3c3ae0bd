"""The preview of the whole page beside the text: its parts, its sizes, and how it follows."""

from typing import Any

from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.clipboard import PASTE
from tests.browser.test_editor import NEW, forget

PARAGRAPHS = "".join(f"<h2>Part {n}</h2><p>{'Words of it. ' * 40}</p>" for n in range(1, 9))
PARAGRAPHS += "<p>It helps [@chys2023].</p>"
IN_VIEW = """(words) => {
  const frame = document.querySelector("[data-frame]");
  const page = frame.contentDocument;
  const found = [...page.querySelectorAll(".text :is(h2, summary, p)")].find(
    (each) => each.textContent.trim().startsWith(words)
  );
  if (!found) return false;
  const { top, bottom } = found.getBoundingClientRect();
  return top >= 0 && bottom <= frame.contentWindow.innerHeight;
}"""


def sees(page: Any, words: str) -> None:
    """Wait until the preview shows these words without being scrolled."""
    page.wait_for_function(IN_VIEW, arg=words)


def test_the_whole_page_is_beside_the_text_and_follows_the_caret(page_of: Any):
    page = page_of("mara", visual=True, viewport={"width": 1700, "height": 900})
    page.goto(NEW)
    forget(page)
    preview = page.frame_locator("[data-frame]")
    page.get_by_label("Title:", exact=True).fill("A long walk")
    page.get_by_label("Key takeaways").fill("Walk\nRest")
    page.locator(".visual-text").first.click()
    page.evaluate(PASTE, [".visual-text", PARAGRAPHS, "Part 1"])
    steps.unfold(page, "Frequently asked questions")
    page.get_by_role("button", name="Add another Question").click()
    page.locator("#id_questions-0-question").fill("Does it hurt?")
    expect(preview.get_by_role("heading", level=1)).to_have_text("A long walk")
    expect(preview.locator(".takeaways li")).to_have_text(["Walk", "Rest"])
    expect(preview.locator("#sources li")).to_have_count(1)

    for part in ("Part 7", "Part 2"):
        page.locator(".visual-text h2", has_text=part).click()
        sees(page, part)
    page.locator("#id_questions-0-question").click()
    sees(page, "Does it hurt?")
    page.get_by_role("button", name="Text", exact=True).first.click()
    page.locator("#id_body").press("Control+End")
    sees(page, "It helps")
    page.get_by_role("button", name="Visual").first.click()

    frame = page.locator("[data-frame]")
    width = "frame => frame.contentWindow.innerWidth"
    assert 320 <= frame.evaluate(width) <= 392
    page.get_by_role("button", name="Desktop").click()
    assert frame.evaluate(width) == 1280
    room = page.locator("[data-room]").bounding_box()
    shown = frame.bounding_box()
    assert shown["width"] <= room["width"] + 1
    page.get_by_role("button", name="Phone").click()
    forget(page)
