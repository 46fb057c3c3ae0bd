from django.db import migrations, models

from clinic.lib.markdown.raised import escaped

# What staff write in Markdown, by model. Editions keep their text, and its format.
WRITTEN = {
    "Article": ("body", "takeaways"),
    "Question": ("answer",),
    "Topic": ("introduction",),
}


def escape_signs(apps, schema_editor):
    """What was "^2^" to readers stays that."""
    for model, names in WRITTEN.items():
        rows = apps.get_model("articles", model).objects
        for row in rows.only(*names):
            changed = {name: escaped(getattr(row, name)) for name in names}
            if any(changed[name] != getattr(row, name) for name in names):
                rows.filter(pk=row.pk).update(**changed)


class Migration(migrations.Migration):
    dependencies = [("articles", "0018_add_withdrawal_note")]

    operations = [
        migrations.AddField(
            "edition", "format", models.PositiveSmallIntegerField(default=1, editable=False)
        ),
        migrations.AlterField(
            "edition", "format", models.PositiveSmallIntegerField(default=2, editable=False)
        ),
        migrations.RunPython(escape_signs, migrations.RunPython.noop, elidable=True),
    ]
