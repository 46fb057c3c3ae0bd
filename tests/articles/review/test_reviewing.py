"""A sign-off: by whom, of what, until when."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from articles.models import Edition, Review
from articles.publishing import ReviewMissing, publish
from articles.review.reviews import NotSigned, months_later, sign
from clinic.models import Clinic, Practitioner
from clinic.site import content_version


@pytest.fixture
def hanna(db: None) -> Practitioner:
    return Practitioner.objects.create(name="Dr Hanna Weiss", slug="hanna", role="Doctor")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 13, date(2027, 12, 30)),
        (date(2026, 3, 2), 24, date(2028, 3, 2)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_its_month(day: date, months: int, later: date):
    assert months_later(day, months) == later


def test_a_sign_off_says_who_when_and_until_when(
    make_article: Any, hanna: Practitioner, reviewer: Any, noon: datetime
):
    Practitioner.objects.update(user=reviewer)
    hanna.refresh_from_db()
    Clinic.objects.update(review_interval_months=6)
    before = content_version.current_version()
    review = sign(make_article(), reviewer=hanna, by=reviewer, at=noon, note="Read twice.")
    review.refresh_from_db()
    assert (review.reviewer, review.reviewer_name) == (hanna, "Dr Hanna Weiss")
    assert (review.signed_by, review.signed_at, review.note) == (reviewer, noon, "Read twice.")
    assert review.next_due_on == date(2026, 9, 2)
    assert content_version.current_version() != before  # the live page shows it


def test_the_day_of_a_sign_off_is_the_clinics(make_article: Any, hanna: Practitioner):
    Clinic.objects.update(time_zone="Pacific/Auckland")
    evening = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # 3 March there
    assert sign(make_article(), reviewer=hanna, by=None, at=evening).next_due_on.day == 3


def test_an_author_does_not_sign_their_own_text(
    make_article: Any, ines: Practitioner, noon: datetime
):
    article = make_article(author=ines)
    with pytest.raises(NotSigned, match="your own"):
        sign(article, reviewer=ines, by=None, at=noon)
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("change", "stands"),
    [
        ({}, True),
        (
            {"body": "## Why stairs hurt\r\n\r\nThe knee carries more than the whole body. \r\n"},
            True,
        ),
        ({"slug": "stairs"}, True),
        ({"seo_title": "Stairs"}, True),
        ({"body": "## Why stairs hurt\n\nThe knee carries less than the whole body."}, False),
        ({"certainty": "firm"}, False),
        ({"summary": "Other."}, False),
    ],
)
def test_a_sign_off_counts_for_the_content_that_was_read(
    change: dict[str, str],
    stands: bool,
    make_article: Any,
    hanna: Practitioner,
    editor: Any,
    noon: datetime,
):
    article = make_article()
    sign(article, reviewer=hanna, by=None, at=noon)
    for name, value in change.items():
        setattr(article, name, value)
    article.save()
    if not stands:
        with pytest.raises(ReviewMissing):
            publish(article, by=editor, at=noon)
        return
    edition = publish(article, by=editor, at=noon)
    assert Edition.objects.with_stamp().get(pk=edition.pk).checked_by == "Dr Hanna Weiss"


def test_the_newest_sign_off_is_the_one_that_is_shown(
    make_article: Any, hanna: Practitioner, ines: Practitioner, noon: datetime
):
    article = make_article()
    sign(article, reviewer=ines, by=None, at=noon)
    sign(article, reviewer=hanna, by=None, at=noon.replace(hour=13))
    edition = publish(article, by=None, at=noon.replace(hour=14))
    stamped = Edition.objects.with_stamp().get(pk=edition.pk)
    assert (stamped.checked_by, stamped.checked_by_id) == ("Dr Hanna Weiss", hanna.pk)
    assert stamped.checked_at == noon.replace(hour=13)


def test_a_sign_off_of_one_article_is_none_of_another(
    make_article: Any, hanna: Practitioner, noon: datetime
):
    sign(make_article(), reviewer=hanna, by=None, at=noon)
    twin = publish(make_article(slug="twin"), by=None, at=noon)
    assert Edition.objects.with_stamp().get(pk=twin.pk).checked_by is None
