"""The day's desk: each person finds what waits for them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Review
from articles.publishing import publish
from clinic.models import Practitioner


@pytest.fixture
def panels(make_user: Callable[..., Any]) -> Callable[..., dict[str, list[tuple[str, str]]]]:
    """`panels(user)`: title of each panel and its rows."""

    def ask(user: Any) -> dict[str, list[tuple[str, str]]]:
        client = Client()
        client.force_login(user)
        response = client.get(reverse("admin:index"))
        assert response.status_code == 200
        return {p.title: [(r.label, r.fact) for r in p.rows] for p in response.context["panels"]}

    return ask


@pytest.fixture
def writer(make_user: Callable[..., Any], ines: Practitioner) -> Any:
    ines.user = make_user("Author")
    ines.save()
    return ines.user


def test_my_drafts_are_mine_and_not_public_as_they_stand(
    panels: Any, writer: Any, ines: Practitioner, make_article: Callable[..., Any]
):
    now = timezone.now()
    make_article(slug="mine", title="Mine", author=ines)
    make_article(slug="kept", title="Looked after", owner=writer, author=ines)
    make_article(slug="theirs", title="Theirs")
    public = make_article(slug="public", title="Public", author=ines)
    publish(public, by=None, at=now)
    changed = make_article(slug="changed", title="Changed", author=ines)
    publish(changed, by=None, at=now)
    again = {"revision": changed.revision + 1, "title": "Changed", "summary": "New."}
    Article.objects.filter(pk=changed.pk).update(**again)
    shown = dict(panels(writer)["My drafts"])
    assert set(shown) == {"Mine", "Looked after", "Changed"}
    assert shown["Mine"] == "Draft"
    assert shown["Changed"] == "Published · edition 1 · 1 unpublished change"


def test_a_reviewer_finds_what_was_handed_in(
    panels: Any, make_user: Callable[..., Any], ines: Practitioner, make_article: Callable[..., Any]
):
    ines.user = make_user("Clinical reviewer")
    ines.save()
    other = Practitioner.objects.create(name="Tom Lind", slug="tom", role="Physio")
    at = timezone.now()
    make_article(slug="a", title="For me", reviewer=ines, submitted_at=at)
    make_article(slug="b", title="For anybody", submitted_at=at)
    make_article(slug="c", title="For Tom", reviewer=other, submitted_at=at)
    make_article(slug="d", title="Not handed in", reviewer=ines)
    shown = panels(ines.user)
    assert [label for label, _fact in shown["Waiting for my review"]] == ["For me", "For anybody"]
    assert "My drafts" not in shown


def test_what_is_scheduled_stands_in_its_order(
    panels: Any, make_user: Callable[..., Any], make_article: Callable[..., Any]
):
    now = timezone.now()
    for slug, days in (("later", 3), ("sooner", 1)):
        publish(
            make_article(slug=slug, title=slug.title()),
            by=None,
            at=now,
            goes_live_at=now + timedelta(days=days),
        )
    shown = panels(make_user("Editor"))["Scheduled"]
    assert [label for label, _fact in shown] == ["Sooner", "Later"]


@pytest.mark.parametrize(("days", "is_shown"), [(-3, True), (20, True), (60, False)])
def test_a_review_that_is_due_is_shown_to_its_author_and_to_editors(
    days: int,
    is_shown: bool,
    panels: Any,
    writer: Any,
    make_user: Callable[..., Any],
    ines: Practitioner,
    make_article: Callable[..., Any],
):
    now = timezone.now()
    article = make_article(title="Signed", author=ines)
    edition = publish(article, by=None, at=now)
    Review.objects.create(
        article=article,
        content_hash=edition.content_hash,
        hash_recipe=edition.hash_recipe,
        author=ines,
        reviewer=Practitioner.objects.create(name="Hanna", slug="hanna", role="Doctor"),
        reviewer_name="Hanna",
        signed_at=now,
        next_due_on=(now + timedelta(days=days)).date(),
    )
    stranger = make_user("Author", username="stranger")
    for user, sees in ((writer, True), (make_user("Editor"), True), (stranger, False)):
        shown = panels(user).get("Review due", [])
        assert [label for label, _fact in shown] == (["Signed"] if sees and is_shown else [])


def test_a_receptionist_finds_nothing_of_texts(
    panels: Any, make_user: Callable[..., Any], make_article: Callable[..., Any]
):
    make_article()
    titles = set(panels(make_user("Receptionist")))
    assert not titles & {"My drafts", "Waiting for my review", "Scheduled", "Review due"}


def test_the_desk_asks_as_much_for_many_texts_as_for_few(
    panels: Any,
    writer: Any,
    ines: Practitioner,
    make_article: Callable[..., Any],
):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            panels(writer)
        return len(queries)

    make_article(slug="first", author=ines, submitted_at=timezone.now())
    few = asked()
    for number in range(12):
        make_article(slug=f"a{number}", author=ines, submitted_at=timezone.now())
    assert asked() <= few
