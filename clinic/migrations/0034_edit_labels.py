from django.db import migrations, models

import clinic.lib.fields.bounded_text
import clinic.models.clinic


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0033_add_insurers_and_cancellation_rule"),
    ]

    operations = [
        migrations.AlterField(
            model_name="clinic",
            name="cancellation_rule",
            field=clinic.lib.fields.bounded_text.BoundedTextField(
                blank=True,
                help_text="What patients pay if they cancel later than that, and when they don’t. Shown beside the deadline: when they request an appointment, and on pages that have [Cancellation](show:cancellation).",
                max_length=2000,
                verbose_name="late cancellation",
            ),
        ),
        migrations.AlterField(
            model_name="clinic",
            name="keep_closed_days",
            field=models.PositiveSmallIntegerField(
                default=180,
                verbose_name="delete requests with an attended appointment after (days)",
            ),
        ),
        migrations.AlterField(
            model_name="clinic",
            name="kind",
            field=models.CharField(
                default="Physiotherapy",
                help_text="Appears under the name in the header. Example: Physiotherapy.",
                max_length=60,
                verbose_name="type of clinic",
            ),
        ),
        migrations.AlterField(
            model_name="clinic",
            name="sky",
            field=models.CharField(
                default="#a9d4e5",
                help_text="Used for large areas. It must be light because text appears on it. Example: #a9d4e5.",
                max_length=7,
                validators=[clinic.models.clinic.validate_colour],
                verbose_name="background colour",
            ),
        ),
        migrations.AlterField(
            model_name="clinic",
            name="tape",
            field=models.CharField(
                default="#ffb81f",
                help_text="Used for highlights and the main button. Example: #ffb81f.",
                max_length=7,
                validators=[clinic.models.clinic.validate_colour],
                verbose_name="accent colour",
            ),
        ),
        migrations.AlterField(
            model_name="closure",
            name="reason",
            field=models.CharField(
                help_text="Shown to visitors. Example: Public holiday.",
                max_length=80,
                verbose_name="reason",
            ),
        ),
        migrations.AlterField(
            model_name="credential",
            name="kind",
            field=models.CharField(
                choices=[
                    ("degree", "Degree"),
                    ("registration", "Registration"),
                    ("training", "Additional training"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="service",
            name="booking_way",
            field=models.CharField(
                choices=[
                    ("asked", "Asked for: nothing is held until you offer it"),
                    ("held", "Held for the patient until you confirm or decline it"),
                ],
                default="asked",
                help_text="Matters once there are schedules and the booking form shows open times.",
                max_length=8,
                verbose_name="open times are",
            ),
        ),
    ]
