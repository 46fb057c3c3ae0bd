"""Addresses that are not there: counted cheaply, bounded, and led somewhere in one click."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import Missing, Redirect, Service
from clinic.site import not_found_log

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_noted(db: None) -> Iterator[None]:
    not_found_log.forget_noted()
    yield
    not_found_log.forget_noted()


def seen() -> list[tuple[str, int]]:
    return list(Missing.objects.order_by("id").values_list("path", "hits"))


def test_a_visitor_who_finds_nothing_is_counted(client: Client):
    assert client.get("/2019/05/back-pain/?q=secret").status_code == 404
    assert seen() == [("/2019/05/back-pain/", 1)]


def test_a_path_is_counted_once_a_minute(monkeypatch: pytest.MonkeyPatch):
    for seconds in (0, 30, 59, 60, 90, 121):
        not_found_log.forget_noted()  # as another process
        not_found_log.note("/old/", AT + timedelta(seconds=seconds))
    assert seen() == [("/old/", 3)]


def test_the_same_process_asks_nothing_again():
    not_found_log.note("/old/", AT)
    with CaptureQueriesContext(connection) as asked:
        not_found_log.note("/old/", AT)
    assert len(asked) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/wp-login.php",
        "/wp-admin/",
        "/.env",
        "/a/.git/config",
        "/preview/abc:def/",
        "/book/r/secret/",
        "/admin/old/",
        "//evil.example/",
        "/favicon.ico",
        "/old.php",
        "/a@b.example/",
        "/a\nb/",
        "/" + "a" * 400,
    ],
)
def test_probes_and_private_links_are_not_kept(path: str):
    not_found_log.note(path, AT)
    assert seen() == []


@pytest.mark.parametrize("path", ["/old", "/old.html", "/2019/05/knee/", "/prices.pdf", "/über/"])
def test_what_a_person_may_have_wanted_is_kept(path: str):
    not_found_log.note(path, AT)
    assert seen() == [(path, 1)]


def test_only_get_counts(client: Client):
    assert client.head("/old/").status_code == 404
    assert client.post("/old/").status_code == 405
    assert seen() == []


def test_a_past_address_is_not_missing(client: Client):
    Redirect.objects.create(path="/old/", to_path="/services/")
    assert client.get("/old/").status_code == 301
    assert seen() == []


def test_a_flood_is_let_go_by():
    for number in range(not_found_log.MOST_WRITES + 20):
        not_found_log.note(f"/flood-{number}/", AT)
    assert Missing.objects.count() == not_found_log.MOST_WRITES


def test_rows_are_bounded_and_the_rarest_goes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(not_found_log, "MOST_ROWS", 2)
    Missing.objects.create(path="/often/", hits=9, last_seen_at=AT)
    Missing.objects.create(path="/rare/", hits=1, last_seen_at=AT)
    not_found_log.note("/new/", AT)
    assert seen() == [("/often/", 9), ("/new/", 1)]


def test_a_database_that_fails_makes_no_other_page(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail(*args: Any) -> None:
        raise DatabaseError("/secret/path/ of a visitor")

    monkeypatch.setattr(not_found_log, "_count", fail)
    assert client.get("/old/").status_code == 404
    assert "secret" not in caplog.text


def test_what_nobody_asks_for_is_forgotten():
    Missing.objects.create(path="/a/", last_seen_at=AT - not_found_log.KEPT_FOR - timedelta(days=1))
    Missing.objects.create(path="/b/", last_seen_at=AT)
    not_found_log.forget_old(AT)
    assert seen() == [("/b/", 1)]


def test_it_is_kept_by_the_store_for_a_minute_at_most(client: Client):
    from clinic.lib.web.pagestore import UNTIL_HEADER

    until = float(client.get("/old/").headers[UNTIL_HEADER])
    assert until <= datetime.now(UTC).timestamp() + 60


def test_an_editor_leads_it_to_the_page_that_is_most_like_it(make_user: Callable[..., Any]):
    Service.objects.create(name="Dry needling", slug="dry-needling", summary="A thin needle.")
    Missing.objects.create(path="/old/dry-needlings.html", last_seen_at=AT)
    client = Client()
    client.force_login(make_user("Editor"))
    shown = client.get(reverse("admin:clinic_missing_changelist"))
    form = reverse("admin:clinic_redirect_add") + "?path=%2Fold%2Fdry-needlings.html"
    assert form in shown.content.decode()
    filled = client.get(form).context["adminform"].form
    assert filled["to_path"].value() == "/services/dry-needling/"
    data = {name: filled[name].value() for name in ("path", "to_path")}
    assert client.post(form, data).status_code == 302
    assert seen() == []
    assert client.get("/old/dry-needlings.html").url == "/services/dry-needling/"  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", ["Author", "Receptionist", "Practitioner", "Clinical reviewer"])
def test_others_do_not_see_the_list(role: str, make_user: Callable[..., Any]):
    client = Client()
    client.force_login(make_user(role))
    assert client.get(reverse("admin:clinic_missing_changelist")).status_code == 403


def test_the_desk_shows_the_most_wanted(make_user: Callable[..., Any]):
    from django.utils import timezone

    Missing.objects.create(path="/wanted/", hits=4, last_seen_at=timezone.now())
    client = Client()
    client.force_login(make_user("Editor"))
    html = client.get(reverse("admin:index")).content.decode()
    assert "Add a redirect for /wanted/" in html
    assert "requested 4 times" in html
