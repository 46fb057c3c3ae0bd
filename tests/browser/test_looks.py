"""How every kind of page looks, in every state: measured on two visits of each.

Both are under the site's own content policy. In a wide window contrast is measured in both schemes,
and axe looks at the rest; on a dark phone axe looks at contrast, too, where each text lies.

Pages of staff, and states of pages, are visited once, every other one on the phone; with
EXAMPLES=thorough each of them is visited twice.
"""

import os
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.measures import faint, findings, overrun, small, space
from tests.browser.pages import (
    PUBLIC,
    STAFF,
    STAFF_MORE,
    STAFF_STATES,
    STATES,
    menu_open,
    open_first,
)

THOROUGH = os.environ.get("EXAMPLES") == "thorough"
VISITS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "dark phone": {
        "viewport": {"width": 320, "height": 740},
        "has_touch": True,
        "is_mobile": True,
        "color_scheme": "dark",
    },
}


@pytest.fixture(params=VISITS)
def visit(request: Any) -> str:
    return str(request.param)


def chosen(kinds: dict[str, Any], visit: str) -> dict[str, Any]:
    """Those that this visit sees."""
    every_other = slice(list(VISITS).index(visit), None, len(VISITS))
    return kinds if THOROUGH else dict(list(kinds.items())[every_other])


def begin(page: Any, visit: str) -> None:
    """Put the window back as it was opened: the last page has been measured in others."""
    page.set_viewport_size(VISITS[visit]["viewport"])
    page.emulate_media(color_scheme=VISITS[visit].get("color_scheme", "light"))


def wide(page: Any, *, large: float = 7) -> list[str]:
    """Contrast in both schemes, and what axe finds beside it."""
    found = faint(page, large=large)
    page.emulate_media(color_scheme="light")
    return found + findings(page, by_place=False)


def widths(page: Any) -> list[str]:
    """A tablet, a wide screen, forced colours, and a small phone or 400 % zoom."""
    return [
        *overrun(page, 820),
        *overrun(page, 820, forced_colors="active"),
        *overrun(page, 2200, 1200, forced_colors="none"),
        *overrun(page, 320, 256),
    ]


def paper(page: Any) -> list[str]:
    found = overrun(page, 700, 990, media="print")
    assert not page.locator(".reach, .site-nav").first.is_visible()
    page.emulate_media(media="screen")
    return found


def spaced(page: Any) -> list[str]:
    """With the spacing of text that readers may set."""
    space(page)
    return overrun(page, 390)


def on_phone(page: Any) -> list[str]:
    found = overrun(page, 320, 740)
    page.set_viewport_size({"width": 390, "height": 844})
    return found + small(page)


def axe_on_phone(page: Any) -> list[str]:
    page.set_viewport_size({"width": 360, "height": 740})
    return findings(page)


def assert_nothing(found: dict[str, list[str]]) -> None:
    assert {kind: faults for kind, faults in found.items() if faults} == {}


def test_public_pages(new_page: Callable[..., Any], visit: str):
    page = new_page(**VISITS[visit])
    found = {}
    for kind, path in PUBLIC.items():
        begin(page, visit)
        page.goto(path)
        if visit == "wide":
            found[kind] = wide(page) + widths(page) + paper(page) + spaced(page)
        else:
            found[kind] = on_phone(page) + axe_on_phone(page)
    assert_nothing(found)


@pytest.mark.sized
def test_states_of_public_pages(new_page: Callable[..., Any], visit: str):
    page = new_page(**VISITS[visit])
    found = {}
    for kind, bring_about in chosen(STATES, visit).items():
        begin(page, visit)
        bring_about(page)
        if visit == "wide":
            found[kind] = wide(page) + widths(page)
        else:
            found[kind] = overrun(page, 320, 740) + axe_on_phone(page)
    assert_nothing(found)


def test_the_menu_of_a_phone(new_page: Callable[..., Any]):
    visit = "dark phone"
    page = new_page(**VISITS[visit])
    begin(page, visit)
    menu_open(page)
    found = on_phone(page) + axe_on_phone(page)
    assert found + faint(page) == []


@pytest.mark.sized
def test_pages_of_staff(page_of: Callable[..., Any], visit: str):
    found: dict[str, list[str]] = defaultdict(list)
    pages: dict[str, Any] = {}
    for kind, (who, path) in chosen(STAFF | STAFF_MORE, visit).items():
        pages[who] = page = pages.get(who) or page_of(who, **VISITS[visit])
        begin(page, visit)
        open_first(page, path)
        if visit == "wide":
            found[kind] = wide(page, large=4.5) + overrun(page, 820)
        elif kind in STAFF:
            found[kind] = on_phone(page) + axe_on_phone(page)
        else:
            found[kind] = axe_on_phone(page)
    assert_nothing(found)


@pytest.mark.sized
def test_states_of_pages_of_staff(page_of: Callable[..., Any], visit: str):
    found = {}
    for kind, (who, bring_about) in chosen(STAFF_STATES, visit).items():
        page = page_of(who, **VISITS[visit])
        bring_about(page)
        found[kind] = wide(page, large=4.5) if visit == "wide" else axe_on_phone(page)
    page = page_of("mara", **VISITS[visit])
    page.goto("/admin/articles/article/add/")
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.locator(".errornote").wait_for()
    page.wait_for_load_state()
    found["form-with-errors"] = wide(page, large=4.5) if visit == "wide" else axe_on_phone(page)
    assert_nothing(found)


PLANT = "html => document.querySelector('main').insertAdjacentHTML('beforeend', html)"
FAULTS = """<div id="planted"><p style="width: 2300px">Wide</p><img src="/favicon.ico">
<p style="color: #777; background: #888">Faint</p><p><button>.</button></p></div>"""


def test_a_planted_fault_is_found_by_every_measure(new_page: Callable[..., Any]):
    page = new_page(**VISITS["wide"], bypass_csp=True)
    page.goto("/privacy/")
    page.evaluate(PLANT, FAULTS)
    assert [text for text in faint(page) if "Faint" in text]
    assert len(widths(page)) == 4
    assert paper(page)
    assert "image-alt" in {found.partition(":")[0] for found in findings(page, by_place=False)}
    assert {"image-alt", "color-contrast"} <= {found.partition(":")[0] for found in findings(page)}
    assert spaced(page)
    phone = new_page(**VISITS["dark phone"], bypass_csp=True)
    phone.goto("/privacy/")
    phone.evaluate(PLANT, FAULTS)
    found = on_phone(phone)
    assert [fault[:6] for fault in found] == ["320 px", "small:"]
