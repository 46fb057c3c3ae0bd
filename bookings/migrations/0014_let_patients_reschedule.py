from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0012_add_calendars"),
    ]

    operations = [
        migrations.AddField(
            model_name="enquiry",
            name="moves",
            field=models.JSONField(blank=True, default=list, verbose_name="times to reschedule to"),
        ),
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(
                choices=[
                    ("received", "Received"),
                    ("changed", "Changed by the patient"),
                    ("corrected", "Contact details corrected"),
                    ("seen", "Opened"),
                    ("searched", "Searched"),
                    ("exported", "Exported"),
                    ("note", "Note"),
                    ("assigned", "Assigned"),
                    ("contacted", "Patient reached"),
                    ("tried", "Patient not reached"),
                    ("offered", "Times offered"),
                    ("accepted", "Time accepted"),
                    ("declined", "Asked for other times"),
                    ("moved", "Appointment rescheduled"),
                    ("move_asked", "Asked to reschedule"),
                    ("move_dropped", "No longer asks to reschedule"),
                    ("move_refused", "Not rescheduled"),
                    ("clocks", "Time zone rules changed"),
                    ("released", "Time released"),
                    ("expired", "Offered times expired"),
                    ("answered", "Message to the patient"),
                    ("mailed", "Email sent"),
                    ("linked", "New private link; older ones revoked"),
                    ("joined", "Merged"),
                    ("genuine", "Marked as genuine"),
                    ("undone", "Undone"),
                    ("asked", "Asked if still needed"),
                    ("kept", "Still needed, says the patient"),
                    ("withdrawn", "Cancelled by the patient"),
                    ("closed", "Closed"),
                    ("reopened", "Reopened"),
                ],
                max_length=12,
            ),
        ),
    ]
