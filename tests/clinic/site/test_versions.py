"""The past of what readers see: kept, compared, restored, and never changed."""

from datetime import date, time
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from clinic import hooks
from clinic.models import (
    Clinic,
    Credential,
    Image,
    Location,
    OpeningPeriod,
    Practitioner,
    SearchDocument,
    Service,
    Version,
)
from clinic.site import content_version, versions
from tests.clinic.site.test_frame import HOUR, NOON

# What readers see of these models and is not kept, and why.
LEFT_OUT = {
    "slug": "addresses redirect: putting one back is no matter of words",
    "order": "lists, not texts",
    "facts_changed_at": "of a service: follows from its changes",
    "email": "of a practitioner: not shown",
    "practitioner": "of a roster: it has one for good",
    "user": "an account",
    "red_flags_reviewed_on": "not shown",
}
SETTINGS = {
    *("region", "locale", "time_zone", "logo", "sky", "tape", "typeface", "reference_style"),
    *("review_before_publishing", "review_interval_months", "reference_prefix", "zone_data"),
    *("answer_hours", "offer_hold_hours", "reminder_hours", "link_days", "keep_spam_days"),
    "cancel_hours",
    *("keep_declined_days", "keep_closed_days", "is_demo", "has_taken_requests"),
}


@pytest.fixture
def needling(db: None) -> Service:
    return Service.objects.create(
        name="Dry needling",
        slug="dry-needling",
        summary="A thin needle.",
        risks="A bruise\nFainting",
        not_for="You have a fever",
    )


def page_of(obj: Any, page: str, *numbers: int) -> str:
    meta = obj._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=[obj.pk, *numbers])


def save(client: Client, obj: Any, **changes: Any) -> Any:
    """Send the form of a thing with some changes, as it stands in the page otherwise."""
    page = client.get(page_of(obj, "change")).context
    form, formsets = page["adminform"].form, page["inline_admin_formsets"]
    sent: dict[str, Any] = {}
    for each in [form, *(form for one in formsets for form in one.formset.initial_forms)]:
        for bound in each:
            value = bound.value()
            value = [getattr(row, "pk", row) for row in value] if isinstance(value, list) else value
            if value is not None and value is not False:
                sent[bound.html_name] = "on" if value is True else value
    for one in formsets:
        for bound in one.formset.management_form:
            sent[bound.html_name] = bound.value()
    return client.post(page_of(obj, "change"), sent | changes)


@pytest.mark.parametrize("label", sorted(hooks.kept))
def test_every_field_is_kept_or_left_out_on_purpose(label: str):
    model, kept = apps.get_model(label), hooks.kept[label]
    fields = {field.name for field in [*model._meta.fields, *model._meta.many_to_many]} - {"id"}
    left = fields - set(kept.fields) - LEFT_OUT.keys()
    assert left == (SETTINGS if label == "clinic.clinic" else set())
    for relation, names in kept.rows.items():
        related = model._meta.get_field(relation)
        own = {field.name for field in related.related_model._meta.fields} - {"id"}
        assert own - set(names) == {related.remote_field.name}


def test_saves_are_kept_with_who_when_and_what(client_as: Any, needling: Service):
    client = client_as("Editor")
    with time_machine.travel(NOON, tick=False) as clock:
        save(client, needling, not_for="You have a fever\nYou faint easily")
        clock.shift(HOUR)
        save(client, needling)  # without a change
        save(client, needling, summary="A very thin needle.")
        Service.objects.update(price_text="95")  # by no form
        save(client, needling, first_minutes="30")
        rows = versions.of(needling)
        said = [(row.number, row.made_at - NOON, row.by_name) for row in rows]
        shown = client.get(page_of(needling, "history"))
        one = client.get(page_of(needling, "version", 2)).content.decode()
    name = "client-editor"
    assert said == [
        *((5, HOUR, name), (4, HOUR, ""), (3, HOUR, name)),
        *((2, 0 * HOUR, name), (1, 0 * HOUR, "")),
    ]
    changed = [labels for _row, labels in shown.context["versions"]]
    lists, short = ["Who should not have it"], ["In one sentence"]
    assert changed == [["First appointment (minutes)"], ["Price"], short, lists, []]
    assert "Who should not have it" in shown.content.decode()
    assert "<ins" in one
    assert "faint easily" in one
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(by_name="somebody")
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()


def test_a_version_is_restored_with_what_belongs_to_it(client_as: Any, needling: Service):
    physio = Service.objects.create(name="Physiotherapy", slug="physio", summary="x")
    place = Location.objects.create(name="Mill", slug="mill", street="2", city="Mill")
    photo = Image.objects.create(file="images/x.png", width=1, height=1)
    ines = Practitioner.objects.create(
        name="Ines", slug="ines", role="Physio", biography="Runs.", photo=photo
    )
    ines.services.set([needling, physio])
    until = date(2030, 1, 1)
    Credential.objects.create(practitioner=ines, kind="degree", name="MSc", valid_until=until)
    versions.record(ines, by=None, at=NOON)
    Practitioner.objects.update(biography="Swims.", photo=None)
    ines.services.set([physio])
    ines.locations.set([place])
    ines.credentials.all().delete()
    needling.delete()
    photo.delete()
    client = client_as("Manager")
    shown = client.get(page_of(ines, "version", 1))
    before = content_version.current_version()
    sent = {"seen": shown.context["seen"]}
    page = client.post(page_of(ines, "version", 1), sent, follow=True).content.decode()
    assert "Version 1 has been restored." in page
    assert "Not restored, because it is gone: Photo, Services" in page
    ines = Practitioner.objects.get()
    assert (ines.biography, ines.photo) == ("Runs.", None)
    assert (list(ines.services.all()), list(ines.locations.all())) == ([physio], [])
    assert ines.credentials.get().valid_until == until
    assert content_version.current_version() != before
    found = SearchDocument.objects.get(kind="practitioner", object_id=ines.pk)
    assert "Runs." in str(found.passages)
    assert [row.by_name for row in versions.of(ines)] == ["client-manager", "", ""]


def test_hours_and_the_clinics_own_texts_come_back(client_as: Any, db: None):
    place = Location.objects.create(name="Mill", slug="mill", street="2", city="Mill")
    OpeningPeriod.objects.create(location=place, weekday=0, opens=time(8), closes=time(18, 30))
    clinic = Clinic.objects.get()
    client = client_as("Manager")
    for obj in (place, clinic):
        versions.record(obj, by=None, at=NOON)
    OpeningPeriod.objects.update(closes=time(12))
    Clinic.objects.update(headline="Other words.")
    for obj in (place, clinic):
        client.post(page_of(obj, "version", 1))
    assert OpeningPeriod.objects.get().closes == time(18, 30)
    assert Clinic.objects.get().headline == clinic.headline


def test_what_changed_meanwhile_is_not_restored_over(client_as: Any, needling: Service):
    versions.record(needling, by=None, at=NOON)
    Service.objects.update(summary="Other words.")
    client = client_as("Editor")
    seen = client.get(page_of(needling, "version", 1)).context["seen"]
    Service.objects.update(summary="Newer words.")
    page = client.post(page_of(needling, "version", 1), {"seen": seen}).content.decode()
    assert "so nothing was done" in page
    assert Service.objects.get().summary == "Newer words."


def test_what_may_not_be_changed_is_not_restored(client_as: Any, make_user: Any, db: None):
    hanna = Practitioner.objects.create(
        name="Hanna", slug="hanna", role="Doctor", user=make_user("Clinical reviewer")
    )
    versions.record(hanna, by=None, at=NOON)
    Practitioner.objects.update(name="Dr Hanna Weiss", role="Physician")
    client_as("Editor").post(page_of(hanna, "version", 1))
    hanna.refresh_from_db()
    assert (hanna.name, hanna.role) == ("Dr Hanna Weiss", "Doctor")  # the name signs


@pytest.mark.parametrize(
    ("role", "sees", "restores"),
    [("Author", 200, 403), ("Editor", 200, 302), ("Receptionist", 200, 403)],
)
def test_who_may_see_a_thing_may_see_its_past(
    role: str, sees: int, restores: int, client_as: Any, needling: Service
):
    versions.record(needling, by=None, at=NOON)
    client = client_as(role)
    assert client.get(page_of(needling, "history")).status_code == sees
    assert client.get(page_of(needling, "version", 1)).status_code == sees
    assert client.get(page_of(needling, "version", 2)).status_code == 404
    assert client.post(page_of(needling, "version", 1)).status_code == restores


def test_a_deletion_keeps_what_there_was(client_as: Any, needling: Service):
    client_as("Manager").post(page_of(needling, "delete"), {"post": "yes"})
    assert not Service.objects.exists()
    kept = Version.objects.get(kind="clinic.service", object_id=needling.pk)
    assert kept.content["fields"]["risks"] == "A bruise\nFainting"


@pytest.mark.parametrize("name", ["risks", "not_for"])
def test_an_emptied_list_is_asked_about(name: str, client_as: Any, needling: Service):
    client = client_as("Editor")
    asked = save(client, needling, **{name: " \n- "})
    page = asked.content.decode()
    assert asked.status_code == 200
    assert "If that is right, tick the box" in page
    assert 'name="emptied"' in page
    assert getattr(Service.objects.get(), name) == getattr(needling, name)
    assert save(client, needling, **{name: "", "emptied": "on"}).status_code == 302
    assert getattr(Service.objects.get(), name) == ""
    assert 'name="emptied"' not in client.get(page_of(needling, "change")).content.decode()
