"""All tests, on SQLite and on PostgreSQL; says at the end what was skipped. Used by `make test`.

PostgreSQL runs only what a database can change (marked `database`, see conftest.py).

Arguments go to pytest. Slow work is left to `make test-slow`, coverage to `make coverage`. With
CI=true what is missing is installed, and a skipped part is a failure.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import postgres

ROOT = Path(__file__).parent.parent
CI = os.environ.get("CI") == "true"
PROXIES = ("nginx", "caddy")
# The same engine without windows comes first: it takes half the time of the processor.
SHELL = "chromium-headless-shell"
CHROMIUM_NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    given = os.environ.get("CHROMIUM")
    return given or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def install(*packages: str) -> None:
    """Install Debian packages where that is possible; failing is no error."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"Installing Debian's {' and '.join(packages)} for the tests …", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-q", "update"], env=environment, **quiet)
    command = ["apt-get", "-q", "install", "--yes", "--no-install-recommends", *packages]
    subprocess.run(command, env=environment, **quiet)


def pytest(arguments: list[str]) -> int:
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal"]
    return subprocess.run([*command, *arguments], cwd=ROOT).returncode


def main(arguments: list[str]) -> int:
    """Run everything; returns 0 only if all that had to run passed."""
    skipped = []
    if find_chromium() is None or (CI and "CHROMIUM" not in os.environ and not shutil.which(SHELL)):
        install("chromium", SHELL)
    if (chromium := find_chromium()) is None:
        skipped.append("browser tests (no Chromium: apt-get install chromium)")
    else:
        os.environ["CHROMIUM"] = chromium
    if postgres.programs() is None and CI:
        install("postgresql")
    # Debian has nginx where an ordinary user's PATH does not look.
    os.environ["PATH"] = f"{os.environ['PATH']}:/usr/sbin"
    if CI and (missing := [name for name in PROXIES if not shutil.which(name)]):
        install(*missing)
    for name in PROXIES:
        if not shutil.which(name):
            skipped.append(f"the site behind {name} (apt-get install {name})")

    os.environ.pop("DATABASE_URL", None)
    print("\nOn SQLite", flush=True)
    failures = pytest(["-m", "not slow", *arguments]) != 0

    if postgres.programs() is None:
        skipped.append("all tests on PostgreSQL (no initdb: apt-get install postgresql)")
    else:
        print("\nOn PostgreSQL", flush=True)
        with postgres.cluster() as url:
            os.environ["DATABASE_URL"] = url
            failures |= pytest(["-m", "database and not slow", *arguments]) != 0

    print(f"Skipped: {'; '.join(skipped)}." if skipped else "Nothing was skipped.")
    return int(failures or (CI and bool(skipped)))


if __name__ == "__main__":
    try:
        fast = postgres.fast_folder()
        with tempfile.TemporaryDirectory(prefix="clinic-ready-", dir=fast) as folder:
            os.environ["TESTS_READY_MADE"] = folder  # for both databases: see ready_made.py
            sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
