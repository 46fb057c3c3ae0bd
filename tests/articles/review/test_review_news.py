"""Who hears of a review: by email, and on the dashboard."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from articles.editor import status_text
from articles.models import Article
from articles.publishing import publish
from articles.review.reviews import hash_of, send_back, sign, submit
from clinic.mail import outbox
from clinic.models import Practitioner, User
from tests.articles.editor.test_day import panels  # noqa: F401 - a fixture

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _mail_in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def people(make_user: Any, hanna: Practitioner, ines: Practitioner) -> dict[str, Any]:
    """An author who is shown on the site, an owner, an editor, a manager, and Hanna who reviews."""
    roles = {"ines": "Author", "owner": "Author", "mara": "Editor", "boss": "Manager"}
    users = {name: make_user(role, username=name) for name, role in roles.items()}
    users["hanna"] = hanna.user
    for name, user in users.items():
        user.email = f"{name}@larkspur.example"
        user.save()
    ines.user = users["ines"]
    ines.save()
    Practitioner.objects.create(name="Boss", slug="boss", role="Doctor", user=users["boss"])
    return users


@pytest.fixture
def article(people: dict[str, Any], make_article: Any, ines: Practitioner) -> Article:
    made: Article = make_article(author=ines, owner=people["owner"])
    return made


def told(at: Any) -> tuple[set[str], str]:
    """Send what waits: to whom, and what it says."""
    mail.outbox.clear()
    outbox.run_once(at)
    (sent,) = mail.outbox
    return {address.split("@")[0] for address in sent.to}, sent.body


def test_a_sign_off_is_told_and_can_be_found(
    article: Article,
    people: dict[str, Any],
    hanna: Practitioner,
    panels: Any,  # noqa: F811
    noon: Any,
):
    with time_machine.travel(noon, tick=False):
        submit(article, by=people["ines"], at=noon)
        outbox.run_once(noon)
        read = hash_of(article, at=noon)
        sign(article, reviewer=hanna, by=hanna.user, at=noon, read=read, note="Clear.")
        to, words = told(noon)
        assert to == {"ines", "owner", "mara", "boss"}
        assert "Dr Hanna Weiss approved “Knees and stairs”." in words
        assert "Clear." in words
        assert "It is ready to publish:" in words
        shown = {name: panels(user) for name, user in people.items()}
        row = [("Knees and stairs", f"approved {status_text.moment(noon)}")]
        ready = {name for name, rows in shown.items() if rows.get("Approved, ready to publish")}
        assert ready == {"ines", "owner", "mara", "boss"}
        assert shown["mara"]["Approved, ready to publish"] == row
        # What is put in for the editor does not hide it: the words are those that were read.
        Article.objects.filter(pk=article.pk).update(slug="other", revision=9)
        assert "Approved, ready to publish" in panels(people["mara"])
        Article.objects.filter(pk=article.pk).update(summary="Other words.", revision=10)
        assert "Approved, ready to publish" not in panels(people["mara"])
        Article.objects.filter(pk=article.pk).update(summary=article.summary, revision=11)
        article.refresh_from_db()
        publish(article, by=people["mara"], at=noon, goes_live_at=noon + HOUR)
        assert "Approved, ready to publish" not in panels(people["mara"])


def test_a_second_sign_off_of_what_is_public_asks_nobody_to_publish(
    article: Article,
    people: dict[str, Any],
    hanna: Practitioner,
    panels: Any,  # noqa: F811
    noon: Any,
):
    publish(article, by=None, at=noon)
    with time_machine.travel(noon + HOUR, tick=False):
        sign(article, reviewer=hanna, by=hanna.user, at=noon + HOUR)
        to, words = told(noon + HOUR)
        assert to == {"ines", "owner"}
        assert "already published or scheduled" in words
        assert "Approved, ready to publish" not in panels(people["mara"])


def test_a_text_that_was_returned_says_so_with_the_first_remark(
    article: Article,
    people: dict[str, Any],
    hanna: Practitioner,
    panels: Any,  # noqa: F811
    noon: Any,
):
    publish(article, by=None, at=noon - HOUR)  # returned all the same: nothing of it has changed
    with time_machine.travel(noon, tick=False):
        comment = "\nName the risks.\nAnd the dose."
        send_back(article, reviewer=hanna, by=hanna.user, at=noon, comment=comment)
        to, words = told(noon)
        assert to == {"ines", "owner"}
        assert "And the dose." in words
        row = ("Knees and stairs", "Returned by Dr Hanna Weiss: Name the risks.")
        assert panels(people["ines"])["My drafts"] == [row]
        assert panels(people["owner"])["My drafts"] == [row]
        assert panels(people["mara"])["My drafts"] == []
        submit(article, by=people["ines"], at=noon)
        assert panels(people["ines"])["My drafts"] == []
        sign(article, reviewer=hanna, by=hanna.user, at=noon + HOUR)
        assert panels(people["ines"])["My drafts"] == []


def test_a_text_that_names_no_reviewer_is_told_to_all_but_its_writers(
    article: Article, people: dict[str, Any], noon: Any
):
    User.objects.filter(pk=people["mara"].pk).update(is_superuser=True)  # no name on the site
    submit(article, by=people["ines"], at=noon)
    assert told(noon)[0] == {"hanna", "boss"}
    Article.objects.update(author=Practitioner.objects.get(slug="boss"), revision=2)
    article.refresh_from_db()
    submit(article, by=people["owner"], at=noon)
    assert told(noon)[0] == {"hanna"}
