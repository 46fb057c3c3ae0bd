"""Fill in who wrote what, from what was recorded before.

A sign-off gets the author of the newest edition with the same hash, or else that of the manuscript.
Contributions come from the log of the admin: each person who changed the words of an article after
its last reviewed edition. Where the log does not say what was changed, the change counts.
"""

import json
from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.models import F
from django.db.models.functions import Now

WORDS = {"Title", "In short", "Key takeaways", "Text"}  # labels as the log has them
ADDITION, CHANGE = 1, 2  # LogEntry.action_flag


def fill_authors(apps: Any, schema_editor: Any) -> None:
    """Set `Review.author`."""
    reviews = apps.get_model("articles", "Review").objects
    editions = apps.get_model("articles", "Edition").objects
    articles = apps.get_model("articles", "Article").objects
    for pk, article_id, digest in reviews.values_list("pk", "article_id", "content_hash"):
        same = editions.filter(article=article_id, content_hash=digest).order_by("-number")
        signed = same.first() or articles.get(pk=article_id)
        reviews.filter(pk=pk).update(author_id=signed.author_id)


def fill_contributions(apps: Any, schema_editor: Any) -> None:
    """Make a `Contribution` of each person's newest change in the log."""
    contributions = apps.get_model("articles", "Contribution").objects
    entries = apps.get_model("admin", "LogEntry").objects.filter(
        content_type__app_label="articles",
        content_type__model="article",
        action_flag__in=[ADDITION, CHANGE],
    )
    for article in apps.get_model("articles", "Article").objects.only("pk", "revision"):
        mine = entries.filter(object_id=str(article.pk))
        if reviewed := _last_reviewed(apps, article):
            mine = mine.filter(action_time__gt=reviewed.created_at)
        rows = mine.order_by().values_list("user_id", "action_flag", "change_message")
        people = {user for user, flag, said in rows if flag == ADDITION or _concerns_words(said)}
        contributions.bulk_create(
            contributions.model(article=article, user_id=user, revision=article.revision)
            for user in sorted(people)
        )


def _last_reviewed(apps: Any, article: Any) -> Any:
    """The last edition that was made from the manuscript and public with a sign-off, or None."""
    signed = apps.get_model("articles", "Review").objects.filter(article=article)
    return (
        apps.get_model("articles", "Edition")
        .objects.filter(
            article=article,
            manuscript_revision__isnull=False,
            goes_live_at__lte=Now(),
            content_hash__in=signed.values("content_hash"),
        )
        .exclude(withdrawn_at__lt=F("goes_live_at"))
        .order_by("-manuscript_revision")
        .first()
    )


def _concerns_words(message: str) -> bool:
    try:
        changes = json.loads(message)
        changed = [change for entry in changes for change in entry.values()]
        return any("name" in each or WORDS & set(each.get("fields", ())) for each in changed)
    except (AttributeError, TypeError, ValueError):
        return True


def forget_contributions(apps: Any, schema_editor: Any) -> None:
    """Remove the rows: the tables and columns go with the migration before this one."""
    apps.get_model("articles", "Contribution").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0012_add_contributions"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(fill_authors, migrations.RunPython.noop),
        migrations.RunPython(fill_contributions, forget_contributions),
    ]
