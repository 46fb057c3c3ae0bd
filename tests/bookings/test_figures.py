"""What “What works” says of requests: where they come from, how many end, how soon we reply."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings.models import CloseReason, Enquiry, Event
from clinic.counting import daily

PAGE = "/admin/clinic/dailycount/"
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def table(client: Any, key: str) -> list[list[str]]:
    answer = client.get(f"{PAGE}?csv={key}")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]


def test_ways_to_the_form_and_how_many_of_them_end_in_a_request(client_as):
    client = client_as("Manager")
    daily.add({"started /contact/": 20, "started": 10, "sent": 12}, timezone.now())
    assert table(client, "ways") == [["/contact/", "20"], ["Another site, or unknown", "10"]]
    assert table(client, "rate")[-1][1:] == ["12", "30", "40%"]


def test_the_time_to_the_first_reply(client_as, make_enquiry):
    begun = timezone.now() - 7 * DAY
    for hours in (1, 2, 3, 30, 60):
        enquiry = make_enquiry()
        Enquiry.objects.filter(pk=enquiry.pk).update(created_at=begun, answer_by=begun + 4 * DAY)
        for kind, later in (("note", 0), ("answered", hours), ("offered", 90)):
            moment = begun + timedelta(hours=later)
            Event.objects.create(enquiry=enquiry, kind=kind, at=moment)
    spam = make_enquiry()
    Enquiry.objects.filter(pk=spam.pk).update(
        created_at=begun, state="closed", close_reason=CloseReason.SPAM, closed_at=begun
    )
    replied = [row[1:] for row in table(client_as("Manager"), "answer-times") if row[1] != "0"]
    assert replied == [["5", "3 h", "100%"]]


def test_few_replies_are_hidden(client_as, make_enquiry):
    enquiry = make_enquiry(timezone.now())
    Event.objects.create(enquiry=enquiry, kind=Event.Kind.ANSWERED, at=enquiry.created_at)
    replied = [row[1:] for row in table(client_as("Manager"), "answer-times") if row[1] != "0"]
    assert replied == [["fewer than 5"] * 3]
