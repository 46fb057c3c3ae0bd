from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from bookings.models import CloseReason, Enquiry, Event, Offer, State
from bookings.privacy.field_classes import CONTACT, FIELD_CLASSES, HEALTH, SCHEDULING, STAFF
from clinic.lib.fields.encrypted import EncryptedTextField
from clinic.models import Practitioner

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def _refused(constraint: str, /, **changes: Any) -> None:
    """The database refuses these values of the one enquiry, by the constraint of this name."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Enquiry.objects.update(**changes)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("enquiry_state_is_known", {"state": "lost"}),
        ("enquiry_source_is_known", {"source": "fax"}),
        ("enquiry_contact_way_is_known", {"contact_by": "fax"}),
        ("enquiry_for_whom_is_known", {"for_whom": "dog"}),
        ("enquiry_has_a_name", {"name": ""}),
        ("enquiry_can_be_answered", {"email": "", "phone": ""}),
        ("enquiry_closed_has_a_reason", {"state": State.CLOSED}),
        ("enquiry_closed_has_a_reason", {"close_reason": CloseReason.SPAM}),
        ("enquiry_origin_is_whole", {"came_from": 3}),
        ("enquiry_origin_is_whole", {"came_from_place": 3}),
    ],
)
def test_what_the_database_refuses(enquiry: Any, name: str, changes: dict[str, Any]) -> None:
    _refused(name, **changes)


def test_an_enquiry_does_not_follow_itself(enquiry: Any) -> None:
    _refused("enquiry_does_not_follow_itself", previous=enquiry)


@pytest.mark.parametrize("field", ["number", "form_key"])
def test_what_is_there_once(make_enquiry: Any, field: str) -> None:
    first, second = make_enquiry(), make_enquiry()
    with pytest.raises(IntegrityError), transaction.atomic():
        Enquiry.objects.filter(pk=second.pk).update(**{field: getattr(first, field)})


def test_only_searches_and_exports_are_of_no_enquiry(db: None, at: Any) -> None:
    Event.objects.create(kind=Event.Kind.SEARCHED, at=at)
    with pytest.raises(IntegrityError, match="event_has_an_enquiry"), transaction.atomic():
        Event.objects.create(kind=Event.Kind.NOTE, at=at)


@pytest.fixture
def offer(enquiry: Any, practitioner: Any, location: Any, at: Any) -> Any:
    return Offer.objects.create(
        enquiry=enquiry,
        practitioner=practitioner,
        location=location,
        starts_at=at + timedelta(days=1),
        ends_at=at + timedelta(days=1, minutes=45),
        held_until=at + timedelta(hours=48),
        created_at=at,
    )


def _copy(offer: Any, **changes: Any) -> Any:
    values = {
        field.attname: getattr(offer, field.attname)
        for field in Offer._meta.concrete_fields
        if field.name not in {"id", "uid"}
    }
    return Offer.objects.create(**values | changes)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("offer_ends_after_it_starts", {"minutes": 0}),
        ("offer_state_tells_whether_it_is_held", {"state": "expired"}),
        ("offer_state_tells_whether_it_is_held", {"state": "lost"}),
        ("offer_state_tells_whether_it_is_held", {"released": True}),
    ],
)
def test_what_is_refused_of_offers(offer: Any, at: Any, name: str, changes: Any) -> None:
    values: dict[str, Any] = {}
    if "minutes" in changes:
        values["ends_at"] = offer.starts_at
    if "state" in changes:
        values["state"] = changes["state"]
    if "released" in changes:
        values["released_at"] = at
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Offer.objects.update(**values)


def test_one_visit_for_one_enquiry(offer: Any) -> None:
    later = offer.ends_at + timedelta(hours=1)
    Offer.objects.update(state=Offer.State.ACCEPTED)
    with pytest.raises(IntegrityError), transaction.atomic():
        _copy(offer, starts_at=later, ends_at=later + timedelta(hours=1), state="accepted")


def test_times_of_one_practitioner_do_not_overlap(offer: Any, at: Any) -> None:
    half = offer.starts_at + timedelta(minutes=30)
    with pytest.raises(IntegrityError), transaction.atomic():
        _copy(offer, starts_at=half, ends_at=half + timedelta(minutes=45))
    _copy(offer, starts_at=offer.ends_at, ends_at=offer.ends_at + timedelta(minutes=45))
    other = Practitioner.objects.create(name="Tomas", slug="tomas", role="Physiotherapist")
    _copy(offer, practitioner_id=other.pk)
    Offer.objects.filter(pk=offer.pk).update(state="declined", released_at=at)
    _copy(offer)


def test_every_field_has_a_class() -> None:
    known = {CONTACT, SCHEDULING, HEALTH, STAFF}
    for model in apps.get_app_config("bookings").get_models():
        declared = FIELD_CLASSES[model.__name__]
        assert set(declared) == {field.name for field in model._meta.concrete_fields}
        assert set(declared.values()) <= known


def test_encrypted_fields_are_health_and_the_other_way_round_for_free_text() -> None:
    for model in apps.get_app_config("bookings").get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                assert FIELD_CLASSES[model.__name__][field.name] == HEALTH


def test_an_enquiry_is_called_by_its_number(enquiry: Any) -> None:
    assert str(enquiry) == enquiry.number
    assert "Ellery" not in repr(enquiry)
