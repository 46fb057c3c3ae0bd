"""What stands on the screen is what is published; and drafts that are thrown away or copied."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from articles.editor import status_text
from articles.models import Article, Contribution, Question
from articles.publishing import cancel, publish
from articles.review.reviews import hash_of, sign
from clinic.site import redirects
from tests.articles.editor.test_working_copy import form_of, keep

HOUR = timedelta(hours=1)
TWO_LINES = {"summary": "One.\nTwo.", "takeaways": "One\nTwo", "body": "## One\n\nTwo."}


def page_of(article: Article, name: str = "change", *numbers: int) -> str:
    """The address of a page about an article."""
    return reverse(f"admin:articles_article_{name}", args=[article.pk, *numbers])


def as_sent(article: Article, **changes: Any) -> dict[str, Any]:
    """The form as a browser sends it: it ends lines as the web does."""
    sent = form_of(article, **changes)
    ends = {name: value.replace("\n", "\r\n") for name, value in sent.items() if "\n" in str(value)}
    return {**sent, **ends}


@pytest.fixture
def own(client_as: Any, make_article: Any) -> tuple[Client, Article]:
    """An author signed in, and a draft that they own."""
    from clinic.models import User

    client = client_as("Author")
    owner = User.objects.get(username="client-author")
    return client, make_article(owner=owner, questions=[("Why?", "One.\nTwo.")], **TWO_LINES)


@pytest.mark.parametrize("then", ["publish", "submit", "invite", "preview", "duplicate"])
def test_a_button_saves_what_was_typed_and_goes_on(
    then: str, client_as: Any, make_article: Any, db: None
):
    article = make_article()
    sent = as_sent(article, body="Words just typed.", _then=then)
    answer = client_as("Editor").post(page_of(article), sent)
    there = reverse("preview", args=[article.pk]) if then == "preview" else page_of(article, then)
    assert answer["Location"] == there
    article.refresh_from_db()
    assert article.body == "Words just typed."


def test_what_cannot_be_saved_is_not_published_either(client_as: Any, make_article: Any):
    article = make_article()
    sent = as_sent(article, title="", _then="publish")
    answer = client_as("Editor").post(page_of(article), sent)
    assert answer.status_code == 200
    assert "This field is required." in answer.content.decode()


def test_a_press_without_a_change_leaves_no_trace(own: tuple[Client, Article]):
    client, article = own
    question = article.questions.get()
    rows = {
        "owner": article.owner_id,
        "questions-TOTAL_FORMS": "1",
        "questions-INITIAL_FORMS": "1",
        "questions-0-id": question.pk,
        "questions-0-article": article.pk,
        "questions-0-question": "Why?",
        "questions-0-answer": question.answer,
        "questions-0-order": "0",
    }
    saved = Article.objects.filter(pk=article.pk).values()
    before = saved.get()
    answer = client.post(page_of(article), as_sent(article, _then="submit", **rows))
    assert answer["Location"] == page_of(article, "submit")
    assert saved.get() == before
    assert not Contribution.objects.exists()
    assert not LogEntry.objects.exists()
    # A changed question is a change of the article.
    client.post(page_of(article), as_sent(article, **rows | {"questions-0-answer": "Two."}))
    after = saved.get()
    assert after["revision"] == before["revision"] + 1
    assert after["updated_at"] > before["updated_at"]
    assert Contribution.objects.exists()


def test_pages_that_act_name_changes_that_nobody_saved(
    client_as: Any, make_article: Any, make_user: Any, noon: Any
):
    article = make_article()
    colleague = Client()
    colleague.force_login(
        make_user("Editor", username="colleague"), "django.contrib.auth.backends.ModelBackend"
    )
    with time_machine.travel(noon, tick=False):
        keep(colleague, article, body="Newer.")
        client = client_as("Manager")
        for page in ("publish", "submit", "review"):
            shown = client.get(page_of(article, page)).content.decode()
            said = f"colleague has unsaved changes of {status_text.moment(noon)}, which are not"
            assert said in shown, page


# -- deleted and duplicated -----------------------------------------------------------------------


def test_an_author_deletes_a_draft_of_their_own(own: tuple[Client, Article], make_article: Any):
    client, mine = own
    theirs = make_article(slug="theirs")
    assert page_of(mine, "delete") in client.get(page_of(mine)).content.decode()
    for pk in (theirs.pk, mine.pk):
        client.post(reverse("admin:articles_article_delete", args=[pk]), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [theirs.pk], "post": "yes"}
    client.post(reverse("admin:articles_article_changelist"), chosen)
    left = Article.objects.filter(kind="article")
    assert list(left) == [theirs]


@pytest.mark.parametrize("state", ["public", "scheduled", "cancelled", "signed"])
def test_what_was_more_than_a_draft_is_not_deleted(
    state: str, own: tuple[Client, Article], hanna: Any, reviewer: Any, noon: Any
):
    client, article = own
    if state == "signed":
        read = hash_of(article, at=noon)
        sign(article, reviewer=hanna, by=reviewer, at=noon, read=read)
    else:
        live_at = None if state == "public" else noon + HOUR
        edition = publish(article, by=None, at=noon, goes_live_at=live_at)
        if state == "cancelled":
            cancel(edition, by=None, at=noon)
    assert page_of(article, "delete") not in client.get(page_of(article)).content.decode()
    assert client.post(page_of(article, "delete"), {"post": "yes"}).status_code == 403


def test_a_duplicate_has_everything_but_a_past(
    own: tuple[Client, Article], make_user: Any, knee: Any, needling: Any, ines: Any
):
    client, article = own
    writer = make_user("Editor", username="writer")
    Contribution.objects.create(article=article, user=writer, revision=4)
    Article.objects.filter(pk=article.pk).update(author=ines, certainty="fair", revision=4)
    article.topics.add(knee)
    article.services.add(needling)
    answer = client.post(page_of(article, "duplicate"))
    copy = Article.objects.exclude(pk=article.pk).get(kind="article")
    assert answer["Location"] == page_of(copy)
    assert (copy.title, copy.slug) == ("Copy of Knees and stairs", "knees-and-stairs-2")
    assert (copy.body, copy.author, copy.certainty) == (article.body, ines, "fair")
    assert [*copy.topics.all(), *copy.services.all()] == [knee, needling]
    assert copy.questions.get().answer == "One.\nTwo."
    assert Question.objects.count() == 2
    # Who wrote the words cannot review the copy either.
    parts = Contribution.objects.filter(article=copy).values_list("user__username", flat=True)
    assert set(parts) == {"writer", "client-author"}


def test_only_who_may_write_a_text_may_duplicate_it(own: tuple[Client, Article], make_article: Any):
    client, _mine = own
    assert client.post(page_of(make_article(slug="theirs"), "duplicate")).status_code == 403


# -- slugs ----------------------------------------------------------------------------------------


def test_a_slug_that_is_taken_is_named_with_a_link_and_a_free_one(
    client_as: Any, make_article: Any, noon: Any
):
    other, article = make_article(title="Old <knees>"), make_article(slug="mine")
    publish(other, by=None, at=noon)
    make_article(slug="knees-and-stairs-2")
    client = client_as("Editor")
    refused = f'is or was the slug of <a href="{page_of(other)}">Old &lt;knees&gt;</a>'
    for change in ("none", "renamed", "renamed and published", "forgotten"):
        if change == "renamed":
            Article.objects.filter(pk=other.pk).update(slug="renamed")
        elif change == "renamed and published":
            other.refresh_from_db()
            publish(other, by=None, at=noon + HOUR)
        elif change == "forgotten":
            redirects.remember("article", 10**6, old="of-nobody", new="else")
            refused = "“of-nobody” is an old address of something else"
        taken = "of-nobody" if change == "forgotten" else "knees-and-stairs"
        page = client.post(page_of(article), as_sent(article, slug=taken)).content.decode()
        assert refused in page, change
        ending = "2" if change == "forgotten" else "3"
        assert f"This one is free: {taken}-{ending}" in page
    article.refresh_from_db()
    assert article.slug == "mine"
