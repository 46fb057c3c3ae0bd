from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0024_open_the_form_when_safe"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="message",
            options={
                "ordering": ["-created_at", "-id"],
                "verbose_name": "email",
                "verbose_name_plural": "emails",
            },
        ),
        migrations.AlterField(
            model_name="clinic",
            name="keep_closed_days",
            field=models.PositiveSmallIntegerField(
                default=180, verbose_name="delete requests after an attended appointment (days)"
            ),
        ),
        migrations.AlterField(
            model_name="clinic",
            name="keep_declined_days",
            field=models.PositiveSmallIntegerField(
                default=60,
                help_text="Requests closed with the reason “Cancelled by the patient”, “We can’t help with this”, “Patient could not be reached” or “Duplicate request”.",
                verbose_name="delete other closed requests after (days)",
            ),
        ),
        migrations.AlterField(
            model_name="clinic",
            name="locale",
            field=models.CharField(
                choices=[
                    ("en-CA", "English (Canada)"),
                    ("en-US", "English (United States)"),
                    ("en-GB", "English (United Kingdom)"),
                    ("en-AU", "English (Australia)"),
                ],
                default="en-CA",
                help_text="How dates and times appear on pages, in emails and in calendar entries.",
                max_length=5,
                verbose_name="date and time format",
            ),
        ),
        migrations.AlterField(
            model_name="clinic",
            name="out_of_hours_name",
            field=models.CharField(
                blank=True,
                help_text="Such as Health information line.",
                max_length=60,
                verbose_name="after-hours service",
            ),
        ),
        migrations.AlterField(
            model_name="clinic",
            name="out_of_hours_phone",
            field=models.CharField(blank=True, max_length=32, verbose_name="after-hours number"),
        ),
        migrations.AlterField(
            model_name="waytostart",
            name="kind",
            field=models.CharField(
                choices=[
                    ("call", "Call the clinic"),
                    ("book", "Request an appointment"),
                    ("link", "A page, such as a free guide"),
                ],
                default="link",
                max_length=4,
                verbose_name="what it does",
            ),
        ),
    ]
