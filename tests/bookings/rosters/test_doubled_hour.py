"""The hour that the clock shows twice: each of its times is told from the other, wherever people
read or choose it. On 7 November 2027 in Toronto, 02:00 is 01:00 again."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from bookings import workflow
from bookings.intake import red_flag_gate
from bookings.intake.forms import PublicRequestForm
from bookings.models import Enquiry, Offer, Roster
from bookings.patient import private_links
from bookings.rosters import wishes
from clinic import formats
from clinic.mail import outbox
from clinic.models import Clinic
from clinic.site import page_context

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FRIDAY = datetime(2027, 11, 5, 16, tzinfo=UTC)
SUMMER, WINTER = (datetime(2027, 11, 7, hour, 30, tzinfo=UTC) for hour in (5, 6))  # 01:30 twice
DAY = timedelta(days=1)


@pytest.fixture
def night(practitioner: Any, location: Any) -> Roster:
    """Sundays from one to two, by a clock that shows it twice once a year."""
    Clinic.objects.update(time_zone="America/Toronto")
    page_context.forget()
    location.periods.all().delete()
    roster = Roster.objects.create(practitioner=practitioner)
    roster.hours.create(weekday=6, starts=time(1), ends=time(3), location=location)
    return roster


@pytest.mark.parametrize(
    ("moment", "clock"),
    [
        (SUMMER, "1:30\u00a0a.m.\u00a0EDT"),
        (WINTER, "1:30\u00a0a.m.\u00a0EST"),
        (SUMMER - timedelta(hours=1), "12:30\u00a0a.m."),
        (WINTER + timedelta(hours=1), "2:30\u00a0a.m."),
        (SUMMER + DAY, "12:30\u00a0a.m."),
    ],
)
def test_only_there_the_zone_is_named(moment: datetime, clock: str) -> None:
    with timezone.override("America/Toronto"):
        assert formats.clock_time(moment) == clock
        assert formats.dated(moment, FRIDAY).endswith(f"at {clock}")
        assert "E" not in formats.dated(moment, FRIDAY, "WEEKDAY_FORMAT")


def test_a_zone_without_a_name_has_its_offset() -> None:
    """Lord Howe: half an hour comes twice."""
    with timezone.override("Australia/Lord_Howe"):
        moment = datetime(2027, 4, 3, 14, 45, tzinfo=UTC)
        assert formats.clock_time(moment) == "1:45\u00a0a.m.\u00a0UTC+11"


def test_from_the_form_to_the_appointment(
    night: Roster, service: Any, client_as: Any, practitioner: Any
) -> None:
    with time_machine.travel(FRIDAY, tick=False), timezone.override("America/Toronto"):
        marker = red_flag_gate.new_marker(service, at=FRIDAY - timedelta(minutes=5))
        typed = {"gate": marker, "returning": "no", "name": "Ada", "email": "ada@mail.example"}
        form = PublicRequestForm(typed, service=service, at=FRIDAY)
        _day, [(name, words), *_others] = form.fields["wishes"].choices[0]
        assert words == "1:00\u00a0a.m.\u00a0EDT with Ines Okafor, Millbrook"
        first = wishes.named(name)
        assert first
        second = first._replace(start=WINTER)
        again = PublicRequestForm(typed | {"wishes": [second.name]}, service=service, at=FRIDAY)
        assert "1:30\u00a0a.m.\u00a0EST with" in str(again["wishes"])

        # Asked for, and kept as that one.
        sent = typed | {"wishes": [second.name]}
        assert Client().post("/book/", sent).status_code == 302
        enquiry = Enquiry.objects.get()
        assert enquiry.wishes[0]["start"] == "2027-11-07T01:30:00-05:00[America/Toronto]"
        assert "1:30\u00a0a.m.\u00a0EST" in wishes.words(enquiry.wishes)[0]

        # Offered as that one, with the form as it is shown.
        reception, address = client_as("Receptionist"), page_of(enquiry)
        page = reception.get(address)
        assert "1:30\u00a0a.m.\u00a0EST" in page.content.decode()
        assert 'type="text" name="offer-start_0" value="2027-11-07T01:30-05:00"' in (
            page.content.decode()
        )
        offered = {
            field.html_name: field.value()
            for field in page.context["forms"]["offer"]
            if field.value() not in (None, False)
        }
        assert reception.post(address, offered | {"do": "offer"}).status_code == 302
        assert Offer.objects.get().starts_at == WINTER

        # Read as that one, on the page and in the email.
        private = Client().get(private_links.path(enquiry)).content.decode()
        assert "1:30\u00a0a.m.\u00a0EST" in private
    while outbox.run_once(FRIDAY + timedelta(minutes=10)):
        pass
    [times] = [each for each in mail.outbox if "EST" in each.body]
    assert "1:30\u00a0a.m.\u00a0EST" in times.body


def page_of(enquiry: Enquiry) -> str:
    return f"/admin/bookings/enquiry/{enquiry.pk}/change/"


def test_staff_who_type_such_a_time_are_told(
    night: Roster, make_enquiry: Any, client_as: Any, practitioner: Any, location: Any
) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        enquiry = make_enquiry(when=FRIDAY)
        sent = {
            "do": "offer",
            "offer-practitioner": practitioner.pk,
            "offer-location": location.pk,
            "offer-minutes": "45",
            "offer-start_0": "2027-11-07T01:30",
        }
        answer = client_as("Receptionist").post(page_of(enquiry), sent)
    assert answer.status_code == 422
    assert "this time comes twice, or not at all" in answer.content.decode()
    assert not Offer.objects.exists()


def test_an_appointment_in_it_is_named_where_it_is_in_the_way(
    night: Roster, make_enquiry: Any, receptionist: Any, practitioner: Any, location: Any
) -> None:
    values = {"practitioner": practitioner, "location": location, "minutes": 30}
    with timezone.override("America/Toronto"):
        first, other = make_enquiry(when=FRIDAY), make_enquiry(when=FRIDAY)
        workflow.offer(first, starts=[WINTER], by=receptionist, at=FRIDAY, **values)
        with pytest.raises(workflow.NotAllowed, match="EST, until 2:00"):
            workflow.offer(other, starts=[WINTER], by=receptionist, at=FRIDAY, **values)
        workflow.offer(other, starts=[SUMMER], by=receptionist, at=FRIDAY, **values)
