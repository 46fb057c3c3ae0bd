from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0005_add_renditions_and_missing"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="image",
            index=models.Index(fields=["-uploaded_at", "-id"], name="image_newest"),
        ),
    ]
