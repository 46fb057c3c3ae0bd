"""The contrast of every text over what lies behind it, measured in both schemes.

Public pages reach AAA (7:1), also for large text; staff pages AA (4.5:1).
"""

import pytest

from tests.browser.pages import PUBLIC, STAFF, STATES, menu_open, open_first

pytestmark = pytest.mark.look

# Each text that is seen, with its contrast to the first ground behind it that is not transparent.
MEASURE = """least => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const numbers = (colour, below) => {
    canvas.clearRect(0, 0, 1, 1);
    if (below) { canvas.fillStyle = below; canvas.fillRect(0, 0, 1, 1); }
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map(value => value / 255)
      .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;
  const ground = part => {
    const layers = [];
    for (let at = part; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      const alpha = numbers(colour)[3];
      if (alpha) layers.push(colour);
      if (alpha === 255) break;
    }
    return layers.reverse().reduce((below, colour) => css(numbers(colour, below)), "Canvas");
  };
  const failing = [];
  let measured = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const part = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim()) continue;
    if (part.closest("script, style, .visually-hidden")) continue;
    if (!part.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(part);
    const below = ground(part);
    const colour = part instanceof SVGElement ? style.fill : style.color;
    const [one, two] = [light(numbers(colour, below)), light(numbers(below))];
    const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    measured += 1;
    if (contrast < least) {
      const words = walker.currentNode.data.trim().slice(0, 30);
      failing.push(`${contrast.toFixed(2)} ${colour} on ${below}: ${words}`);
    }
  }
  return { measured, failing: [...new Set(failing)] };
}"""


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


def test_public_pages(new_page, scheme):
    page = new_page(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    found = {}
    for kind, path in PUBLIC.items():
        page.goto(path)
        result = page.evaluate(MEASURE, 7)
        assert result["measured"] > 5
        found[kind] = result["failing"]
    for kind, bring_about in STATES.items():
        bring_about(page)
        found[kind] = page.evaluate(MEASURE, 7)["failing"]
    page.set_viewport_size({"width": 390, "height": 844})
    menu_open(page)
    found["menu"] = page.evaluate(MEASURE, 7)["failing"]
    assert {kind: texts for kind, texts in found.items() if texts} == {}


def test_staff_pages(page_of, scheme):
    found = {}
    for kind, (who, path) in STAFF.items():
        page = page_of(who, color_scheme=scheme, viewport={"width": 1280, "height": 900})
        open_first(page, path)
        found[kind] = page.evaluate(MEASURE, 4.5)["failing"]
    assert {kind: texts for kind, texts in found.items() if texts} == {}
