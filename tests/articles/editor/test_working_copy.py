"""Unsaved work on the server, who else is here, names to choose from, and saves that collide."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from articles.models import Article, WorkingCopy
from articles.models.working_copy import PRESENT_FOR
from clinic.models import Image, User

KEEP = "/admin/articles/article/working-copy/"
SOURCES = "/admin/articles/article/suggest/references/"
PAGES = "/admin/articles/article/suggest/pages/"
PICTURES = "/admin/articles/article/suggest/pictures/"


@pytest.fixture
def writer(client_as: Any) -> Client:
    return client_as("Editor")


@pytest.fixture
def colleague(make_user: Any) -> Client:
    client = Client()
    user = make_user("Editor", username="colleague")
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def keep(client: Client, article: Article | None, **fields: str) -> Any:
    sent = {"article": article.pk if article else "", "fields": json.dumps(fields), "revision": 0}
    return client.post(KEEP, sent)


def form_of(article: Article, **changes: Any) -> dict[str, Any]:
    names = ("kind", "title", "slug", "summary", "takeaways", "body", "certainty")
    rows = {"questions-TOTAL_FORMS": "0", "questions-INITIAL_FORMS": "0", "_continue": "1"}
    sent = {name: getattr(article, name) for name in names} | rows
    return {**sent, "opened_revision": article.revision, **changes}


def test_unsaved_words_come_back_and_are_no_history(writer: Client, make_article: Any):
    article = make_article()
    assert keep(writer, article, body="Half a sen").status_code == 200
    assert keep(writer, article, body="Half a sentence").json()["saved_at"]
    assert writer.get(KEEP, {"article": article.pk}).json()["fields"] == {"body": "Half a sentence"}
    assert WorkingCopy.objects.count() == 1
    article.refresh_from_db()
    assert (article.revision, article.body[:6]) == (0, "## Why")


def test_a_save_forgets_them(writer: Client, make_article: Any):
    article = make_article()
    keep(writer, article, body="Half")
    url = reverse("admin:articles_article_change", args=[article.pk])
    writer.post(url, form_of(article, body="Whole."))
    assert writer.get(KEEP, {"article": article.pk}).json()["fields"] == {}


def test_a_new_text_is_kept_until_it_is_saved(writer: Client, db: None):
    keep(writer, None, title="Desks")
    assert writer.get(KEEP).json()["fields"] == {"title": "Desks"}
    fresh = Article(kind="article", title="Desks", slug="desks", body="Words.")
    assert writer.post(reverse("admin:articles_article_add"), form_of(fresh)).status_code == 302
    assert writer.get(KEEP).json()["fields"] == {}


def test_the_copy_of_one_person_is_not_shown_to_another(
    writer: Client, colleague: Client, make_article: Any
):
    article = make_article()
    keep(writer, article, body="Mine")
    assert colleague.get(KEEP, {"article": article.pk}).json()["fields"] == {}


def test_the_second_is_told_who_is_here_and_since_when(
    writer: Client, colleague: Client, make_article: Any, noon: Any
):
    article = make_article()
    page = reverse("admin:articles_article_change", args=[article.pk])
    with time_machine.travel(noon, tick=False) as clock:
        for client, name in ((writer, "client-editor"), (colleague, "colleague")):
            user = User.objects.get(username=name)
            client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        writer.post(KEEP, {"article": article.pk})
        clock.shift(timedelta(minutes=1))
        others = colleague.post(KEEP, {"article": article.pk}).json()["others"]
        assert others == [{"name": "client-editor", "since": "12:00\xa0p.m."}]
        assert "client-editor opened this article at" in colleague.get(page).content.decode()
        clock.shift(PRESENT_FOR)
        assert colleague.post(KEEP, {"article": article.pk}).json()["others"] == []
        writer.post(KEEP, {"article": article.pk})  # comes back: since now
        others = colleague.get(KEEP, {"article": article.pk}).json()["others"]
        assert others == [{"name": "client-editor", "since": "12:03\xa0p.m."}]


@pytest.mark.parametrize("sent", ["[]", "nonsense", '{"body": 1}', '{"body": {}}', '"x"', "null"])
def test_what_is_no_form_is_refused(sent: str, writer: Client, make_article: Any):
    answer = writer.post(KEEP, {"article": make_article().pk, "fields": sent})
    assert answer.status_code == 400
    assert not WorkingCopy.objects.exclude(fields={}).exists()


def test_a_copy_of_nothing_is_404(writer: Client, db: None):
    for wrong in ("999", "x", "9" * 30):
        assert writer.get(KEEP, {"article": wrong}).status_code == 404


@pytest.mark.parametrize(
    ("role", "keeps", "sees"),
    [
        ("Author", 403, 200),  # of a text that is not theirs
        ("Clinical reviewer", 403, 200),
        ("Editor", 200, 200),
        ("Receptionist", 403, 403),
        ("Practitioner", 403, 403),
        ("Manager", 200, 200),
    ],
)
def test_each_role_at_the_side_doors(
    role: str, keeps: int, sees: int, client_as: Any, make_article: Any
):
    client = client_as(role)
    article = make_article()
    assert keep(client, article, body="x").status_code == keeps
    assert client.get(KEEP, {"article": article.pk}).status_code == keeps
    assert client.get(SOURCES, {"q": "x"}).status_code == sees
    assert client.get(PAGES, {"q": "x", "kind": "article"}).status_code == sees


def test_one_copy_for_each_person_and_text(make_article: Any, editor: Any, noon: Any):
    article = make_article()
    moments = {"opened_at": noon, "seen_at": noon}
    for subject in (article, None):
        WorkingCopy.objects.create(article=subject, person=editor, **moments)
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkingCopy.objects.create(article=subject, person=editor, **moments)


def test_a_save_over_a_newer_one_shows_both_and_loses_neither(
    writer: Client, colleague: Client, make_article: Any
):
    article = make_article(body="One sentence.")
    url = reverse("admin:articles_article_change", args=[article.pk])
    writer.post(url, form_of(article, body="One long sentence."))
    page = colleague.post(url, form_of(article, body="One short sentence.")).content.decode()
    assert "long</del>" in page
    assert "short</ins>" in page
    assert "One short sentence.</textarea>" in page
    article.refresh_from_db()
    assert article.body == "One long sentence."


def test_sources_are_found_by_author_year_and_title(writer: Client, chys: Any):
    for query in ("chys", "Meulemeester 2023", "needling", "chys2023"):
        (row,) = writer.get(SOURCES, {"q": query}).json()["found"]
        assert (row["value"], row["more"]) == ("chys2023", chys.title)
    assert writer.get(SOURCES, {"q": "nobody"}).json()["found"] == []


def test_pages_are_found_by_name(writer: Client, make_article: Any, needling: Any):
    make_article()
    found = writer.get(PAGES, {"kind": "article", "q": "stairs"}).json()["found"]
    assert [row["value"] for row in found] == ["knees-and-stairs"]
    found = writer.get(PAGES, {"kind": "service", "q": "dry-need"}).json()["found"]
    assert found == [{"value": "dry-needling", "label": "Dry needling", "more": ""}]
    found = writer.get(PAGES, {"q": "needling"}).json()["found"]
    assert [(row["value"], row["label"], row["more"]) for row in found] == [
        ("service:dry-needling", "Dry needling", "service"),
        ("book:dry-needling", "Request an appointment: Dry needling", "Booking form"),
    ]
    for words in ("book", "appoint", "book needling", ""):
        found = [row["value"] for row in writer.get(PAGES, {"q": words}).json()["found"]]
        assert ("book:" in found) == (words != "book needling")
        assert ("book:dry-needling" in found) == (words != "")
    for kind in ("user", "enquiry"):
        assert writer.get(PAGES, {"kind": kind, "q": ""}).json() == {"found": []}


def test_sources_are_named_by_their_keys(writer: Client, chys: Any):
    (row,) = writer.get(SOURCES, {"keys": "chys2023 unknown2020"}).json()["found"]
    assert (row["value"], row["label"]) == ("chys2023", "Chys, 2023")


def test_pictures_are_found_by_what_they_show(writer: Client, client_as: Any):
    image = Image.objects.create(
        file="images/step.webp", width=9, height=9, sha256="1", alt="A knee on a step"
    )
    (row,) = writer.get(PICTURES, {"q": "step knee"}).json()["found"]
    assert (row["alt"], row["value"]) == (image.alt, image.address)
    assert writer.get(PICTURES, {"q": "shoulder"}).json() == {"found": []}
    assert client_as("Receptionist").get(PICTURES).status_code == 403
