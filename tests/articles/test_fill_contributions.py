"""What the migration makes of sign-offs and of the log, in a database from before."""

import json
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.db import connection

from articles import migrations
from articles.models import Contribution, Edition, Review
from articles.publishing import publish
from articles.review.reviews import sign
from clinic.lib.database import guards
from clinic.models import Practitioner, User

HOUR = timedelta(hours=1)


@pytest.fixture
def migration() -> Any:
    (path,) = Path(migrations.__path__[0]).glob("*_fill_contributions.py")
    return import_module(f"articles.migrations.{path.stem}")


def log(person: User, article: Any, at: datetime, said: Any = (), flag: int = CHANGE) -> None:
    message = said if isinstance(said, str) else json.dumps(said)
    entry = LogEntry.objects.log_actions(person.pk, [article], flag, message, single_object=True)
    LogEntry.objects.filter(pk=entry.pk).update(action_time=at)


def changed(*fields: str) -> list[Any]:
    return [{"changed": {"fields": list(fields)}}]


def test_a_sign_off_gets_the_author_of_what_was_published_or_written(
    migration: Any, make_article: Any, hanna: Practitioner, ines: Practitioner, noon: datetime
):
    published, draft, nobodys = (
        make_article(author=ines),
        make_article(slug="draft", author=ines),
        make_article(slug="nobodys"),
    )
    for article in (published, draft, nobodys):
        sign(article, reviewer=hanna, by=hanna.user, at=noon)
    edition = publish(published, by=None, at=noon)
    published.author = hanna
    published.save()
    with guards.stand_aside(connection):
        Review.objects.update(author=None)
        migration.fill_authors(apps, None)
    authors = dict(Review.objects.values_list("article", "author"))
    assert authors == {published.pk: ines.pk, draft.pk: ines.pk, nobodys.pk: None}
    assert Edition.objects.with_stamp().get(pk=edition.pk).checked_by == "Dr Hanna Weiss"


def test_the_log_names_those_who_changed_words_since_the_last_reviewed_edition(
    migration: Any, make_article: Any, make_user: Any, hanna: Practitioner, noon: datetime
):
    article, other = make_article(revision=3), make_article(slug="other")
    sign(article, reviewer=hanna, by=hanna.user, at=noon)
    publish(article, by=None, at=noon)
    people = {
        name: make_user("Editor", username=name)
        for name in ("before", "words", "question", "unclear", "address", "deleted", "elsewhere")
    }
    log(people["before"], article, noon - HOUR, changed("Text"))
    log(people["words"], article, noon + HOUR, changed("Slug", "Key takeaways"))
    log(people["words"], article, noon + 2 * HOUR, changed("Text"))
    log(people["question"], article, noon + HOUR, [{"added": {"name": "question", "object": "?"}}])
    log(people["unclear"], article, noon + HOUR, "Changed something.")
    log(people["address"], article, noon + HOUR, changed("Slug", "Written by"))
    log(people["deleted"], article, noon + HOUR, flag=DELETION)
    log(people["elsewhere"], other, noon - HOUR, [{"added": {}}], flag=ADDITION)
    migration.fill_contributions(apps, None)
    rows = Contribution.objects.values_list("article", "user__username", "revision")
    assert set(rows) == {
        (article.pk, "words", 3),
        (article.pk, "question", 3),
        (article.pk, "unclear", 3),
        (other.pk, "elsewhere", 0),
    }
    migration.forget_contributions(apps, None)
    assert not Contribution.objects.exists()
