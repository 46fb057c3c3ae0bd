from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0006_index_what_lists_sort_by"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("alt", "")),
                fields=["-uploaded_at", "-id"],
                name="image_undescribed",
            ),
        ),
    ]
