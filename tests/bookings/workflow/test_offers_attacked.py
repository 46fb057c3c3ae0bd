"""Offers handled by somebody hasty or hostile: other people's, past, absurd and twice."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings import workflow
from bookings.models import Enquiry, Event, Offer, State
from bookings.patient import private_links
from bookings.rosters import wishes
from bookings.rosters.wishes import Wish

pytestmark = pytest.mark.django_db

HUGE = str(10**30)
LONG = "9" * 5_000


def soon(hours: int = 0) -> datetime:
    """Ten o'clock on a day in two weeks, or so many hours after that."""
    day = timezone.now() + timedelta(days=14)
    return day.replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(hours=hours)


@pytest.fixture
def offered(
    make_enquiry: Any, practitioner: Any, location: Any, receptionist: Any
) -> tuple[Offer, Offer]:
    """One time for each of two people."""
    found = []
    for hours in (0, 1):
        enquiry = make_enquiry(when=timezone.now())
        workflow.offer(
            enquiry,
            practitioner=practitioner,
            location=location,
            starts=[soon(hours)],
            minutes=45,
            by=receptionist,
            at=timezone.now(),
        )
        found.append(enquiry.offers.get())
    return found[0], found[1]


def everything() -> tuple[Any, ...]:
    lines = Event.objects.exclude(kind=Event.Kind.SEEN).count()
    return list(Offer.objects.order_by("pk").values()), list(Enquiry.objects.values()), lines


# -- by the private page --------------------------------------------------------------------------


@pytest.mark.parametrize("forged", ["other", "", "0", "-1", "1.5", "²", "\0", HUGE, LONG])
def test_a_patient_accepts_only_what_is_theirs(
    visitor: Client, offered: tuple[Offer, Offer], forged: str
) -> None:
    mine, other = offered
    before = everything()[0]
    sent = {"do": "accept", "offer": str(other.pk) if forged == "other" else forged}
    answer = visitor.post(private_links.path(mine.enquiry), sent)
    assert answer.status_code == 409
    assert "This time is no longer available." in answer.content.decode()
    assert everything()[0] == before


def test_nor_what_has_begun_or_was_taken_back(
    visitor: Client, offered: tuple[Offer, Offer], receptionist: Any
) -> None:
    begun, released = offered
    now = timezone.now()
    Offer.objects.filter(pk=begun.pk).update(
        starts_at=now - timedelta(minutes=1), ends_at=now + timedelta(minutes=44)
    )
    workflow.release(released.enquiry, offer_id=released.pk, by=receptionist, at=now)
    for offer in offered:
        sent = {"do": "accept", "offer": offer.pk}
        assert visitor.post(private_links.path(offer.enquiry), sent).status_code == 409
    assert not Offer.objects.filter(state=Offer.State.ACCEPTED).exists()


def test_a_form_that_is_sent_again_after_all_is_over(
    visitor: Client, offered: tuple[Offer, Offer]
) -> None:
    """Accepted, cancelled, and accepted once more with the page as it was."""
    mine, _other = offered
    path = private_links.path(mine.enquiry)
    sent = {"do": "accept", "offer": mine.pk}
    assert visitor.post(path, sent).status_code == 302
    assert visitor.post(path, {"do": "withdraw"}).status_code == 302
    assert visitor.post(path, sent).status_code == 409
    mine.refresh_from_db()
    assert mine.state == Offer.State.CANCELLED
    assert Enquiry.objects.get(pk=mine.enquiry_id).state == State.CLOSED


# -- by reception ---------------------------------------------------------------------------------

OFFER = {"do": "offer", "offer-minutes": "45"}
FORGED = [
    {"offer-start_0": "9999-12-31T23:59"},
    {"offer-start_0": "0001-01-01T00:00"},
    {"offer-start_0": "2020-01-01T10:00"},
    {"offer-start_0": "2027-02-30T10:00"},
    {"offer-start_0": LONG},
    {"offer-minutes": "0"},
    {"offer-minutes": "481"},
    {"offer-minutes": "-45"},
    {"offer-minutes": HUGE},
    {"offer-minutes": LONG},
    {"offer-practitioner": HUGE},
    {"offer-practitioner": LONG},
    {"offer-practitioner": "\0"},
    {"offer-location": "999999"},
    {"do": "accept", "accept-offer_id": HUGE},
    {"do": "accept", "accept-offer_id": "other"},
    {"do": "release", "release-offer_id": HUGE},
    {"do": "release", "release-offer_id": "other"},
]


@pytest.mark.parametrize("forged", FORGED, ids=lambda forged: str(forged)[:50])
def test_nothing_absurd_is_offered(
    client_as: Any,
    offered: tuple[Offer, Offer],
    practitioner: Any,
    location: Any,
    forged: dict[str, str],
) -> None:
    mine, other = offered
    sent = OFFER | {
        "offer-practitioner": practitioner.pk,
        "offer-location": location.pk,
        "offer-start_0": soon(3).strftime("%Y-%m-%dT%H:%M"),
    }
    sent |= {name: str(other.pk) if text == "other" else text for name, text in forged.items()}
    reception = client_as("Receptionist")
    before = everything()[0]
    answer = reception.post(f"/admin/bookings/enquiry/{mine.enquiry_id}/change/", sent)
    assert answer.status_code in (200, 422)
    assert "error" in answer.content.decode(), "it says why"
    assert everything()[0] == before


def test_one_time_three_times_is_refused(
    client_as: Any, make_enquiry: Any, practitioner: Any, location: Any
) -> None:
    enquiry = make_enquiry(when=timezone.now())
    start = soon().strftime("%Y-%m-%dT%H:%M")
    sent = OFFER | {"offer-practitioner": practitioner.pk, "offer-location": location.pk}
    sent |= {f"offer-start_{n}": start for n in range(3)}
    address = f"/admin/bookings/enquiry/{enquiry.pk}/change/"
    reception = client_as("Receptionist")
    answer = reception.post(address, sent)
    if "confirmed" in answer.content.decode():  # on some days the place is closed then
        sent["confirmed"] = answer.context["question"].key
        answer = reception.post(address, sent)
    assert "Two of these times overlap." in answer.content.decode()
    assert not Offer.objects.exists()


def test_wishes_with_whom_is_gone_break_no_page(
    client_as: Any, visitor: Client, make_enquiry: Any
) -> None:
    zone = timezone.get_current_timezone()
    kept = wishes.kept([Wish(soon(), 987_654, 987_654)], zone)  # type: ignore[arg-type]
    enquiry = make_enquiry(when=timezone.now(), wishes=kept)
    page = client_as("Receptionist").get(f"/admin/bookings/enquiry/{enquiry.pk}/change/")
    assert page.status_code == 200
    [words] = wishes.words(kept)
    assert words in page.content.decode()
    assert visitor.get(private_links.path(enquiry)).status_code == 200
