from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0014_keep_links_safe"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="clinic",
            name="reviewer_may_be_author",
        ),
    ]
