"""Scheduled editions keep the wall time of their moment; clinic 0016 says by which zone data."""

from typing import Any

from django.db import migrations, models
from django.db.models import F

from clinic.lib.calendar import wall_time, zone_data


def fill(apps: Any, schema_editor: Any) -> None:
    Edition = apps.get_model("articles", "Edition")
    clinic = apps.get_model("clinic", "Clinic").objects.filter(id=1).first()
    zone = zone_data.as_python_found_it(clinic.time_zone if clinic else "UTC")
    scheduled = Edition.objects.filter(goes_live_at__gt=F("created_at"))
    for edition in scheduled.only("goes_live_at").iterator():
        edition.goes_live_agreed = wall_time.written(edition.goes_live_at, zone)
        edition.save(update_fields=["goes_live_agreed"])


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0016_keep_wall_times"),
        ("articles", "0013_fill_contributions"),
    ]

    operations = [
        migrations.AddField(
            model_name="edition",
            name="goes_live_agreed",
            field=models.CharField(blank=True, editable=False, max_length=110),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
