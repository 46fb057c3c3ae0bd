import django.core.validators
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0014_let_patients_reschedule"),
        ("clinic", "0032_choose_how_services_are_booked"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="offer",
            name="offer_state_tells_whether_it_is_held",
        ),
        migrations.AddField(
            model_name="enquiry",
            name="child_age",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MaxValueValidator(17)],
                verbose_name="child’s age",
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="child_name",
            field=models.CharField(blank=True, max_length=120, verbose_name="child’s name"),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="soonest",
            field=models.BooleanField(default=False, verbose_name="as early as possible"),
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
                    ("held", "Time chosen and held"),
                    ("given_back", "Held time given back"),
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
        migrations.AlterField(
            model_name="offer",
            name="state",
            field=models.CharField(
                choices=[
                    ("asked", "Asked for, and held"),
                    ("offered", "Offered"),
                    ("accepted", "Accepted"),
                    ("declined", "Declined"),
                    ("expired", "Expired"),
                    ("cancelled", "Cancelled"),
                ],
                default="offered",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("for_whom", "child"),
                    models.Q(("child_age", None), ("child_name", "")),
                    _connector="OR",
                ),
                name="enquiry_child_comes_with_an_adult",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("released_at", None), ("state__in", ["asked", "offered"])),
                    ("state", "accepted"),
                    models.Q(
                        ("released_at__isnull", False),
                        ("state__in", ["declined", "expired", "cancelled"]),
                    ),
                    _connector="OR",
                ),
                name="offer_state_tells_whether_it_is_held",
            ),
        ),
    ]
