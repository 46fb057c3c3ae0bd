"""Add the privacy page, which the booking form links to."""

from datetime import datetime

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone

TITLE = "Privacy"
SUMMARY = "What we ask, why we ask it, who can read it, and when it is deleted."
BODY = """\
## What we ask

When you request an appointment, we ask for your name, a way to reach you, when you can come, and
what it is about, in your own words. If you like, you can also say who the appointment is for, which
language you would like to speak, how we should contact you, and what would help you at the
appointment. We need nothing else.

If you came from a button in one of our articles, your request names that article for 30 days.
After that we keep only the number of requests from each article.

## Who can read it

Reception and the person who will treat you can read your request. What you write about your health,
or about help that you need, is encrypted before it is stored. Our emails never contain it.

## How long we keep it

We delete requests that turn out to be spam after 3 days, requests that were declined or expired
after 60 days, and closed requests after 180 days. If nothing happens with a request for 30 days,
we ask by email if you still need an appointment; without an answer, we close it 14 days later.

## What we do not do

When you read this site, it sets no cookies. It does not track you or load anything from other
companies. The booking form sets one cookie, which protects the form and is deleted when you close
your browser.

## What we count

We count how often each page is opened each day, and keep the words of searches that find nothing.
We do not record who opened a page or who searched.

## Your rights

You can ask to see what we hold about you, and to have it corrected or deleted. You can also
complain to the data protection authority where you live. Write or call us: our contact details are
on every page.
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
