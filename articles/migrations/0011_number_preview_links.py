from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0010_name_authors_with_particles"),
    ]

    operations = [
        migrations.AddField(
            model_name="article",
            name="preview_serial",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
    ]
