from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0008_index_kinds_by_change"),
    ]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="revoked_at",
            field=models.DateTimeField(null=True),
        ),
    ]
