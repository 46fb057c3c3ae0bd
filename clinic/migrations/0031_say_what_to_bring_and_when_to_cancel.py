import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0030_make_records_of_red_flags"),
    ]

    operations = [
        migrations.AddField(
            model_name="clinic",
            name="cancel_hours",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Shown to patients when they request, reschedule or cancel an appointment. Leave empty if you have no such rule.",
                null=True,
                validators=[django.core.validators.MaxValueValidator(672)],
                verbose_name="free cancellation until (hours before the appointment)",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="bring",
            field=models.CharField(
                blank=True,
                help_text="Shown to patients with their appointment. If empty: “Wear clothes you can move in, and bring a list of your medications.”",
                max_length=300,
                verbose_name="what to bring",
            ),
        ),
    ]
