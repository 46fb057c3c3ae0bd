"""Several who publish the same text at once, and a button that is pressed twice."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from articles.models import Article, Edition, Invitation, Review
from articles.publishing import publish, republish, withdraw
from articles.publishing.errors import AlreadyPublished, NotPublished
from articles.review import invitations
from articles.review.reviews import NotSigned, hash_of, sign
from clinic.models import Clinic
from tests.at_once import MOST, at_once

pytestmark = pytest.mark.database

HOUR = timedelta(hours=1)


def made(answers: list[Any]) -> list[Edition]:
    """The editions; every other answer must be a refusal that says why."""
    editions = [each for each in answers if isinstance(each, Edition)]
    refused = [each for each in answers if each not in editions]
    assert all(isinstance(each, NotPublished) and str(each) for each in refused), answers
    return editions


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("apart", [timedelta(0), timedelta(milliseconds=7)])
@pytest.mark.parametrize("scheduled", [False, True])
def test_one_revision_makes_one_edition(
    apart: timedelta, scheduled: bool, make_article: Any, editor: Any, noon: datetime
):
    """At the same moment, or at moments that are not in the order of the transactions."""
    Clinic.objects.update(review_before_publishing=False)
    article = make_article()
    live_at = noon + HOUR if scheduled else None

    def act(number: int) -> Edition:
        read = Article.objects.get(pk=article.pk)
        moment = noon + (MOST - number) * apart
        return publish(read, by=editor, at=moment, goes_live_at=live_at, waiting="cancel")

    assert len(made(at_once(act))) == 1
    edition = Edition.objects.get(article=article)
    assert (edition.number, edition.withdrawn_at) == (1, None)


@pytest.mark.django_db(transaction=True)
def test_an_old_edition_comes_back_once(make_article: Any, editor: Any, noon: datetime):
    article = make_article()
    first = publish(article, by=None, at=noon)
    article.title = "Stairs"
    article.save()
    publish(article, by=None, at=noon + HOUR)
    answers = at_once(
        lambda _: republish(first, by=editor, at=noon + 2 * HOUR, unreviewed_reason="Old")
    )
    assert [edition.number for edition in made(answers)] == [3]
    assert article.editions.count() == 3


def test_a_button_that_is_pressed_twice_publishes_once(client_as: Any, make_article: Any):
    Clinic.objects.update(review_before_publishing=False)
    article = make_article()
    client = client_as("Editor")
    url = reverse("admin:articles_article_publish", args=[article.pk])
    sent = {"when": "now", "revision": "0"}
    assert client.post(url, sent).status_code == 302
    again = client.post(url, sent)
    assert "has already been published as edition 1" in again.content.decode()
    assert article.editions.count() == 1


def test_what_is_not_the_same_is_published(
    make_article: Any, knee: Any, editor: Any, noon: datetime
):
    """Another name of a topic, another time, or a text that was withdrawn: no revision is new."""
    Clinic.objects.update(review_before_publishing=False)
    article = make_article(topics=[knee])
    numbers = []

    def again(hours: int, **options: Any) -> None:
        edition = publish(article, by=editor, at=noon + hours * HOUR, **options)
        numbers.append(edition.number)

    again(0)
    with pytest.raises(AlreadyPublished, match="edition 1"):
        again(1)
    knee.name = "Knees"
    knee.save()
    again(1)
    withdraw(article, by=editor, at=noon + 2 * HOUR)
    again(3)
    again(3, goes_live_at=noon + 5 * HOUR)
    with pytest.raises(AlreadyPublished, match="edition 4"):
        again(3, goes_live_at=noon + 5 * HOUR, waiting="cancel")
    again(3, goes_live_at=noon + 6 * HOUR, waiting="cancel")
    assert numbers == [1, 2, 3, 4, 5]


def test_what_another_edition_replaced_can_be_published_again(
    make_article: Any, editor: Any, noon: datetime
):
    """The last one by number is not live: one that was scheduled before it is."""
    Clinic.objects.update(review_before_publishing=False)
    article = make_article()
    publish(article, by=editor, at=noon, goes_live_at=noon + 2 * HOUR)
    article.title, article.revision = "Stairs", 1
    article.save()
    publish(article, by=editor, at=noon, waiting="keep")
    assert publish(article, by=editor, at=noon + 3 * HOUR).number == 3


@pytest.mark.django_db(transaction=True)
def test_one_code_signs_once(make_article: Any, hanna: Any, editor: Any, noon: datetime):
    article = make_article()
    made_now = invitations.invite(article, hanna, by=editor, at=noon)
    invitations.send_code(made_now, read=hash_of(article, at=noon), at=noon)
    code = invitations.code_of(made_now)

    def act(number: int) -> Any:
        asked = Invitation.objects.select_related("article", "practitioner")
        return invitations.approve(asked.get(pk=made_now.pk), code=code, at=noon)

    answers = at_once(act)
    refused = [each for each in answers if not isinstance(each, Review)]
    assert all(isinstance(each, NotSigned) for each in refused), answers
    assert Review.objects.filter(article=article).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_twice_signs_once(make_article: Any, hanna: Any, noon: datetime):
    article = make_article()

    def act(number: int) -> Any:
        return sign(article, reviewer=hanna, by=None, at=noon + timedelta(seconds=number))

    assert len({each.pk for each in at_once(act)}) == 1
    later = sign(article, reviewer=hanna, by=None, at=noon + HOUR)
    assert Review.objects.filter(article=article).count() == 2
    assert later.signed_at == noon + HOUR
