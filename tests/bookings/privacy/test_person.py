"""What leaves the house, and what goes for good."""

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user
from django.core.management import CommandError, call_command
from django.utils import timezone

from bookings import workflow
from bookings.models import Enquiry, Event
from bookings.patient import correspondence

pytestmark = pytest.mark.django_db

INBOX = "/admin/bookings/enquiry/"


@pytest.fixture
def now() -> Any:
    return timezone.now()


@pytest.fixture
def hers(make_enquiry: Any, now: Any) -> list[Any]:
    """Two requests by the same address, a third by the same name and phone number."""
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
    assert rows[0]["phone"] == "'+16135550188"
    assert "lifted" not in response.content.decode()
    line = Event.objects.get(kind=Event.Kind.EXPORTED)
    assert line.by == response.wsgi_request.user


@pytest.mark.parametrize("address", ["export/", "{pk}/person/", "{pk}/erase-person/"])
def test_it_is_a_right_of_its_own(hers: Any, client_as: Any, client: Any, address: str) -> None:
    address = INBOX + address.format(pk=hers[0].pk)
    for role in ("Receptionist", "Practitioner", "Editor"):
        assert client_as(role).post(address).status_code == 403
    assert "/admin/login/" in client.post(address)["Location"]
    # The list to choose from is read; nothing is exported or erased by reading.
    assert client_as("Manager").get(address).status_code == (200 if "/person/" in address else 405)
    assert Enquiry.objects.count() == 3
    assert not Event.objects.filter(kind=Event.Kind.EXPORTED).exists()


def _chosen(page: str) -> dict[str, bool]:
    """The boxes of the list: what each sends, and whether it is ticked."""
    boxes = re.findall(r'name="chosen" value="([^"]+)"( checked)?', page)
    return {value: bool(ticked) for value, ticked in boxes}


def _ticked(client: Any, enquiry: Any) -> list[str]:
    page = client.get(f"{INBOX}{enquiry.pk}/person/").content.decode()
    return [value for value, ticked in _chosen(page).items() if ticked]


def _key(client: Any, enquiry: Any, of: Any) -> str:
    page = client.get(f"{INBOX}{enquiry.pk}/person/").content.decode()
    [found] = [value for value in _chosen(page) if value.startswith(f"{of.pk}-")]
    return found


@pytest.fixture
def strangers(make_enquiry: Any, now: Any) -> list[Any]:
    """Requests of other people that carry her phone number, her address, or her name."""
    return [
        make_enquiry(when=now, name="Ann Other", email="ann@patients.example", message="Hip."),
        make_enquiry(when=now, name="Ben Other", phone="+16135550100", message="Elbow."),
        make_enquiry(when=now, email="cara@patients.example", phone="", message="Ankle."),
    ]


def test_everything_about_one_person(
    hers: Any, other: Any, client_as: Any, receptionist: Any, now: Any
) -> None:
    correspondence.answer(hers[0], text="Bring the letter.", by=receptionist, at=now)
    manager = client_as("Manager")
    address = f"{INBOX}{hers[0].pk}/person/"
    chosen = [*_ticked(manager, hers[0]), _key(manager, hers[0], hers[2])]
    response = manager.post(address, {"chosen": chosen})
    told = json.loads(response.content)
    assert [each["number"] for each in told] == [each.number for each in hers]
    assert told[0]["message"] == "It began when I lifted a box."
    assert told[0]["service"] == "Low back pain"
    assert "Bring the letter." in [line["text"] for line in told[0]["timeline"]]
    assert "Brandt" not in response.content.decode()
    assert Event.objects.filter(kind=Event.Kind.EXPORTED).count() == 3


def test_what_may_be_somebody_elses_is_apart_and_unticked(
    hers: Any, strangers: Any, other: Any, client_as: Any
) -> None:
    manager = client_as("Manager")
    page = manager.get(f"{INBOX}{hers[0].pk}/person/").content.decode()
    ticked = {value.partition("-")[0]: is_on for value, is_on in _chosen(page).items()}
    perhaps_hers = [*strangers, hers[2]]
    assert ticked == {str(each.pk): True for each in hers[:2]} | {
        str(each.pk): False for each in perhaps_hers
    }
    sure, perhaps = page.split("Possibly someone else")
    whys = ("phone number", "email address", "name", "phone number, same name")
    for each, why in zip(perhaps_hers, whys, strict=True):
        assert each.number not in sure
        row = perhaps.split(each.number)[1].split("</p>")[0]
        assert f"Found by: same {why}." in " ".join(row.split())
    for words in ("Hip.", "Elbow.", "Ankle.", "lifted", "Low back"):
        assert words not in page
    # Whoever sends her phone number gets her rows no more than she gets theirs.
    ann = manager.get(f"{INBOX}{strangers[0].pk}/person/").content.decode()
    on = [value for value, is_on in _chosen(ann).items() if is_on]
    assert [value.partition("-")[0] for value in on] == [str(strangers[0].pk)]


@pytest.mark.parametrize("address", ["person/", "erase-person/"])
def test_nothing_goes_without_a_choice(
    hers: Any, strangers: Any, other: Any, client_as: Any, address: str
) -> None:
    manager = client_as("Manager")
    for chosen in ([], [f"{other.pk}-1"], ["x"], [str(hers[0].pk)]):
        sent = {"chosen": chosen, "number": hers[0].number}
        response = manager.post(f"{INBOX}{hers[0].pk}/{address}", sent)
        assert response.status_code == 409
        assert "Nothing was done." in response.content.decode()
        assert not [on for on in _chosen(response.content.decode()).values() if on and not chosen]
    assert Enquiry.objects.count() == 7
    assert not Event.objects.filter(kind=Event.Kind.EXPORTED).exists()


def test_only_what_was_chosen_is_erased_and_each_is_logged(
    hers: Any, strangers: Any, client_as: Any, caplog: pytest.LogCaptureFixture
) -> None:
    manager = client_as("Manager")
    keys = [_key(manager, hers[0], each) for each in (hers[1], strangers[0])]
    address = f"{INBOX}{hers[0].pk}/erase-person/"
    wrong = manager.post(address, {"chosen": keys, "number": hers[1].number})
    assert wrong.status_code == 409
    # What was ticked stays so.
    assert {value for value, on in _chosen(wrong.content.decode()).items() if on} == set(keys)
    with caplog.at_level("INFO", logger="bookings.privacy.data_subject"):
        sent = {"chosen": keys, "number": hers[0].number}
        assert manager.post(address, sent).status_code == 302
    gone = {hers[1].number, strangers[0].number}
    assert set(Enquiry.objects.values_list("number", flat=True)) == {
        each.number for each in (hers[0], hers[2], *strangers[1:])
    }
    assert set(LogEntry.objects.values_list("object_repr", flat=True)) == gone
    assert {number for number in gone if number in caplog.text} == gone
    who = get_user(manager)
    assert f"was erased by account {who.pk}." in caplog.text  # as the security log names staff
    assert who.get_username() not in caplog.text


def test_a_booked_visit_is_named_and_a_row_that_changed_is_not_erased(
    hers: Any, client_as: Any, receptionist: Any, practitioner: Any, location: Any, now: Any
) -> None:
    manager = client_as("Manager")
    address = f"{INBOX}{hers[0].pk}"
    old = _ticked(manager, hers[0])
    workflow.offer(
        hers[1],
        practitioner=practitioner,
        location=location,
        starts=[now + timedelta(days=3)],
        minutes=45,
        agreed=True,
        by=receptionist,
        at=now,
    )
    refused = manager.post(f"{address}/erase-person/", {"chosen": old, "number": hers[0].number})
    assert refused.status_code == 409
    assert Enquiry.objects.count() == 3
    page = refused.content.decode()
    assert page.count("Appointment booked:") == 1
    assert "with Ines Okafor" in page.split(hers[1].number)[1]


def test_erasing_asks_for_the_number(hers: Any, other: Any, client_as: Any) -> None:
    manager = client_as("Manager")
    address = f"{INBOX}{hers[0].pk}/erase-person/"
    sent = {"chosen": [*_ticked(manager, hers[0]), _key(manager, hers[0], hers[2])]}
    assert manager.post(address, sent | {"number": other.number}).status_code == 409
    assert Enquiry.objects.count() == 4
    assert manager.post(address, sent | {"number": hers[0].number}).status_code == 302
    assert Enquiry.objects.get() == other
    logged = set(LogEntry.objects.values_list("object_repr", flat=True))
    assert logged == {each.number for each in hers}
    assert manager.post(address, sent | {"number": hers[0].number}).status_code == 404


def test_the_command_lists(hers: Any, strangers: Any, other: Any, capsys: Any) -> None:
    call_command("person", "M.ELLERY@patients.example")
    sure, perhaps = capsys.readouterr().out.split("Possibly someone else:")
    listed = {each.number for each in (*hers, *strangers) if each.number in sure}
    # By her address a stranger gave it too; the name is then one of those of the address.
    assert {hers[0].number, hers[1].number} <= listed
    assert strangers[0].number in perhaps
    assert "same phone number" in perhaps
    assert other.number not in sure + perhaps
    assert "lifted" not in sure + perhaps
    assert Enquiry.objects.count() == 7


@pytest.mark.parametrize("act", [["--erase", "--yes"], ["--export", "never.json"]])
def test_the_command_acts_on_numbers_only(
    hers: Any, other: Any, tmp_path: Any, act: list[str]
) -> None:
    act = [str(tmp_path / each) if each.endswith("json") else each for each in act]
    for numbers in ([], [other.number], [hers[0].number, "999999"]):
        named = ["--numbers", *numbers] if numbers else []
        with pytest.raises(CommandError) as refusal:
            call_command("person", hers[0].number, *act, *named)
        assert refusal.value.returncode == 2
    assert Enquiry.objects.count() == 4
    assert not list(tmp_path.iterdir())


def test_by_command(
    hers: Any, strangers: Any, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "person.json"
    numbers = [hers[0].number, hers[2].number.split()[-1]]
    call_command("person", "+16135550188", "--export", str(file), "--numbers", *numbers)
    assert len(json.loads(file.read_text())) == 2
    assert file.stat().st_mode & 0o777 == 0o600
    assert Event.objects.filter(kind=Event.Kind.EXPORTED).count() == 2
    # A phone number leads no further than to those who gave it.
    with pytest.raises(CommandError, match="is not one of the requests found"):
        call_command("person", "+16135550188", "--erase", "--numbers", hers[1].number)
    with pytest.raises(CommandError, match="exists"):
        call_command("person", hers[0].number, "--export", str(file), "--numbers", *numbers)
    with caplog.at_level("INFO", logger="bookings.privacy.data_subject"):
        call_command(
            "person", hers[0].number.lower(), "--erase", "--yes", "--numbers", hers[1].number
        )
    assert f"Request {hers[1].number} was erased by the command line." in caplog.text
    assert not Enquiry.objects.filter(pk=hers[1].pk).exists()
    assert Enquiry.objects.count() == 5
    with pytest.raises(CommandError, match="No requests were found"):
        call_command("person", "nobody@patients.example", "--erase", "--yes")


def test_erasing_by_command_asks(hers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda question: "no")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("person", hers[0].number, "--erase", "--numbers", hers[0].number)
    assert Enquiry.objects.count() == 3


def test_many_requests_of_many_people_with_one_phone_number(
    make_enquiry: Any, client_as: Any, now: Any
) -> None:
    victims = [
        make_enquiry(when=now, name=f"Patient {n}", email=f"p{n}@patients.example")
        for n in range(30)
    ]
    manager = client_as("Manager")
    assert len(_ticked(manager, victims[0])) == 1
    sent = {"chosen": _ticked(manager, victims[0]), "number": victims[0].number}
    assert manager.post(f"{INBOX}{victims[0].pk}/erase-person/", sent).status_code == 302
    assert Enquiry.objects.count() == 29
