"""Announcements under new zone rules, and what staff and the operator are told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.apps import apps

from clinic.lib.calendar import zone_data
from clinic.models import Announcement, Clinic
from clinic.site import content_version, page_context, wall_times
from tests.zone_rules import SUMMER_TIME_ALL_YEAR, WINTER_TIME, ZoneRules

pytestmark = pytest.mark.django_db

EDMONTON = "America/Edmonton"
AT = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
STARTS, ENDS = datetime(2026, 12, 8, 15, tzinfo=UTC), datetime(2026, 12, 9, 1, tzinfo=UTC)


@pytest.fixture
def edmonton(zone_rules: ZoneRules) -> ZoneRules:
    """A clinic in Edmonton, by rules that set its clocks back in winter."""
    zone_rules.use("2099a", {EDMONTON: WINTER_TIME})
    Clinic.objects.update(time_zone=EDMONTON)
    page_context.forget()
    return zone_rules


@pytest.fixture
def announce(edmonton: ZoneRules) -> Callable[..., Announcement]:
    """`announce()`: an announcement from 8:00 to 18:00 on 8 December."""

    def make(starts_at: datetime = STARTS, ends_at: datetime = ENDS) -> Announcement:
        announcement = Announcement(text="Closed early", starts_at=starts_at, ends_at=ends_at)
        announcement.note_wall_times(page_context.zone())
        announcement.save()
        return announcement

    return make


def test_staff_enter_wall_times(edmonton: ZoneRules, client_as: Any) -> None:
    values = {
        "text": "Closed early",
        "starts_at_0": "2026-12-08",
        "starts_at_1": "08:00",
        "ends_at_0": "2026-12-08",
        "ends_at_1": "18:00",
    }
    client_as("Manager").post("/admin/clinic/announcement/add/", values)
    announcement = Announcement.objects.get()
    assert announcement.starts_agreed == f"2026-12-08T08:00:00-07:00[{EDMONTON}]"
    assert announcement.ends_agreed == f"2026-12-08T18:00:00-07:00[{EDMONTON}]"


def test_an_announcement_keeps_its_wall_times(
    announce: Callable[..., Announcement], edmonton: ZoneRules
) -> None:
    announcement = announce()
    assert wall_times.keep_announcements(AT) == 0
    edmonton.use("2099b", {EDMONTON: SUMMER_TIME_ALL_YEAR})
    before = content_version.current_version()
    assert wall_times.keep_announcements(AT) == 1
    announcement.refresh_from_db()
    hour = timedelta(hours=1)
    assert (announcement.starts_at, announcement.ends_at) == (STARTS - hour, ENDS - hour)
    assert content_version.current_version() != before
    assert wall_times.keep_announcements(AT) == 0


def test_one_that_is_over_stays(announce: Callable[..., Announcement], edmonton: ZoneRules) -> None:
    announce()
    edmonton.use("2099b", {EDMONTON: SUMMER_TIME_ALL_YEAR})
    assert wall_times.keep_announcements(ENDS + timedelta(days=2)) == 0


def test_one_that_would_end_before_it_starts_keeps_its_length(
    announce: Callable[..., Announcement], edmonton: ZoneRules
) -> None:
    """From 1:30 to the second 1:10 of the night in which the clocks were to go back."""
    starts, minutes = datetime(2027, 11, 7, 7, 30, tzinfo=UTC), timedelta(minutes=40)
    announcement = announce(starts, starts + minutes)
    edmonton.use("2099b", {EDMONTON: SUMMER_TIME_ALL_YEAR})
    assert wall_times.keep_announcements(AT) == 1
    announcement.refresh_from_db()
    assert announcement.ends_at - announcement.starts_at == minutes


def test_older_data_than_was_used_before_moves_nothing(
    announce: Callable[..., Announcement], edmonton: ZoneRules, caplog: pytest.LogCaptureFixture
) -> None:
    announce()
    edmonton.use("2099b", {EDMONTON: SUMMER_TIME_ALL_YEAR})
    assert wall_times.keep_announcements(AT) == 1
    edmonton.use("2099a", {EDMONTON: WINTER_TIME})
    assert wall_times.keep_announcements(AT) == 0
    assert "2099a is older than 2099b" in caplog.text
    assert Announcement.objects.get().starts_at == STARTS - timedelta(hours=1)


def test_announcements_from_before_are_filled_in(
    announce: Callable[..., Announcement], edmonton: ZoneRules
) -> None:
    """By the data that Python found, which the site used until then."""
    announcement = announce()
    Announcement.objects.update(starts_agreed="", ends_agreed="")
    edmonton.use("2025b", {EDMONTON: WINTER_TIME})  # older than the package: not used
    assert zone_data.version() != "2025b"
    import_module("clinic.migrations.0016_keep_wall_times").fill(apps, None)
    announcement.refresh_from_db()
    assert announcement.starts_agreed == f"2026-12-08T08:00:00-07:00[{EDMONTON}]"
    assert wall_times.keep_announcements(AT) == 1
    announcement.refresh_from_db()
    assert announcement.starts_at == STARTS - timedelta(hours=1)


# -- what people are told ------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "count"), [(2099, 0), (2101, 1)])
def test_check_warns_of_old_data(edmonton: ZoneRules, year: int, count: int) -> None:
    with time_machine.travel(datetime(year, 12, 1, tzinfo=UTC), tick=False):
        found = wall_times.check_age()
    assert len(found) == count
    assert all("2099a" in warning.msg and warning.id == "clinic.W001" for warning in found)


@pytest.mark.parametrize(
    ("role", "at", "seen"),
    [
        ("Manager", datetime(2100, 6, 30, tzinfo=UTC), False),
        ("Manager", datetime(2100, 7, 1, tzinfo=UTC), True),
        ("Editor", datetime(2100, 7, 1, tzinfo=UTC), False),
    ],
)
def test_managers_see_that_data_is_old(
    edmonton: ZoneRules, client_as: Any, role: str, at: datetime, seen: bool
) -> None:
    with time_machine.travel(at, tick=False):
        page = client_as(role).get("/admin/").content.decode()
    assert ("Version 2099a is more than a year old" in page) is seen


@pytest.mark.parametrize(("role", "seen"), [("Manager", True), ("Editor", False)])
def test_managers_see_that_data_was_newer(
    edmonton: ZoneRules, client_as: Any, role: str, seen: bool
) -> None:
    Clinic.objects.update(zone_data="2099b")
    page_context.forget()
    page = client_as(role).get("/admin/").content.decode()
    assert ("Version 2099a is in use; 2099b was used before." in page) is seen
