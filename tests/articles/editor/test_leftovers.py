"""What is left behind on the desk goes after a day; what was typed stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from articles.models import ReferenceUpload, WorkingCopy
from clinic import hooks
from clinic.models import Throttle

pytestmark = pytest.mark.django_db

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
DAY = timedelta(days=1)


def run(name: str, at: datetime) -> None:
    next(duty for duty in hooks.duties if duty.name == name).run(at)


def test_an_unfinished_import_goes_after_a_day(author: Any) -> None:
    ReferenceUpload.objects.create(name="a.bib", content=b"@", by=author, created_at=AT)
    run("forget unfinished imports", AT + DAY)
    assert ReferenceUpload.objects.exists()
    run("forget unfinished imports", AT + DAY + timedelta(seconds=1))
    assert not ReferenceUpload.objects.exists()


def test_one_person_has_few_unfinished_imports(client_as: Any, editor: Any) -> None:
    others = ReferenceUpload.objects.create(name="a.bib", content=b"@", by=editor, created_at=AT)
    author = client_as("Author")
    for number in range(5):
        author.post("/admin/articles/reference/import/", {"text": f"10.1234/{number}"})
    kept = [bytes(row.content) for row in ReferenceUpload.objects.exclude(pk=others.pk)]
    assert sorted(kept) == [b"10.1234/2", b"10.1234/3", b"10.1234/4"]
    assert ReferenceUpload.objects.filter(pk=others.pk).exists()


def test_unsaved_text_is_not_forgotten(author: Any, editor: Any) -> None:
    moments = {"opened_at": AT, "seen_at": AT}
    WorkingCopy.objects.create(person=author, **moments)
    WorkingCopy.objects.create(person=editor, fields={"body": "x"}, saved_at=AT, **moments)
    run("forget unfinished imports", AT + 400 * DAY)
    assert WorkingCopy.objects.get().person == editor


def test_expired_sessions_and_rate_limits_go() -> None:
    for name, ends in (("a", AT), ("b", AT + DAY)):
        Session.objects.create(session_key=name, session_data="", expire_date=ends)
        Throttle.objects.create(key=name, window_started_at=ends - DAY)
    run("forget expired sessions", AT + timedelta(hours=1))
    assert [session.pk for session in Session.objects.all()] == ["b"]
    assert [row.key for row in Throttle.objects.all()] == ["b"]
