"""Links that staff type: what runs, or leaves the site unseen, is refused by form and database."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.test import Client

from articles.models import Reference, ReferenceNotice
from clinic.lib.fields.visible_text import visible_line
from clinic.models import (
    Announcement,
    Clinic,
    Credential,
    Location,
    Practitioner,
    RedFlag,
    Redirect,
    Service,
    WayToStart,
)

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
pytestmark = pytest.mark.django_db

UNSAFE = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "ftp://files.example/a",
    "//evil.example/",
    "/\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "https:\\\\evil.example",
    "fees",
]
OWN_OR_OUTSIDE = ["/fees/", "/", "/articles/?q=a%20b#top"]
OUTSIDE = ["https://book.example/a?b=c", "http://book.example", "HTTPS://BOOK.EXAMPLE/"]
OTHERS = ["mailto:desk@clinic.example", "tel:+16135550142"]


def practitioner() -> Practitioner:
    return Practitioner.objects.get_or_create(slug="hanna", defaults={"name": "Hanna"})[0]


def notice(url: str) -> Announcement:
    return Announcement(text="A", url=url, starts_at=AT, ends_at=AT + timedelta(days=1))


def way(url: str) -> WayToStart:
    return WayToStart(label="Go", kind="link", url=url)


def service(url: str) -> Service:
    return Service(name="S", slug="s", booking_url=url)


def location(url: str) -> Location:
    return Location(name="L", slug="l", booking_url=url)


def red_flag(url: str) -> RedFlag:
    return RedFlag(sentence="S", level="today", source_url=url)


def person(url: str) -> Practitioner:
    return Practitioner(name="P", slug="p", booking_url=url)


def whole_clinic(url: str) -> Clinic:
    clinic = Clinic.objects.get()
    clinic.booking_url = url
    return clinic


def credential(url: str) -> Credential:
    return Credential(practitioner=practitioner(), kind="degree", name="MSc", url=url)


def newer_source(url: str) -> ReferenceNotice:
    source, _new = Reference.objects.get_or_create(key="a2020", defaults={"csl": {"title": "A"}})
    return ReferenceNotice(reference=source, kind="superseded", url=url, found_at=AT)


def past_address(url: str) -> Redirect:
    return Redirect(path="/old/", to_path=url)


ALLOWED = {
    notice: [*OWN_OR_OUTSIDE, *OUTSIDE, *OTHERS],
    way: [*OWN_OR_OUTSIDE, *OUTSIDE, *OTHERS],
    service: OUTSIDE,
    red_flag: OUTSIDE,
    location: OUTSIDE,
    person: OUTSIDE,
    whole_clinic: OUTSIDE,
    credential: OUTSIDE,
    newer_source: OUTSIDE,
    past_address: OWN_OR_OUTSIDE,
}
FIELDS = {past_address: "to_path", service: "booking_url", location: "booking_url"}
FIELDS |= {person: "booking_url", whole_clinic: "booking_url", red_flag: "source_url"}


@pytest.mark.parametrize("make", ALLOWED, ids=lambda make: make.__name__)
def test_links_that_run_or_hide_where_they_go_are_refused(make: Any) -> None:
    for url in UNSAFE:
        if make is past_address and visible_line(url) != url:
            continue  # stored without what would hide where it goes: "/\t/evil" is "/ /evil"
        with pytest.raises(IntegrityError), transaction.atomic():
            make(url).save()
        with pytest.raises(ValidationError) as refusal:
            make(url).full_clean()
        assert FIELDS.get(make, "url") in refusal.value.message_dict or make is past_address, url


@pytest.mark.parametrize("make", ALLOWED, ids=lambda make: make.__name__)
def test_links_that_pages_may_show_are_taken(make: Any) -> None:
    for url in ALLOWED[make]:
        thing = make(url)
        thing.clean_fields(
            exclude=[f.name for f in thing._meta.fields if f.name not in (FIELDS.get(make, "url"),)]
        )
        with transaction.atomic():
            thing.save()
            transaction.set_rollback(True)


def test_every_field_for_a_link_has_a_rule() -> None:
    """By name and by type: a new one is added to ALLOWED, or explained here."""
    known = {(make("/")._meta.model, FIELDS.get(make, "url")) for make in ALLOWED}
    found = {
        (model, field.name)
        for app in ("clinic", "articles", "bookings")
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.URLField) or "url" in field.name or field.name == "to_path"
    }
    assert found == known


def test_links_from_before_are_mended() -> None:
    """The database would refuse them, so they are written under a stand-in for the models."""
    kept: dict[tuple[str, int], str] = {}

    class Rows:
        def __init__(self, name: str, values: list[str]) -> None:
            self.name, self.values = name, values

        def exclude(self, **_: Any) -> "Rows":
            return self

        def values_list(self, *_: str) -> list[tuple[int, str]]:
            return list(enumerate(self.values))

        def filter(self, *, pk: int) -> Any:
            name = self.name

            class One:
                def update(self, **new: str) -> None:
                    [kept[name, pk]] = new.values()

            return One()

    class Apps:
        def get_model(self, _app: str, name: str) -> Any:
            values = ["www.clinic.example/fees", "javascript:alert(1)", "/fees/", "//evil.example"]
            return type("Model", (), {"objects": Rows(name, values)})

    import_module("clinic.migrations.0013_mend_links").mend(Apps(), None)
    assert kept["Announcement", 0] == "https://www.clinic.example/fees"
    assert kept["Announcement", 1] == kept["Announcement", 3] == ""
    assert ("Announcement", 2) not in kept
    assert kept["WayToStart", 1] == "/"
    assert kept["Service", 2] == ""
    assert kept["Redirect", 0] == kept["Redirect", 3] == "/"
    assert ("Redirect", 2) not in kept


def test_a_refused_link_is_explained_at_its_field(client_as: Any) -> None:
    form = {
        "text": "We moved.", "url": "javascript:alert(1)",
        "starts_at_0": "2027-03-14", "starts_at_1": "09:00",
        "ends_at_0": "2027-03-15", "ends_at_1": "09:00",
    }  # fmt: skip
    client: Client = client_as("Editor")
    page = client.post("/admin/clinic/announcement/add/", form)
    assert page.status_code == 200
    assert "Start with / for a page on this site" in page.content.decode()
    assert "We moved." in page.content.decode(), "nothing typed is lost"
    assert not Announcement.objects.exists()
