"""How long a key takes in the visual editor, beside a bare textarea with the same 3,000 words.

`python -m tests.benchmarks.bench_typing`. Each key is timed from its event until the frame that
shows it has been drawn. Fails if the editor's 95th percentile is more than twice the textarea's.
"""

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS

ROOT = Path(__file__).parents[2]
WORDS = 3_000
KEYS = "The knee carries more than it shows, and it likes to be used. " * 5
MOST = 2.0
PAGE = """<!doctype html><meta charset="utf-8"><textarea id="bare" rows="20" cols="80"></textarea>
<div id="root" data-visual='{"boxes":{}}'>
<textarea id="field" hidden></textarea><div id="place"></div>
<ul data-suggestions id="list" hidden></ul><p data-told></p></div>"""
START = """async text => {
  const { Visual } = await import("/js/admin/visual/view.js");
  const root = document.querySelector("#root");
  const field = document.querySelector("#field");
  document.querySelector("#bare").value = field.value = text;
  new Visual({ root, text: field, showPressed: () => {} }, document.querySelector("#place"));
  window.times = [];
  addEventListener("keydown", () => {
    const start = performance.now();
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.times.push(performance.now() - start);
      port2.postMessage(0);
    });
  }, { capture: true });
}"""


def text() -> str:
    """A demo article again and again, until it is long enough."""
    body = (ROOT / "articles/demo/sciatica.md").read_text().split("\n---\n", 1)[1]
    return body * (WORDS // len(body.split()) + 1)


def percentile(page: Any, place: str) -> float:
    """Type into this place, in its middle, and return the 95th percentile in milliseconds."""
    page.evaluate("window.times = []")
    page.locator(place).click()
    for key in KEYS:
        page.keyboard.type(key)
        page.wait_for_timeout(20)
    times = sorted(page.evaluate("window.times"))
    return float(times[int(len(times) * 0.95)])


def main() -> int:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=[*FLAGS, "--no-sandbox"]
        )
        page = browser.new_page()

        def answer(route: Any) -> None:
            file = ROOT / "static" / route.request.url.removeprefix("https://modules.test/")
            if file.is_file():
                route.fulfill(path=file, content_type="text/javascript")
            else:
                route.fulfill(body=PAGE, content_type="text/html")

        page.route("**", answer)
        page.goto("https://modules.test/")
        page.evaluate(START, text())
        bare = percentile(page, "#bare")
        visual = percentile(page, ".visual-text p >> nth=20")
        browser.close()
    print(f"p95: textarea {bare:.1f} ms, visual editor {visual:.1f} ms, ratio {visual / bare:.2f}")
    return int(visual / bare > MOST)


if __name__ == "__main__":
    sys.exit(main())
