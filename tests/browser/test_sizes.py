"""Nothing runs over the edge: from a small phone to a wide screen, on paper, in forced colours,
zoomed in, and with the spacing of text that readers may set."""

import pytest

from tests.browser.pages import PUBLIC, STAFF, STATES, menu_open, open_first

pytestmark = pytest.mark.look

# WCAG 2.2, 1.4.12
SPACED = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }
"""
WIDTHS = {
    "a small phone, or 400 % zoom": ({"viewport": {"width": 320, "height": 256}}, 320),
    "a tablet": ({"viewport": {"width": 820, "height": 1100}}, 820),
    "a wide screen": ({"viewport": {"width": 2200, "height": 1200}}, 2200),
    "forced colours": (
        {"viewport": {"width": 820, "height": 1100}, "forced_colors": "active"},
        820,
    ),
}
SMALL = """least => [...document.querySelectorAll("a, button, summary, select, input, textarea")]
  .filter(part => {
    const box = part.getBoundingClientRect();
    if (!box.width || !part.checkVisibility({ checkVisibilityCSS: true })) return false;
    if (part.closest(".visually-hidden, .trap, .skip, .select2-container")) return false;
    if (part.matches(".skip-to-content-link")) return false;
    const inText = part.matches("p a, li:not(nav li, .plain li) a, dd a, .note a, td a, th a");
    const after = getComputedStyle(part, "::after");
    const reached = after.position === "absolute" ? parseFloat(after.blockSize) : 0;
    const labels = [...part.labels ?? []].map(label => label.getBoundingClientRect().height);
    return !inText && Math.max(box.height, reached, ...labels) < least;
  }).map(part => part.outerHTML.slice(0, 90))"""


def overrun(page):
    """By how many pixels the page can be moved sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


@pytest.mark.parametrize("name", WIDTHS)
def test_public_pages_fit(new_page, name):
    options, width = WIDTHS[name]
    page = new_page(**options)
    found = {}
    for kind, path in PUBLIC.items():
        page.goto(path)
        assert page.evaluate("innerWidth") == width
        found[kind] = overrun(page)
    for kind, bring_about in STATES.items():
        bring_about(page)
        found[kind] = overrun(page)
    assert {kind: over for kind, over in found.items() if over > 0} == {}


def test_paper_fits(new_page):
    page = new_page(viewport={"width": 700, "height": 990})
    page.emulate_media(media="print")
    found = {}
    for kind, path in PUBLIC.items():
        page.goto(path)
        found[kind] = overrun(page)
        assert not page.locator(".reach, .site-nav").first.is_visible()
    assert {kind: over for kind, over in found.items() if over > 0} == {}


def test_text_may_be_spaced(browser, site):
    """In a context without the content policy, as a reader's own style sheet is."""
    context = browser.new_context(
        base_url=site.base_url, bypass_csp=True, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    found = {}
    for kind, path in PUBLIC.items():
        page.goto(path)
        page.add_style_tag(content=SPACED)
        found[kind] = overrun(page)
    context.close()
    assert {kind: over for kind, over in found.items() if over > 0} == {}


@pytest.mark.parametrize("width", [320, 820])
def test_staff_pages_fit(page_of, width):
    found = {}
    for kind, (who, path) in STAFF.items():
        page = page_of(who, viewport={"width": width, "height": 900})
        open_first(page, path)
        found[kind] = overrun(page)
    assert {kind: over for kind, over in found.items() if over > 0} == {}


def test_targets_are_large_enough_for_a_thumb(new_page, page_of):
    """44 px, except for links in running text (WCAG 2.2, 2.5.5)."""
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = new_page(**phone)
    found = {}
    for kind, path in PUBLIC.items():
        page.goto(path)
        found[kind] = page.evaluate(SMALL, 44)
    menu_open(page)
    found["menu"] = page.evaluate(SMALL, 44)
    for kind, (who, path) in STAFF.items():
        staff = page_of(who, **phone)
        open_first(staff, path)
        found[kind] = staff.evaluate(SMALL, 44)
    assert {kind: small for kind, small in found.items() if small} == {}
