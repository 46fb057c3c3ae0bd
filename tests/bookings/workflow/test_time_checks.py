"""Times that are unusual are asked about once before they are offered; a conflict names whose."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from bookings import workflow
from bookings.models import Enquiry, PractitionerCalendar, Roster, State
from bookings.models.calendar import as_minutes
from bookings.patient import private_links
from bookings.workflow import NotAllowed, time_checks, undo
from clinic import formats
from clinic.mail import outbox
from clinic.models import Closure, Location, Service
from tests.bookings.asking import answered

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")


@pytest.fixture(autouse=True)
def _in_london(clinic: Any) -> Any:
    with timezone.override(LONDON):
        yield


@pytest.fixture
def warn(enquiry: Any, practitioner: Any, location: Any, at: datetime) -> Callable[..., list[str]]:
    """`warn(start)`: what is said of 45 minutes on Tuesday, 2 March at 10:00, or from `start`."""

    def warn(start: datetime | None = None, **values: Any) -> list[str]:
        offered = {"practitioner": practitioner, "location": location, "minutes": 45} | values
        start = start or datetime(2027, 3, 2, 10, tzinfo=LONDON)
        return time_checks.warnings(enquiry, starts=[start], at=at, **offered)

    return warn


def test_a_usual_time_is_not_asked_about(warn: Any) -> None:
    assert warn() == []
    assert warn(datetime(2027, 3, 2, 8, tzinfo=LONDON)) == []
    assert warn(datetime(2027, 3, 2, 17, 15, tzinfo=LONDON)) == []


@pytest.mark.parametrize(
    "start",
    [
        datetime(2027, 3, 2, 7, 45, tzinfo=LONDON),
        datetime(2027, 3, 2, 17, 30, tzinfo=LONDON),  # it ends after closing
        datetime(2027, 3, 2, 22, tzinfo=LONDON),
        datetime(2027, 3, 6, 10, tzinfo=LONDON),  # a Saturday
    ],
)
def test_outside_the_opening_hours(warn: Any, start: datetime) -> None:
    [line] = warn(start)
    assert line.endswith("is outside the opening hours of Millbrook.")


def test_a_time_at_which_their_calendar_is_busy(warn: Any, practitioner: Any, at: datetime) -> None:
    nine = datetime(2027, 3, 2, 9, tzinfo=LONDON)
    busy = as_minutes([(nine, nine + timedelta(minutes=61))])
    PractitionerCalendar.objects.create(practitioner=practitioner, entered_at=at, spans=busy)
    [line] = warn()
    assert line.startswith("Ines Okafor’s calendar is busy on ")
    assert warn(nine + timedelta(minutes=61)) == []
    assert warn(nine - timedelta(minutes=45)) == []


def test_hours_that_nobody_entered_are_not_held_against_a_time(warn: Any, location: Any) -> None:
    location.periods.all().delete()
    assert warn(datetime(2027, 3, 6, 22, tzinfo=LONDON)) == []


def test_hours_that_run_past_midnight(warn: Any, location: Any) -> None:
    location.periods.create(weekday=1, opens=time(20), closes=time(2))
    assert warn(datetime(2027, 3, 3, 0, 30, tzinfo=LONDON)) == []
    assert len(warn(datetime(2027, 3, 4, 0, 30, tzinfo=LONDON))) == 1


@pytest.mark.parametrize("everywhere", [True, False])
def test_on_a_closure(warn: Any, location: Any, everywhere: bool) -> None:
    days = {"starts_on": date(2027, 3, 1), "ends_on": date(2027, 3, 3), "reason": "Training"}
    Closure.objects.create(location=None if everywhere else location, **days)
    [line] = warn()
    assert "Millbrook is closed on" in line
    assert line.endswith(": Training.")


def test_a_year_away(warn: Any) -> None:
    [line] = warn(datetime(2028, 3, 1, 10, tzinfo=LONDON))
    assert "2028" in line
    assert line.endswith("is more than six months away.")


def test_where_somebody_does_not_work(warn: Any, practitioner: Any, service: Any) -> None:
    other = Location.objects.create(name="Harbour", slug="harbour", street="1 Quay", city="Harbour")
    assert warn(location=other) == ["Ines Okafor doesn’t work at Harbour."]
    practitioner.locations.clear()
    assert warn(location=other) == []  # nobody has entered where
    service.locations.add(Location.objects.get(slug="millbrook"))
    assert warn(location=other) == [
        "“Low back pain”, which the patient asked for, isn’t available at Harbour."
    ]


def test_what_somebody_does_not_offer(warn: Any, practitioner: Any) -> None:
    practitioner.services.set([Service.objects.create(name="Knee", slug="knee", summary="Knee.")])
    assert warn() == ["Ines Okafor doesn’t offer “Low back pain”, which the patient asked for."]


# -- rosters --------------------------------------------------------------------------------------


@pytest.fixture
def roster(practitioner: Any, location: Any) -> Any:
    """Tuesdays from nine to twelve."""
    roster = Roster.objects.create(practitioner=practitioner)
    roster.hours.create(weekday=1, starts=time(9), ends=time(12), location=location)
    return roster


def test_within_somebodys_hours(warn: Any, roster: Any) -> None:
    assert warn() == []
    assert warn(datetime(2027, 3, 2, 11, 15, tzinfo=LONDON)) == []


def test_more_first_appointments_than_a_day_has(
    warn: Any, roster: Any, make_enquiry: Any, enquiry: Any, receptionist: Any, at: datetime
) -> None:
    place = {"practitioner": roster.practitioner, "location": Location.objects.get()}

    def offer(to: Enquiry, hour: int) -> None:
        starts = [datetime(2027, 3, 2, hour, tzinfo=LONDON)]
        workflow.offer(to, starts=starts, minutes=45, by=receptionist, at=at, **place)

    Roster.objects.update(most_first=1)
    assert warn() == []
    offer(enquiry, 11)
    assert warn() == [], "their own time does not count"
    other = make_enquiry(name="Another", email="another@patients.example")
    offer(other, 9)
    [line] = warn()
    assert line == (
        "Ines Okafor already has 1 first appointment on Tuesday, March 2, the maximum for one day."
    )
    assert warn(datetime(2027, 3, 9, 10, tzinfo=LONDON)) == [], "another day"
    Enquiry.objects.filter(pk=other.pk).update(returning=True)
    assert warn() == []
    Roster.objects.update(most_first=0)
    assert warn() == ["Ines Okafor takes no new patients."]
    enquiry.returning = True
    assert warn() == []


@pytest.mark.parametrize(
    ("minute", "is_asked"),
    [
        (datetime(2027, 3, 2, 9, 5, tzinfo=LONDON), False),  # ten minutes before the other
        (datetime(2027, 3, 2, 9, 6, tzinfo=LONDON), True),
        (datetime(2027, 3, 2, 10, 54, tzinfo=LONDON), True),
        (datetime(2027, 3, 2, 10, 55, tzinfo=LONDON), False),
    ],
)
def test_too_close_to_another_appointment(
    warn: Any,
    roster: Any,
    make_enquiry: Any,
    receptionist: Any,
    at: datetime,
    minute: datetime,
    is_asked: bool,
) -> None:
    other = make_enquiry(name="Another", email="another@patients.example")
    workflow.offer(
        other,
        practitioner=roster.practitioner,
        location=Location.objects.get(),
        starts=[datetime(2027, 3, 2, 10, tzinfo=LONDON)],
        minutes=45,
        by=receptionist,
        at=at,
    )
    assert warn(minute) == [], "nothing was entered"
    Roster.objects.update(buffer_minutes=10)
    said = f"less than 10 minutes before or after {formats.dated(minute, at)}."
    assert [line.endswith(said) for line in warn(minute)] == [True] * is_asked


@pytest.mark.parametrize(
    "start",
    [
        datetime(2027, 3, 2, 8, 45, tzinfo=LONDON),
        datetime(2027, 3, 2, 11, 30, tzinfo=LONDON),  # it ends after them
        datetime(2027, 3, 3, 10, tzinfo=LONDON),
    ],
)
def test_outside_somebodys_hours(warn: Any, roster: Any, start: datetime) -> None:
    [line] = warn(start)
    assert line.endswith("is outside Ines Okafor’s working hours at Millbrook.")


def test_in_a_break(warn: Any, roster: Any) -> None:
    roster.hours.update(break_starts=time(10, 30), break_ends=time(11))
    assert len(warn()) == 1
    assert warn(datetime(2027, 3, 2, 11, tzinfo=LONDON)) == []


def test_on_a_day_off_whose_reason_is_not_told(warn: Any, roster: Any) -> None:
    off = {"starts_on": date(2027, 3, 2), "ends_on": date(2027, 3, 2), "reason": "Wedding"}
    roster.days_off.create(**off)
    [line] = warn()
    assert line.startswith("Ines Okafor is off on")
    assert "Wedding" not in line


def test_a_roster_without_hours_asks_nothing(warn: Any, roster: Any) -> None:
    roster.hours.all().delete()
    assert warn() == []


# -- at the desk ----------------------------------------------------------------------------------


@pytest.fixture
def desk(client_as: Any) -> Any:
    return client_as("Receptionist")


@pytest.fixture
def saturday() -> datetime:
    """The second Saturday from now, at 10:00."""
    day = timezone.localdate() + timedelta(days=7)
    day += timedelta(days=(5 - day.weekday()) % 7)
    return datetime.combine(day, time(10), LONDON)


def _page(enquiry: Any) -> str:
    return f"/admin/bookings/enquiry/{enquiry.pk}/change/"


@pytest.mark.parametrize("verb", ["offer", "move"])
def test_unusual_times_are_asked_about_once_then_taken(
    verb: str,
    make_enquiry: Any,
    practitioner: Any,
    location: Any,
    receptionist: Any,
    desk: Any,
    saturday: datetime,
) -> None:
    now = timezone.now()
    enquiry = make_enquiry(when=now)
    place = {"practitioner": practitioner, "location": location, "minutes": 45}
    if verb == "move":
        first = {"starts": [now + timedelta(days=3)], "by": receptionist, "agreed": True}
        workflow.offer(enquiry, at=now - timedelta(hours=1), **place, **first)
    field = "start_0" if verb == "offer" else "starts_at"
    sent = {
        "do": verb,
        f"{verb}-practitioner": practitioner.pk,
        f"{verb}-location": location.pk,
        f"{verb}-minutes": "45",
        f"{verb}-{field}": f"{saturday:%Y-%m-%dT%H:%M}",
    }
    events = enquiry.events.count()
    asked = desk.post(_page(enquiry), sent)
    assert asked.status_code == 200
    text = asked.content.decode()
    assert "is outside the opening hours of Millbrook." in text
    assert "anyway</button>" in text
    assert enquiry.events.exclude(kind="seen").count() == events
    # An answer to another question counts for nothing.
    assert desk.post(_page(enquiry), sent | {"confirmed": "x"}).status_code == 200
    assert answered(desk, _page(enquiry), sent).status_code == 302
    assert enquiry.offers.held().filter(starts_at=saturday).count() == 1


def test_a_conflict_says_whose_appointment_it_is(
    make_enquiry: Any, practitioner: Any, location: Any, receptionist: Any, at: datetime
) -> None:
    start = datetime(2027, 3, 2, 10, tzinfo=LONDON)
    times = {"practitioner": practitioner, "location": location, "minutes": 45}
    times |= {"by": receptionist, "at": at}
    first = make_enquiry(name="Margaret Ellery")
    workflow.offer(first, starts=[start], **times)
    refused = rf"Ines Okafor’s time on .*10:00.*held for Margaret Ellery \({first.number}\)"
    with pytest.raises(NotAllowed, match=refused):
        workflow.offer(make_enquiry(), starts=[start + timedelta(minutes=30)], **times)
    workflow.accept(first, offer_id=first.offers.get().pk, at=at)
    refused = rf"has an appointment with Margaret Ellery \({first.number}\) on .*10:00"
    with pytest.raises(NotAllowed, match=refused):
        workflow.offer(make_enquiry(), starts=[start + timedelta(minutes=30)], **times)
    later = [start + timedelta(hours=3), start + timedelta(hours=3, minutes=40)]
    with pytest.raises(NotAllowed, match="Two of these times overlap"):
        workflow.offer(make_enquiry(), starts=later, **times)


# -- the year -------------------------------------------------------------------------------------


def test_a_date_of_another_year_carries_it() -> None:
    at = datetime(2027, 12, 31, 12, tzinfo=UTC)
    assert "2027" not in formats.dated(at, at)
    for name in ("WEEKDAY_TIME_FORMAT", "WEEKDAY_FORMAT", "SHORT_DAY_TIME_FORMAT"):
        assert "2028" in formats.dated(at + timedelta(days=1), at, name)


def test_no_template_writes_an_appointment_without_its_year() -> None:
    """They use the filters of clinic.templatetags.moments. The days of the calendar stand below a
    heading with the year."""
    bare = ("WEEKDAY_TIME_FORMAT", "WEEKDAY_FORMAT", "SHORT_DAY_TIME_FORMAT")
    for folder in (Path(settings.BASE_DIR) / "templates").rglob("*.*"):
        if folder.parent.match("admin/bookings/calendar"):
            continue
        assert not [name for name in bare if f'"{name}"' in folder.read_text()], folder


def test_the_year_is_everywhere(
    make_enquiry: Any, practitioner: Any, location: Any, receptionist: Any, desk: Any, visitor: Any
) -> None:
    now = timezone.now()
    enquiry: Enquiry = make_enquiry(when=now)
    start = now + timedelta(days=366)
    times = {"practitioner": practitioner, "location": location, "minutes": 45}
    workflow.offer(enquiry, starts=[start], by=receptionist, at=now, **times)
    year = str(start.year)
    private = private_links.path(enquiry)
    assert desk.get(_page(enquiry)).content.decode().count(year) >= 2  # held, and in the timeline
    assert year in visitor.get(private).content.decode()
    outbox.run_once(now + undo.WITHIN)
    [offered] = [each for each in mail.outbox if "Choose a time" in each.subject]
    assert year in offered.body
    workflow.accept(enquiry, offer_id=enquiry.offers.get().pk, at=now)
    enquiry.refresh_from_db()
    assert enquiry.state == State.BOOKED
    assert year in desk.get("/admin/bookings/enquiry/?tab=booked").content.decode()
    assert year in visitor.get(private).content.decode()
    outbox.run_once(now + timedelta(minutes=10))
    [booked] = [each for each in mail.outbox if "is booked" in each.subject]
    assert year in booked.body
