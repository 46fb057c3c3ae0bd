"""The frame of a page, and that everything public that changes is seen by every process."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from clinic import hooks
from clinic.models import (
    Announcement,
    Clinic,
    Credential,
    Location,
    Practitioner,
)
from clinic.site import content_version, page_context

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)


# -- the frame ------------------------------------------------------------------------------------


def test_a_warm_frame_asks_nothing(db: None, django_assert_num_queries: Any):
    first = page_context.current()
    with django_assert_num_queries(0):
        assert page_context.current() is first


def test_the_version_is_asked_again_after_a_second(
    db: None, monkeypatch: pytest.MonkeyPatch, frame_seconds: float
):
    monkeypatch.setattr(page_context, "FRESH_SECONDS", frame_seconds)
    ticks = [0.0]
    monkeypatch.setattr(page_context.time, "monotonic", lambda: ticks[0])
    first = page_context.current()
    Clinic.objects.update(name="Linden")
    content_version.raise_version()
    ticks[0] = 0.99
    assert page_context.current() is first
    ticks[0] = 1.0
    assert page_context.current().clinic.name == "Linden"


def test_once_keeps_what_was_built_until_the_next_version(db: None):
    built: list[int] = []

    def build_it() -> int:
        built.append(1)
        return len(built)

    assert (page_context.once("x", build_it), page_context.once("x", build_it)) == (1, 1)
    content_version.raise_version()
    page_context.forget()
    assert page_context.once("x", build_it) == 2


def test_a_frame_ends_with_the_next_moment(db: None):
    Announcement.objects.create(text="Soon.", starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
    shown = {}
    for moment in (NOON, NOON + HOUR, NOON + 2 * HOUR):
        shown[moment] = [notice.text for notice in page_context.current(moment).announcements]
    assert list(shown.values()) == [[], ["Soon."], []]
    assert page_context.current(NOON).is_current(page_context.version(), NOON)


@pytest.mark.parametrize(
    ("make", "moment"),
    [
        (lambda: notice(NOON - HOUR, NOON + HOUR), NOON + HOUR),
        (lambda: notice(NOON + 2 * HOUR, NOON + 3 * HOUR), NOON + 2 * HOUR),
        (lambda: credential(date(2026, 3, 2)), datetime(2026, 3, 3, tzinfo=UTC)),
        (lambda: open_hours(time(8), time(14)), NOON + 2 * HOUR),
        (lambda: open_hours(time(13), time(14)), NOON + HOUR),
    ],
    ids=["notice ends", "notice begins", "credential expires", "closes", "opens"],
)
def test_pages_are_kept_no_longer_than_to_the_next_moment(
    make: Callable[[], object], moment: datetime, db: None
):
    make()
    assert content_version.next_moment(NOON) == moment


def notice(starts: datetime, ends: datetime) -> None:
    Announcement.objects.create(text="x", starts_at=starts, ends_at=ends)


def credential(valid_until: date) -> None:
    person = Practitioner.objects.create(name="Ines", slug="ines", role="Physio")
    Credential.objects.create(practitioner=person, kind="degree", name="x", valid_until=valid_until)


def open_hours(opens: time, closes: time) -> None:
    place = Location.objects.create(name="Mill", slug="mill", street="1", city="Mill")
    place.periods.create(weekday=0, opens=opens, closes=closes)


def test_the_zone_is_utc_while_there_is_no_database(monkeypatch: pytest.MonkeyPatch):
    def fail(at: datetime | None = None) -> None:
        raise DatabaseError

    monkeypatch.setattr(page_context, "current", fail)
    assert page_context.zone().key == "UTC"


def test_a_restore_draws_a_new_history(db: None):
    content_version.raise_version()
    before = content_version.current_version()
    content_version.new_history()
    assert content_version.current_version().endswith(".0")
    assert content_version.current_version() != before


@pytest.mark.django_db
def test_a_registered_callback_may_ask_for_the_frame(monkeypatch: pytest.MonkeyPatch):
    """It met a lock that its own caller held, and waited for ever."""
    asked: list[object] = []

    def menu(at: datetime) -> list[hooks.MenuEntry]:
        asked.append(page_context.once("asked", lambda: page_context.current().clinic.name))
        return [hooks.MenuEntry(1, str(page_context.zone()), "/here/")]

    monkeypatch.setattr(hooks, "menus", [menu])
    # A lock that this thread holds already fails here instead of waiting.
    monkeypatch.setattr(page_context, "_lock", _ImpatientLock())
    built = page_context.current(NOON)
    assert [entry.url for entry in built.menu] == ["/here/"]
    assert asked == [built.kept["asked"]] == [built.clinic.name]
    assert page_context.current(NOON) is built


class _ImpatientLock:
    def __init__(self) -> None:
        self.lock = threading.Lock()

    def __enter__(self) -> None:
        assert self.lock.acquire(blocking=False), "the frame's lock is held already"

    def __exit__(self, *_error: object) -> None:
        self.lock.release()
