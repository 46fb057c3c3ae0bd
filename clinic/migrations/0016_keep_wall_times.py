"""Announcements keep the wall time of their moments. Those that are there were entered by the zone data
that Python found: the site used it until now, also where it was older than the package's.
"""

from typing import Any

from django.db import migrations, models

import clinic.models.clinic
from clinic.lib.calendar import wall_time, zone_data


def fill(apps: Any, schema_editor: Any) -> None:
    Announcement = apps.get_model("clinic", "Announcement")
    clinic = apps.get_model("clinic", "Clinic").objects.filter(id=1).first()
    zone = zone_data.as_python_found_it(clinic.time_zone if clinic else "UTC")
    for announcement in Announcement.objects.all():
        announcement.starts_agreed = wall_time.written(announcement.starts_at, zone)
        announcement.ends_agreed = wall_time.written(announcement.ends_at, zone)
        announcement.save(update_fields=["starts_agreed", "ends_agreed"])


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0015_remove_reviewer_may_be_author"),
    ]

    operations = [
        migrations.AddField(
            model_name="announcement",
            name="ends_agreed",
            field=models.CharField(blank=True, editable=False, max_length=110),
        ),
        migrations.AddField(
            model_name="announcement",
            name="starts_agreed",
            field=models.CharField(blank=True, editable=False, max_length=110),
        ),
        migrations.AddField(
            model_name="clinic",
            name="zone_data",
            field=models.CharField(blank=True, editable=False, max_length=12),
        ),
        migrations.AlterField(
            model_name="clinic",
            name="time_zone",
            field=models.CharField(
                default="UTC",
                help_text="Such as America/New_York. Times agreed before a change keep the zone in which they were agreed.",
                max_length=64,
                validators=[clinic.models.clinic.validate_time_zone],
                verbose_name="time zone",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
