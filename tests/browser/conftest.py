"""A running site with the demo clinic, and pages in Chromium that tolerate no fault.

A page fails its test when it asks another host for anything, when something that it needs is
missing, or when the console shows an error, where violations of the content security policy appear.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import postgres, ready_made
from tests.browser import steps

ROOT = Path(__file__).parents[2]
SECONDS_TO_START = 600  # on a machine with much else to do
PATIENCE = 60_000  # milliseconds until a page that does not do what is expected fails
# What runs on both databases; the others look at pages, or at texts and scripts in them.
JOURNEYS = {"test_journey", "test_publishing_desk"}
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless=new",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other host can be reached
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Site:
    """A served site: where it answers, where its data lie, how the manager `admin` signs in."""

    base_url: str
    data_dir: Path
    admin_password: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a management command of this site; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them, so that they can be left out: `-m "not browser"`."""
    folder = Path(__file__).parent
    assert {path.stem for path in folder.glob("test_*.py")} >= JOURNEYS, "a journey was renamed"
    for item in items:
        if Path(item.path).is_relative_to(folder):
            item.add_marker(pytest.mark.browser)
            if item.path.stem in JOURNEYS and not item.get_closest_marker("look"):
                item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; skips without one, which under CI=true is a failure."""
    given = os.environ.get("CHROMIUM")
    found = given or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("No Chromium: apt-get install chromium")
    return str(found)


@pytest.fixture(scope="session")
def site(chromium: str) -> Iterator[Site]:
    """The demo clinic, served as `make run` serves it, with data of its own."""
    with ExitStack() as stack:
        folder = tempfile.TemporaryDirectory(prefix="clinic-site-", dir=postgres.fast_folder())
        data_dir = str(Path(stack.enter_context(folder)) / "data")
        port = postgres.free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COV")},
            "PORT": str(port),
            "DATA_DIR": data_dir,
        }
        if url := os.environ.get("DATABASE_URL"):  # whose own database is that of other tests
            own = ready_made.with_demo_on_postgresql(Path(data_dir), url, f"site_{port}")
            environment["DATABASE_URL"] = stack.enter_context(own)
        else:
            ready_made.with_demo(Path(data_dir))
        log = Path(data_dir) / "site.log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                [sys.executable, "manage.py", "start"],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        base_url = f"http://127.0.0.1:{port}"
        try:
            wait_until_healthy(f"{base_url}/healthz", server, log)
            yield Site(base_url, Path(data_dir), ready_made.ADMIN_PASSWORD, environment)
        finally:
            server.terminate()
            server.wait(60)


def wait_until_healthy(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Fails, with what it wrote, if the server ends or does not answer in time."""
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"The site did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    # Playwright keeps an event loop in this thread, where later tests use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *sandbox])
        yield browser
        browser.close()


def settling(page: Any) -> Callable[..., Any]:
    """`page.goto`, which returns when a click lands on what was there when it was aimed."""
    load = page.goto

    def goto(*arguments: Any, **options: Any) -> Any:
        response = load(*arguments, **options)
        page.wait_for_function(steps.SETTLED)
        return response

    return goto


@pytest.fixture
def new_page(browser: Any, site: Site) -> Iterator[Callable[..., Any]]:
    """`new_page(**options)`: a page in a context of its own, for each person in the story.

    Options are those of Playwright's `new_context`, such as `java_script_enabled=False`.
    """
    faults: list[str] = []
    contexts = []

    def open_page(**options: Any) -> Any:
        context = browser.new_context(base_url=site.base_url, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.clock.set_system_time(datetime.now(UTC))  # that of the site (tests/clock.py)

        # Not `context.route`: it turns the browser's cache off, which visitors have.
        def ask(request: Any) -> None:
            address = urlsplit(request.url)
            if address.netloc not in ("", urlsplit(site.base_url).netloc):
                faults.append(f"asked another host: {request.url}")

        context.on("request", ask)
        page = context.new_page()
        page.on("websocket", ask)
        if options.get("java_script_enabled", True):
            page.goto = settling(page)

        def hear(message: Any) -> None:
            # What could not be loaded is judged by its answer: a 404 page may be what is tested.
            if message.type == "error" and not message.text.startswith("Failed to load resource"):
                faults.append(f"{page.url}: {message.text}")

        def look(response: Any) -> None:
            if response.status >= 400 and response.request.resource_type != "document":
                faults.append(f"{page.url}: {response.status} for {response.url}")

        page.on("console", hear)
        page.on("response", look)
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


# Seconds after which somebody signs in again: some pages ask for the password ten minutes later.
SIGNED_IN_LASTS = 450


@pytest.fixture(scope="session")
def _signed_in() -> dict[str, tuple[Any, float]]:
    return {}


@pytest.fixture
def page_of(
    new_page: Callable[..., Any], site: Site, _signed_in: dict[str, tuple[Any, float]]
) -> Callable[..., Any]:
    """`page_of("mara", **options)`: a page of somebody of the staff, who signs in once in a while.

    They write as text; with `visual=True` as people do who chose nothing.
    """

    def open_page(name: str, *, visual: bool = False, **options: Any) -> Any:
        state, since = _signed_in.get(name, (None, 0.0))
        if state is None or time.monotonic() - since > SIGNED_IN_LASTS:
            page = new_page()
            steps.log_in(page, name, site.admin_password)
            state, since = page.context.storage_state(), time.monotonic()
            _signed_in[name] = state, since
        page = new_page(storage_state=state, **options)
        if not visual:
            page.context.add_init_script(steps.AS_TEXT)
        return page

    return open_page


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """A page of a visitor's browser."""
    return new_page()
