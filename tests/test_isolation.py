"""One failing test is one failing test: its neighbours find the rows that migrations made."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import postgres

ROOT = Path(__file__).parent.parent


pytestmark = pytest.mark.database


@pytest.fixture
def environment() -> object:
    """Without what this run of pytest has set for itself; with a database of its own."""
    own = {n: v for n, v in os.environ.items() if not n.startswith(("PYTEST_", "COV", "DJANGO_"))}
    with ExitStack() as stack:
        if url := own.get("DATABASE_URL"):
            database = postgres.another_database(url, f"isolation_{os.getpid()}")
            own["DATABASE_URL"] = stack.enter_context(database)
        yield own


def test_a_test_that_dies_takes_no_neighbour_with_it(environment: dict[str, str]):
    command = [sys.executable, "-m", "pytest", "tests/failing/stories.py", "-rA", "--tb=short"]
    plugins = ("tests.failing.in_order", "no:randomly", "no:cacheprovider", "no:xdist")
    options = [word for plugin in plugins for word in ("-p", plugin)]
    done = subprocess.run(
        [*command, *options], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900
    )
    outcomes = [line.split()[:2] for line in done.stdout.splitlines() if "stories.py::" in line]
    told = {test.partition("::")[2]: outcome for outcome, test in outcomes}
    dying = {test for test in told if test.endswith("_dies")}
    assert len(told) == 4 * len(dying) >= 4, done.stdout + done.stderr
    failed = {test for test, outcome in told.items() if outcome != "PASSED"}
    assert failed == dying, done.stdout
