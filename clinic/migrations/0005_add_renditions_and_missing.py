from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0004_ask_for_reviews_by_default"),
    ]

    operations = [
        migrations.AddField(
            model_name="image",
            name="renditions",
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
        migrations.AddField(
            model_name="image",
            name="renditions_due",
            field=models.BooleanField(db_index=True, default=True, editable=False),
        ),
        migrations.CreateModel(
            name="Missing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=400, unique=True, verbose_name="address")),
                ("hits", models.PositiveIntegerField(default=1, verbose_name="asked for")),
                ("last_seen_at", models.DateTimeField(verbose_name="last asked for")),
            ],
            options={
                "verbose_name": "address not found",
                "verbose_name_plural": "addresses not found",
                "ordering": ["-hits", "-last_seen_at", "id"],
                "indexes": [models.Index(fields=["last_seen_at"], name="missing_by_age")],
            },
        ),
    ]
