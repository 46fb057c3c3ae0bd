"""What an editor means by a press of a button is what happens."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from articles.editor import status_text
from articles.models import Article, Edition
from articles.publishing import EditionWaits, publish, republish, reschedule, withdraw

HOUR = timedelta(hours=1)
REASON = {"unreviewed_reason": "Urgent."}


def at_clock(moment: datetime) -> dict[str, str]:
    """A moment in the two fields of a form; the tests' clinic keeps UTC."""
    return {
        "goes_live_at_0": moment.strftime("%Y-%m-%d"),
        "goes_live_at_1": moment.strftime("%H:%M"),
    }


def act(client: Client, verb: str, article: Article, *numbers: int, **sent: str) -> str:
    """Send the form of a verb; returns the page that follows."""
    address = reverse(f"admin:articles_article_{verb}", args=[article.pk, *numbers])
    return client.post(address, sent, follow=True).content.decode()


@pytest.fixture
def scheduled(make_article: Any, noon: datetime) -> Article:
    """An article whose first edition is public, and whose second goes live in two hours."""
    article: Article = make_article()
    publish(article, by=None, at=noon - HOUR)
    Article.objects.update(summary="New words.", revision=1)
    article.refresh_from_db()
    later = noon + 2 * HOUR
    publish(article, by=None, at=noon - HOUR, goes_live_at=later, change_note="Doses corrected.")
    return article


@pytest.mark.parametrize("when", ["now", "later"])
def test_a_date_means_at_that_time(when: str, client_as: Any, make_article: Any, noon: datetime):
    article = make_article()
    with time_machine.travel(noon, tick=False):
        sent = at_clock(noon + HOUR) | REASON
        act(client_as("Editor"), "publish", article, when=when, revision="0", **sent)
    assert article.editions.get().goes_live_at == noon + HOUR


def test_rescheduling_changes_the_time_alone(client_as: Any, scheduled: Article, noon: datetime):
    Article.objects.update(summary="Newer words, not for this edition.", revision=2)
    with time_machine.travel(noon, tick=False):
        client = client_as("Editor")
        page = act(client, "reschedule", scheduled, 2, **at_clock(noon + 5 * HOUR))
        assert "has been rescheduled" in page
    old, new = scheduled.editions.order_by("number")[1:]
    assert old.withdrawn_at == noon
    assert new.goes_live_at == noon + 5 * HOUR
    same = ("summary", "change_note", "manuscript_revision", "content_hash", "unreviewed_reason")
    assert [getattr(new, name) for name in same] == [getattr(old, name) for name in same]
    assert new.change_note == "Doses corrected."


def test_rescheduling_keeps_what_the_editor_gave_as_reasons(
    editor: Any, make_article: Any, noon: datetime
):
    article = make_article(body="## Why\n\n" + "A word. " * 20 + "## \n\nTODO")
    first = publish(
        article,
        by=editor,
        at=noon,
        goes_live_at=noon + HOUR,
        unreviewed_reason="Urgent.",
        checks_reason="Known.",
    )
    assert first.checks_passed
    moved = reschedule(first, by=editor, at=noon, goes_live_at=noon + 2 * HOUR)
    assert moved.checks_passed == first.checks_passed
    assert (moved.unreviewed_reason, moved.checks_reason) == ("Urgent.", "Known.")
    assert moved.first_live_at == noon + 2 * HOUR


def test_rescheduling_refuses_what_is_past_or_no_longer_waits(
    client_as: Any, scheduled: Article, noon: datetime
):
    with time_machine.travel(noon, tick=False):
        client = client_as("Editor")
        assert "This time has passed" in act(client, "reschedule", scheduled, 2, **at_clock(noon))
        page = act(client, "reschedule", scheduled, 1, **at_clock(noon + HOUR))
        assert "no longer scheduled" in page
    assert scheduled.editions.count() == 2


def test_the_publish_form_offers_the_note_of_the_edition_that_waits(
    client_as: Any, scheduled: Article, noon: datetime
):
    with time_machine.travel(noon, tick=False):
        url = reverse("admin:articles_article_publish", args=[scheduled.pk])
        assert 'value="Doses corrected."' in client_as("Editor").get(url).content.decode()


@pytest.mark.parametrize("choice", ["keep", "cancel"])
@pytest.mark.parametrize("verb", ["withdraw", "republish"])
def test_withdrawing_and_rolling_back_ask_about_the_edition_that_waits(
    verb: str, choice: str, client_as: Any, scheduled: Article, noon: datetime
):
    numbers = [1] if verb == "republish" else []
    call = withdraw if verb == "withdraw" else republish
    thing = scheduled if verb == "withdraw" else scheduled.editions.get(number=1)
    with pytest.raises(EditionWaits):
        call(thing, by=None, at=noon)
    with time_machine.travel(noon, tick=False):
        client = client_as("Editor")
        before = list(Edition.objects.values())
        page = act(client, verb, scheduled, *numbers, seen="")
        assert f"Edition 2 is scheduled ({status_text.moment(noon + 2 * HOUR)})." in page
        act(client, verb, scheduled, *numbers)
        assert list(Edition.objects.values()) == before
        act(client, verb, scheduled, *numbers, waiting=choice)
    waits = Edition.objects.waiting(noon).filter(article=scheduled)
    assert waits.exists() == (choice == "keep")
    assert list(Edition.objects.values()) != before


@pytest.mark.parametrize("note", ["", "Guideline <b>2026</b> says otherwise: see our fees."])
def test_a_withdrawn_page_says_what_the_editor_said_and_no_more(
    note: str, client_as: Any, client: Client, make_article: Any, noon: datetime
):
    article = make_article()
    publish(article, by=None, at=noon - HOUR)
    with time_machine.travel(noon, tick=False):
        act(client_as("Editor"), "withdraw", article, note=note)
        gone = client.get("/articles/knees-and-stairs/")
    page = gone.content.decode()
    assert gone.status_code == 410
    assert "no longer accurate" not in page
    assert ('<p class="lead">' in page) == bool(note)
    assert ("Guideline &lt;b&gt;2026&lt;/b&gt; says otherwise" in page) == bool(note)
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.update(withdrawal_note="Something else.")
