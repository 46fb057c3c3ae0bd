from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0017_edit_wording"),
    ]

    operations = [
        migrations.AddField(
            model_name="edition",
            name="withdrawal_note",
            field=models.CharField(
                blank=True, max_length=300, null=True, verbose_name="note on withdrawal"
            ),
        ),
    ]
