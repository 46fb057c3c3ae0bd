from django.db import migrations, models

import clinic.lib.fields.href


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0028_search_all_pages"),
    ]

    operations = [
        # From here on, the records have this name on a service.
        migrations.RenameField("service", "red_flags", "red_flag_text"),
        migrations.AlterField(
            model_name="service",
            name="red_flags_reviewed_on",
            field=models.DateField(
                blank=True,
                help_text="When a clinician last checked that the red flags of this service are complete. Not shown.",
                null=True,
                verbose_name="red flags reviewed on",
            ),
        ),
        migrations.CreateModel(
            name="RedFlag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "sentence",
                    models.CharField(
                        help_text="One sign, as a sentence to the patient: You cannot pass urine. Short enough to be read at a glance.",
                        max_length=20000,
                        verbose_name="sentence",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("emergency", "Emergency now"),
                            ("today", "See a doctor today"),
                            ("tell", "Tell us at the appointment"),
                        ],
                        help_text="Emergency now: people who say yes are advised to call the emergency number. See a doctor today: people who say yes are advised to see one first. Tell us at the appointment: only shown as advice, without a question.",
                        max_length=12,
                        verbose_name="level",
                    ),
                ),
                (
                    "places",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Asked of people who don’t know which service they need, and have a problem there. Select none to ask about every part of the body.",
                        verbose_name="parts of the body",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="The guideline or study it is taken from. Not shown.",
                        max_length=300,
                        verbose_name="source",
                    ),
                ),
                (
                    "source_url",
                    models.URLField(
                        blank=True,
                        validators=[clinic.lib.fields.href.validate_outside],
                        verbose_name="link to the source",
                    ),
                ),
                (
                    "reviewed_on",
                    models.DateField(
                        blank=True,
                        help_text="When a clinician last checked the sentence, its level and where it is asked. Due again after a year. Not shown.",
                        null=True,
                        verbose_name="reviewed on",
                    ),
                ),
                (
                    "is_public",
                    models.BooleanField(default=True, verbose_name="asked and shown on the site"),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                (
                    "services",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Asked of everyone who chooses one of these. Select none to ask only people who don’t know which service they need.",
                        related_name="red_flags",
                        to="clinic.service",
                        verbose_name="services",
                    ),
                ),
            ],
            options={
                "verbose_name": "red flag",
                "ordering": ["order", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sentence", ""), _negated=True),
                        name="red_flag_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["emergency", "today", "tell"])),
                        name="red_flag_has_a_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source_url", ""),
                            models.Q(
                                models.Q(
                                    ("source_url__istartswith", "https://"),
                                    ("source_url__istartswith", "http://"),
                                    _connector="OR",
                                ),
                                models.Q(("source_url__contains", "\\"), _negated=True),
                                models.Q(("source_url__contains", "\t"), _negated=True),
                                models.Q(("source_url__contains", "\n"), _negated=True),
                                models.Q(("source_url__contains", "\r"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="red_flag_source_link_is_safe",
                        violation_error_message="Start with https://.",
                    ),
                ],
            },
        ),
    ]
