"""The demo clinic: loaded into nothing, twice without change, and taken away whole."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client

from clinic import hooks
from clinic.accounts import staff_accounts
from clinic.mail import outbox
from clinic.models import (
    Announcement,
    Clinic,
    Closure,
    Credential,
    Image,
    Location,
    Message,
    OpeningPeriod,
    Practitioner,
    SearchDocument,
    Service,
)
from clinic.operations import demo
from clinic.site import content_version

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def ground_floor_alone(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """Only what clinic itself puts into the demo: each app tests its own."""
    monkeypatch.setattr(hooks, "demos", [hooks.Demo(10, demo.load, demo.remove)])
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)


def everything() -> dict[str, list[dict[str, Any]]]:
    tables: list[type[models.Model]] = [
        Announcement,
        Clinic,
        Closure,
        Credential,
        Image,
        Location,
        OpeningPeriod,
        Practitioner,
        SearchDocument,
        Service,
        get_user_model(),
    ]
    return {m.__name__: list(m._default_manager.order_by("pk").values()) for m in tables}


def test_the_demo_is_what_the_mission_names() -> None:
    demo.load_all(AT)
    clinic = Clinic.objects.get()
    assert clinic.is_demo
    assert clinic.email.endswith(".example")
    assert Location.objects.count() == 2
    assert Service.objects.count() == 7
    assert Practitioner.objects.filter(takes_bookings=True).count() == 4
    assert not Practitioner.objects.filter(photo=None).exists()
    assert not Image.objects.filter(models.Q(alt="") | models.Q(credit="") | models.Q(licence=""))
    assert all("555" in phone for phone in Location.objects.values_list("phone", flat=True))
    assert Announcement.objects.shown(AT).count() == 1
    assert SearchDocument.objects.filter(kind="service").count() == 7


def test_the_card_of_red_flags_says_what_to_do_and_what_each_number_is_for(client: Client) -> None:
    demo.load_all(AT)
    page = client.get("/services/shockwave/").content.decode()
    card = page[page.index('class="card card-emergency"') :].split("</section>")[0]
    words = " ".join(re.sub(r"<[^>]*>", " ", card).split())
    assert "Get medical help now if any of these apply to you" in words
    assert "In an emergency, call 911" in words
    assert "If you are not sure: Nurse line," in words


def test_people_of_the_demo_have_roles_and_no_password() -> None:
    demo.load_all(AT)
    ines = get_user_model().objects.get(username="ines")
    assert {group.name for group in ines.groups.all()} == {"Author", "Practitioner"}
    assert ines.practitioner.slug == "ines-okafor"
    assert not ines.has_usable_password()


def test_people_of_the_demo_sign_in_with_the_given_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", "correct horse battery")
    call_command("demo")
    assert "joan" in capsys.readouterr().out
    assert get_user_model().objects.get(username="joan").check_password("correct horse battery")


def test_loading_twice_changes_nothing() -> None:
    demo.load_all(AT)
    before, version = everything(), content_version.current_version()
    demo.load_all(AT)
    assert everything() == before
    assert content_version.current_version() == version


def test_a_clinic_that_exists_is_not_mixed_with_the_demo() -> None:
    Location.objects.create(name="Ours", slug="ours", street="1 Our Street", city="Our Town")
    with pytest.raises(CommandError, match="already contains a clinic"):
        call_command("demo")
    call_command("demo", if_empty=True)
    assert Location.objects.count() == 1
    assert not Clinic.objects.get().is_demo


def test_an_app_that_holds_something_keeps_the_demo_away(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks.demos.append(hooks.Demo(20, lambda at: None, lambda: None, lambda: False))
    with pytest.raises(CommandError, match="needs an empty database"):
        call_command("demo")


def test_the_demo_goes_away_whole(
    capsys: pytest.CaptureFixture[str], django_capture_on_commit_callbacks: Any
) -> None:
    staff_accounts.ensure_first_manager("correct horse battery")
    before = everything()
    call_command("demo")
    outbox.queue("note", 1, at=AT)
    files = list(Image.objects.values_list("file", flat=True))
    assert files
    assert all(default_storage.exists(name) for name in files)
    version = content_version.current_version()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("demo", remove=True)
    assert everything() == before
    assert not Message.objects.exists()
    assert not any(default_storage.exists(name) for name in files)
    assert content_version.current_version() != version
    output = capsys.readouterr().out
    assert "[ ] Phone" in output
    assert "[ ] First location" in output


def test_details_that_were_changed_in_the_demo_stay() -> None:
    demo.load_all(AT)
    Clinic.objects.update(name="Riverside", time_zone="Europe/Lisbon")
    demo.remove_all()
    clinic = Clinic.objects.get()
    assert (clinic.name, clinic.time_zone, clinic.phone) == ("Riverside", "Europe/Lisbon", "")
    assert not clinic.is_demo


def test_only_a_demo_is_taken_away() -> None:
    Location.objects.create(name="Ours", slug="ours", street="1 Our Street", city="Our Town")
    with pytest.raises(CommandError, match="not a demo"):
        call_command("demo", remove=True)
    assert Location.objects.count() == 1
