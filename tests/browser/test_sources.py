"""A source shows itself at its citation, however one comes there, and holds nobody."""

from playwright.sync_api import expect

from tests.browser.pages import ARTICLE
from tests.browser.test_keyboard import press_until


def test_focus_shows_a_source_and_leaves_again(page):
    page.goto(ARTICLE)
    citation, source = page.locator("#cite-1-1"), page.get_by_role("dialog")
    page.keyboard.press("Tab")  # from now on focus is that of a keyboard
    citation.focus()
    expect(source).to_be_visible()
    expect(citation).to_be_focused()
    press_until(page, "Close", most=1)
    for _ in range(10):
        page.keyboard.press("Tab")
        if not source.is_visible():
            break
    expect(source).to_be_hidden()
    expect(citation).not_to_be_focused()


def test_hovering_shows_a_source_and_leaving_hides_it(page):
    page.goto(ARTICLE)
    page.locator("#cite-1-1").hover()
    source = page.get_by_role("dialog")
    expect(source).to_be_visible()
    page.get_by_role("heading", level=1).hover()
    expect(source).to_be_hidden()


def test_evidence_is_narrowed_without_scripts(new_page):
    page = new_page(java_script_enabled=False)
    page.goto("/evidence/")
    rows = page.locator(".references > li")
    before = rows.count()
    page.get_by_label("Kind of source").select_option(index=1)
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**kind=**")
    assert 0 < rows.count() < before


def test_a_source_shows_its_year_kind_and_study_card(page):
    page.goto(ARTICLE)
    entry = page.locator("#sources li", has=page.locator(".study")).first
    number = entry.locator(".number").text_content()
    page.locator(f"a.cite[href='#ref-{number}']").first.click()
    source = page.get_by_role("dialog")
    expect(source).to_contain_text("Chys et al., 2023")
    expect(source.locator(".plain + .entry")).to_contain_text("Chys M")
    expect(source.locator(".study")).to_contain_text("Who was studied")
    expect(source).to_contain_text("Umbrella review")
    expect(source.get_by_role("link", name="doi 10.3390/jcm12031205")).to_be_visible()


def test_the_list_is_reached_and_left_without_scripts(new_page):
    page = new_page(java_script_enabled=False)
    page.goto(ARTICLE)
    expect(page.locator("#ref-1")).to_be_hidden()
    page.locator("a.cite").first.click()
    assert page.url.endswith("#ref-1")
    expect(page.locator("#ref-1")).to_be_in_viewport()
    page.locator("#ref-1 .back").first.click()
    assert page.url.endswith("#cite-1-1")
    expect(page.locator("#cite-1-1")).to_be_in_viewport()


def test_paper_has_the_list_without_what_is_of_no_use_there(page):
    page.goto(ARTICLE)
    page.emulate_media(media="print")
    expect(page.locator("#sources .entry").first).to_be_visible()
    expect(page.locator("#sources .files")).to_be_hidden()
    expect(page.locator("#ref-1 .back").first).to_be_hidden()


def test_readers_take_the_sources_with_them(page):
    page.goto(ARTICLE)
    page.locator("summary", has_text="sources").click()
    with page.expect_download() as started:
        page.locator("#sources .files").get_by_role("link", name="RIS").click()
    assert started.value.suggested_filename == ARTICLE.strip("/").split("/")[-1] + ".ris"
    first = page.locator("#sources .entry").first.inner_text().split(",")[0].split(" ")[0]
    assert f"AU  - {first}," in started.value.path().read_text(encoding="utf-8")


STARTS = """() => [...document.querySelectorAll(".body .cites")].filter(cites => {
  const range = document.createRange(), chip = cites.querySelector(".cite");
  let before = document.createTreeWalker(cites.parentNode, NodeFilter.SHOW_TEXT);
  let last = null;
  for (let node = before.nextNode(); node && !cites.contains(node); node = before.nextNode()) {
    if (node.compareDocumentPosition(cites) & Node.DOCUMENT_POSITION_FOLLOWING) last = node;
  }
  if (!last || !last.textContent.trim()) return false;
  const end = last.textContent.trimEnd().length;
  range.setStart(last, end - 1);
  range.setEnd(last, end);
  return chip.getBoundingClientRect().top > range.getBoundingClientRect().bottom - 2;
}).map(cites => cites.parentNode.textContent.slice(0, 80))"""


def test_no_source_number_begins_a_line_and_notes_have_other_signs(page):
    page.goto(ARTICLE)
    for width in (1440, 600, 390, 360, 340, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(STARTS) == []
    numbers = set(page.locator("#sources .number").all_text_contents())
    signs = set(page.locator(".noteref a").all_inner_texts())
    assert signs
    assert not signs & numbers
