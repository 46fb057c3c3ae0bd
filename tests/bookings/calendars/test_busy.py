"""What a calendar says is busy, rule by rule: RFC 5545, and busy where it leaves a doubt."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bookings.calendars import busy, content
from bookings.calendars.content import Unreadable
from bookings.calendars.counts import Counts

TORONTO = ZoneInfo("America/Toronto")
FIRST = datetime(2027, 3, 1, tzinfo=UTC)
NINE = "DTSTART:20270303T090000Z"
HOUR = "DURATION:PT1H"
TENTATIVE_IS_FREE, DECLINED_IS_BUSY = Counts(tentative_is_free=True), Counts(declined_is_busy=True)


def event(*lines: str, uid: str = "one@made.example") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def calendar(*parts: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR", ""]).encode()


def spans(*parts: str, **known: Any) -> list[str]:
    """The busy spans of March 2027, in UTC, as `day hour:minute-day hour:minute`."""
    found = busy.spans(
        calendar(*parts),
        **{"first": FIRST, "last": FIRST + timedelta(days=31), "zone": TORONTO} | known,
    )
    return [f"{start:%d %H:%M}-{end:%d %H:%M}" for start, end in found]


def why(*parts: str) -> str:
    with pytest.raises(Unreadable) as refused:
        spans(*parts)
    return refused.value.reason


@pytest.mark.parametrize(
    ("lines", "is_busy"),
    [
        ([], True),
        (["TRANSP:OPAQUE"], True),
        (["TRANSP:TRANSPARENT"], False),
        (["transp:transparent"], False),
        (["TRANSP:TRANSPARENT", "TRANSP:OPAQUE"], True),
        (["TRANSP:X-WHATEVER"], True),
        (["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"], False),
        (["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"], True),
        (["STATUS:TENTATIVE"], True),
        (["STATUS:CONFIRMED"], True),
        (["STATUS:CANCELLED"], False),
        (["ATTENDEE;PARTSTAT=DECLINED:mailto:Mara@clinic.example"], False),
        (["ATTENDEE;PARTSTAT=DECLINED:mailto:ines@clinic.example"], True),
        (["ATTENDEE;PARTSTAT=TENTATIVE:mailto:mara@clinic.example"], True),
        (["ATTENDEE;PARTSTAT=DELEGATED:mailto:mara@clinic.example"], True),
        (["ATTENDEE:mailto:mara@clinic.example"], True),
        (
            [
                "ATTENDEE;PARTSTAT=DECLINED:mailto:mara@clinic.example",
                "ATTENDEE;PARTSTAT=ACCEPTED:mailto:mara@clinic.example",
            ],
            True,
        ),
    ],
)
def test_what_takes_time(lines: list[str], is_busy: bool) -> None:
    found = spans(event(NINE, HOUR, *lines), addresses=["mara@clinic.example"])
    assert found == (["03 09:00-03 10:00"] if is_busy else [])


@pytest.mark.parametrize(
    ("lines", "counts", "is_busy"),
    [
        ([], TENTATIVE_IS_FREE, True),
        (["STATUS:TENTATIVE"], TENTATIVE_IS_FREE, False),
        (["STATUS:TENTATIVE"], DECLINED_IS_BUSY, True),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], TENTATIVE_IS_FREE, False),
        (["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], TENTATIVE_IS_FREE, False),
        (["STATUS:TENTATIVE", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY"], TENTATIVE_IS_FREE, True),
        (["ATTENDEE;PARTSTAT=TENTATIVE:mailto:mara@clinic.example"], TENTATIVE_IS_FREE, False),
        (["ATTENDEE;PARTSTAT=TENTATIVE:mailto:ines@clinic.example"], TENTATIVE_IS_FREE, True),
        (["ATTENDEE;PARTSTAT=DECLINED:mailto:mara@clinic.example"], TENTATIVE_IS_FREE, False),
        (["ATTENDEE;PARTSTAT=DECLINED:mailto:mara@clinic.example"], DECLINED_IS_BUSY, True),
        (["TRANSP:TRANSPARENT"], DECLINED_IS_BUSY, False),
        (["STATUS:CANCELLED"], DECLINED_IS_BUSY, False),
    ],
)
def test_what_takes_time_is_a_setting(lines: list[str], counts: Counts, is_busy: bool) -> None:
    who = ["mara@clinic.example"]
    found = spans(event(NINE, HOUR, *lines), addresses=who, counts=counts)
    assert found == (["03 09:00-03 10:00"] if is_busy else [])


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["DTSTART;TZID=Europe/Berlin:20270303T090000", HOUR], "03 08:00-03 09:00"),
        (["DTSTART;TZID=W. Europe Standard Time:20270303T090000", HOUR], "03 08:00-03 09:00"),
        (['DTSTART;TZID="/x.org/2019/Europe/Berlin":20270303T090000', HOUR], "03 08:00-03 09:00"),
        (["DTSTART:20270303T090000", HOUR], "03 14:00-03 15:00"),
        (["DTSTART;VALUE=DATE:20270303"], "03 05:00-04 05:00"),
        (["DTSTART;VALUE=DATE:20270303", "DTEND;VALUE=DATE:20270303"], "03 05:00-04 05:00"),
        (["DTSTART;VALUE=DATE:20270303", "DTEND;VALUE=DATE:20270305"], "03 05:00-05 05:00"),
        (["DTSTART;VALUE=DATE:20270303", "DTEND:20270303T120000Z"], "03 05:00-03 12:00"),
        (["DTSTART;VALUE=DATE:20270313", "DURATION:P2D"], "13 05:00-15 04:00"),
        (["DTSTART;TZID=America/Toronto:20270313T120000", "DURATION:P1D"], "13 17:00-14 16:00"),
        (["DTSTART;TZID=America/Toronto:20270314T023000", HOUR], "14 07:30-14 08:30"),
        (["DTSTART:20270303T100000Z", "DTEND:20270303T090000Z"], "03 09:00-03 10:00"),
        (["DTSTART:20270225T100000Z", "DTEND:20270303T090000Z"], "01 00:00-03 09:00"),
        (["DTSTART:20270303T090060Z", "DTEND:20270303T100000Z"], "03 09:00-03 10:00"),
    ],
)
def test_when_that_is(lines: list[str], found: str) -> None:
    assert spans(event(*lines)) == [found]


def test_what_lasts_no_time_is_not_busy() -> None:
    assert spans(event(NINE)) == []
    assert spans(event(NINE, "DTEND:20270303T090000Z")) == []


def test_times_without_a_zone_are_those_of_the_calendar() -> None:
    floating = event("DTSTART:20270303T090000", HOUR)
    assert spans("X-WR-TIMEZONE:Europe/Berlin", floating) == ["03 08:00-03 09:00"]
    assert spans("X-WR-TIMEZONE:Atlantis", floating) == ["03 14:00-03 15:00"]
    repeated = event("DTSTART:20270303T090000Z", HOUR, "RRULE:FREQ=WEEKLY;COUNT=2")
    assert spans("X-WR-TIMEZONE:Europe/Berlin", repeated)[0] == "03 09:00-03 10:00"


OWN_ZONE = "\r\n".join(
    [
        *("BEGIN:VTIMEZONE", "TZID:Customized Time Zone", "X-LIC-LOCATION:Nowhere"),
        *("BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100"),
        *("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD", "BEGIN:DAYLIGHT"),
        *("DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200"),
        *("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE"),
    ]
)


def test_a_zone_that_only_the_file_knows() -> None:
    weekly = event(
        "DTSTART;TZID=Customized Time Zone:20270325T090000", HOUR, "RRULE:FREQ=WEEKLY;COUNT=2"
    )
    found = spans(OWN_ZONE, weekly, last=FIRST + timedelta(days=60))
    assert found == ["25 08:00-25 09:00", "01 07:00-01 08:00"]
    assert why(weekly) == "zone"


def test_repetitions_that_are_left_out_or_replaced() -> None:
    daily = [NINE, HOUR, "RRULE:FREQ=DAILY;COUNT=4"]
    days = ["03", "04", "05", "06"]
    assert spans(event(*daily)) == [f"{day} 09:00-{day} 10:00" for day in days]
    without = event(*daily, "EXDATE;TZID=Europe/Berlin:20270304T100000")
    assert [each[:2] for each in spans(without)] == ["03", "05", "06"]
    other_kind = event(*daily, "EXDATE;VALUE=DATE:20270304")
    assert [each[:2] for each in spans(other_kind)] == days
    moved = event("RECURRENCE-ID:20270304T090000Z", "DTSTART:20270310T120000Z", HOUR)
    assert spans(moved, event(*daily))[-1] == "10 12:00-10 13:00"
    assert [each[:2] for each in spans(moved, event(*daily))] == ["03", "05", "06", "10"]
    elsewhere = event("RECURRENCE-ID:20270320T090000Z", "DTSTART:20270310T120000Z", HOUR)
    assert [each[:2] for each in spans(event(*daily), elsewhere)] == [*days, "10"]
    cancelled = event("RECURRENCE-ID:20270304T090000Z", NINE, "STATUS:CANCELLED")
    assert [each[:2] for each in spans(event(*daily), cancelled)] == ["03", "05", "06"]


def test_of_two_replacements_the_newest_counts() -> None:
    daily = event(NINE, HOUR, "RRULE:FREQ=DAILY;COUNT=2")
    old = event("RECURRENCE-ID:20270304T090000Z", "DTSTART:20270310T120000Z", HOUR, "SEQUENCE:1")
    new = event("RECURRENCE-ID:20270304T090000Z", "DTSTART:20270311T120000Z", HOUR, "SEQUENCE:2")
    assert spans(daily, new, old) == ["03 09:00-03 10:00", "11 12:00-11 13:00"]


def test_all_later_ones_moved_are_busy_before_and_after() -> None:
    daily = event(NINE, HOUR, "RRULE:FREQ=DAILY;COUNT=3")
    later = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20270304T090000Z", "DTSTART:20270304T150000Z", HOUR
    )
    assert spans(later, daily) == [
        *("03 09:00-03 10:00", "04 15:00-04 16:00"),
        *("05 09:00-05 10:00", "05 15:00-05 16:00"),
    ]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;UNTIL=20270304T090000Z", ["03", "04"]),
        ("FREQ=DAILY;UNTIL=20270304", ["03", "04"]),
        ("FREQ=DAILY;COUNT=-1;UNTIL=20270304", ["03", "04"]),
        ("FREQ=DAILY;COUNT=1;UNTIL=20270304", ["03", "04"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", ["03", "08", "10"]),
        ("FREQ=MONTHLY;BYDAY=-1WE;COUNT=1", ["03", "31"]),
        ("FREQ=DAILY;UNTIL=20270301", ["03"]),
    ],
)
def test_rules(rule: str, days: list[str]) -> None:
    assert [each[:2] for each in spans(event(NINE, HOUR, f"RRULE:{rule}"))] == days


def test_whole_days_until_a_moment() -> None:
    rule = "RRULE:FREQ=DAILY;UNTIL=20270304T230000Z"
    berlin = {"zone": ZoneInfo("Europe/Berlin")}  # where that is the fifth
    found = spans(event("DTSTART;VALUE=DATE:20270303", rule), **berlin)
    assert found == ["02 23:00-05 23:00"]


def test_days_that_are_added_and_periods() -> None:
    more = event(
        NINE,
        HOUR,
        "RDATE:20270305T090000Z",
        "RDATE;VALUE=PERIOD:20270306T090000Z/PT30M,20270307T090000Z/20270307T093000Z",
        "RDATE;VALUE=DATE:20270310",
    )
    assert spans(more) == [
        *("03 09:00-03 10:00", "05 09:00-05 10:00", "06 09:00-06 09:30", "07 09:00-07 09:30"),
        "10 05:00-11 05:00",
    ]


def test_several_times_a_day_where_the_clocks_change() -> None:
    """At night, the hour that comes twice is busy twice."""
    hourly = event(
        "DTSTART;TZID=America/Toronto:20271107T000000", "DURATION:PT10M", "RRULE:FREQ=HOURLY"
    )
    november = {"first": datetime(2027, 11, 7, tzinfo=UTC)}
    found = spans(hourly, **november, last=datetime(2027, 11, 7, 8, tzinfo=UTC))
    assert [each[3:8] for each in found] == ["04:00", "05:00", "06:00", "07:00"]


def test_reported_busy_times() -> None:
    report = [
        "BEGIN:VFREEBUSY",
        "FREEBUSY:20270303T090000Z/PT1H",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270304T090000Z/20270304T100000Z",
        "FREEBUSY;FBTYPE=FREE:20270305T090000Z/PT1H",
        "FREEBUSY;FBTYPE=X-OTHER:20270306T090000Z/PT1H,20270307T090000Z/PT1H",
        "END:VFREEBUSY",
    ]
    assert [each[:2] for each in spans(*report)] == ["03", "04", "06", "07"]
    certain = spans(*report, counts=TENTATIVE_IS_FREE)
    assert [each[:2] for each in certain] == ["03", "06", "07"]


def test_what_is_ours_is_passed_over() -> None:
    mine, other = event(NINE, HOUR, uid="abc"), event("DTSTART:20270305T090000Z", HOUR, uid="abd")
    assert spans(mine, other, ours=["abc"]) == ["05 09:00-05 10:00"]
    kept = b"vCal-Uid\x01\x00\x00\x00" + b"abc\x00"
    outlook = "040000008200E00074C5B7101A82E008" + "00" * 16 + kept.hex()
    assert spans(event(NINE, HOUR, uid=outlook.upper()), ours=["abc"]) == []
    assert spans(event(NINE, HOUR, uid=outlook[:-3]), ours=["abc"]) != []


def test_without_a_uid_each_is_its_own() -> None:
    other = NINE.replace("0303", "0304")
    parts = [event(each, HOUR).replace("UID:one@made.example\r\n", "") for each in (NINE, other)]
    assert len(spans(*parts)) == 2


def test_two_with_one_uid_are_both_busy() -> None:
    assert len(spans(event(NINE, HOUR), event("DTSTART:20270305T090000Z", HOUR))) == 2


def test_tasks_notes_and_alarms_take_no_time() -> None:
    alarm = "BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nDURATION:PT15M\r\nEND:VALARM"
    task = "BEGIN:VTODO\r\nDTSTART:20270305T090000Z\r\nDURATION:PT1H\r\nEND:VTODO"
    assert spans(task, event(NINE, HOUR, alarm)) == ["03 09:00-03 10:00"]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([HOUR], "time"),
        (["DTSTART:tomorrow", HOUR], "time"),
        (["DTSTART:20270230T090000Z", HOUR], "time"),
        ([NINE, NINE, HOUR], "time"),
        (["DTSTART:00010101T000000Z", "DURATION:-P9D"], "time"),
        ([NINE, "DURATION:1 hour"], "time"),
        ([NINE, "DURATION:P"], "time"),
        ([NINE, HOUR, "DURATION:PT2H"], "damaged"),
        (["DTSTART;TZID=Nowhere/City:20270303T090000", HOUR], "zone"),
        ([NINE, HOUR, "RRULE:FREQ=SOMETIMES"], "rule"),
        ([NINE, HOUR, "RRULE:every day"], "rule"),
        ([NINE, HOUR, "RRULE:FREQ=DAILY;INTERVAL=0"], "rule"),
        ([NINE, HOUR, "RRULE:FREQ=DAILY;SKIP=BACKWARD"], "rule"),
        ([NINE, HOUR, "RRULE:FREQ=DAILY;UNTIL=soon"], "time"),
        ([NINE, HOUR, "RDATE:soon"], "time"),
        (["DTSTART;;:20270303T090000Z"], "damaged"),
    ],
)
def test_what_cannot_be_understood_is_refused(lines: list[str], reason: str) -> None:
    assert why(event(*lines)) == reason


def test_what_takes_no_time_need_not_be_understood() -> None:
    assert spans(event("DTSTART:tomorrow", "STATUS:CANCELLED"), event(NINE, HOUR)) != []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "format"),
        (b"<!doctype html><title>Sign in</title>", "format"),
        (calendar(event(NINE, HOUR))[:-17], "cut"),
        (calendar(event(NINE, HOUR)).replace(b"END:VEVENT", b"END:VTODO"), "damaged"),
        (calendar(event(NINE, HOUR)) + b"SUMMARY:more", "damaged"),
        (calendar("CALSCALE:HEBREW"), "format"),
        (calendar("BEGIN:VAVAILABILITY", "END:VAVAILABILITY"), "availability"),
        (calendar("BEGIN:VEVENT\r\n" * 20), "many"),
    ],
)
def test_files_that_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        busy.spans(data, first=FIRST, last=FIRST + timedelta(days=9), zone=TORONTO)


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MINUTELY;BYDAY=MO", "FREQ=DAILY"])
def test_endless_rules_end(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy.Window.__init__, "__defaults__", (2000,))
    assert why(event("DTSTART:20000303T090000Z", HOUR, f"RRULE:{rule}")) == "many"


def test_many_parts_and_many_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_COMPONENTS", 5)
    monkeypatch.setattr(busy, "MOST_SPANS", 3)
    assert why(event(NINE, HOUR, "RRULE:FREQ=DAILY;COUNT=4")) == "many"
    assert why(*[event(NINE, HOUR)] * 5) == "many"


def test_folded_lines_other_line_ends_and_a_mark_at_the_beginning() -> None:
    text = calendar(event("DTST\r\n ART:20270303T0900\r\n\t00Z", HOUR, "SUMMARY:A\u2028B\rC"))
    for data in (text, text.replace(b"\r\n", b"\n"), b"\xef\xbb\xbf" + text):
        found = busy.spans(data, first=FIRST, last=FIRST + timedelta(days=9), zone=TORONTO)
        assert len(found) == 1
