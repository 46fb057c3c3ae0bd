"""A token in every field that holds words: which channels may carry it, and what is left of it."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.cache import cache
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from bookings import workflow
from bookings.models import Enquiry, Event, Offer, PractitionerCalendar, Roster
from bookings.patient import correspondence, private_links
from bookings.privacy import data_subject
from bookings.privacy.field_classes import CONTACT, FIELD_CLASSES, HEALTH, SCHEDULING, STAFF
from bookings.workflow import undo
from clinic.mail import outbox
from clinic.models import Message

INBOX = "/admin/bookings/enquiry/"
TOKENS = {
    ("Enquiry", "name"): "CANARY-NAME",
    ("Enquiry", "email"): "canary-mail@patients.example",
    ("Enquiry", "phone"): "+16135550177",
    ("Enquiry", "language"): "CANARY-LANGUAGE",
    ("Enquiry", "child_name"): "CANARY-CHILD",
    ("Enquiry", "message"): "CANARY-MESSAGE",
    ("Enquiry", "access_needs"): "CANARY-NEEDS",
    ("Enquiry", "digest"): "c0ffee" * 10 + "cafe",
    ("Enquiry", "service"): "CANARY-SERVICE",
    ("Event", "text"): "CANARY-WORDS",
    ("Event", "by_name"): "CANARY-STAFF",
    ("AnswerTemplate", "title"): "CANARY-TITLE",
    ("AnswerTemplate", "text"): "CANARY-TEMPLATE",
    ("DayOff", "reason"): "CANARY-REASON",
    ("PractitionerCalendar", "address"): "https://calendars.example/CANARY-SECRET.ics",
}
# Words that name what is done, chosen from a list or made by us: nothing is typed there.
NOT_TYPED = {
    ("Enquiry", "number"),
    ("Enquiry", "source"),
    ("Enquiry", "contact_by"),
    ("Enquiry", "for_whom"),
    ("Enquiry", "state"),
    ("Enquiry", "close_reason"),
    ("Event", "kind"),
    ("Event", "once"),
    ("Offer", "starts_agreed"),
    ("Offer", "state"),
    ("Offer", "uid"),
    ("CalendarFeed", "key"),
    ("PractitionerCalendar", "etag"),
    ("PractitionerCalendar", "last_modified"),
    ("PractitionerCalendar", "problem"),
}


def _found(text: str, *classes: str) -> set[str]:
    """The tokens of these classes in a text."""
    return {
        token
        for (model, field), token in TOKENS.items()
        if FIELD_CLASSES[model][field] in classes and token.lower() in text.lower()
    }


def test_every_field_with_words_has_a_token() -> None:
    fields = {
        (model.__name__, field.name)
        for model in apps.get_app_config("bookings").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
    }
    assert fields == set(TOKENS) - {("Enquiry", "service")} | NOT_TYPED


@pytest.fixture
def told(
    make_enquiry: Any, service: Any, practitioner: Any, location: Any, receptionist: Any
) -> Any:
    """A request that has gone every way that sends something, with a token in every field."""
    now = timezone.now()
    value = {field: token for (model, field), token in TOKENS.items() if model == "Enquiry"}
    type(service).objects.update(name=value["service"], slug="canary-service")
    type(receptionist).objects.update(first_name=TOKENS["Event", "by_name"])
    receptionist.refresh_from_db()
    words, by = TOKENS["Event", "text"], {"by": receptionist, "at": now}
    roster = Roster.objects.create(practitioner=practitioner)
    days = {"starts_on": now.date(), "ends_on": now.date()}
    roster.days_off.create(**days, reason=TOKENS["DayOff", "reason"])
    PractitionerCalendar.objects.create(
        practitioner=practitioner,
        address=TOKENS["PractitionerCalendar", "address"],
        entered_at=now,
    )
    enquiry = make_enquiry(
        when=now,
        name=value["name"],
        email=value["email"],
        phone=value["phone"],
        message=value["message"],
        access_needs=value["access_needs"],
        language=value["language"],
        for_whom="child",
        child_name=value["child_name"],
        child_age=7,
    )
    Enquiry.objects.update(digest=value["digest"])
    where: dict[str, Any] = {"practitioner": practitioner, "location": location}
    start = now + timedelta(days=5)
    workflow.note(enquiry, text=words, **by)
    correspondence.answer(enquiry, text=words, **by)
    workflow.offer(enquiry, **where, starts=[start], minutes=45, **by)
    workflow.decline(enquiry, text=words, at=now)
    workflow.offer(enquiry, **where, starts=[start], minutes=45, **by)
    workflow.accept(enquiry, offer_id=enquiry.offers.held().get().pk, at=now)
    correspondence.new_link(enquiry, at=now)
    workflow.move(enquiry, **where, starts_at=start + timedelta(days=1), minutes=45, **by)
    return Enquiry.objects.get(pk=enquiry.pk)


@pytest.fixture
def log(caplog: Any) -> Iterator[Any]:
    # Statements of the database are logged only where DEBUG is on, which no site has.
    with caplog.at_level(logging.DEBUG):
        yield caplog


def _whole(sent: Any) -> str:
    """Header and every part of a mail, decoded."""
    message = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
    parts = [f"{name}: {value}" for name, value in message.items()]
    for part in message.walk():
        if not part.is_multipart():
            content = part.get_content()
            parts.append(content.decode() if isinstance(content, bytes) else content)
    return "\n".join(parts)


@pytest.mark.django_db
def test_mails_and_calendar_entries_carry_no_health(told: Any, log: Any) -> None:
    outbox.run_once(timezone.now() + undo.WITHIN)
    assert len(mail.outbox) > 6
    for sent in mail.outbox:
        text = _whole(sent)
        assert _found(text, HEALTH, STAFF) == set()
        if sent.to != [told.email]:
            assert _found(text, CONTACT) == set()
    assert any("BEGIN:VCALENDAR" in _whole(sent) for sent in mail.outbox)
    assert _found(log.text, CONTACT, HEALTH) == set()


@pytest.mark.django_db
def test_pages_for_others_logs_addresses_and_caches_carry_nothing(
    told: Any, log: Any, client: Client, client_as: Any
) -> None:
    everything = (CONTACT, HEALTH, SCHEDULING, STAFF)
    desk = client_as("Receptionist")
    Event.objects.filter(kind=Event.Kind.SEEN).delete()
    own = private_links.path(told)
    answers = [
        client.get("/articles/feed/"),
        client.get("/sitemap.xml"),
        client.get("/search/", {"q": "CANARY"}),
        client.get("/practitioners/ines-okafor/"),
        desk.get("/admin/bookings/roster/"),
        client.get(own[:-3] + "/"),  # a link that lost its end
        client.get(f"{INBOX}{told.pk}/change/"),
        client.post(own, {"do": "unknown"}, headers={"Host": "evil.example"}),
        desk.get(f"{INBOX}999999/change/"),
        desk.post(f"{INBOX}export/"),
        client_as("Editor").get(f"{INBOX}{told.pk}/change/"),
    ]
    assert {answer.status_code for answer in answers} <= {200, 302, 400, 403, 404}
    for answer in answers:
        text = answer.content.decode() + answer.headers.get("Location", "")
        # The service has a public page.
        assert _found(text, *everything) <= {TOKENS["Enquiry", "service"]}
    # Below the filters, which name all services.
    empty = client_as("Practitioner").get(INBOX).content.decode().partition("inbox-count")[2]
    assert _found(empty, CONTACT, HEALTH) == set()
    listed = desk.get(INBOX, {"tab": "booked"}).content.decode().partition("inbox-count")[2]
    assert TOKENS["Enquiry", "name"] in listed
    assert _found(listed, HEALTH) == set()
    sent = client_as("Manager").post(f"{INBOX}export/").content.decode()
    assert TOKENS["Enquiry", "email"] in sent
    # The service is in it, so that appointments can be counted; no words of the patient.
    assert _found(sent, HEALTH, STAFF) == {TOKENS["Enquiry", "service"]}
    desk.get(f"{INBOX}{told.pk}/change/")
    desk.post(f"{INBOX}{told.pk}/change/", {"do": "note", "note-text": "CANARY-WORDS"})
    client.get(own)
    history = "".join(
        f"{entry.object_repr} {entry.change_message}" for entry in LogEntry.objects.all()
    )
    assert _found(history, *everything) == set()
    rows = json.dumps(list(Message.objects.values()), default=str)
    assert _found(rows + own, *everything) == set()
    assert _found(repr(getattr(cache, "_cache", "")), *everything) == set()
    assert _found(log.text, *everything) == set()


@pytest.mark.django_db
def test_health_is_not_readable_in_the_database(told: Any) -> None:
    with connection.cursor() as cursor:
        for table in ("bookings_enquiry", "bookings_event", "bookings_practitionercalendar"):
            cursor.execute(f"SELECT * FROM {table}")
            text = repr(cursor.fetchall())
            assert _found(text, HEALTH) <= {TOKENS["Enquiry", "digest"]}


@pytest.mark.django_db(transaction=True)
def test_erasing_leaves_nothing_in_any_file(told: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "clinic.mail.file_backend.EmailBackend"
    settings.EMAIL_FILE_PATH = settings.DATA_DIR / "mail"
    outbox.run_once(timezone.now() + undo.WITHIN)
    mine = (CONTACT, HEALTH)
    kept = _files(settings.DATA_DIR)
    if connection.vendor == "sqlite":
        assert _found(kept, CONTACT)  # the search would find it
    found = data_subject.find(told.number, at=timezone.now())
    assert data_subject.erase(found, by="a test") == len(found) > 0
    # The service is the clinic's own, and stays.
    assert _found(_files(settings.DATA_DIR), *mine) - {TOKENS["Enquiry", "service"]} == set()
    assert not Offer.objects.exists()


def _files(folder: Path) -> str:
    """The bytes of every file but the keys, as text."""
    return "\n".join(
        path.read_bytes().decode("latin-1")
        for path in folder.rglob("*")
        if path.is_file() and "keys" not in path.relative_to(folder).parts
    )
