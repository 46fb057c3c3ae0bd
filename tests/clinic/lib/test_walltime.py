"""Agreed wall times and the moments they mean."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.lib.calendar import wall_time
from tests.zone_rules import SUMMER_TIME_ALL_YEAR, WINTER_TIME, ZoneRules

AGREED = "2026-12-08T10:00:00-07:00[America/Edmonton]"
ZONES = ["Europe/London", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "UTC"]


def test_a_wall_time_as_rfc_9557_writes_it(zone_rules: ZoneRules) -> None:
    zone_rules.use("2099a", {"America/Edmonton": WINTER_TIME})
    moment = datetime(2026, 12, 8, 17, 0, tzinfo=UTC)
    assert wall_time.written(moment, ZoneInfo("America/Edmonton")) == AGREED
    assert wall_time.instant(AGREED) == moment
    assert wall_time.moved(AGREED, moment) == ""


def test_new_rules_move_the_moment(zone_rules: ZoneRules) -> None:
    zone_rules.use("2099a", {"America/Edmonton": SUMMER_TIME_ALL_YEAR})
    new = wall_time.moved(AGREED, datetime(2026, 12, 8, 17, 0, tzinfo=UTC))
    assert new == "2026-12-08T10:00:00-06:00[America/Edmonton]"
    assert wall_time.instant(new) == datetime(2026, 12, 8, 16, 0, tzinfo=UTC)
    zone_rules.use("2099b", {"America/Edmonton": WINTER_TIME})
    assert wall_time.renewed(new) == AGREED


def test_a_text_that_is_not_of_this_moment_moves_nothing(zone_rules: ZoneRules) -> None:
    zone_rules.use("2099a", {"America/Edmonton": SUMMER_TIME_ALL_YEAR})
    assert wall_time.moved(AGREED, datetime(2026, 12, 9, 17, 0, tzinfo=UTC)) == ""
    assert wall_time.moved("", datetime(2026, 12, 8, 17, 0, tzinfo=UTC)) == ""


@pytest.mark.parametrize("zone", ["No/Where", "../etc", ""])
def test_a_zone_that_is_not_known_keeps_its_moment(zone: str) -> None:
    text = f"2026-12-08T10:00:00-07:00[{zone}]"
    assert wall_time.instant(wall_time.renewed(text)) == datetime(2026, 12, 8, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # London skips 01:00 to 02:00 on 28 March 2027 and repeats it on 31 October.
        ("2027-03-28T01:30:00+01:00", "2027-03-28T01:30:00+00:00"),
        ("2027-03-28T01:30:00-05:00", "2027-03-28T01:30:00+00:00"),
        ("2027-10-31T01:30:00+01:00", "2027-10-31T01:30:00+01:00"),
        ("2027-10-31T01:30:00+00:00", "2027-10-31T01:30:00+00:00"),  # the second was agreed
        ("2027-10-31T01:30:00-05:00", "2027-10-31T01:30:00+01:00"),
    ],
)
def test_wall_times_that_are_skipped_or_repeated(text: str, expected: str) -> None:
    assert wall_time.renewed(f"{text}[Europe/London]") == f"{expected}[Europe/London]"


def test_a_skipped_wall_time_is_not_forgotten(zone_rules: ZoneRules) -> None:
    """Once the gap is gone again, so is the shift."""
    zone_rules.use("2099a", {"A/B": "XST0XDT,M3.5.0/1,M10.5.0"})
    there = wall_time.renewed("2027-03-28T01:30:00+02:00[A/B]")
    assert there == "2027-03-28T01:30:00+00:00[A/B]"
    zone_rules.use("2099b", {"A/B": "XST-3"})
    assert wall_time.renewed(there) == "2027-03-28T01:30:00+03:00[A/B]"


@given(
    st.integers(0, 366 * 24 * 4).map(lambda n: datetime(2027, 1, 1, tzinfo=UTC) + n * QUARTER),
    st.sampled_from(ZONES),
)
def test_without_new_rules_nothing_moves(moment: datetime, zone: str) -> None:
    text = wall_time.written(moment, ZoneInfo(zone))
    assert wall_time.instant(text) == moment
    assert wall_time.renewed(text) == text
    assert len(text) <= wall_time.LONGEST


QUARTER = timedelta(minutes=15)
