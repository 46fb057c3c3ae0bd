"""What is measured on a page in a browser: contrast, width, size of targets, and axe's rules.

Public pages reach a contrast of 7:1, also for large text; staff pages 4.5:1 for large text (AAA).
"""

import os
from typing import Any

from axe_playwright_python.sync_playwright import Axe

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
# More than half of axe's time: they find where each text lies by asking for what is at its place.
BY_PLACE = ("color-contrast", "color-contrast-enhanced")
# WCAG 2.2, 1.4.12
SPACED = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }
"""
SPACE = """style => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets.push(sheet);
}"""
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
# In the next frame: by then the page has been told of its new size.
WIDTHS = """() => new Promise(done => requestAnimationFrame(
  () => done([innerWidth, document.documentElement.scrollWidth])))"""
SETTLE = "document.getAnimations().forEach(animation => animation.finish())"
# Each text that is seen, with its contrast to the first ground behind it that is not transparent.
MEASURE = """([least, large]) => {
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
    // WCAG's large text: 24 px, or bold and 14 pt
    const isLarge = parseFloat(style.fontSize) >= (style.fontWeight >= 700 ? 18.66 : 24);
    if (contrast < (isLarge ? large : least)) {
      const words = walker.currentNode.data.trim().slice(0, 30);
      failing.push(`${contrast.toFixed(2)} ${colour} on ${below}: ${words}`);
    }
  }
  return { measured, failing: [...new Set(failing)] };
}"""


def await_styles(page: Any) -> None:
    """Wait for the sheets of a page that a click or script has opened: its text is there before."""
    page.wait_for_load_state("load")


def findings(page: Any, *, by_place: bool = True) -> list[str]:
    """What axe finds; without contrast by place where `faint` has measured it in that window."""
    if os.environ.get("DATABASE_URL"):
        return []  # PostgreSQL changes no markup: the same pages are judged on SQLite
    await_styles(page)
    # As high as the page: the bar of a phone then covers nothing, as it does not for long.
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    options = OPTIONS | {"rules": {rule: {"enabled": by_place} for rule in BY_PLACE}}
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in AXE.run(page, options=options).response["violations"]
        for node in violation["nodes"]
    ]


def faint(page: Any, least: float = 7, large: float = 7) -> list[str]:
    """The texts whose contrast to what lies behind them is below `least`, or `large` for large
    text, in both schemes."""
    found: list[str] = []
    await_styles(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(SETTLE)
        result = page.evaluate(MEASURE, [least, large])
        assert result["measured"] > 5
        found += [f"{scheme}: {text}" for text in result["failing"]]
    return found


def space(page: Any) -> None:
    """Set the spacing of text that readers may set, as their browser does it: beside the policy."""
    await_styles(page)
    page.evaluate(SPACE, SPACED)


def overrun(page: Any, width: int, height: int = 1100, **media: str) -> list[str]:
    """By how many pixels a page of this width can be moved sideways; nothing if it fits."""
    await_styles(page)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(**media)
    shown, needed = page.evaluate(WIDTHS)
    assert shown >= width  # wider only on a phone, which shows all of it
    return [f"{width} px {media or ''}: {needed - width} px over"] if needed > width else []


def small(page: Any) -> list[str]:
    """Targets below 44 px, except for links in running text (WCAG 2.2, 2.5.5)."""
    await_styles(page)
    return [f"small: {target}" for target in page.evaluate(SMALL, 44)]
