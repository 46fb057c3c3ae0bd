"""The content version and the moments at which something changes by the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from clinic import hooks
from clinic.models import Announcement, ContentVersion
from clinic.site import content_version

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)


@pytest.mark.django_db
def test_the_version_rises() -> None:
    epoch, n = content_version.current_version().split(".")
    content_version.raise_version()
    assert content_version.current_version() == f"{epoch}.{int(n) + 1}"


@pytest.mark.django_db
def test_a_new_history_shares_no_version_with_the_old() -> None:
    before = content_version.current_version()
    content_version.new_history()
    assert content_version.current_version().split(".")[0] != before.split(".")[0]


@pytest.mark.django_db
def test_there_is_one_row() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ContentVersion.objects.create(id=2)


@pytest.mark.django_db
def test_the_next_moment_is_the_earliest(monkeypatch: pytest.MonkeyPatch) -> None:
    later, sooner = AT + timedelta(hours=2), AT + timedelta(hours=1)
    monkeypatch.setattr(hooks, "moments", [lambda at: later, lambda at: None, lambda at: sooner])
    assert content_version.next_moment(AT) == sooner
    monkeypatch.setattr(hooks, "moments", [])
    assert content_version.next_moment(AT) is None


@pytest.mark.django_db
def test_a_notice_is_a_moment_when_it_begins_and_when_it_ends() -> None:
    starts, ends = AT + timedelta(minutes=1), AT + timedelta(minutes=2)
    Announcement.objects.create(text="Soon", starts_at=starts, ends_at=ends)
    assert content_version.next_moment(AT) == starts
    assert content_version.next_moment(starts) == ends
