"""A sign-off covers what the article shows of its services: it ends when they change."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.editor.dashboard import due_panel
from articles.models import Article, Edition
from articles.publishing import publish
from articles.review import reviews
from clinic.models import Service
from clinic.site import page_context, versions

HOUR = timedelta(hours=1)


@pytest.fixture
def signed(make_article: Any, needling: Service, hanna: Any) -> Article:
    """An article about needling, signed and published an hour ago."""
    Service.objects.update(price_text="$80", typical_course="Up to three appointments")
    article = make_article(services=[needling])
    at = timezone.now() - HOUR
    reviews.sign(article, reviewer=hanna, by=hanna.user, at=at)
    publish(article, by=None, at=at)
    return article


@pytest.fixture
def staff(client_as: Any) -> Client:
    return client_as("Editor")


@pytest.fixture
def save(staff: Client, needling: Service) -> Any:
    def post(**changes: Any) -> None:
        url = reverse("admin:clinic_service_change", args=[needling.pk])
        form = staff.get(url).context["adminform"].form
        sent = {bound.html_name: "" if (v := bound.value()) is None else v for bound in form}
        sent["is_public"] = "on"
        assert staff.post(url, sent | changes).status_code == 302

    return post


def is_stamped(client: Client) -> bool:
    page_context.forget()
    listed = client.get("/articles/").content.decode()
    shown = client.get("/articles/knees-and-stairs/").content.decode()
    assert ("Reviewed by" in listed) == ("Next review due" in shown)
    return "Next review due" in shown


@pytest.mark.parametrize(
    "changes",
    [
        {"risks": "A bruise"},
        {"not_for": "you take blood thinners\nyou have a fever"},
        {"typical_course": "Up to four appointments"},
        {"first_minutes": "40"},
        {"follow_minutes": "20"},
        {"price_text": "$90"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_changed_fact_ends_the_stamp(changes: Any, signed: Article, save: Any, client: Client):
    assert is_stamped(client)
    save(**changes)
    assert not is_stamped(client)
    assert reviews.signed(signed, at=timezone.now()) is None


def test_other_changes_do_not(signed: Article, save: Any, client: Client):
    save(summary="A very thin needle.")
    assert is_stamped(client)


def test_a_new_sign_off_covers_the_new_facts(
    signed: Article, save: Any, client: Client, hanna: Any, editor: Any, rf: Any
):
    save(risks="A bruise")
    request = rf.get("/admin/")
    request.user = editor
    [row] = due_panel(request).rows  # type: ignore[union-attr]
    assert (row.fact, row.urgent) == ("A service it shows has changed", True)
    reviews.sign(signed, reviewer=hanna, by=hanna.user, at=timezone.now() + HOUR)
    assert is_stamped(client)
    assert due_panel(request) is None


def test_restoring_an_old_version_ends_it_too(
    signed: Article, save: Any, client: Client, staff: Client, needling: Service, hanna: Any
):
    save(risks="A bruise")
    with time_machine.travel(timezone.now() + HOUR, tick=False):
        reviews.sign(signed, reviewer=hanna, by=hanna.user, at=timezone.now())
    with time_machine.travel(timezone.now() + 2 * HOUR, tick=False):
        assert is_stamped(client)
        first = versions.of(needling).last()
        assert first
        url = reverse("admin:clinic_service_version", args=[needling.pk, first.number])
        staff.post(url, {"seen": staff.get(url).context["seen"]})
        needling.refresh_from_db()
        assert needling.risks == "A bruise\nFainting"
        assert not is_stamped(client)


def test_an_article_shows_all_facts_of_its_service(signed: Article, client: Client):
    Service.objects.update(first_minutes=45, follow_minutes=30)
    page = client.get("/articles/knees-and-stairs/").content.decode()
    block = page.split('id="suitability"')[1].split("</section>")[0]
    for words in ("45 minutes", "30 minutes", "$80", "Up to three appointments", "A bruise"):
        assert block.count(words) == 1
    assert Edition.objects.count() == 1 + Edition.objects.filter(kind="page").count()
