import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0002_add_theme"),
    ]

    operations = [
        migrations.CreateModel(
            name="WayToStart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("call", "Call the clinic"),
                            ("book", "Ask for a visit"),
                            ("link", "A page, such as a free guide"),
                        ],
                        default="link",
                        max_length=4,
                        verbose_name="leads to",
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        help_text="Such as Call us.", max_length=60, verbose_name="words"
                    ),
                ),
                (
                    "line",
                    models.CharField(
                        blank=True,
                        help_text="What happens then, such as A therapist calls you back.",
                        max_length=140,
                        verbose_name="one line",
                    ),
                ),
                (
                    "url",
                    models.CharField(
                        blank=True,
                        help_text="For a page: its address, such as /articles/sciatica/.",
                        max_length=300,
                        verbose_name="address",
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                (
                    "clinic",
                    models.ForeignKey(
                        default=1,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ways_to_start",
                        to="clinic.clinic",
                    ),
                ),
            ],
            options={
                "verbose_name": "way to start",
                "verbose_name_plural": "ways to start",
                "ordering": ["order", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "link"), models.Q(("url", ""), _negated=True)),
                            models.Q(models.Q(("kind", "link"), _negated=True), ("url", "")),
                            _connector="OR",
                        ),
                        name="way_to_start_leads_somewhere",
                        violation_error_message="A page needs its address; the other ways have none.",
                    )
                ],
            },
        ),
    ]
