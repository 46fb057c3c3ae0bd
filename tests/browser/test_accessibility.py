"""axe-core finds nothing, by any of its rules, on every kind of page and in every state."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.pages import (
    PUBLIC,
    STAFF,
    STAFF_MORE,
    STAFF_STATES,
    STATES,
    menu_open,
    open_first,
)

pytestmark = pytest.mark.look

WINDOWS = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "narrow dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
}
AXE = Axe()
# All there are, those for AAA, best practices and experiments too.
RULES = [
    *("wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa"),
    *("best-practice", "experimental"),
]
OPTIONS = {
    "resultTypes": ["violations"],
    "preload": False,
    "runOnly": {"type": "tag", "values": RULES},
}


@pytest.fixture(params=WINDOWS.values(), ids=WINDOWS)
def window(request):
    """Options of the window. axe tries inline styles, so the policy against them is off here; the
    other tests have it."""
    return {**request.param, "bypass_csp": True}


def findings(page: Any) -> list[str]:
    # As high as the page: the bar of a phone then covers nothing, as it does not for long.
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in AXE.run(page, options=OPTIONS).response["violations"]
        for node in violation["nodes"]
    ]


def assert_nothing(found: dict[str, list[str]]) -> None:
    assert {kind: faults for kind, faults in found.items() if faults} == {}


def test_public_pages(new_page, window):
    page = new_page(**window)
    found = {}
    for kind, path in PUBLIC.items():
        page.goto(path)
        found[kind] = findings(page)
    assert_nothing(found)


def test_states_of_public_pages(new_page, window):
    page = new_page(**window)
    found = {}
    for kind, bring_about in STATES.items():
        bring_about(page)
        found[kind] = findings(page)
    if window["viewport"]["width"] < 600:
        menu_open(page)
        found["menu"] = findings(page)
    assert_nothing(found)


def test_pages_of_staff(page_of, window):
    found = {}
    for kind, (who, path) in (STAFF | STAFF_MORE).items():
        page = page_of(who, **window)
        open_first(page, path)
        found[kind] = findings(page)
    assert_nothing(found)


def test_states_of_pages_of_staff(page_of, window):
    found = {}
    for kind, (who, bring_about) in STAFF_STATES.items():
        page = page_of(who, **window)
        bring_about(page)
        found[kind] = findings(page)
    assert_nothing(found)


def test_staff_form_with_errors(page_of, window):
    page = page_of("mara", **window)
    page.goto("/admin/articles/article/add/")
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.locator(".errornote").wait_for()
    assert findings(page) == []
