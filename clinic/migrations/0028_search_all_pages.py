from pathlib import Path
from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import clinic.lib.fields.href
import clinic.lib.fields.visible_text

SYNONYMS = Path(__file__).parent.parent / "finding" / "synonyms.txt"


def drop_old_index(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite's index is a table of its own; PostgreSQL's go with the table."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute('DROP TABLE IF EXISTS "clinic_searchdocument_fts"')


def add_synonyms(apps: Apps, schema_editor: Any) -> None:
    group = apps.get_model("clinic", "SynonymGroup")
    lines = SYNONYMS.read_text(encoding="utf-8").splitlines()
    group.objects.bulk_create(
        group(words=line.strip()) for line in lines if line.strip() and line[0] != "#"
    )


def do_nothing(apps: Apps, schema_editor: Any) -> None:
    pass


class Migration(migrations.Migration):
    """The rows of the index are all derived: the worker fills the new table when it starts."""

    dependencies = [("clinic", "0027_heartbeat")]

    operations = [
        migrations.DeleteModel(name="SearchDocument"),
        migrations.RunPython(drop_old_index, do_nothing),
        migrations.CreateModel(
            name="EmptySearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "words",
                    models.CharField(max_length=60, unique=True, verbose_name="searched for"),
                ),
                ("hits", models.PositiveIntegerField(default=1, verbose_name="searches")),
                ("last_seen_at", models.DateTimeField(verbose_name="last searched")),
            ],
            options={
                "verbose_name": "search without results",
                "verbose_name_plural": "searches without results",
                "ordering": ["-hits", "-last_seen_at", "id"],
                "indexes": [models.Index(fields=["last_seen_at"], name="empty_search_by_age")],
            },
        ),
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("object_id", models.PositiveBigIntegerField()),
                ("stamp", models.CharField(max_length=80)),
                ("path", models.CharField(db_index=True, max_length=300)),
                ("title", models.TextField()),
                ("passages", models.JSONField(default=list)),
                ("name", models.TextField()),
                ("heads", models.TextField()),
                ("topic", models.TextField()),
                ("rest", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "object_id"), name="one_search_document_per_thing"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SynonymGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        help_text="Separated by commas, such as: IMS, dry needling, intramuscular stimulation. A search for one also finds the others.",
                        max_length=400,
                        verbose_name="words",
                    ),
                ),
                (
                    "page",
                    models.CharField(
                        blank=True,
                        help_text="For searches for exactly one of these, such as /fees/. Optional.",
                        max_length=300,
                        validators=[clinic.lib.fields.href.validate_link],
                        verbose_name="page to show first",
                    ),
                ),
            ],
            options={
                "verbose_name": "group of search synonyms",
                "verbose_name_plural": "search synonyms",
                "ordering": ["words", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("page", ""),
                            models.Q(
                                models.Q(
                                    ("page__istartswith", "https://"),
                                    ("page__istartswith", "http://"),
                                    ("page__istartswith", "mailto:"),
                                    ("page__istartswith", "tel:"),
                                    _connector="OR",
                                ),
                                models.Q(("page__contains", "\\"), _negated=True),
                                models.Q(("page__contains", "\t"), _negated=True),
                                models.Q(("page__contains", "\n"), _negated=True),
                                models.Q(("page__contains", "\r"), _negated=True),
                            ),
                            models.Q(
                                ("page__startswith", "/"),
                                models.Q(("page__startswith", "//"), _negated=True),
                                models.Q(("page__contains", "\\"), _negated=True),
                                models.Q(("page__contains", "\t"), _negated=True),
                                models.Q(("page__contains", "\n"), _negated=True),
                                models.Q(("page__contains", "\r"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="synonym_page_is_safe",
                        violation_error_message="Start with / for a page on this site, or with https://, mailto: or tel:.",
                    )
                ],
            },
        ),
        migrations.RunPython(add_synonyms, do_nothing),
    ]
