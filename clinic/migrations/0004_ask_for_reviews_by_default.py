from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinic", "0003_add_ways_to_start")]

    operations = [
        migrations.AlterField(
            model_name="clinic",
            name="review_before_publishing",
            field=models.BooleanField(
                default=True,
                verbose_name="articles need a clinical review before they are published",
            ),
        ),
    ]
