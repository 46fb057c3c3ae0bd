"""Held times keep the wall time at which they begin; clinic 0016 says by which zone data."""

from typing import Any

from django.db import migrations, models

from clinic.lib.calendar import wall_time, zone_data


def fill(apps: Any, schema_editor: Any) -> None:
    Offer = apps.get_model("bookings", "Offer")
    clinic = apps.get_model("clinic", "Clinic").objects.filter(id=1).first()
    zone = zone_data.as_python_found_it(clinic.time_zone if clinic else "UTC")
    for offer in Offer.objects.filter(released_at=None).iterator():
        offer.starts_agreed = wall_time.written(offer.starts_at, zone)
        offer.save(update_fields=["starts_agreed"])


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0016_keep_wall_times"),
        ("bookings", "0003_tally_requests_by_article"),
    ]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="starts_agreed",
            field=models.CharField(blank=True, editable=False, max_length=110),
        ),
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(
                choices=[
                    ("received", "Received"),
                    ("changed", "Sent again with changes"),
                    ("corrected", "Contact details corrected"),
                    ("seen", "Opened"),
                    ("searched", "Searched"),
                    ("exported", "Exported"),
                    ("note", "Note"),
                    ("assigned", "Given to somebody"),
                    ("contacted", "Patient reached"),
                    ("tried", "Patient not reached"),
                    ("offered", "Times offered"),
                    ("accepted", "Time accepted"),
                    ("declined", "Asked for other times"),
                    ("moved", "Visit moved"),
                    ("clocks", "Time zone rules changed"),
                    ("released", "Time released"),
                    ("expired", "Offered times expired"),
                    ("answered", "Written to the patient"),
                    ("mailed", "Mail sent"),
                    ("linked", "New private link, older ones revoked"),
                    ("joined", "Joined"),
                    ("genuine", "Looked at: a real request"),
                    ("undone", "Undone"),
                    ("withdrawn", "Withdrawn by the patient"),
                    ("closed", "Closed"),
                    ("reopened", "Opened again"),
                ],
                max_length=12,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
