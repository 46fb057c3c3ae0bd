"""All tests, on SQLite and on PostgreSQL; says at the end what was skipped. Used by `make test`.

How pages look (marked `look`) is judged once: no database changes it.

Arguments go to pytest. Slow work is left to `make test-slow`. With CI=true what is missing is
installed, and a skipped part is a failure.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import postgres

ROOT = Path(__file__).parent.parent
CI = os.environ.get("CI") == "true"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    given = os.environ.get("CHROMIUM")
    return given or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def install(package: str) -> None:
    """Install a Debian package where that is possible; failing is no error."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"Installing Debian's {package} for the tests …", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-q", "update"], env=environment, **quiet)
    command = ["apt-get", "-q", "install", "--yes", "--no-install-recommends", package]
    subprocess.run(command, env=environment, **quiet)


def pytest(arguments: list[str], *before: str) -> int:
    command = [sys.executable, *before, "-m", "pytest", "-n", "2", "--dist", "worksteal"]
    return subprocess.run([*command, *arguments], cwd=ROOT).returncode


def main(arguments: list[str]) -> int:
    """Run everything; returns 0 only if all that had to run passed."""
    skipped = []
    if find_chromium() is None:
        install("chromium")
    if (chromium := find_chromium()) is None:
        skipped.append("browser tests (no Chromium: apt-get install chromium)")
    else:
        os.environ["CHROMIUM"] = chromium
    if postgres.programs() is None and CI:
        install("postgresql")

    os.environ.pop("DATABASE_URL", None)
    print("\nOn SQLite", flush=True)
    failures = pytest(["-m", "not slow", *arguments], "-m", "coverage", "run") != 0
    subprocess.run([sys.executable, "-m", "coverage", "combine", "--quiet"], cwd=ROOT)
    subprocess.run([sys.executable, "-m", "coverage", "report", "--skip-covered"], cwd=ROOT)

    if postgres.programs() is None:
        skipped.append("all tests on PostgreSQL (no initdb: apt-get install postgresql)")
    else:
        print("\nOn PostgreSQL", flush=True)
        with postgres.cluster() as url:
            os.environ["DATABASE_URL"] = url
            failures |= pytest(["-m", "not slow and not look", *arguments]) != 0

    print(f"Skipped: {'; '.join(skipped)}." if skipped else "Nothing was skipped.")
    return int(failures or (CI and bool(skipped)))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
