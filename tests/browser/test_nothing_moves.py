"""A form with editors keeps its layout while its scripts start: nothing moves under a finger.

But for the offer to restore unsaved changes, which comes above the whole form.
"""

from collections.abc import Callable
from typing import Any

import pytest

# How far below the first field the last fold lay, from the first frame on that had them.
WATCH = """(() => {
  globalThis.places = new Set();
  const look = () => {
    const first = document.querySelector("main .form-row");
    const last = [...document.querySelectorAll(".submit-row, main summary")].at(-1);
    if (document.readyState !== "loading" && first && last) {
      const [from, to] = [first, last].map((each) => each.getBoundingClientRect().y);
      places.add(Math.round(to - from));
    }
    requestAnimationFrame(look);
  };
  look();
})()"""


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["articles/article/add/", "clinic/service/add/"])
def test_a_form_does_not_move_while_it_loads(page_of: Callable[..., Any], path: str, width: int):
    page = page_of("mara", viewport={"width": width, "height": 900})
    page.add_init_script(WATCH)
    page.goto(f"/admin/{path}")
    page.locator(".editor.is-live").first.wait_for()
    page.wait_for_function("document.fonts.status === 'loaded' && places.size")
    page.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    assert len(page.evaluate("[...places]")) == 1
