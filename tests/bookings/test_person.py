"""What leaves the house, and what goes for good."""

import csv
import io
import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.utils import timezone

from bookings import correspondence, person
from bookings.models import Enquiry, Event

pytestmark = pytest.mark.django_db

INBOX = "/admin/bookings/enquiry/"


@pytest.fixture
def now() -> Any:
    return timezone.now()


@pytest.fixture
def hers(make_enquiry: Any, now: Any) -> list[Any]:
    """Two requests by the same address, a third by the same phone number."""
    return [
        make_enquiry(when=now),
        make_enquiry(when=now, email="M.Ellery@patients.example", phone=""),
        make_enquiry(when=now, email=""),
    ]


@pytest.fixture
def other(make_enquiry: Any, now: Any) -> Any:
    return make_enquiry(
        when=now, name="Oskar Brandt", email="oskar@patients.example", phone="", message="Knee."
    )


def test_a_list_for_a_spreadsheet(hers: Any, client_as: Any) -> None:
    Enquiry.objects.filter(pk=hers[0].pk).update(name='=HYPERLINK("x")')
    manager = client_as("Manager")
    response = manager.post(f"{INBOX}export/")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["number"] for row in rows] == [each.number for each in hers]
    assert rows[0]["name"] == '\'=HYPERLINK("x")'
    assert rows[0]["phone"] == "'+12025550188"
    assert "Low back" not in response.content.decode()
    assert "lifted" not in response.content.decode()
    line = Event.objects.get(kind=Event.Kind.EXPORTED)
    assert line.by == response.wsgi_request.user


@pytest.mark.parametrize("address", ["export/", "{pk}/person/", "{pk}/erase-person/"])
def test_it_is_a_right_of_its_own(hers: Any, client_as: Any, client: Any, address: str) -> None:
    address = INBOX + address.format(pk=hers[0].pk)
    for role in ("Receptionist", "Practitioner", "Editor"):
        assert client_as(role).post(address).status_code == 403
    assert "/admin/login/" in client.post(address)["Location"]
    assert client_as("Manager").get(address).status_code == 405
    assert Enquiry.objects.count() == 3
    assert not Event.objects.filter(kind=Event.Kind.EXPORTED).exists()


def test_everything_about_one_person(
    hers: Any, other: Any, client_as: Any, receptionist: Any, now: Any
) -> None:
    correspondence.answer(hers[0], text="Bring the letter.", by=receptionist, at=now)
    response = client_as("Manager").post(f"{INBOX}{hers[0].pk}/person/")
    told = json.loads(response.content)
    assert [each["number"] for each in told] == [each.number for each in hers]
    assert told[0]["message"] == "It began when I lifted a box."
    assert told[0]["service"] == "Low back pain"
    assert "Bring the letter." in [line["text"] for line in told[0]["timeline"]]
    assert "Brandt" not in response.content.decode()
    assert Event.objects.filter(kind=Event.Kind.EXPORTED).count() == 3


def test_erasing_asks_for_the_number(hers: Any, other: Any, client_as: Any) -> None:
    manager = client_as("Manager")
    address = f"{INBOX}{hers[0].pk}/erase-person/"
    assert manager.post(address, {"number": other.number}).status_code == 302
    assert Enquiry.objects.count() == 4
    assert manager.post(address, {"number": hers[0].number}).status_code == 302
    assert Enquiry.objects.get() == other
    logged = set(LogEntry.objects.values_list("object_repr", flat=True))
    assert logged == {each.number for each in hers}
    assert manager.post(address, {"number": hers[0].number}).status_code == 404


def test_by_command(hers: Any, other: Any, tmp_path: Any, capsys: Any) -> None:
    file = tmp_path / "person.json"
    call_command("person", "+12025550188", "--export", str(file))
    # By phone the first and third, by the first's address the second.
    assert len(json.loads(file.read_text())) == 3
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="exists"):
        call_command("person", hers[0].number, "--export", str(file))
    call_command("person", hers[0].number.lower(), "--erase", "--yes")
    assert Enquiry.objects.get() == other
    with pytest.raises(CommandError, match="Nothing is kept"):
        call_command("person", "nobody@patients.example", "--erase", "--yes")


def test_erasing_by_command_asks(hers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda question: "no")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("person", hers[0].number, "--erase")
    assert person.find(hers[0].number).count() == 3
