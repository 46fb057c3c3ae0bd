"""Open times asked for by somebody hasty or hostile: only what is open, and no error page."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings import workflow
from bookings.intake import red_flag_gate
from bookings.intake.forms import PublicRequestForm
from bookings.models import Enquiry, Roster
from bookings.rosters import proposals, wishes
from bookings.rosters.wishes import Wish
from clinic.models import Closure, Location, Practitioner, Service

pytestmark = pytest.mark.django_db

BOOK = "/book/"
TUESDAY = datetime(2027, 3, 2, 9, tzinfo=UTC)
GONE = "A time that you chose is no longer open. Choose from the times shown."


@pytest.fixture
def roster(practitioner: Any, location: Any) -> Roster:
    roster = Roster.objects.create(practitioner=practitioner)
    for weekday in range(5):
        roster.hours.create(weekday=weekday, starts=time(9), ends=time(16), location=location)
    return roster


@pytest.fixture
def typed(service: Any, roster: Roster) -> dict[str, Any]:
    """The form for now, filled but for a time."""
    begun_at = timezone.now() - timedelta(minutes=5)
    return {
        "gate": red_flag_gate.new_marker(service, at=begun_at),
        "returning": "no",
        "name": "Margaret Ellery",
        "email": "m.ellery@patients.example",
    }


@pytest.fixture
def first(service: Any, roster: Roster) -> Wish:
    """The first time that is open now."""
    found = proposals.find(timezone.now(), service)
    assert found
    return found.shown[0]


def refused(visitor: Client, sent: dict[str, Any], *, status: int = 422) -> str:
    """Send it; returns the page, on which what was typed still is."""
    response = visitor.post(BOOK, sent)
    assert response.status_code == status
    assert Enquiry.objects.count() == 0
    page = response.content.decode()
    assert 'value="Margaret Ellery"' in page
    return page


# -- forged names ---------------------------------------------------------------------------------


@pytest.mark.parametrize("button", [{}, {"times": "1"}])
@pytest.mark.parametrize(
    "name",
    [
        "9" * 5_000 + "-1-1",  # more digits than Python turns into a number
        "1-1-" + "9" * 5_000,
        f"{int(datetime(9999, 12, 31, 23, 59, tzinfo=UTC).timestamp()) // 60}-1-1",
        "0-0-0",
        "27000000-99999999999999999999-1",
        "²-1-1",
        "\0",
    ],
)
def test_a_forged_name_is_no_time(
    visitor: Client, typed: Any, name: str, button: dict[str, str]
) -> None:
    refused(visitor, typed | {"wishes": [name]} | button, status=200 if button else 422)


def test_of_more_fields_than_any_form_has_none_is_read(visitor: Client, typed: Any) -> None:
    sent = typed | {"wishes": [f"{n}-1-1" for n in range(2_001)]}
    assert visitor.post(BOOK, sent).status_code == 400
    assert Enquiry.objects.count() == 0


def test_all_times_at_once_are_refused(visitor: Client, typed: Any, service: Any) -> None:
    found = proposals.find(timezone.now(), service)
    assert found
    page = refused(visitor, typed | {"wishes": [wish.name for wish in sorted(found.all)[:900]]})
    assert "Choose up to three times." in page


def test_one_time_said_four_times_is_one(
    visitor: Client, typed: Any, first: Wish, client_as: Any
) -> None:
    assert visitor.post(BOOK, typed | {"wishes": [first.name] * 4}).status_code == 302
    enquiry = Enquiry.objects.get()
    assert wishes.read(enquiry.wishes) == [first]
    page = client_as("Receptionist").get(f"/admin/bookings/enquiry/{enquiry.pk}/change/")
    assert page.context["forms"]["offer"]["start_1"].initial is None


@pytest.mark.parametrize("days", [-7, 0, 70])
def test_a_time_past_too_soon_or_too_far(
    visitor: Client, typed: Any, first: Wish, days: int
) -> None:
    moved = first._replace(start=first.start + timedelta(days=days, hours=0 if days else -23))
    assert GONE in refused(visitor, typed | {"wishes": [moved.name]})


def test_a_time_between_the_quarter_hours(visitor: Client, typed: Any, first: Wish) -> None:
    odd = first._replace(start=first.start + timedelta(minutes=1))
    assert GONE in refused(visitor, typed | {"wishes": [odd.name]})


def test_a_time_of_somebody_who_does_not_give_the_service(
    visitor: Client, typed: Any, first: Wish, location: Any
) -> None:
    knee = Service.objects.create(name="Knee", slug="knee", summary="Knees.")
    other = Practitioner.objects.create(name="Tomas Lindqvist", slug="tomas", role="x")
    other.services.add(knee)
    roster = Roster.objects.create(practitioner=other)
    for weekday in range(5):
        roster.hours.create(weekday=weekday, starts=time(9), ends=time(16), location=location)
    forged = first._replace(practitioner=other.pk)
    assert GONE in refused(visitor, typed | {"wishes": [forged.name]})
    harbour = Location.objects.create(name="Harbour", slug="harbour", street="1 Quay", city="H")
    forged = first._replace(location=harbour.pk)
    assert GONE in refused(visitor, typed | {"wishes": [forged.name]})


# -- between showing and sending ------------------------------------------------------------------


def hide_the_practitioner(wish: Wish) -> None:
    Practitioner.objects.filter(pk=wish.practitioner).update(is_public=False)


def hide_the_location(wish: Wish) -> None:
    Location.objects.filter(pk=wish.location).update(is_public=False)


def take_no_bookings(wish: Wish) -> None:
    Practitioner.objects.filter(pk=wish.practitioner).update(takes_bookings=False)


def close(wish: Wish) -> None:
    day = timezone.localdate(wish.start)
    Closure.objects.create(starts_on=day, ends_on=day, reason="Burst pipe")


def give_a_day_off(wish: Wish) -> None:
    day = timezone.localdate(wish.start)
    Roster.objects.get().days_off.create(starts_on=day, ends_on=day)


def lengthen(wish: Wish) -> None:
    Service.objects.update(first_minutes=480, follow_minutes=480)


@pytest.mark.parametrize(
    "happens",
    [hide_the_practitioner, hide_the_location, take_no_bookings, close, give_a_day_off, lengthen],
)
def test_what_is_no_longer_open_is_refused_and_nothing_lost(
    visitor: Client, typed: Any, first: Wish, happens: Any
) -> None:
    happens(first)
    assert GONE in refused(visitor, typed | {"wishes": [first.name]})


def test_without_the_roster_the_form_asks_for_days(
    visitor: Client, typed: Any, first: Wish
) -> None:
    """The time cannot be asked for any more. What is sent without a word about it would be lost."""
    Roster.objects.all().delete()
    page = refused(visitor, typed | {"wishes": [first.name]})
    assert "A time that you chose is no longer open. Choose days" in page
    assert visitor.post(BOOK, typed).status_code == 302, "sent without it"


@pytest.mark.parametrize("values", [{"is_public": False}, {"slug": "renamed"}])
def test_a_service_that_is_private_or_renamed(
    visitor: Client, typed: Any, first: Wish, service: Any, values: dict[str, Any]
) -> None:
    """Private: another is chosen, with all that was typed. Renamed: it is the same service."""
    Service.objects.filter(pk=service.pk).update(**values)
    if "slug" in values:
        assert visitor.post(BOOK, typed | {"wishes": [first.name]}).status_code == 302
    else:
        page = refused(visitor, typed | {"wishes": [first.name]})
        assert f'name="wishes" value="{first.name}"' in page


def test_who_is_deleted_while_the_page_is_made(service: Any, first: Wish) -> None:
    """Between two queries: their times are not shown, and nobody gets an error page."""
    found = proposals.find(timezone.now(), service)
    assert found
    Roster.objects.all().delete()
    Practitioner.objects.all().delete()
    assert found.by_day() == []


def test_a_form_that_is_sent_again_later(
    visitor: Client, typed: Any, first: Wish, practitioner: Any, location: Any, receptionist: Any
) -> None:
    """The same form, after its time was offered to its sender: the same request, nothing twice."""
    sent = typed | {"wishes": [first.name]}
    assert visitor.post(BOOK, sent).status_code == 302
    enquiry = Enquiry.objects.get()
    workflow.offer(
        enquiry,
        practitioner=practitioner,
        location=location,
        starts=[first.start],
        minutes=45,
        by=receptionist,
        at=timezone.now(),
    )
    response = visitor.post(BOOK, sent)
    assert Enquiry.objects.count() == 1
    assert response.status_code == 302, "the time is held for them: they see their request"


def test_the_form_offers_nobody_in_place_of_those_who_give_the_service(
    typed: Any, service: Any, practitioner: Any, at: datetime
) -> None:
    Practitioner.objects.create(name="Tomas Lindqvist", slug="tomas", role="x")
    Practitioner.objects.filter(pk=practitioner.pk).update(takes_bookings=False)
    form = PublicRequestForm(typed | {"practitioner": "tomas"}, service=service, at=at)
    assert [label for _value, label in form.fields["practitioner"].choices] == ["No preference"]
    assert not form.open_days
    assert "practitioner" in form.errors


# -- how long it takes ----------------------------------------------------------------------------


def test_who_has_been_here_before_is_shown_times_of_the_shorter_appointment(
    service: Any, roster: Roster, typed: Any, at: datetime
) -> None:
    """A gap of half an hour is enough for a follow-up, and not for a first appointment."""
    service.follow_minutes = 30
    service.save()
    roster.hours.all().delete()
    place = Location.objects.get()
    roster.hours.create(weekday=1, starts=time(9), ends=time(9, 30), location=place)
    roster.hours.create(weekday=2, starts=time(9), ends=time(9, 45), location=place)

    def days(**answer: str) -> list[str]:
        form = PublicRequestForm({**typed, **answer}, service=service, at=at)
        return [day.partition(",")[0] for day, _boxes in form.open_days]

    assert "Tuesday" not in days(returning="no")
    assert "Tuesday" not in days(returning=""), "longer, as long as we do not know"
    assert "Tuesday" in days(returning="yes")
    names = PublicRequestForm(typed | {"returning": "yes"}, service=service, at=at)
    wish = next(iter(names.open_days))[1][0][1].name
    again = PublicRequestForm(typed | {"returning": "no", "wishes": [wish]}, service=service, at=at)
    assert again.errors["wishes"] == [
        "A time that you chose isn’t open for a first appointment. Choose from the times shown."
    ]


def test_most_first_appointments_do_not_bind_who_returns(
    service: Any, roster: Roster, typed: Any, at: datetime
) -> None:
    roster.most_first = 0
    roster.save()
    assert not PublicRequestForm(typed, service=service, at=at).open_days
    assert PublicRequestForm(typed | {"returning": "yes"}, service=service, at=at).open_days


def test_a_button_says_that_one_has_been_here_before(
    visitor: Client, service: Any, roster: Roster, typed: Any
) -> None:
    """Before the question is reached, and with all that was typed; there is a way back."""
    service.follow_minutes = 30
    service.save()
    del typed["returning"]
    page = visitor.post(BOOK, typed | {"times": "1"})
    assert "Been to our clinic before?" in page.content.decode()
    page = visitor.post(BOOK, typed | {"times": "yes"})
    form = page.context["form"]
    assert (form["returning"].value(), form["name"].value()) == ("yes", "Margaret Ellery")
    assert "New to our clinic?" in page.content.decode()
    page = visitor.post(BOOK, typed | {"times": "no", "returning": "yes"})
    assert page.context["form"]["returning"].value() == "no"


def test_no_button_where_it_makes_no_difference(
    visitor: Client, service: Any, roster: Roster, typed: Any
) -> None:
    service.follow_minutes = service.first_minutes
    service.save()
    assert (
        "Been to our clinic before?"
        not in visitor.post(BOOK, typed | {"times": "1"}).content.decode()
    )
    roster.most_first = 2
    roster.save()
    assert (
        "Been to our clinic before?"
        in visitor.post(BOOK, typed | {"times": "1", "returning": ""}).content.decode()
    )
