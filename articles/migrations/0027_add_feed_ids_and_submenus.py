from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import articles.models.article


def keep_known_ids(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What is public keeps the address that feeds have named it by; all else gets a new name."""
    article_model = apps.get_model("articles", "Article")
    edition_model = apps.get_model("articles", "Edition")
    public = edition_model.objects.filter(kind="article").order_by("goes_live_at", "number")
    slugs = dict(public.values_list("article", "slug"))
    for pk in article_model.objects.values_list("pk", flat=True):
        known = f"{settings.SITE_URL}/articles/{slugs[pk]}/" if pk in slugs else ""
        if not known or article_model.objects.filter(feed_id=known).exists():
            known = articles.models.article.new_feed_id()
        article_model.objects.filter(pk=pk).update(feed_id=known)


class Migration(migrations.Migration):
    dependencies = [("articles", "0026_edit_help")]

    operations = [
        migrations.AddField(
            model_name="article",
            name="menu_below",
            field=models.BooleanField(
                default=False,
                help_text="In the menu, the page appears under the entry that comes before it.",
                verbose_name="below the entry before it",
            ),
        ),
        migrations.AddField(
            model_name="article",
            name="feed_id",
            field=models.CharField(editable=False, max_length=300, null=True),
        ),
        migrations.RunPython(keep_known_ids, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="article",
            name="feed_id",
            field=models.CharField(
                default=articles.models.article.new_feed_id,
                editable=False,
                max_length=300,
                unique=True,
            ),
        ),
    ]
