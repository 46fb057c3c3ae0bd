"""The demo clinic of all apps together: what the operator and the manager get."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from articles.models import Edition
from clinic import hooks
from clinic.accounts import staff_accounts
from clinic.lib.database import guards
from clinic.management.commands import start
from clinic.models import ContentVersion, KeyFingerprint
from clinic.operations import demo, setup_checklist
from clinic.site import content_version, page_context

pytestmark = pytest.mark.long

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
# What an installation remembers whatever it shows.
OTHER = {ContentType, ContentVersion, KeyFingerprint, Session}


def counts() -> dict[str, int]:
    """How many rows each table has."""
    models = [m for m in apps.get_models(include_auto_created=True) if m not in OTHER]
    return {model._meta.label: model._default_manager.count() for model in models}


@pytest.fixture
def loaded(settings: Any, tmp_path: Any, db: None) -> dict[str, int]:
    """The whole demo, beside a manager; returns what there was before."""
    settings.MEDIA_ROOT = tmp_path / "media"
    staff_accounts.ensure_first_manager("correct horse battery")
    before = counts()
    call_command("demo")
    page_context.forget()
    return before


def test_loading_twice_changes_nothing(loaded: dict[str, int]) -> None:
    once, version = counts(), content_version.current_version()
    call_command("demo")
    assert counts() == once
    assert content_version.current_version() == version
    assert once["articles.Article"] > 10
    assert once["bookings.Enquiry"] > 10


def test_the_whole_demo_goes_away(loaded: dict[str, int], client: Client) -> None:
    assert client.get("/articles/").status_code == 200
    call_command("demo", remove=True)
    page_context.forget()
    assert counts() == loaded
    assert not guards.missing(connection)
    for path in ("/", "/articles/", "/practitioners/", "/services/", "/privacy/", "/book/"):
        assert client.get(path).status_code == 200, path
    assert demo.is_empty()
    assert "Privacy page" in {
        str(task.label) for task in setup_checklist.tasks() if not task.is_done
    }


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def fail(at: datetime) -> None:
    raise OSError("No space left\non device")


LAST = 99


@pytest.mark.parametrize("order", [0, 15, 25, LAST], ids=lambda order: f"at {order}")
def test_a_demo_that_fails_leaves_nothing_and_loads_once_the_cause_is_gone(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None, order: int
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    before, version = counts(), content_version.current_version()
    with monkeypatch.context() as broken:
        broken.setattr(hooks, "demos", [*hooks.demos, hooks.Demo(order, fail, lambda: None)])
        with pytest.raises(CommandError) as refused:
            call_command("demo")
    assert str(refused.value) == (
        "The demo clinic was not loaded, and nothing was changed: No space left on device"
    )
    assert refused.value.returncode == 1
    assert counts() == before
    assert content_version.current_version() == version
    assert files_in(tmp_path) == []
    if order == LAST:  # what the others leave is the same: nothing
        call_command("demo")
        assert counts()["bookings.Enquiry"] > 10
        assert files_in(tmp_path)


def test_an_account_without_its_password_takes_the_demo_back(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    before = counts()
    monkeypatch.setenv("ADMIN_PASSWORD", "correct horse battery")
    monkeypatch.setattr(demo, "let_sign_in", fail)
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("demo")
    assert counts() == before
    assert files_in(tmp_path) == []


def test_the_first_start_makes_account_and_demo_or_neither(
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    db: None,
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)
    monkeypatch.delenv("DEMO", raising=False)
    before = counts()
    with monkeypatch.context() as broken:
        broken.setattr(hooks, "demos", [*hooks.demos, hooks.Demo(99, fail, print)])
        with pytest.raises(CommandError, match="was not loaded"):
            start.Command()._begin()
    assert counts() == before
    assert files_in(tmp_path) == []
    assert "Password" not in capsys.readouterr().out
    start.Command()._begin()
    assert "shown only this once" in capsys.readouterr().out
    assert counts()["bookings.Enquiry"] > 10


def test_the_privacy_page_of_a_clock_that_was_put_back_is_the_demo_s(
    settings: Any, tmp_path: Path, db: None
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    first = Edition.objects.get(article__slug="privacy")
    demo.load_all(first.goes_live_at - timedelta(days=400))
    later = Edition.objects.live(first.goes_live_at + timedelta(days=1))
    assert later.get(slug="privacy").number == 2
