"""Many who want one time at one moment: one gets it, the others are told, and nothing is lost.

`make nothing-lost` does the same with 200 while the site is killed.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings import workflow
from bookings.models import Enquiry, Event, Offer, State
from bookings.patient import private_links
from bookings.workflow import NotAllowed
from clinic.models import Message
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)

TAKERS = 12
MONDAY = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


def a_tuesday() -> datetime:
    """The Tuesday after next at ten: within opening hours, and not soon."""
    now = timezone.now()
    days = 14 + (1 - now.weekday()) % 7
    return (now + timedelta(days=days)).replace(hour=10, minute=0, second=0, microsecond=0)


def lines(kind: Event.Kind) -> int:
    return Event.objects.filter(kind=kind).count()


def test_all_of_reception_offers_one_time(
    make_enquiry: Any, practitioner: Any, location: Any, make_user: Any
) -> None:
    """On the page: who is too late reads whose time it is, and has the form as it was filled."""
    now, start = timezone.now(), a_tuesday()
    ids = [make_enquiry(when=now, name=f"Patient {n}").pk for n in range(TAKERS)]
    staff = [make_user("Receptionist", username=f"reception-{n}") for n in range(TAKERS)]
    sent = {
        "do": "offer",
        "offer-practitioner": practitioner.pk,
        "offer-location": location.pk,
        "offer-minutes": "45",
        "offer-start_0": timezone.localtime(start).strftime("%Y-%m-%dT%H:%M"),
    }

    def act(number: int) -> Any:
        client = Client()
        client.force_login(staff[number], backend="django.contrib.auth.backends.ModelBackend")
        return client.post(f"/admin/bookings/enquiry/{ids[number]}/change/", sent)

    answers = at_once(act, TAKERS)
    won = [answer for answer in answers if answer.status_code == 302]
    told = [answer.content.decode() for answer in answers if answer.status_code == 422]
    assert (len(won), len(told)) == (1, TAKERS - 1)
    offer = Offer.objects.get()
    assert (offer.state, offer.released_at) == (Offer.State.OFFERED, None)
    for page in told:
        assert f"is already held for {offer.enquiry.name}" in page
        assert f'value="{sent["offer-start_0"]}"' in page
    assert set(Enquiry.objects.values_list("pk", flat=True)) == set(ids)
    waiting = Enquiry.objects.filter(state=State.WAITING)
    assert list(waiting.values_list("pk", flat=True)) == [offer.enquiry_id]
    assert Enquiry.objects.filter(state=State.NEEDS_REPLY).count() == TAKERS - 1
    assert lines(Event.Kind.OFFERED) == 1
    assert Message.objects.filter(kind="enquiry-times").count() == 1


def test_a_hold_that_ran_out_is_accepted_while_others_want_the_time(
    make_enquiry: Any, practitioner: Any, location: Any, receptionist: Any
) -> None:
    """Whoever is first: its patient, late, or one of those to whom it is offered now."""
    first, *others = [make_enquiry(when=MONDAY) for _n in range(TAKERS)]
    values = {"practitioner": practitioner, "location": location, "minutes": 45}
    start = TUESDAY + timedelta(days=7)
    workflow.offer(first, starts=[start], by=receptionist, at=MONDAY, **values)
    held = Offer.objects.get()
    late = held.held_until + timedelta(hours=1)
    assert late < start

    def act(number: int) -> str:
        try:
            if number:
                workflow.offer(
                    others[number - 1], starts=[start], by=receptionist, at=late, **values
                )
            else:
                workflow.accept(first, offer_id=held.pk, at=late)
        except NotAllowed as refusal:
            return str(refusal)
        return ""

    answers = at_once(act, TAKERS)
    told = [words for words in answers if words]
    assert len(told) == TAKERS - 1, answers
    words = ("held for", "has an appointment with", "held a moment ago", "is no longer available")
    assert all(any(each in sentence for each in words) for sentence in told)
    assert Offer.objects.held().get().starts_at == start
    assert Enquiry.objects.count() == TAKERS
    assert lines(Event.Kind.OFFERED) + lines(Event.Kind.ACCEPTED) == 2


def test_a_patient_who_presses_again_and_again(
    make_enquiry: Any, practitioner: Any, location: Any, receptionist: Any
) -> None:
    """One booking and one email; each press is answered with the booked appointment."""
    now, start = timezone.now(), a_tuesday()
    enquiry = make_enquiry(when=now)
    starts = [start, start + timedelta(hours=1)]
    workflow.offer(
        enquiry,
        practitioner=practitioner,
        location=location,
        starts=starts,
        minutes=45,
        by=receptionist,
        at=now,
    )
    path = private_links.path(enquiry)
    sent = {"do": "accept", "offer": enquiry.offers.order_by("starts_at")[0].pk}

    def act(_number: int) -> Any:
        return Client().post(path, sent, follow=True)

    answers = at_once(act, 6)
    assert all("Your appointment is booked." in each.content.decode() for each in answers)
    assert Offer.objects.held().get().state == Offer.State.ACCEPTED
    assert lines(Event.Kind.ACCEPTED) == 1
    assert Message.objects.filter(kind="enquiry-booked").count() == 1
