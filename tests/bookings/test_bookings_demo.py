from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bookings import demo
from bookings.models import CloseReason, Enquiry, Event, Offer, Roster, State
from bookings.rosters import reading, working_hours
from clinic.lib.calendar import opening_hours
from clinic.models import Clinic, Closure, Message, Practitioner, Service
from clinic.operations import demo as ground

pytestmark = pytest.mark.django_db

AT = datetime(2027, 3, 10, 15, 30, tzinfo=UTC)
# Every weekday, at three times of the day there, both changes of the clocks, 29 February and the
# last night of a year.
MOMENTS = [
    datetime(2026, 11, 30, 17, 0, tzinfo=UTC),  # Monday
    datetime(2026, 12, 1, 5, 5, tzinfo=UTC),
    datetime(2026, 12, 3, 4, 55, tzinfo=UTC),
    datetime(2026, 12, 3, 17, 0, tzinfo=UTC),
    datetime(2026, 12, 4, 17, 0, tzinfo=UTC),
    datetime(2027, 2, 20, 17, 0, tzinfo=UTC),
    datetime(2027, 3, 14, 6, 59, tzinfo=UTC),  # a minute before the clocks go forward
    datetime(2027, 11, 7, 5, 30, tzinfo=UTC),  # half an hour before they go back
    datetime(2028, 3, 1, 4, 30, tzinfo=UTC),  # half past eleven at night on 29 February
    datetime(2027, 1, 1, 4, 59, tzinfo=UTC),  # one minute to the new year
]


@pytest.fixture
def loaded(settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path
    ground.load(AT)
    demo.load(AT)
    return AT


@pytest.mark.parametrize("at", MOMENTS, ids=str)
def test_visits_lie_in_opening_hours_whenever_it_is_loaded(
    settings: Any, tmp_path: Any, at: datetime
) -> None:
    settings.MEDIA_ROOT = tmp_path
    ground.load(at)
    demo.load(at)
    zone = Clinic.objects.get().zone
    assert Enquiry.objects.count() == 14
    held = Offer.objects.held().select_related("location")
    assert {offer.state for offer in held} == {Offer.State.OFFERED, Offer.State.ACCEPTED}
    for offer in held:
        place = offer.location
        day = offer.starts_at.astimezone(zone).date()
        spans = opening_hours.spans(
            place.weekly_hours(), place.closed_days(Closure.objects.all()), zone, day, 1
        )
        assert any(a <= offer.starts_at and offer.ends_at <= b for a, b in spans), offer.starts_at
        hours = reading.hours_of(offer.practitioner.roster)
        off = reading.days_off_of(offer.practitioner.roster)
        worked = working_hours.spans(hours, off, zone, day, 1)[place.pk]
        assert any(a <= offer.starts_at and offer.ends_at <= b for a, b in worked), offer.starts_at
        assert at < offer.starts_at < at + timedelta(days=21)


@pytest.mark.parametrize("at", MOMENTS, ids=str)
def test_everybody_who_takes_requests_has_open_times(
    settings: Any, tmp_path: Any, at: datetime
) -> None:
    settings.MEDIA_ROOT = tmp_path
    ground.load(at)
    demo.load(at)
    takes = set(Practitioner.objects.filter(takes_bookings=True).values_list("pk", flat=True))
    assert {each.practitioner for each in reading.find(at)} == takes
    for roster in Roster.objects.all():
        roster.full_clean()
        for row in roster.hours.all():
            row.full_clean()
            assert row.location in roster.practitioner.locations.all()


def test_the_moments_are_on_every_weekday() -> None:
    zone = Clinic.objects.get().zone
    assert {at.astimezone(zone).weekday() for at in MOMENTS} == set(range(7))


def test_there_are_requests_in_every_state(loaded: Any) -> None:
    assert Enquiry.objects.count() == 14
    assert set(Enquiry.objects.values_list("state", flat=True)) == set(State.values)
    reasons = set(Enquiry.objects.values_list("close_reason", flat=True)) - {""}
    assert reasons <= set(CloseReason.values)
    assert len(reasons) == 3


def test_everybody_is_invented(loaded: Any) -> None:
    for enquiry in Enquiry.objects.all():
        assert enquiry.email.endswith(".example") or not enquiry.email
        assert enquiry.phone.startswith("+161355501") or not enquiry.phone


def test_no_mail_goes_out(loaded: Any) -> None:
    assert not Message.objects.exists()


def test_timelines_lie_before_today(loaded: Any) -> None:
    assert not Event.objects.filter(at__gt=loaded).exists()
    assert len({at.date() for at in Event.objects.values_list("at", flat=True)}) > 3


def test_loading_again_changes_nothing(loaded: Any) -> None:
    lines = Event.objects.count()
    demo.load(AT)
    assert (Enquiry.objects.count(), Event.objects.count()) == (14, lines)


def test_a_real_clinic_gets_none(clinic: Any) -> None:
    demo.load(AT)
    assert demo.is_empty()


def test_removing_takes_all(loaded: Any) -> None:
    demo.remove()
    assert demo.is_empty()
    assert not Event.objects.exists()
    Service.objects.all().delete()
