"""What readers say of an article: votes that are numbers, reports that are tasks."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from articles.editor import mistakes
from articles.models import MistakeReport
from articles.public import feedback_views
from clinic.models import Throttle
from tests import whole_site

HERE = {"sec-fetch-site": "same-origin"}
WORDS = "The second picture shows the left knee."
pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> whole_site.WholeSite:
    return whole_site.build(timezone.now())


@pytest.fixture
def address(site: whole_site.WholeSite) -> str:
    return f"/articles/{site.article.slug}/feedback/"


def send(client: Client, address: str, sender: str = "192.0.2.1", **data: str) -> Any:
    return client.post(address, data, headers=HERE, REMOTE_ADDR=sender)


def test_an_article_asks_at_its_end_and_sets_no_cookie(client, site, address):
    page = client.get(f"/articles/{site.article.slug}/")
    text = page.content.decode()
    assert f'<form method="post" action="{address}">' in text
    assert text.count('name="helpful"') == 2
    assert f'<a href="{address}">Report a mistake</a>' in text
    assert not page.cookies
    form = client.get(address)
    assert not form.cookies
    assert "noindex" in form.content.decode()
    assert form.headers["Cache-Control"] == "no-store"
    assert "X-Count" not in form.headers


def test_pages_and_previews_do_not_ask(client, site, client_as):
    assert 'name="helpful"' not in client.get("/fees/").content.decode()
    preview = client_as("Editor").get(f"/admin/preview/{site.article.pk}/")
    assert 'name="helpful"' not in preview.content.decode()


@pytest.mark.parametrize(("vote", "counts_as"), [("yes", "helpful"), ("no", "unhelpful")])
def test_a_vote_is_counted_once_a_day(client, site, address, vote, counts_as):
    path = f"/articles/{site.article.slug}/"
    first = send(client, address, helpful=vote)
    assert (first.status_code, first.headers["X-Count"]) == (302, f"{counts_as} {path}")
    assert "Your answer has been counted." in client.get(first.headers["Location"]).content.decode()
    again = send(client, address, helpful=vote)
    assert (again.status_code, again.headers.get("X-Count")) == (302, None)
    assert "X-Count" in send(client, address, "192.0.2.2", helpful=vote).headers


@pytest.mark.parametrize("vote", ["", "maybe", "yes" * 500])
def test_another_vote_counts_as_nothing(client, address, vote):
    answer = send(client, address, helpful=vote)
    assert (answer.status_code, answer.headers.get("X-Count")) == (302, None)


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}, {}],
)
def test_another_site_can_neither_vote_nor_report(client, address, headers):
    vote = client.post(address, {"helpful": "yes"}, headers=headers)
    assert "X-Count" not in vote.headers
    report = client.post(address, {"text": WORDS}, headers=headers)
    assert report.status_code == 403
    assert WORDS in report.content.decode()
    assert not MistakeReport.objects.exists()


def test_a_report_is_kept_encrypted_and_says_thank_you(client, site, address):
    answer = send(client, address, text=f" {WORDS}\u200b ")
    assert (
        "We’ll look at what you reported" in client.get(answer.headers["Location"]).content.decode()
    )
    report = MistakeReport.objects.get()
    assert (report.article, report.edition, report.text) == (
        site.article,
        site.edition.number,
        WORDS,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM articles_mistakereport")
        assert "knee" not in cursor.fetchone()[0]


@pytest.mark.parametrize("text", ["", "  \u200b ", "x" * 1001])
def test_a_report_without_words_or_with_too_many_is_explained(client, address, text):
    answer = send(client, address, text=text)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not MistakeReport.objects.exists()


def test_a_machine_that_fills_everything_is_thanked_and_nothing_is_kept(client, address):
    assert send(client, address, text=WORDS, website="x").status_code == 302
    assert not MistakeReport.objects.exists()


def test_a_flood_of_reports_ends(client, site, address, monkeypatch):
    statuses = [send(client, address, text=WORDS).status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]
    answer = send(client, address, text=WORDS)
    assert WORDS in answer.content.decode()  # nothing that was typed is lost
    monkeypatch.setattr(feedback_views, "REPORTS_OF_ALL", 6)
    others = [send(client, address, f"192.0.2.{n}", text=WORDS).status_code for n in (7, 8)]
    assert others == [302, 429]
    monkeypatch.setattr(feedback_views, "MOST_OPEN", 6)
    Throttle.objects.all().delete()
    assert send(client, address, text=WORDS).status_code == 429
    assert MistakeReport.objects.count() == 6


def test_only_public_articles_have_it(client, site):
    for slug in ("nothing-here", "fees", "topics"):
        assert client.get(f"/articles/{slug}/feedback/").status_code == 404, slug
    address = f"/articles/{site.article.slug}/feedback/"
    assert client.put(address).status_code == 405


# -- the task ------------------------------------------------------------------------------------


@pytest.fixture
def report(client: Client, site: whole_site.WholeSite, address: str) -> MistakeReport:
    send(client, address, text=WORDS)
    return MistakeReport.objects.get()


def desk(article: Any) -> str:
    return f"/admin/articles/article/{article.pk}/mistakes/"


def test_a_report_is_a_task_on_the_text(site, report, client_as):
    client = client_as("Editor")
    today = client.get("/admin/").content.decode()
    assert "Reported mistakes" in today
    assert desk(site.article) in today
    assert WORDS not in today
    form = client.get(f"/admin/articles/article/{site.article.pk}/change/").content.decode()
    assert "1 mistake reported by readers" in " ".join(form.split())
    page = client.get(desk(site.article)).content.decode()
    assert WORDS in page
    answer = client.post(desk(site.article), {"done": report.pk})
    assert answer.status_code == 302
    report.refresh_from_db()
    assert report.done_by.username == "client-editor"
    assert "Reported mistakes" not in client.get("/admin/").content.decode()
    assert WORDS in client.get(desk(site.article)).content.decode()


def test_it_is_the_task_of_whoever_may_write_the_text(site, report, client_as, make_user):
    author, receptionist = client_as("Author"), client_as("Receptionist")
    assert author.get(desk(site.article)).status_code == 403
    assert "Reported mistakes" not in author.get("/admin/").content.decode()
    assert receptionist.get(desk(site.article)).status_code == 403
    assert receptionist.post(desk(site.article), {"done": report.pk}).status_code == 403
    assert Client().get(desk(site.article)).status_code == 302
    site.article.owner = author.get("/admin/").wsgi_request.user
    site.article.save()
    assert author.get(desk(site.article)).status_code == 200
    assert "Reported mistakes" in author.get("/admin/").content.decode()


@pytest.mark.parametrize("given", ["", "x", "999999", "9" * 40])
def test_a_report_that_is_not_there_cannot_be_closed(site, report, client_as, given):
    assert client_as("Editor").post(desk(site.article), {"done": given}).status_code == 404


def test_closed_reports_are_forgotten_after_a_month(site, report, manager):
    at = timezone.now()
    mistakes.done(report, by=manager, at=at)
    mistakes.done(report, by=manager, at=at + timedelta(days=20))  # it stays as it was
    mistakes.forget(at + mistakes.KEPT_FOR - timedelta(seconds=1))
    assert MistakeReport.objects.exists()
    mistakes.forget(at + mistakes.KEPT_FOR)
    assert not MistakeReport.objects.exists()


def test_the_keys_of_reports_can_be_changed(report):
    call_command("rotate_health_keys", verbosity=0)
    report.refresh_from_db()
    assert report.text == WORDS
