import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0024_add_superseded_sources"),
        ("clinic", "0023_add_places_and_changed_facts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="article",
            name="kind",
            field=models.CharField(
                choices=[("article", "Article"), ("page", "Page")],
                default="article",
                help_text="A page is not in the public list of articles, can appear in the menu, and has a web address without /articles/.",
                max_length=8,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="article",
            name="reviewer",
            field=models.ForeignKey(
                blank=True,
                help_text="Shown as reviewer only after they have approved this article.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="articles_to_review",
                to="clinic.practitioner",
                verbose_name="reviewer",
            ),
        ),
        migrations.AlterField(
            model_name="referencenotice",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Needs a decision"),
                    ("seen", "Handled; readers see the notice"),
                    ("dismissed", "Dismissed; readers do not see it"),
                ],
                default="open",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="carried_from",
            field=models.ForeignKey(
                blank=True,
                help_text="This approval was carried over to a version with a minor correction.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carried_to",
                to="articles.review",
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="signed_at",
            field=models.DateTimeField(verbose_name="approved"),
        ),
    ]
