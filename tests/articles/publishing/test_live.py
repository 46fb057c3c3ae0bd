"""What is public, and when: the live rule, in every order of the verbs."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Edition
from articles.publishing import EditionWaits, NotPublished, cancel, publish, republish, withdraw

pytestmark = pytest.mark.database

HOUR = timedelta(hours=1)


def live(article, at):
    return Edition.objects.live(at).filter(article=article).first()


def test_nothing_is_live_before_its_moment_and_exactly_from_it_on(make_article, noon):
    article = make_article()
    edition = publish(article, by=None, at=noon, goes_live_at=noon + HOUR)
    assert live(article, noon + HOUR - timedelta(microseconds=1)) is None
    assert live(article, noon + HOUR) == edition


def test_the_latest_by_moment_then_number_decides(make_article, noon):
    article = make_article()
    first = publish(article, by=None, at=noon)
    later = publish(article, by=None, at=noon, goes_live_at=noon + 2 * HOUR)
    now = publish(article, by=None, at=noon + HOUR, waiting="keep")
    assert live(article, noon) == first
    assert live(article, noon + HOUR) == now
    assert live(article, noon + 2 * HOUR) == later


def test_two_at_the_same_moment_the_higher_number_decides(make_article, noon):
    article = make_article()
    publish(article, by=None, at=noon)
    article.title = "Knees"
    article.save()
    second = publish(article, by=None, at=noon)
    assert live(article, noon) == second


def test_a_withdrawn_edition_does_not_bring_back_an_older_one(make_article, noon):
    article = make_article()
    publish(article, by=None, at=noon)
    publish(article, by=None, at=noon + HOUR)
    withdraw(article, by=None, at=noon + 2 * HOUR)
    assert live(article, noon + 2 * HOUR) is None
    decisive = Edition.objects.decisive(noon + 2 * HOUR).get(article=article)
    assert decisive.number == 2
    assert decisive.withdrawn_at == noon + 2 * HOUR


def test_republishing_brings_an_old_content_back_as_a_new_edition(make_article, noon):
    article = make_article(body="## Old\n\nThe old words.")
    old = publish(article, by=None, at=noon)
    article.body = "## New\n\nThe new words."
    article.revision += 1
    article.save()
    publish(article, by=None, at=noon + HOUR)
    withdraw(article, by=None, at=noon + 2 * HOUR)
    back = republish(old, by=None, at=noon + 3 * HOUR)
    assert back.number == 3
    assert back.body == old.body
    assert back.content_hash == old.content_hash
    assert live(article, noon + 3 * HOUR) == back
    article.refresh_from_db()
    assert "new words" in article.body  # the manuscript is nobody's loss
    assert "Edition 1" in back.change_note


def test_a_cancelled_edition_counts_as_never_made(make_article, noon):
    article = make_article()
    first = publish(article, by=None, at=noon)
    waiting = publish(article, by=None, at=noon, goes_live_at=noon + 2 * HOUR)
    cancel(waiting, by=None, at=noon + HOUR)
    assert live(article, noon + 3 * HOUR) == first
    with pytest.raises(NotPublished):
        cancel(waiting, by=None, at=noon + HOUR)


def test_an_edition_whose_time_has_come_cannot_be_cancelled(make_article, noon):
    article = make_article()
    edition = publish(article, by=None, at=noon, goes_live_at=noon + HOUR)
    with pytest.raises(NotPublished):
        cancel(edition, by=None, at=noon + HOUR)
    assert live(article, noon + HOUR) == edition


def test_publishing_while_one_waits_asks_what_to_do_with_it(make_article, noon):
    article = make_article()
    waiting = publish(article, by=None, at=noon, goes_live_at=noon + 2 * HOUR)
    with pytest.raises(EditionWaits) as asked:
        publish(article, by=None, at=noon + HOUR)
    assert asked.value.edition == waiting
    with pytest.raises(EditionWaits):  # two may never wait
        publish(article, by=None, at=noon, goes_live_at=noon + 3 * HOUR, waiting="keep")
    now = publish(article, by=None, at=noon + HOUR, waiting="cancel")
    assert live(article, noon + 3 * HOUR) == now


def model_of_live(log, at):
    """The live rule of the design, said another way: over plain tuples."""
    counted = [
        (goes, number, gone)
        for number, goes, gone in log
        if goes <= at and not (gone is not None and gone < goes)
    ]
    if not counted:
        return None
    _goes, number, gone = max(counted, key=lambda edition: edition[:2])
    return None if gone is not None and gone <= at else number


steps = st.lists(
    st.tuples(
        st.sampled_from(["publish", "schedule", "cancel", "withdraw", "republish"]),
        st.integers(0, 3),
    ),
    max_size=12,
)


@given(steps=steps)
@settings(
    max_examples=settings.default.max_examples // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_live_rule_holds_in_every_order(steps, make_article, noon):
    with transaction.atomic():
        article = make_article(slug="in-every-order")
        clock, log = noon, []
        for verb, hours in steps:
            clock += hours * HOUR
            waiting = Edition.objects.waiting(clock).filter(article=article).first()
            try:
                if verb == "publish":
                    publish(article, by=None, at=clock, waiting="keep")
                elif verb == "schedule":
                    moment = clock + (hours + 1) * HOUR
                    publish(article, by=None, at=clock, goes_live_at=moment, waiting="cancel")
                elif verb == "cancel" and waiting:
                    cancel(waiting, by=None, at=clock)
                elif verb == "withdraw":
                    withdraw(article, by=None, at=clock)
                elif verb == "republish" and (old := article.editions.order_by("number").first()):
                    republish(old, by=None, at=clock, waiting="keep")
            except NotPublished:
                pass
            log = list(article.editions.values_list("number", "goes_live_at", "withdrawn_at"))
            assert Edition.objects.waiting(clock).filter(article=article).count() <= 1
            for moment in (clock, clock + HOUR, clock + 10 * HOUR):
                found = live(article, moment)
                assert (found.number if found else None) == model_of_live(log, moment)
        transaction.set_rollback(True)
