"""A row of every model, with a value in every field, made from what the models declare."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models

from clinic.lib.fields import href

AT = datetime(2027, 3, 14, 9, 15, 0, 123456, tzinfo=UTC)

# Where the type of a field does not say what the database takes for it.
FITTING: dict[str, Any] = {
    "articles.Article.menu_order": None,  # of pages only
    "articles.Contribution.practitioner": None,  # or the user
    "articles.Reference.merged_into": None,
    "bookings.Enquiry.closed_at": None,
    "bookings.Enquiry.close_reason": "",
    "bookings.Enquiry.days": [0, 6],
    "bookings.Enquiry.for_whom": "child",  # it has a name and an age
    "bookings.Offer.state": "accepted",
    "bookings.WorkingHours.break_ends": None,  # within the hours, or none
    "bookings.WorkingHours.break_starts": None,
    "clinic.Clinic.id": 1,
    "clinic.ContentVersion.id": 1,
    "clinic.Image.file": "images/knee-0123456789ab.webp",
    "clinic.Message.failed_at": None,
    "clinic.Redirect.path": "/old/",
    "clinic.Redirect.to_path": "",
    "clinic.WayToStart.kind": "link",
}


COUNTED = (models.AutoField, models.BigAutoField, models.SmallAutoField)


def fill_every_model() -> dict[str, models.Model]:
    """Make sure of a row in every table; returns the rows that were made, by label."""
    made: dict[str, models.Model] = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            _row(model, made, ())
    return made


def fill_empty_models() -> None:
    """Make a row in every table that has none, with its foreign keys to the rows that exist."""
    every = [m for m in apps.get_models() if m._meta.managed and not m._meta.proxy]
    made = {
        model._meta.label: first
        for model in every
        if (first := model._base_manager.first()) is not None
    }
    for model in every:
        _row(model, made, ())


def _row(model: type[models.Model], made: dict[str, Any], within: tuple[str, ...]) -> Any:
    label = model._meta.label
    if label in made:
        return made[label]
    if label in within:
        return None  # a circle: one of its ends is empty
    row = model(
        **{
            field.attname: _value(field, made, (*within, label))
            for field in model._meta.local_concrete_fields
            if not field.generated
            and not (isinstance(field, COUNTED) and f"{label}.{field.name}" not in FITTING)
        }
    )
    row.save_base(raw=True)
    made[label] = row
    return row


def _value(field: Any, made: dict[str, Any], within: tuple[str, ...]) -> Any:
    name = f"{field.model._meta.label}.{field.name}"
    if name in FITTING:
        return FITTING[name]
    if isinstance(field, models.ForeignKey):
        if field.related_model is ContentType:
            return ContentType.objects.order_by("pk").values_list("pk", flat=True)[0]
        row = _row(field.related_model, made, within)
        return row.pk if row is not None else None
    if any(rule in field.validators for rule in (href.validate_link, href.validate_outside)):
        return "https://clinic.example/ä"
    if field.choices:
        return next(value for value, _label in field.flatchoices if value not in ("", None))
    return value_of_type(field)


def value_of_type(field: Any) -> Any:
    """A value that is hard to carry, of the kind that the field holds."""
    name = field.name or ""
    match field.get_internal_type():
        case "BooleanField":
            return True
        case "BinaryField":
            return bytes(range(256))
        case "DateTimeField":
            return AT + timedelta(days=1 if name.startswith(("end", "held")) else 0)
        case "DateField":
            return date(2027, 3, 14)
        case "TimeField":
            return time(18 if "close" in name or "end" in name else 9, 15)
        case "DurationField":
            return timedelta(days=-1, hours=3, microseconds=5)
        case "DecimalField":
            return Decimal("1.50")
        case "FloatField":
            return 0.1
        case "UUIDField":
            return uuid.UUID(int=7)
        case "JSONField":
            return [{"name": "“ä”\n", "n": 1.5, "none": None}]
        case "GenericIPAddressField":
            return "2001:db8::1"
        case "SlugField":
            return "a-slug"
        case "EmailField":
            return "m.ellery@patients.example"
        case "URLField":
            return "https://clinic.example/ä"
        case kind if "Integer" in kind:
            return 3
        case _:
            return "ä “b”\n\t\\"[: field.max_length or 20]
