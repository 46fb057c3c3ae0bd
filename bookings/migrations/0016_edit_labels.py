import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0015_hold_what_patients_choose"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="roster",
            options={
                "ordering": ["practitioner__order", "practitioner__name", "id"],
                "permissions": [("view_own_roster", "Can view their own roster")],
                "verbose_name": "schedule",
            },
        ),
        migrations.AlterField(
            model_name="dayoff",
            name="reason",
            field=models.CharField(
                blank=True,
                help_text="Only people who edit schedules see this. Leave out anything about health.",
                max_length=80,
                verbose_name="reason",
            ),
        ),
        migrations.AlterField(
            model_name="roster",
            name="horizon_weeks",
            field=models.PositiveSmallIntegerField(
                default=8,
                help_text="How far ahead appointments can be booked.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(52),
                ],
                verbose_name="bookable up to (weeks ahead)",
            ),
        ),
        migrations.AlterField(
            model_name="roster",
            name="most_first",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Leave empty for no limit. Enter 0 if they take no new patients.",
                null=True,
                validators=[django.core.validators.MaxValueValidator(50)],
                verbose_name="maximum first appointments per day",
            ),
        ),
        migrations.AlterField(
            model_name="roster",
            name="notice_hours",
            field=models.PositiveSmallIntegerField(
                default=4,
                help_text="Times that start sooner than this can’t be chosen.",
                validators=[django.core.validators.MaxValueValidator(720)],
                verbose_name="minimum notice (hours)",
            ),
        ),
    ]
