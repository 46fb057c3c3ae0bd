"""The demo clinic at many moments: it loads, and what it shows makes sense on that day.

`make test` tries ten moments, `make test-calendar` (CALENDAR=1) more than four hundred.
"""

import json
import os
from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from articles.editor import status_text
from articles.models import Article, Edition
from bookings.models import Enquiry, Event, Offer, Roster, State, Tally
from bookings.rosters import reading, working_hours
from clinic.lib.calendar import opening_hours
from clinic.models import (
    Announcement,
    Clinic,
    Closure,
    Credential,
    Location,
    Message,
    Practitioner,
)
from clinic.operations import demo
from tests import moments

pytestmark = pytest.mark.long

MOMENTS = moments.EVERY_DAY if os.environ.get("CALENDAR") else moments.TEN


def name_of(at: datetime) -> str:
    return f"{at:%a %Y-%m-%dT%H:%M}{'b' if at.fold else ''} {at.tzinfo}"


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The media folder, of all moments."""
    return tmp_path_factory.mktemp("media")


@pytest.fixture
def load(
    settings: Any, tmp_path: Path, media: Path, monkeypatch: pytest.MonkeyPatch, db: None
) -> Callable[[datetime], None]:
    """`load(at)`: the demo at this moment, with the zone of `at` for the clinic's."""
    settings.MEDIA_ROOT = media

    def load(at: datetime) -> None:
        data = json.loads(demo.DATA.read_text(encoding="utf-8"))
        data["clinic"]["time_zone"] = str(at.tzinfo)
        changed = tmp_path / "clinic.json"
        changed.write_text(json.dumps(data), encoding="utf-8")
        monkeypatch.setattr(demo, "DATA", changed)
        demo.load_all(at)

    return load


@pytest.mark.parametrize("at", MOMENTS, ids=name_of)
def test_the_demo_makes_sense_whenever_it_is_loaded(
    load: Callable[[datetime], None], at: datetime
) -> None:
    load(at)
    zone = Clinic.objects.get().zone
    today = at.astimezone(zone).date()
    check_visits(at)
    check_rosters(at)
    check_requests(at)
    check_texts(at)
    check_training_day(at)
    check_months(today.replace(day=1))
    assert all(c.valid_until is None or c.valid_until > today for c in Credential.objects.all())
    check_pages(at)


def check_visits(at: datetime) -> None:
    """Within opening hours, in the future, none of one practitioner at the time of another."""
    zone = Clinic.objects.get().zone
    closures = list(Closure.objects.all())
    held = list(Offer.objects.held().order_by("practitioner", "starts_at"))
    assert len(held) == 7
    for offer in held:
        day = offer.starts_at.astimezone(zone).date()
        place = offer.location
        spans = opening_hours.spans(place.weekly_hours(), place.closed_days(closures), zone, day, 1)
        assert any(a <= offer.starts_at and offer.ends_at <= b for a, b in spans), offer.starts_at
        hours = reading.hours_of(offer.practitioner.roster)
        off = reading.days_off_of(offer.practitioner.roster)
        worked = working_hours.spans(hours, off, zone, day, 1)[place.pk]
        assert any(a <= offer.starts_at and offer.ends_at <= b for a, b in worked), offer.starts_at
        assert at < offer.starts_at < at + timedelta(days=21)
        assert offer.held_until > at + timedelta(hours=1) or offer.state == Offer.State.ACCEPTED
    for one, other in pairwise(held):
        apart = one.practitioner_id != other.practitioner_id
        assert apart or one.ends_at <= other.starts_at
    first = min(o.starts_at for o in held if o.state == Offer.State.ACCEPTED).astimezone(zone)
    closed = {(c.starts_on, c.ends_on) for c in closures}
    day = at.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() > 4 or any(a <= day <= b for a, b in closed):
        day += timedelta(days=1)
    assert first.date() == day, "a visit on the next working day"


def check_rosters(at: datetime) -> None:
    """Whoever takes requests has open times, at places where they work."""
    takes = set(Practitioner.objects.filter(takes_bookings=True).values_list("pk", flat=True))
    assert {each.practitioner for each in reading.find(at)} == takes
    for roster in Roster.objects.all():
        roster.full_clean()
        for row in roster.hours.all():
            row.full_clean()
            assert row.location in roster.practitioner.locations.all()


def check_requests(at: datetime) -> None:
    assert Enquiry.objects.count() == 14
    assert set(Enquiry.objects.values_list("state", flat=True)) == set(State.values)
    assert not Enquiry.objects.filter(created_at__gt=at).exists()
    assert not Enquiry.objects.filter(state=State.NEEDS_REPLY, answer_by=None).exists()
    assert not Event.objects.filter(at__gt=at).exists()
    assert not Message.objects.exists()


def check_texts(at: datetime) -> None:
    """All that should be public is, nothing is dated later, and nobody seems to have edited it."""
    articles = list(Article.objects.with_state(at))
    status_text.count_changes(articles, at=at)
    said = {article.slug: status_text.words(article, at=at) for article in articles}
    assert said.pop("standing-desk") == "Draft"
    assert said.pop("do-i-need-a-scan").startswith("Draft · scheduled for ")
    assert said.pop("sciatica") == "Published · edition 2 · 3 unpublished changes"
    assert set(said.values()) == {"Published · edition 1", "Published · edition 2"}
    live = Edition.objects.live(at)
    assert live.count() == 14
    assert all(edition.first_live_at <= edition.goes_live_at <= at for edition in live)
    waiting = Edition.objects.waiting(at).get().goes_live_at.astimezone(Clinic.objects.get().zone)
    assert waiting.time() == time(8)
    assert waiting.date() == at.date() + timedelta(days=14)


def check_training_day(at: datetime) -> None:
    """Soon, on a day on which we should be open, and announced until it is over."""
    zone = Clinic.objects.get().zone
    training, gym = Closure.objects.order_by("starts_on")
    assert training.starts_on == training.ends_on
    assert 14 <= (training.starts_on - at.date()).days <= 20
    assert (gym.ends_on - gym.starts_on).days == 2
    for place in Location.objects.all():
        assert training.starts_on.weekday() in {p.weekday for p in place.weekly_hours()}
    announced = Announcement.objects.shown(at).get()
    assert announced.ends_at.astimezone(zone).date() == training.ends_on + timedelta(days=1)


def check_months(this_month: Any) -> None:
    """What articles brought is counted for the months before this one, without a gap."""
    months = sorted(set(Tally.objects.values_list("month", flat=True)), reverse=True)
    expected = this_month
    for month in months:
        expected = (expected - timedelta(days=1)).replace(day=1)
        assert month == expected
    assert len(months) == 8


def check_pages(at: datetime) -> None:
    client = Client()
    with time_machine.travel(at, tick=False):
        for address in ("/", "/articles/", "/locations/millbrook/", "/privacy/", "/book/"):
            assert client.get(address).status_code == 200, address
        assert "for staff training" in client.get("/").content.decode()


def test_the_ten_moments_are_on_all_weekdays() -> None:
    assert {at.weekday() for at in moments.TEN} == set(range(7))


def test_the_moments_are_those_that_are_promised() -> None:
    assert len(set(map(datetime.isoformat, moments.EVERY_DAY))) >= 400
    assert len(set(map(datetime.isoformat, moments.FORTY))) == 40
    days = {at.date().isoformat() for at in moments.EVERY_DAY}
    assert {"2027-12-31", "2028-01-01", "2028-02-29", "2028-03-01"} <= days
    assert {at.weekday() for at in moments.FORTY} == set(range(7))
