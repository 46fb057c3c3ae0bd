import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0011_number_preview_links"),
        ("clinic", "0010_say_such_as_in_help"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="review",
            name="author",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clinic.practitioner",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="changed_by",
            field=models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name="Contribution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contributions",
                        to="articles.article",
                    ),
                ),
                (
                    "practitioner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="clinic.practitioner",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "contribution",
                "ordering": ["article", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("article", "user"), name="one_contribution_per_user"
                    ),
                    models.UniqueConstraint(
                        fields=("article", "practitioner"), name="one_contribution_per_past_author"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("practitioner__isnull", False), ("user", None)),
                            models.Q(("practitioner", None), ("user__isnull", False)),
                            _connector="OR",
                        ),
                        name="contribution_names_one_person",
                    ),
                ],
            },
        ),
    ]
