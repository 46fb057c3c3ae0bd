"""Rosters for measuring: many, quickly, and nothing in them against the rules."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings import sample_rosters
from bookings.models import Enquiry, Offer, Roster
from bookings.privacy import retention
from bookings.rosters import reading
from bookings.workflow import duties, time_checks
from clinic.models import Message, Practitioner
from clinic.operations.sample_data import NotFilled
from clinic.site import content_version

pytestmark = pytest.mark.django_db
AT = datetime(2027, 3, 1, 10, tzinfo=UTC)  # the clocks of London change within the eight weeks


def fill(count: int) -> None:
    assert len(list(sample_rosters.add_rosters(count, AT))) == count


def test_each_has_hours_a_day_off_and_appointments(service: Any, location: Any) -> None:
    version = content_version.current_version()
    fill(3)
    assert content_version.current_version() != version
    for roster in Roster.objects.annotate(Count("hours"), Count("days_off", distinct=True)):
        assert roster.hours.count() == 4
        assert roster.days_off.count() == 1
        assert roster.practitioner.offers.held().count() > 40
    assert {each.practitioner for each in reading.find(AT, service=service)} == set(
        Roster.objects.values_list("practitioner", flat=True)
    )


def test_what_is_held_is_within_the_rules(service: Any, location: Any) -> None:
    fill(2)
    new: Counter[tuple[int, Any]] = Counter()
    ends: dict[int, datetime] = {}
    for offer in Offer.objects.order_by("starts_at").select_related(
        "enquiry", "practitioner", "location"
    ):
        with timezone.override("Europe/London"):
            assert not time_checks.warnings(
                offer.enquiry,
                practitioner=offer.practitioner,
                location=offer.location,
                starts=[offer.starts_at],
                minutes=30,
                at=AT,
            )
        before = ends.get(offer.practitioner_id, AT)
        assert offer.starts_at >= before + timedelta(minutes=10 if before > AT else 240)
        ends[offer.practitioner_id] = offer.ends_at
        new[offer.practitioner_id, offer.starts_at.date()] += not offer.enquiry.returning
    assert 1 < max(new.values()) <= sample_rosters.MOST_FIRST


def test_nothing_of_it_moves_by_the_clock(service: Any, location: Any) -> None:
    fill(2)
    assert (duties.expire(AT), duties.close_past_visits(AT), retention.purge(AT)) == (0, 0, 0)
    assert not Message.objects.exists()
    for enquiry in Enquiry.objects.prefetch_related("events", "offers"):
        kinds = {event.kind for event in enquiry.events.all()}
        assert {"received", "offered"} <= kinds
        [offer] = enquiry.offers.all()
        assert (enquiry.state == "booked") == (offer.state == "accepted") == ("accepted" in kinds)


def test_in_bulk(service: Any, location: Any) -> None:
    """SQLite takes so many values in a statement and no more: a few dozen rows."""
    with CaptureQueriesContext(connection) as made:
        fill(4)
    inserts = [each for each in made if "INSERT" in each["sql"]]
    assert len(inserts) < Offer.objects.count() / 4


def test_the_same_each_time_and_more_on_top(service: Any, location: Any) -> None:
    fill(2)
    names = list(Practitioner.objects.order_by("pk").values_list("name", flat=True))
    starts = list(Offer.objects.order_by("pk").values_list("starts_at", "state"))
    fill(1)
    assert Roster.objects.count() == 3
    Enquiry.objects.all().delete()
    Practitioner.objects.all().delete()
    fill(2)
    assert list(Practitioner.objects.order_by("pk").values_list("name", flat=True)) == names
    assert list(Offer.objects.order_by("pk").values_list("starts_at", "state")) == starts


def test_by_the_command(service: Any, location: Any, capsys: Any) -> None:
    call_command("fill", rosters=1, anyway=True)
    assert capsys.readouterr().out.splitlines() == ["rosters: 1 of 1"]


def test_a_clinic_without_places_is_told(clinic: Any) -> None:
    with pytest.raises(NotFilled, match="need a location"):
        list(sample_rosters.add_rosters(1, AT))
