"""The page of a practitioner's calendars at the desk: who may do what there, and what it says."""

import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client

from bookings.calendars import polling
from bookings.models import CalendarFeed, PractitionerCalendar

AT = datetime(2027, 3, 1, 8, tzinfo=UTC)
ADDRESS = "https://calendars.example/private-c0ffee/basic.ics"
EVENT = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:canary-title\r\nLOCATION:canary-place\r\n"
    b"ATTENDEE:mailto:canary@people.example\r\nDESCRIPTION:canary-words\r\n"
    b"DTSTART:20270302T130000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture(autouse=True)
def _moment() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def page(roster: Any) -> str:
    return f"/admin/bookings/roster/{roster.pk}/calendar/"


@pytest.fixture
def manager(client_as: Any) -> Client:
    return client_as("Manager")


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def upload(client: Client, page: str, content: bytes = EVENT, **chosen: str) -> Any:
    file = SimpleUploadedFile("canary-name.ics", content)
    return client.post(page, {"do": "enter", "file": file, **chosen}, follow=True)


def test_an_address_is_entered_and_never_shown_again(manager: Client, page: str) -> None:
    answer = manager.post(page, {"do": "enter", "address": ADDRESS}, follow=True)
    assert "It will be read within a minute." in words(answer)
    calendar = PractitionerCalendar.objects.get()
    assert (calendar.address, calendar.next_at) == (ADDRESS, AT)
    roster = page.replace("calendar/", "change/")
    for shown in (answer, manager.get(page), manager.get(roster)):
        assert "c0ffee" not in words(shown)
    assert "from calendars.example" in words(manager.get(page))
    assert "Not read yet" in words(manager.get(roster))
    assert "c0ffee" not in str(LogEntry.objects.values_list("change_message", flat=True))
    assert "no-store" in manager.get(page)["Cache-Control"]


def test_a_file_is_read_at_once_and_nothing_of_it_is_kept(manager: Client, page: str) -> None:
    answer = upload(manager, page)
    assert "Read 0 minutes ago: 1 busy time ahead." in words(answer)
    everything = words(answer) + str(PractitionerCalendar.objects.values().get())
    everything += str(list(LogEntry.objects.values()))
    assert "canary" not in everything
    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        said = words(client_page := manager.get(page))
        assert client_page.status_code == 200
    assert "Read 1 hour ago" in said.replace("\xa0", " ")
    assert "not promised" in said


def test_tentative_entries_are_busy_unless_it_is_chosen(manager: Client, page: str) -> None:
    tentative = EVENT.replace(b"SUMMARY", b"STATUS:TENTATIVE\r\nSUMMARY")
    assert "1 busy time ahead." in words(upload(manager, page, tentative))
    chosen = {"tentative_is_free": "on"}
    assert "0 busy times ahead." in words(upload(manager, page, tentative, **chosen))
    answer = manager.post(page, {"do": "enter", **chosen})
    assert answer.status_code == 422, "a file is not kept, so it can't be read again"


def test_what_counts_is_changed_without_entering_the_address_again(
    manager: Client, page: str, practitioner: Any
) -> None:
    polling.enter(practitioner, ADDRESS, at=AT)
    PractitionerCalendar.objects.update(etag="x", next_at=AT + timedelta(hours=1))
    answer = manager.post(page, {"do": "enter", "declined_is_busy": "on"}, follow=True)
    assert "The calendar will be read within a minute." in words(answer)
    calendar = PractitionerCalendar.objects.get()
    assert (calendar.address, calendar.etag, calendar.next_at) == (ADDRESS, "", AT)
    assert (calendar.tentative_is_free, calendar.declined_is_busy) == (False, True)
    form = answer.context["form"]
    assert (form["tentative_is_free"].value(), form["declined_is_busy"].value()) == (False, True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Enter an address or choose a file, not both."),
        ({"address": "http://calendars.example/"}, "not an address that starts with https://"),
    ],
)
def test_what_is_refused_is_explained(
    manager: Client, page: str, typed: dict[str, str], said: str
) -> None:
    answer = manager.post(page, {"do": "enter", **typed})
    assert answer.status_code == 422
    assert said in words(answer)
    assert not PractitionerCalendar.objects.exists()
    refused = upload(manager, page, EVENT.replace(b"20270302T130000Z", b"canary-time"))
    assert refused.status_code == 422
    assert "a date or time that can’t be read" in words(refused)
    assert "canary" not in words(refused)


def test_why_it_was_not_read_and_what_to_do(manager: Client, page: str, practitioner: Any) -> None:
    polling.enter(practitioner, ADDRESS, at=AT)
    PractitionerCalendar.objects.update(problem="gone")
    assert "There is no calendar at this address any more." in words(manager.get(page))
    listed = words(manager.get("/admin/bookings/roster/"))
    assert "There is no calendar at this address any more." in listed


def test_today_names_what_cannot_be_read_for_long(
    manager: Client, client_as: Any, page: str, practitioner: Any
) -> None:
    polling.enter(practitioner, ADDRESS, at=AT)
    assert "Calendars that can’t be read" not in words(manager.get("/admin/"))
    PractitionerCalendar.objects.update(problem="forbidden")
    shown = words(manager.get("/admin/"))
    assert "Calendars that can’t be read" in shown
    assert f'href="{page}"' in shown
    assert "Calendars that can’t be read" not in words(client_as("Receptionist").get("/admin/"))
    PractitionerCalendar.objects.update(read_at=AT)
    assert "Calendars that can’t be read" not in words(manager.get("/admin/"))


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_calendar_is_in_the_database_a_backup_or_on_a_page(
    manager: Client, page: str, practitioner: Any, tmp_path: Path, caplog: Any
) -> None:
    polling.enter(practitioner, ADDRESS, at=AT)
    upload(manager, page)
    polling.enter(practitioner, ADDRESS, at=AT)
    call_command("backup", tmp_path / "all.tar.gz")
    with tarfile.open(tmp_path / "all.tar.gz") as archive:
        files = [archive.extractfile(each) for each in archive if each.isfile()]
        kept = b"".join(file.read() for file in files if file)
    assert b"practitionercalendar" in kept.lower()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            kept += repr(cursor.fetchall()).encode()
    lists = "/admin/bookings/roster/", "/admin/bookings/enquiry/calendar/?day=2027-03-02"
    kept += b"".join(manager.get(shown).content for shown in (*lists, page, "/admin/", "/book/"))
    for secret in (b"canary", b"c0ffee"):
        assert secret not in kept
    assert "canary" not in caplog.text


def test_read_now_and_remove(manager: Client, page: str, practitioner: Any) -> None:
    polling.enter(practitioner, ADDRESS, at=AT)
    PractitionerCalendar.objects.update(next_at=AT + timedelta(hours=5))
    manager.post(page, {"do": "read"})
    assert PractitionerCalendar.objects.get().next_at == AT
    manager.post(page, {"do": "remove"})
    assert not PractitionerCalendar.objects.exists()
    assert manager.post(page, {"do": "read"}).status_code == 302  # gone meanwhile
    assert manager.post(page, {"do": "dance"}).status_code == 400


def test_a_feed_is_shown_once_and_revoked(manager: Client, page: str, client: Client) -> None:
    made = words(manager.post(page, {"do": "make"}))
    link = made.partition('class="roster-link" value="')[2].partition('"')[0]
    assert "/book/c/" in link
    assert client.get(link[link.index("/book") :]).status_code == 200
    assert link not in words(manager.get(page))
    manager.post(page, {"do": "revoke"})
    assert not CalendarFeed.objects.exists()
    assert client.get(link[link.index("/book") :]).status_code == 404
    assert "/book/c/" not in str(LogEntry.objects.values_list("change_message", flat=True))


def test_who_may_do_what(
    client: Client, client_as: Any, make_user: Any, page: str, practitioner: Any
) -> None:
    assert client.get(page).status_code == 302
    assert client_as("Author").get(page).status_code == 403
    reception = client_as("Receptionist")
    assert reception.get(page).status_code == 200
    assert "<form method" not in words(reception.get(page)).partition("roster-calendars")[2]
    for verb in ("enter", "read", "remove", "make", "revoke"):
        assert reception.post(page, {"do": verb}).status_code == 403
    practitioner.user = make_user("Practitioner", username="ines")
    practitioner.save()
    own = Client()
    own.force_login(practitioner.user)
    assert own.post(page, {"do": "make"}).status_code == 200
    assert own.post(page, {"do": "enter", "address": ADDRESS}).status_code == 403
    other = client_as("Practitioner")
    assert other.get(page).status_code == 404
    assert other.get("/admin/bookings/roster/999/calendar/").status_code == 404
