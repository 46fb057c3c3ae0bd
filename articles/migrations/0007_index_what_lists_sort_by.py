from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0006_watch_references"),
        ("clinic", "0006_index_what_lists_sort_by"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["-updated_at", "-id"], name="article_last_changed"),
        ),
        migrations.AddIndex(
            model_name="edition",
            index=models.Index(fields=["goes_live_at"], name="edition_by_moment"),
        ),
    ]
