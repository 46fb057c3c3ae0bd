"""A backup carries every model and every type of field, on every kind of database."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.apps.registry import Apps
from django.core.management import call_command
from django.db import connection, models

from articles.models import ReferenceUpload
from clinic.lib.database import rows
from clinic.operations.backups import backup
from tests.clinic.archives import AT, everything, put_back
from tests.clinic.every_model import fill_every_model, value_of_type

pytestmark = pytest.mark.database


@pytest.mark.django_db(transaction=True)
def test_every_model_comes_back(folder: Path) -> None:
    fill_every_model()
    for model in backup.carried():
        assert model._base_manager.exists(), model
        for field in model._meta.local_concrete_fields:
            if field.get_internal_type() in ("BinaryField", "JSONField"):
                assert model._base_manager.exclude(**{field.attname: None}).exists(), field
    before = everything()
    backup.write(folder / "whole.tar.gz", at=AT)
    ReferenceUpload.objects.all().delete()
    put_back(folder / "whole.tar.gz")
    assert everything() == before
    assert bytes(ReferenceUpload.objects.get().content) == bytes(range(256))


TYPES: list[models.Field] = [
    models.BigIntegerField(), models.BinaryField(), models.BooleanField(),
    models.CharField(max_length=40), models.DateField(), models.DateTimeField(),
    models.DecimalField(max_digits=8, decimal_places=2), models.DurationField(),
    models.EmailField(), models.FileField(), models.FilePathField(), models.FloatField(),
    models.GenericIPAddressField(), models.ImageField(), models.IntegerField(),
    models.JSONField(), models.PositiveBigIntegerField(), models.PositiveIntegerField(),
    models.PositiveSmallIntegerField(), models.SlugField(), models.SmallIntegerField(),
    models.TextField(), models.TimeField(), models.URLField(), models.UUIDField(),
]  # fmt: skip


def test_every_type_of_field_is_there() -> None:
    """Django's own, but for keys and relations, which hold one of these."""
    own = {
        kind.__name__
        for name in models.__all__
        if isinstance(kind := getattr(models, name), type) and issubclass(kind, models.Field)
    }
    keys = {"AutoField", "BigAutoField", "SmallAutoField", "ForeignKey", "OneToOneField"}
    no_columns = {"CompositePrimaryKey", "Field", "ForeignObject", "GeneratedField"}
    many = {
        "ManyToManyField",
        "NullBooleanField",
        "CommaSeparatedIntegerField",
        "IPAddressField",
        "OrderWrt",
    }
    assert own - keys - no_columns - many == {type(field).__name__ for field in TYPES}


def model_of(column: models.Field) -> Any:
    """A model of one column, which the site does not know."""
    options = {"app_label": "clinic", "db_table": "clinic_onefield", "apps": Apps()}
    meta = type("Meta", (), options)
    return type("OneField", (models.Model,), {"value": column, "Meta": meta, "__module__": ""})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("field", TYPES, ids=lambda field: type(field).__name__)
@pytest.mark.parametrize("null", [False, True])
def test_every_type_of_field_comes_back(field: models.Field, null: bool) -> None:
    column = field.clone()
    column.null = null
    model = model_of(column)
    with connection.schema_editor() as editor:
        editor.create_model(model)
    try:
        model.objects.create(value=value_of_type(field))
        if null:
            model.objects.create(value=None)
        elif isinstance(field, models.JSONField):  # null of JSON, which is not the null of SQL
            model.objects.create(value=models.Value(None, models.JSONField()))
        before = list(model.objects.order_by("pk").values_list("value"))
        out = io.BytesIO()
        rows.write(model, out)
        model.objects.all().delete()
        out.seek(0)
        assert rows.read(model, out) == len(before)
        after = list(model.objects.order_by("pk").values_list("value"))
        assert after == before
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(model)


@pytest.mark.django_db(transaction=True)
def test_the_command_does_it_with_an_upload_in_hand(folder: Path, author: object) -> None:
    ReferenceUpload.objects.create(name="a.bib", content=b"@\xff", by=author, created_at=AT)
    call_command("backup", folder / "clinic.tar.gz")
    assert (folder / "clinic.tar.gz").exists()
