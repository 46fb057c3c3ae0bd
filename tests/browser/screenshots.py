"""Pictures of every kind of page, for people to look at. `make screenshots`, into shots/.

Public and staff pages and states, narrow and wide, light and dark; print and forced colours at one
width. What machines can see is tested in test_looks.py.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import PUBLIC, STAFF, STATES, menu_open, open_first

SHOTS = Path(__file__).parents[2] / "shots"
WINDOWS = {
    f"{width}{'-dark' if scheme == 'dark' else ''}": {
        "viewport": {"width": width, "height": 844 if width < 600 else 900},
        "color_scheme": scheme,
        "has_touch": width < 600,
        "is_mobile": width < 600,
    }
    for width in (390, 1440)
    for scheme in ("light", "dark")
}

# What is far down the page is loaded late: wait for it, and for the fonts.
ALL_PICTURES = """async () => {
  for (const image of document.images) image.loading = "eager";
  await document.fonts.ready;
  await Promise.all([...document.images].map(image => image.decode().catch(() => {})));
}"""


@pytest.fixture(params=WINDOWS)
def window(request: pytest.FixtureRequest) -> str:
    SHOTS.mkdir(exist_ok=True)
    return str(request.param)


def shoot(page: Any, name: str) -> None:
    page.wait_for_load_state()
    page.evaluate(ALL_PICTURES)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def test_public_pages(new_page: Any, window: str):
    page = new_page(**WINDOWS[window])
    for name, path in PUBLIC.items():
        page.goto(path)
        shoot(page, f"{name}-{window}")


def test_states(new_page: Any, window: str):
    page = new_page(**WINDOWS[window])
    for name, bring_about in STATES.items():
        bring_about(page)
        shoot(page, f"{name}-{window}")
    if WINDOWS[window]["is_mobile"]:
        menu_open(page)
        shoot(page, f"menu-open-{window}")


def test_pages_behind_a_link(new_page: Any, page_of: Any, window: str):
    patient = new_page(**WINDOWS[window])
    STATES["form-check"](patient)
    patient.get_by_role("button", name="Send request").click()
    patient.get_by_role("heading", name="Thank you").wait_for()
    shoot(patient, f"request-{window}")
    editor = page_of("mara")
    editor.goto("/admin/articles/article/?q=standing")
    editor.get_by_role("link", name="Is a standing desk worth it?").click()
    visitor = new_page(**WINDOWS[window])
    visitor.goto(editor.locator("#share").input_value())
    shoot(visitor, f"preview-{window}")


def test_staff_pages(page_of: Any, window: str):
    pages = {name: page_of(name, **WINDOWS[window]) for name, _path in STAFF.values()}
    for name, (who, path) in STAFF.items():
        open_first(pages[who], path)
        shoot(pages[who], f"staff-{name}-{window}")


def test_paper_and_forced_colours(new_page: Any):
    SHOTS.mkdir(exist_ok=True)
    for name, options in (("forced", {"forced_colors": "active"}), ("print", {})):
        page = new_page(viewport={"width": 820, "height": 1100}, **options)
        if name == "print":
            page.emulate_media(media="print")
        for kind in ("home", "article", "service", "book-service"):
            page.goto(PUBLIC[kind])
            shoot(page, f"{kind}-820-{name}")
