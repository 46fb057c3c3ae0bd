"""The next open times on the form: proposed, filtered, asked for, and gone in the meantime."""

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
from clinic.models import Practitioner

pytestmark = pytest.mark.django_db

BOOK = "/book/"
TUESDAY = datetime(2027, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def roster(practitioner: Any, location: Any) -> Roster:
    """Every day from nine to four, whatever day it is."""
    roster = Roster.objects.create(practitioner=practitioner)
    for weekday in range(5):
        roster.hours.create(weekday=weekday, starts=time(9), ends=time(16), location=location)
    return roster


@pytest.fixture
def other(service: Any, location: Any) -> Practitioner:
    """Somebody else, who works on Wednesdays from noon to one."""
    other = Practitioner.objects.create(name="Tomas Lindqvist", slug="tomas", role="x")
    other.services.add(service)
    other.locations.add(location)
    roster = Roster.objects.create(practitioner=other)
    roster.hours.create(weekday=2, starts=time(12), ends=time(13), location=location)
    return other


@pytest.fixture
def typed(service: Any, at: datetime) -> dict[str, Any]:
    return {
        "gate": red_flag_gate.new_marker(service, at=at),
        "returning": "no",
        "name": "Margaret Ellery",
        "email": "m.ellery@patients.example",
    }


def form_of(typed: dict[str, Any], service: Any, at: datetime, **more: Any) -> PublicRequestForm:
    return PublicRequestForm(typed | more, service=service, at=at)


def shown(form: PublicRequestForm) -> list[str]:
    return [words for _day, times in form.fields["wishes"].choices for _name, words in times]


def test_without_rosters_all_is_as_before(typed: Any, service: Any, at: datetime) -> None:
    form = form_of(typed, service, at)
    assert "wishes" not in form.fields
    assert form.is_valid()
    assert "wishes" not in form.content()


def test_a_few_times_of_the_next_days(roster: Any, service: Any, typed: Any, at: datetime) -> None:
    form = form_of(typed, service, at)
    days = [day for day, _boxes in form.open_days]
    assert days == [
        *("Monday, March 1", "Tuesday, March 2", "Wednesday, March 3", "Thursday, March 4")
    ]
    assert [len(boxes) for _day, boxes in form.open_days] == [2, 4, 4, 4]
    assert shown(form)[:2] == [
        "2:00\u00a0p.m. with Ines Okafor, Millbrook",
        "3:00\u00a0p.m. with Ines Okafor, Millbrook",
    ]


def test_none_before_a_service_is_chosen(roster: Any, typed: Any, at: datetime) -> None:
    assert proposals.find(at, None) is None
    assert "wishes" not in form_of(typed, None, at).fields


def test_only_with_whom_and_where_was_chosen(
    roster: Any, other: Any, service: Any, typed: Any, at: datetime
) -> None:
    form = form_of(typed, service, at, practitioner="tomas")
    assert {words.split(" with ")[1] for words in shown(form)} == {"Tomas Lindqvist, Millbrook"}
    form = form_of(typed, service, at, practitioner="\0", location="nowhere")
    assert len({words.split(" with ")[1] for words in shown(form)}) == 2


def test_what_is_asked_for_is_kept(
    roster: Any, service: Any, typed: Any, at: datetime, practitioner: Any, location: Any
) -> None:
    wish = Wish(TUESDAY, practitioner.pk, location.pk)
    form = form_of(typed, service, at, wishes=[wish.name])
    assert form.is_valid(), form.errors
    kept = form.content()["wishes"]
    assert wishes.read(kept) == [wish]
    assert wishes.words(kept)[0].startswith("Tuesday, March 2, 2027")
    assert "(Ines Okafor, Millbrook)" in wishes.words(kept)[0]


def test_at_most_three(roster: Any, service: Any, typed: Any, at: datetime) -> None:
    names = [name for _day, times in form_of(typed, service, at).fields["wishes"].choices
             for name, _words in times]  # fmt: skip
    assert form_of(typed, service, at, wishes=names[:3]).is_valid()
    refused = form_of(typed, service, at, wishes=names[:4])
    assert refused.errors["wishes"] == ["Choose up to three times."]


def test_a_time_that_is_gone_is_refused_and_others_are_shown(
    roster: Any,
    service: Any,
    typed: Any,
    at: datetime,
    enquiry: Any,
    practitioner: Any,
    location: Any,
    receptionist: Any,
) -> None:
    wish = Wish(TUESDAY, practitioner.pk, location.pk)
    offered = {"practitioner": practitioner, "location": location, "minutes": 45}
    workflow.offer(enquiry, starts=[TUESDAY], by=receptionist, at=at, **offered)
    form = form_of(typed, service, at, wishes=[wish.name])
    assert "is no longer open" in form.errors["wishes"][0]
    assert form["name"].value() == "Margaret Ellery"
    assert wish.name not in str(form["wishes"])


@pytest.mark.parametrize("name", ["x", "1-2", "1-2-3-4", "-1-2-3", "9" * 40 + "-1-1", "٣-1-1"])
def test_nonsense_is_refused(
    roster: Any, service: Any, typed: Any, at: datetime, name: str
) -> None:
    assert wishes.named(name) is None
    assert "wishes" in form_of(typed, service, at, wishes=[name]).errors


def test_a_time_with_another_than_was_chosen_is_explained(
    roster: Any,
    other: Any,
    service: Any,
    typed: Any,
    at: datetime,
    practitioner: Any,
    location: Any,
) -> None:
    wish = Wish(TUESDAY, practitioner.pk, location.pk)
    form = form_of(typed, service, at, wishes=[wish.name], practitioner="tomas")
    assert form.errors["wishes"] == [
        "A time that you chose isn’t with Tomas Lindqvist. Choose again."
    ]


# -- on the pages ---------------------------------------------------------------------------------


@pytest.fixture
def sent(typed: Any, service: Any, roster: Any, practitioner: Any, location: Any) -> dict[str, Any]:
    """A whole form with the first time that is open now."""
    now = timezone.now()
    found = proposals.find(now, service)
    assert found
    marker = red_flag_gate.new_marker(service, at=now - timedelta(minutes=5))
    return typed | {"gate": marker, "wishes": [found.shown[0].name]}


def test_times_are_asked_for_and_reception_offers_them(
    visitor: Client, sent: dict[str, Any], client_as: Any
) -> None:
    response = visitor.post(BOOK, sent, follow=True)
    assert response.status_code == 200
    enquiry = Enquiry.objects.get()
    [words] = wishes.words(enquiry.wishes)
    assert words in response.content.decode()
    assert enquiry.offers.count() == 0, "nothing is held"
    page = client_as("Receptionist").get(f"/admin/bookings/enquiry/{enquiry.pk}/change/")
    assert words in page.content.decode()
    offer = page.context["forms"]["offer"]
    [wish] = wishes.read(enquiry.wishes)
    assert offer["start_0"].initial == wish.start
    assert offer["practitioner"].initial == wish.practitioner
    assert Enquiry.objects.count() == 1
    visitor.post(BOOK, sent)
    assert Enquiry.objects.count() == 1, "sent again, it is the same request"


def test_other_times_are_shown_with_all_that_was_typed(
    visitor: Client, sent: dict[str, Any], other: Practitioner
) -> None:
    response = visitor.post(BOOK, sent | {"times": "1", "practitioner": "tomas", "days": ["1"]})
    assert response.status_code == 200
    text = response.content.decode()
    assert "with Tomas Lindqvist" in text
    assert 'value="Margaret Ellery"' in text
    form = response.context["form"]
    assert form["days"].value() == ["1"]
    assert form["gate"].value() == sent["gate"]
    assert not form.errors
    assert Enquiry.objects.count() == 0
    assert visitor.post(BOOK, {"times": "1"}).status_code == 422


def test_what_is_changed_is_in_the_timeline(visitor: Client, sent: dict[str, Any]) -> None:
    visitor.post(BOOK, sent)
    words = wishes.words(Enquiry.objects.get().wishes)[0]
    visitor.post(BOOK, {name: value for name, value in sent.items() if name != "wishes"})
    enquiry = Enquiry.objects.get()
    assert enquiry.wishes == []
    assert words in enquiry.events.get(kind="changed").text
