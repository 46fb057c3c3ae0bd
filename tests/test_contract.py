"""What others rely on: commands, addresses, environment, `make`, starting and stopping."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.urls import resolve, reverse

from tests import postgres, ready_made

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent
SECONDS_TO_START = 600  # on a machine with much else to do

COMMANDS = [
    *("serve", "worker", "start", "demo", "import_articles", "export_articles", "rerender"),
    *("backup", "restore", "fill", "redact", "rotate_health_keys", "remove_second_factor"),
]

ADDRESSES = [
    "/",
    "/about/",
    "/articles/",
    "/articles/a/",
    "/articles/topics/a/",
    "/articles/feed/",
    "/evidence/",
    "/evidence/chys2023/",
    "/practitioners/",
    "/practitioners/a/",
    "/services/",
    "/services/a/",
    "/locations/a/",
    "/book/",
    "/book/r/token/",
    "/search/",
    "/privacy/",
    "/preview/token/",
    "/sitemap.xml",
    "/robots.txt",
    "/healthz",
    "/readyz",
    "/styleguide/",
    "/admin/",
    "/admin/preview/1/",
]

ENVIRONMENT = [
    "PORT",
    "DATA_DIR",
    "DATABASE_URL",
    "MEDIA_STORAGE",
    "EMAIL_URL",
    "SITE_URL",
    "ALLOWED_HOSTS",
    "SECRET_KEY",
    "HEALTH_DATA_KEYS",
    "WEB_WORKERS",
    "DEMO",
    "ADMIN_PASSWORD",
    "SECOND_FACTOR",
    "BACKUP_TO",
    "BACKUP_COMMAND",
    "BACKUP_RECIPIENT",
    "OPERATOR_EMAIL",
    "LOG_FORMAT",
]


@pytest.mark.parametrize("name", COMMANDS)
def test_command_exists(name):
    assert name in get_commands()


@pytest.mark.parametrize("address", ADDRESSES)
def test_address_is_served(address):
    is_page_of_staff = resolve(address).url_name == "page"
    assert is_page_of_staff == (address in ("/about/", "/privacy/"))


def test_names_of_the_writing_desk():
    assert reverse("markdownx_markdownify") == "/admin/markdownx/markdownify/"
    assert reverse("markdownx_upload") == "/admin/markdownx/upload/"


@pytest.mark.parametrize(
    "label",
    ["articles.Article", "articles.Edition", "articles.Reference", "bookings.Enquiry"],
)
def test_model_exists(label):
    assert apps.get_model(label)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_environment_is_read_and_documented(name):
    code = (ROOT / "clinic/settings.py").read_text()
    code += (ROOT / "clinic/management/commands/start.py").read_text()
    assert f'"{name}"' in code
    assert f"`{name}" in (ROOT / "docs/running.md").read_text()


@pytest.mark.parametrize("target", ["run", "test", "lint", "bench", "lock"])
def test_make_knows(target):
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# -- a site that is started, stopped and started again ------------------------------------------


class Start:
    """`manage.py start` in a data folder, on a free port."""

    def __init__(self, data_dir, **environment):
        port = postgres.free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = data_dir.with_suffix(".log")
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("COV", "DATABASE_URL"))}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "start"],
                cwd=ROOT,
                env={**kept, "PORT": str(port), "DATA_DIR": str(data_dir), **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def get(self, path):
        """Status and body, once the site answers."""
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read().decode()
            except (urllib.error.URLError, OSError):
                assert self.process.poll() is None, self.log.read_text()[-3000:]
                time.sleep(0.2)
        raise AssertionError(self.log.read_text()[-3000:])

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def start(tmp_path):
    """`start("name", PORT=…)`: a site whose data lie in a folder of that name."""
    sites = []

    def start(name, **environment):
        site = Start(tmp_path / name, DEMO="0", EMAIL_URL="smtp://127.0.0.1:1", **environment)
        sites.append(site)
        return site

    yield start
    for site in sites:
        if site.process.poll() is None:
            site.stop()


def accounts(data_dir):
    """Account names with their password hashes."""
    with sqlite3.connect(data_dir / "db.sqlite3") as connection:
        rows = connection.execute("SELECT username, password FROM clinic_user").fetchall()
    connection.close()
    return rows


def test_two_sites_run_side_by_side_and_keep_their_data(start, tmp_path):
    ready_made.migrated(tmp_path / "second")
    first, second = start("first"), start("second", ADMIN_PASSWORD="one that was given")
    for site in (first, second):
        assert site.get("/healthz")[0] == 200
        assert site.get("/")[0] == 200
        assert site.get("/nothing-here/")[0] == 404
        assert f"{site.url}/admin/" in site.log.read_text()
    assert re.search(r"Password: +\S+ \(shown only this once\)", first.log.read_text())
    assert "one that was given" not in second.log.read_text()
    before = accounts(tmp_path / "first")
    assert [name for name, _ in before] == ["admin"]

    assert first.stop(signal.SIGINT) == 0
    assert second.get("/healthz")[0] == 200
    assert second.stop(signal.SIGTERM) == 0

    again = start("first")
    assert again.get("/healthz")[0] == 200
    assert accounts(tmp_path / "first") == before
    assert "shown only this once" not in again.log.read_text()
    assert again.stop() == 0


def test_what_cannot_be_served_says_why_and_ends_with_2(start, tmp_path):
    ready_made.migrated(tmp_path / "http")
    site = start("http", SITE_URL="http://clinic.example")
    assert site.process.wait(120) == 2
    assert "Set an https address" in site.log.read_text()
