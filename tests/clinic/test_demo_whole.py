"""The demo clinic of all apps together: what the operator and the manager get."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client

from clinic import accounts, content, demo, frame, setup
from clinic.lib import guards
from clinic.models import ContentVersion, KeyFingerprint

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
    accounts.ensure_first_manager("correct horse battery")
    before = counts()
    call_command("demo")
    frame.forget()
    return before


def test_loading_twice_changes_nothing(loaded: dict[str, int]) -> None:
    once, version = counts(), content.current_version()
    call_command("demo")
    assert counts() == once
    assert content.current_version() == version
    assert once["articles.Article"] > 10
    assert once["bookings.Enquiry"] > 10


def test_the_whole_demo_goes_away(loaded: dict[str, int], client: Client) -> None:
    assert client.get("/articles/").status_code == 200
    call_command("demo", remove=True)
    frame.forget()
    assert counts() == loaded
    assert not guards.missing(connection)
    for path in ("/", "/articles/", "/practitioners/", "/services/", "/privacy/", "/book/"):
        assert client.get(path).status_code == 200, path
    assert demo.is_empty()
    assert "Privacy text" in {str(task.label) for task in setup.tasks() if not task.is_done}
