"""The privacy page: there from the start, because the booking form names it."""

from datetime import datetime

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone

TITLE = "Privacy"
SUMMARY = "What we ask, why, who reads it, and when it is deleted."
BODY = """\
## What we ask

When you ask for an appointment we ask for your name, a way to reach you, when you can come, and
in your own words what it is about. If you like, you also say for whom you ask, which language you
would like to speak, how we shall answer, and what would help you on the visit. Nothing else is
needed.

If a button in one of our articles brought you here, your request names that article for 30 days.
Then only a number stays: how many requests it brought.

## Who reads it

Reception reads your request, and the person who treats you. What you write about your health, or
about help that you need, is encrypted before it is stored. It is never part of a mail.

## How long we keep it

Requests that turn out to be spam are deleted after 3 days, those that were declined or expired
after 60 days, closed ones after 180 days.

## What we do not do

This site sets no cookie while you read. It does not count you, follow you or load anything from
another company. The booking form sets one cookie, which protects the form and ends with your visit.

## Your rights

You may see what we hold about you, have it corrected or deleted, and complain to the authority
that watches over data protection where you live. Write or call us: our address is on every page.
"""


def add_page(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Article = apps.get_model("articles", "Article")
    Edition = apps.get_model("articles", "Edition")
    at: datetime = timezone.now()
    article = Article.objects.create(
        kind="page", title=TITLE, slug="privacy", summary=SUMMARY, body=BODY
    )
    # Recipe 0: no manuscript has this hash, so no review can be taken for one of this text.
    Edition.objects.create(
        article=article,
        number=1,
        kind="page",
        title=TITLE,
        slug="privacy",
        summary=SUMMARY,
        body=BODY,
        manuscript_revision=0,
        content_hash="0" * 64,
        hash_recipe=0,
        goes_live_at=at,
        first_live_at=at,
        created_at=at,
    )


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]

    operations = [migrations.RunPython(add_page, migrations.RunPython.noop)]
