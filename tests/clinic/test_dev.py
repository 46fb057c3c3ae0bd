"""What `make dev` turns on, and that a site which is served to others refuses it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from clinic.management.commands.serve import problems

ROOT = Path(__file__).parents[2]


def run(data_dir: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with DEBUG in a process of its own."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(data_dir), "DEBUG": "1", **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.django_db
def test_the_bar_counts_queries_and_repeats(settings: Any) -> None:
    from clinic.dev import QueryBar

    def view(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            for number in (1, 1, 2):
                cursor.execute(f"SELECT {number}")
        return HttpResponse("<body><h1>A page</h1></body>")

    with CaptureQueriesContext(connection):  # keeps the queries, as DEBUG does
        connection.queries_log.clear()
        page = QueryBar(view)(RequestFactory().get("/")).content.decode()
    assert "3 queries, 1 repeated" in page
    assert page.endswith("</p></body>")


def test_the_bar_leaves_other_answers_alone() -> None:
    from clinic.dev import QueryBar

    answer = HttpResponse("{}", content_type="application/json")
    assert QueryBar(lambda request: answer)(RequestFactory().get("/")).content == b"{}"


@pytest.mark.django_db
def test_public_pages_have_no_bar(client: Client) -> None:
    assert b"query-bar" not in client.get("/").content


@pytest.mark.django_db
def test_a_served_site_refuses_debug(settings: Any) -> None:
    settings.DEBUG = True
    assert next(problems()).startswith("DEBUG is only for `make dev`")


def test_a_site_with_https_refuses_debug(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "check", SITE_URL="https://clinic.example")
    assert done.returncode == 2
    assert done.stderr.startswith("DEBUG is only for a site on this machine")


def test_the_development_server_can_be_loaded(tmp_path: Path) -> None:
    code = "import django; django.setup(); from clinic.dev import application; print('loaded')"
    done = run(tmp_path, "-c", code, DJANGO_SETTINGS_MODULE="clinic.settings")
    assert done.stdout == "loaded\n", done.stderr
