"""The parts that depend on the date, at many moments; says how many failed. `make test-calendar`.

First the demo clinic is loaded at each of `moments.EVERY_DAY`, in one process, and looked at. Then
the tests below run at each of `moments.FORTY`, two moments at a time.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import moments
import run

ROOT = Path(__file__).parent.parent
CALENDAR = "tests/test_calendar.py"
JOURNEYS = (
    "tests/browser/test_journey.py",
    "tests/browser/test_negotiation_browser.py",
    "tests/browser/test_publishing_desk.py",
)
DATED = (
    "tests/articles/admin/test_admin_article.py",
    "tests/articles/editor/test_day.py",
    "tests/articles/publishing/test_live.py",
    "tests/articles/references/test_notices.py",
    "tests/articles/public/test_page.py",
    "tests/articles/publishing/test_publishing.py",
    "tests/articles/review/test_review_workflow.py",
    "tests/articles/editor/test_states.py",
    "tests/bookings/privacy/test_arrivals.py",
    "tests/bookings/admin/test_bookings_admin.py",
    "tests/bookings/patient/test_bookings_messages.py",
    "tests/bookings/admin/test_desk_warnings.py",
    "tests/bookings/patient/test_invitations.py",
    "tests/bookings/workflow/test_negotiation.py",
    "tests/bookings/privacy/test_person.py",
    "tests/bookings/patient/test_request_page.py",
    "tests/bookings/privacy/test_retention.py",
    "tests/bookings/intake/test_suspicion.py",
    "tests/bookings/workflow/test_workflow.py",
    "tests/clinic/admin/test_admin_desk.py",
    "tests/clinic/site/test_contact.py",
    "tests/clinic/site/test_content.py",
    "tests/clinic/operations/test_demo_whole.py",
    "tests/clinic/site/test_frame.py",
    "tests/clinic/lib/test_hours.py",
    "tests/clinic/accounts/test_leaving.py",
    "tests/clinic/mail/test_outbox.py",
    "tests/clinic/accounts/test_second_factor.py",
    "tests/clinic/site/test_views.py",
    "tests/test_public_pages.py",
)


@dataclass(frozen=True)
class Outcome:
    """What became of one run of pytest: tests run, and the names of those that failed."""

    tests: int
    failed: tuple[str, ...]


def pytest(files: tuple[str, ...], **environment: str) -> Outcome:
    """Run these test files in a process of their own."""
    with tempfile.TemporaryDirectory(prefix="clinic-calendar-") as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *files],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        if not report.exists():
            return Outcome(0, (f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}",))
        cases = list(ElementTree.parse(report).iter("testcase"))
    failed = (case for case in cases if {"failure", "error"} & {child.tag for child in case})
    return Outcome(len(cases), tuple(f"{c.get('classname')}::{c.get('name')}" for c in failed))


def at_moment(at: datetime, files: tuple[str, ...]) -> Outcome:
    outcome = pytest(files, TEST_NOW=at.isoformat())
    tell(at.isoformat(), outcome)
    return outcome


def tell(what: str, outcome: Outcome) -> None:
    """Print at once what became of a run, so that one that is cut short has told what it knew."""
    lines = [f"{what}: {outcome.tests} tests, {len(outcome.failed)} failed"]
    lines += [f"FAILED {what}: {name}" for name in outcome.failed]
    print("\n".join(lines), flush=True)


def main() -> int:
    """Try all moments; returns 0 only if nothing failed."""
    begun = time.monotonic()
    os.environ.pop("DATABASE_URL", None)
    files = DATED
    if chromium := run.find_chromium():
        os.environ["CHROMIUM"] = chromium
        files += JOURNEYS
    else:
        print("Skipped: the journeys in a browser (no Chromium: apt-get install chromium).")
    with ThreadPoolExecutor(2) as pool:
        loading = pool.submit(pytest, (CALENDAR,), CALENDAR="1")
        outcomes = dict(
            zip(
                moments.FORTY, pool.map(lambda at: at_moment(at, files), moments.FORTY), strict=True
            )
        )
        loads = loading.result()
    tell("The demo clinic", loads)
    failures = len(loads.failed) + sum(len(outcome.failed) for outcome in outcomes.values())
    tests = sum(outcome.tests for outcome in outcomes.values())
    print(
        f"Moments tried: {len(moments.EVERY_DAY)} for the demo clinic,"
        f" {len(outcomes)} for {tests} runs of tests."
        f" Failures: {failures}. Minutes: {(time.monotonic() - begun) / 60:.0f}."
    )
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
