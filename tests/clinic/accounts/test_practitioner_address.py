"""Who may change the address that receives invitations and codes, and who is told."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client

from clinic.mail import outbox
from clinic.models import Message, Practitioner, User

LATER = datetime(2100, 1, 1, tzinfo=UTC)
ADDRESS = "hanna@larkspur.example"


@pytest.fixture(autouse=True)
def _mail_in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def hanna(db: None) -> Practitioner:
    return Practitioner.objects.create(
        name="Dr Hanna Weiss", slug="hanna", role="Doctor", email=ADDRESS
    )


def save(client: Client, person: Practitioner | None, **changes: Any) -> Any:
    fields = {"name": "Dr Hanna Weiss", "slug": "hanna", "role": "Doctor", "order": 0}
    rows = {f"credentials-{kind}_FORMS": 0 for kind in ("TOTAL", "INITIAL")}
    where = f"{person.pk}/change" if person else "add"
    answer = client.post(f"/admin/clinic/practitioner/{where}/", {**fields, **rows, **changes})
    assert answer.status_code == 302
    return answer


def mails_sent() -> list[Any]:
    outbox.run_once(LATER)
    return mail.outbox


def test_an_editor_neither_changes_an_address_nor_makes_one_up(client_as: Any, hanna: Practitioner):
    client = client_as("Editor")
    page = client.get(f"/admin/clinic/practitioner/{hanna.pk}/change/").content.decode()
    assert ADDRESS in page
    assert 'name="email"' not in page
    assert 'name="email"' not in client.get("/admin/clinic/practitioner/add/").content.decode()
    save(client, hanna, email="mara@larkspur.example", summary="Knees.")
    save(client, None, name="Dr Ada", slug="ada", email="mara@larkspur.example")
    hanna.refresh_from_db()
    assert (hanna.email, hanna.summary) == (ADDRESS, "Knees.")
    assert Practitioner.objects.get(slug="ada").email == ""
    assert mails_sent() == []


@pytest.mark.parametrize("way_to_sign", ["email", "user"])
def test_an_editor_renames_only_those_who_cannot_sign(
    way_to_sign: str, client_as: Any, hanna: Practitioner, reviewer: User
):
    client = client_as("Editor")
    Practitioner.objects.update(
        **{"email": "", way_to_sign: {"email": ADDRESS}.get(way_to_sign, reviewer)}
    )
    page = client.get(f"/admin/clinic/practitioner/{hanna.pk}/change/")
    assert page.status_code == 200
    save(client, hanna, name="Dr Somebody Else")
    hanna.refresh_from_db()
    assert hanna.name == "Dr Hanna Weiss"
    Practitioner.objects.update(email="", user=None)
    save(client, hanna, name="Dr Hanna Weiss-Okafor")
    hanna.refresh_from_db()
    assert hanna.name == "Dr Hanna Weiss-Okafor"


def test_the_old_address_is_told_of_a_new_one(client_as: Any, hanna: Practitioner):
    client = client_as("Manager")
    save(client, hanna, email="weiss@larkspur.example")
    (told,) = mails_sent()
    assert told.to == [ADDRESS]
    assert "We will no longer email you at this address" in told.body
    assert "weiss@" not in told.body
    entry = LogEntry.objects.get(pk=Message.objects.get().object_id)
    assert entry.user == User.objects.get(username="client-manager")
    assert ADDRESS in entry.get_change_message()
    mail.outbox.clear()
    save(client, hanna, email="weiss@larkspur.example")
    save(client, hanna, email="WEISS@larkspur.example")
    assert mails_sent() == []
    save(client, hanna, email="")
    assert [sent.to for sent in mails_sent()] == [["WEISS@larkspur.example"]]


def test_the_old_address_is_told_when_an_account_takes_its_place(
    client_as: Any, hanna: Practitioner, reviewer: User
):
    User.objects.filter(pk=reviewer.pk).update(email="hanna.weiss@larkspur.example")
    save(client_as("Manager"), hanna, email=ADDRESS, user=reviewer.pk)
    assert [sent.to for sent in mails_sent()] == [[ADDRESS]]


@pytest.mark.parametrize(
    ("email", "is_active", "address"),
    [
        ("own@larkspur.example", True, "own@larkspur.example"),
        ("", True, ADDRESS),
        ("own@larkspur.example", False, ADDRESS),
    ],
)
def test_mail_goes_to_the_address_of_the_account(
    email: str, is_active: bool, address: str, hanna: Practitioner, reviewer: User
):
    User.objects.filter(pk=reviewer.pk).update(email=email, is_active=is_active)
    Practitioner.objects.update(user=reviewer)
    assert Practitioner.objects.get().address == address
