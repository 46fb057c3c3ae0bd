from django.db import migrations

from clinic.lib.markdown.raised import escaped

WRITTEN = {
    "Service": ("description",),
    "Practitioner": ("biography",),
    "Location": ("directions", "accessibility"),
}


def escape_signs(apps, schema_editor):
    """What was "^2^" to readers stays that, now that such signs raise what is between them."""
    for model, names in WRITTEN.items():
        rows = apps.get_model("clinic", model).objects
        for row in rows.only(*names):
            changed = {name: escaped(getattr(row, name)) for name in names}
            if any(changed[name] != getattr(row, name) for name in names):
                rows.filter(pk=row.pk).update(**changed)


class Migration(migrations.Migration):
    dependencies = [("clinic", "0021_add_version")]

    operations = [migrations.RunPython(escape_signs, migrations.RunPython.noop, elidable=True)]
