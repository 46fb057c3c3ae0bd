"""A practitioner's appointments as a feed, and what happens when it is read in again."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from icalendar import Calendar

from bookings import workflow
from bookings.calendars import feed, polling
from bookings.models import CalendarFeed, Offer, PractitionerCalendar
from bookings.rosters import reading
from clinic.lib.web import link_masking

AT = datetime(2027, 3, 1, 8, tzinfo=UTC)  # a Monday
TUESDAY = datetime(2027, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _moment() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def offered(make_enquiry: Any, practitioner: Any, location: Any, receptionist: Any) -> Any:
    enquiry = make_enquiry(when=AT)
    where = {"practitioner": practitioner, "location": location, "minutes": 45}
    starts = [TUESDAY, TUESDAY + timedelta(hours=5)]
    workflow.offer(enquiry, starts=starts, by=receptionist, at=AT, **where)
    return enquiry


@pytest.fixture
def booked(offered: Any) -> Any:
    workflow.accept(offered, offer_id=offered.offers.order_by("starts_at")[0].pk, at=AT)
    return offered


@pytest.fixture
def path(practitioner: Any) -> str:
    return feed.url(feed.make(practitioner, at=AT)).removeprefix(settings.SITE_URL)


def events(client: Client, path: str) -> list[Any]:
    answer = client.get(path)
    assert answer.status_code == 200
    return Calendar.from_ical(answer.content).walk("VEVENT")


def test_booked_times_with_the_uid_of_the_invitation(booked: Any, path: str, client: Any) -> None:
    [event] = events(client, path)
    visit = Offer.objects.held().get()
    assert (event["UID"], event["SEQUENCE"]) == (visit.uid, visit.sequence)
    assert (event.start, event.end) == (visit.starts_at, visit.ends_at)
    assert (event["STATUS"], event["SUMMARY"]) == ("CONFIRMED", "Appointment")
    assert event["LOCATION"] == "Millbrook, 14 Mill Lane, Millbrook"
    text = client.get(path).content.decode()
    for word in ("Ellery", "patients.example", "lifted", "Low back", "5550188", booked.number):
        assert word not in text


def test_offered_times_are_tentative_until_their_hold_is_over(
    offered: Any, path: str, client: Any
) -> None:
    assert [event["STATUS"] for event in events(client, path)] == ["TENTATIVE"] * 2
    Offer.objects.update(held_until=AT)
    assert events(client, path) == []
    Offer.objects.update(state=Offer.State.ASKED)
    assert events(client, path) == []


def test_only_their_own_and_not_from_long_ago(booked: Any, path: str, client: Any) -> None:
    Offer.objects.update(starts_at=AT - timedelta(days=31), ends_at=AT - timedelta(days=30))
    assert events(client, path) == []


def test_nothing_keeps_it_and_nothing_is_sent_twice(booked: Any, path: str, client: Any) -> None:
    answer = client.get(path)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert "public" not in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Referrer-Policy"] == "no-referrer"
    again = client.get(path, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "no-store" in again["Cache-Control"]
    workflow.withdraw(booked, at=AT)
    assert client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 200
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200


def test_a_revoked_or_wrong_address_opens_nothing(
    practitioner: Any, path: str, client: Any
) -> None:
    assert client.get(path.replace(".ics", "x.ics")).status_code == 404
    assert client.get("/book/c/zzzz.ics").status_code == 404
    assert client.get("/book/c/%C3%A9-1.ics").status_code == 404
    newer = feed.url(feed.make(practitioner, at=AT)).removeprefix(settings.SITE_URL)
    assert newer != path
    assert client.get(path).status_code == 404
    assert feed.revoke(practitioner)
    assert client.get(newer).status_code == 404
    assert not feed.revoke(practitioner)


def test_who_has_left_has_no_feed(practitioner: Any, path: str, client: Any, author: Any) -> None:
    practitioner.user = author
    practitioner.save()
    assert client.get(path).status_code == 200
    type(author).objects.filter(pk=author.pk).update(is_active=False)
    assert client.get(path).status_code == 404


def test_a_copy_of_the_database_opens_nothing(path: str) -> None:
    secret = path.removesuffix(".ics").rpartition("/")[2].partition("-")[2]
    assert secret not in str(CalendarFeed.objects.values().get())


def test_the_address_is_in_no_log(path: str, client: Any, caplog: Any) -> None:
    token = path.rpartition("/")[2]
    assert token not in link_masking.mask(f"GET {path} HTTP/1.1 and http://x{path}")
    caplog.handler.addFilter(link_masking.MaskPrivateLinks())
    with caplog.at_level(logging.DEBUG):
        client.get(path)
        client.get(path.replace(".ics", "x.ics"))
    assert token.removesuffix(".ics") not in caplog.text
    assert "/book/c/" in client.get("/robots.txt").content.decode()


def test_book_subscribe_read_again_cancel_free_again(
    booked: Any, practitioner: Any, roster: Any, path: str, client: Any
) -> None:
    def is_open() -> bool:
        found = reading.find(AT, practitioner=practitioner)
        return TUESDAY in {each.starts_at for each in found}

    def read_back(text: bytes) -> list[Any]:
        polling.take_file(practitioner, text, at=AT)
        return list(PractitionerCalendar.objects.get().spans)

    subscribed = client.get(path).content
    assert not is_open()
    assert read_back(subscribed) == []  # nothing is doubled
    assert not is_open()
    workflow.withdraw(booked, at=AT)
    # The calendar looks for changes hours later only, and still has the appointment.
    assert read_back(subscribed) == []
    assert is_open()
    own = subscribed.replace(Offer.objects.get(starts_at=TUESDAY).uid.encode(), b"their-own")
    assert len(read_back(own)) == 2  # beginning and end of one
    assert not is_open()
