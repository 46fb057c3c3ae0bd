"""Writing to patients: to whom it goes, from which template, and what the list of emails says."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings import workflow
from bookings.models import AnswerTemplate, Offer
from clinic import formats, hooks
from clinic.mail import outbox
from clinic.models import Message

pytestmark = pytest.mark.django_db

MAILS = "/admin/clinic/message/"


@pytest.fixture
def desk(client_as: Any) -> Client:
    return client_as("Receptionist")


@pytest.fixture
def enquiry(make_enquiry: Any) -> Any:
    return make_enquiry(when=timezone.now())


def test_a_message_to_all_shows_times_and_phones_and_whoever_holds_a_time(
    make_enquiry: Any, practitioner: Any, location: Any, receptionist: Any, desk: Client
) -> None:
    now = timezone.now()
    times = {"practitioner": practitioner, "location": location, "minutes": 45}
    times |= {"by": receptionist, "at": now}
    booked = make_enquiry(when=now, name="Booked")
    held = make_enquiry(when=now, name="Held", phone="+16135550177")
    to_call = make_enquiry(when=now, name="Call", email="")
    starts = [now + timedelta(days=3, hours=n) for n in range(4)]
    workflow.offer(booked, starts=[starts[2]], agreed=True, **times)
    workflow.offer(held, starts=starts[:2], **times)
    workflow.offer(to_call, starts=[starts[3]], agreed=True, **times)
    day = timezone.localdate() + timedelta(days=2)
    sent = {
        "practitioner": practitioner.pk,
        "first_on": day,
        "last_on": day + timedelta(days=2),
        "text": "Ines is ill.",
    }
    response = desk.post("/admin/bookings/enquiry/write/", sent)
    assert [each.name for each in response.context["reached"]] == ["Held", "Booked"]
    page = response.content.decode()
    for start in starts:
        assert formats.dated(start, now) in page
    assert page.count("tel:") == 3
    assert "(offered)" in page
    assert page.count("(booked)") == 2
    Offer.objects.filter(enquiry=held).update(state=Offer.State.ASKED)
    page = desk.post("/admin/bookings/enquiry/write/", sent).content.decode()
    assert (page.count("(held)"), page.count("(booked)")) == (2, 2)
    confirmed = sent | {"confirmed": response.context["shown"]}
    assert desk.post("/admin/bookings/enquiry/write/", confirmed).status_code == 302
    for each in (booked, held):
        assert each.events.filter(kind="answered").exists()


def test_templates_are_where_replies_are_written(desk: Client, enquiry: Any) -> None:
    AnswerTemplate.objects.create(title="Letter", text='Bring the "letter".')
    templates = 'href="/admin/bookings/answertemplate/"'
    for page in (f"/admin/bookings/enquiry/{enquiry.pk}/change/", "/admin/bookings/enquiry/write/"):
        text = desk.get(page).content.decode()
        assert 'data-text="Bring the &quot;letter&quot;."' in text
        assert "js/admin/reply-templates" in text
        assert text.count(templates) == 2  # beside the message, and in the navigation


# -- the list of emails ---------------------------------------------------------------------------


def test_the_list_says_to_whom_and_what_for(desk: Client, enquiry: Any) -> None:
    text = desk.get(MAILS).content.decode()
    assert "To the patient: confirmation of the request" in text
    assert "To reception: notification of a new request" in text
    link = f'<a href="/admin/bookings/enquiry/{enquiry.pk}/change/">Request {enquiry.number}</a>'
    assert text.count(link) == 2
    assert "enquiry-received</" not in text
    assert "Object id" not in text
    message = Message.objects.get(kind="enquiry-received")
    one = desk.get(f"{MAILS}{message.pk}/change/").content.decode()
    assert "To the patient: confirmation of the request" in one
    assert link in one
    for private in (enquiry.name, enquiry.email):
        assert private not in text + one
    chosen = desk.get(MAILS, {"kind": "enquiry-new"}).content.decode()
    assert chosen.count(link) == 1


def test_who_may_not_see_requests_gets_no_link(make_user: Any, enquiry: Any) -> None:
    from django.contrib.auth.models import Permission

    user = make_user("Author", username="mara")
    user.user_permissions.add(Permission.objects.get(codename="view_message"))
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    text = client.get(MAILS).content.decode()
    assert f"Request {enquiry.number}" in text
    assert f"/enquiry/{enquiry.pk}/" not in text


def test_every_kind_has_words() -> None:
    assert set(hooks.outgoing) == set(hooks.message_kinds)
    for kind, outgoing in hooks.outgoing.items():
        assert re.match(r"To \w+", str(outgoing.words)), kind


@pytest.mark.parametrize("kind", sorted(hooks.message_kinds))
def test_what_is_gone_is_said_to_be(desk: Client, kind: str) -> None:
    outbox.queue(kind, 987_654, at=timezone.now())
    assert "No longer here" in desk.get(MAILS).content.decode()


def test_the_list_takes_the_same_queries_whatever_its_length(
    desk: Client, make_enquiry: Any, django_assert_max_num_queries: Any
) -> None:
    for _number in range(6):
        make_enquiry(when=timezone.now())
    desk.get(MAILS)
    with django_assert_max_num_queries(16):
        desk.get(MAILS)
