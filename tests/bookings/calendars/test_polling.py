"""Calendars are read by the worker from their addresses; files by hand."""

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bookings.calendars import polling, problems, reader
from bookings.models import PractitionerCalendar
from bookings.models.calendar import as_minutes
from bookings.rosters import reading
from clinic.lib.web import outside

ADDRESS = "https://calendars.example/canary-secret.ics"
AT = datetime(2027, 3, 1, 8, tzinfo=UTC)  # a Monday
MINUTES = timedelta(minutes=1)
EVENT = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:canary-title\r\nLOCATION:canary-place\r\n"
    "DTSTART:20270301T130000Z\r\nDURATION:PT4H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


class Server:
    """A calendar's server. Each request that came is kept."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.answer: Callable[[httpx.Request], httpx.Response] = self.calendar
        self.text, self.etag = EVENT, '"1"'

    def calendar(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("If-None-Match") == self.etag:
            return httpx.Response(304)
        stream = httpx.ByteStream(self.text.encode())
        return httpx.Response(200, stream=stream, headers={"ETag": self.etag})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answer(request)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    async def addresses(host: str) -> list[Any]:
        return [ipaddress.ip_address(host if host[0].isdigit() else "93.184.216.34")]

    server = Server()
    monkeypatch.setattr(outside, "_addresses", addresses)
    monkeypatch.setattr(outside.httpx, "AsyncHTTPTransport", lambda: httpx.MockTransport(server))
    return server


@pytest.fixture
def calendar(practitioner: Any) -> PractitionerCalendar:
    polling.enter(practitioner, ADDRESS, at=AT)
    return PractitionerCalendar.objects.get()


def open_hours(practitioner: Any, at: datetime = AT) -> list[str]:
    found = reading.find(at, practitioner=practitioner)
    return [f"{each.starts_at:%H:%M}" for each in found if each.starts_at.date() == AT.date()]


def test_what_is_busy_is_not_offered(server: Server, calendar: Any, roster: Any) -> None:
    assert open_hours(calendar.practitioner)[-1] == "16:15"
    polling.read_due(AT)
    calendar.refresh_from_db()
    assert (calendar.problem, calendar.read_at, calendar.next_at) == ("", AT, AT + polling.EVERY)
    begins = datetime(2027, 3, 1, 13, tzinfo=UTC)
    assert calendar.busy(AT, AT + timedelta(days=1)) == [(begins, begins + timedelta(hours=4))]
    assert open_hours(calendar.practitioner) == []  # notice of four hours, and then busy


def test_an_unchanged_file_is_not_sent_again_but_once_a_day(server: Server, calendar: Any) -> None:
    polling.read_due(AT)
    polling.read_due(AT + 9 * MINUTES)
    assert len(server.asked) == 1
    later = AT + 10 * MINUTES
    polling.read_due(later)
    calendar.refresh_from_db()
    assert server.asked[-1].headers["If-None-Match"] == '"1"'
    assert (calendar.read_at, len(calendar.spans)) == (later, 2)
    polling.read_due(AT + timedelta(days=2))  # its window has moved on
    assert "If-None-Match" not in server.asked[-1].headers
    calendar.refresh_from_db()
    assert calendar.known_until == AT + timedelta(days=2) + reader.AFTER


@pytest.mark.parametrize(
    ("status", "problem"),
    [(401, "forbidden"), (403, "forbidden"), (404, "gone"), (410, "gone"), (500, "away")],
)
def test_what_was_busy_stays_while_it_cannot_be_read(
    server: Server, calendar: Any, status: int, problem: str
) -> None:
    polling.read_due(AT)
    server.answer = lambda request: httpx.Response(status)
    pauses, at = [], AT + polling.EVERY
    for _time in range(8):
        polling.read_due(at)
        calendar.refresh_from_db()
        pauses.append((calendar.next_at - at) // MINUTES)
        at = calendar.next_at
    assert pauses == [10, 20, 40, 80, 160, 320, 360, 360]
    assert (calendar.problem, calendar.read_at, len(calendar.spans)) == (problem, AT, 2)
    assert problems.words(problem).endswith((".", "again."))
    server.answer = server.calendar
    polling.read_due(at)
    calendar.refresh_from_db()
    assert (calendar.problem, calendar.tries, calendar.read_at) == ("", 0, at)


def test_neither_the_address_nor_the_calendar_is_logged(
    server: Server, calendar: Any, caplog: Any
) -> None:
    caplog.set_level(1)
    server.text = EVENT.replace("20270301T130000Z", "canary-time")
    polling.read_due(AT)
    server.answer = lambda request: httpx.Response(302, headers={"Location": "https://10.0.0.1/"})
    polling.read_due(AT + polling.EVERY)
    ours = [each for each in caplog.records if each.name.startswith(("bookings", "clinic"))]
    assert [each.getMessage() for each in ours] == [
        f"The calendar with id {calendar.pk} was not read (time).",
        f"The calendar with id {calendar.pk} was not read (inward).",
    ]
    from django.conf import settings

    assert settings.LOGGING["loggers"]["httpx"]["level"] == "WARNING"
    assert not any("canary" in each.getMessage() for each in caplog.records if each.levelno > 20)


def test_no_title_or_place_is_kept(server: Server, calendar: Any) -> None:
    polling.read_due(AT)
    kept = PractitionerCalendar.objects.filter(read_at=AT).values().get()
    assert "canary" not in str({**kept, "address": ""})


def test_an_address_that_changes_meanwhile_is_not_overwritten(
    server: Server, calendar: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = outside.fetch

    def changes(*given: Any, **more: Any) -> Any:
        polling.enter(calendar.practitioner, f"{ADDRESS}?2", at=AT + MINUTES)
        return fetch(*given, **more)

    monkeypatch.setattr(outside, "fetch", changes)
    polling.read_due(AT)
    calendar.refresh_from_db()
    assert (calendar.read_at, calendar.next_at) == (None, AT + MINUTES)


def test_two_workers_read_it_once(
    server: Server, calendar: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = outside.fetch

    def meanwhile(*given: Any, **more: Any) -> Any:
        polling.read_due(AT + MINUTES)
        return fetch(*given, **more)

    monkeypatch.setattr(outside, "fetch", meanwhile)
    polling.read_due(AT)
    assert len(server.asked) == 1


def test_read_now(server: Server, calendar: Any) -> None:
    polling.read_due(AT)
    polling.read_soon(calendar, at=AT + MINUTES)
    polling.read_due(AT + MINUTES)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (f" {ADDRESS}\u200b ", ADDRESS),
        ("webcal://calendars.example/a", "https://calendars.example/a"),
        ("WEBCALS://calendars.example/a", "https://calendars.example/a"),
        ("http://calendars.example/a", ""),
        ("http://nextcloud.lan/a", "http://nextcloud.lan/a"),
        ("calendars.example", ""),
        ("https://", ""),
        ("https://[::1", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_addresses(typed: str, kept: str, settings: Any) -> None:
    settings.PRIVATE_CALENDAR_HOSTS = ["nextcloud.lan"]
    if kept:
        assert polling.normal(typed) == kept
    else:
        with pytest.raises(reader.Refused, match="not an address"):
            polling.normal(typed)


def test_a_file_by_hand_is_read_once_and_soon_old(practitioner: Any, roster: Any) -> None:
    polling.take_file(practitioner, EVENT.encode(), at=AT)
    assert open_hours(practitioner) == []
    calendar = PractitionerCalendar.objects.get()
    assert (calendar.address, calendar.next_at) == ("", None)
    assert practitioner.pk not in reading.only_asked_for(AT + 29 * MINUTES)
    assert practitioner.pk in reading.only_asked_for(AT + 30 * MINUTES)
    with pytest.raises(reader.Refused):
        polling.take_file(practitioner, b"<html>", at=AT)
    # A year later nobody knows what it would have said.
    assert reading.find(AT + timedelta(weeks=40), practitioner=practitioner)
    assert reading.find(AT + timedelta(weeks=52), practitioner=practitioner)
    assert not reading.find(AT + timedelta(weeks=54), practitioner=practitioner)


def test_what_the_practitioner_declined_is_free(practitioner: Any, make_user: Any) -> None:
    practitioner.email, practitioner.user = "ines@clinic.example", make_user("Practitioner")
    practitioner.save()
    declined = "ATTENDEE;PARTSTAT=DECLINED:mailto:INES@clinic.example\r\nDURATION"
    polling.take_file(practitioner, EVENT.replace("DURATION", declined).encode(), at=AT)
    assert PractitionerCalendar.objects.get().spans == []


def test_without_a_calendar_nothing_is_old(practitioner: Any, calendar: Any) -> None:
    assert practitioner.pk in reading.only_asked_for(AT)
    calendar.delete()
    assert practitioner.pk not in reading.only_asked_for(AT)


def test_spans_are_kept_in_whole_minutes_and_found_by_the_minute() -> None:
    def at(minute: int, second: int = 0) -> datetime:
        return AT + timedelta(minutes=minute, seconds=second)

    spans = [(at(1, 30), at(2, 30)), (at(3), at(4)), (at(10), at(20)), (at(30), at(40))]
    calendar = PractitionerCalendar(spans=as_minutes(spans))
    one, two, three = (at(1), at(4)), (at(10), at(20)), (at(30), at(40))
    assert calendar.busy(at(-9), at(99)) == [one, two, three]
    assert calendar.busy(at(4), at(10)) == []
    assert calendar.busy(at(3), at(11)) == [one, two]
    assert calendar.busy(at(10), at(20)) == [two]
    assert calendar.busy(at(12), at(13)) == [two]
    assert calendar.busy(at(19), at(30)) == [two]
    assert calendar.busy(at(40), at(50)) == []
    assert PractitionerCalendar().busy(at(0), at(9)) == []
