"""Scheduled editions under new zone rules."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from articles.models import Edition
from articles.publishing import cancel, publish, wall_times
from clinic.lib.database import guards
from clinic.models import Clinic
from clinic.site import content_version, page_context
from tests.zone_rules import SUMMER_TIME_ALL_YEAR, WINTER_TIME, ZoneRules

pytestmark = pytest.mark.django_db

EDMONTON = "America/Edmonton"
HOUR = timedelta(hours=1)
AT = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
LIVE_AT = datetime(2026, 12, 8, 17, 0, tzinfo=UTC)  # 10:00 there by the old rules


@pytest.fixture
def edmonton(zone_rules: ZoneRules) -> ZoneRules:
    """A clinic in Edmonton, by rules that set its clocks back in winter."""
    zone_rules.use("2099a", {EDMONTON: WINTER_TIME})
    Clinic.objects.update(time_zone=EDMONTON)
    page_context.forget()
    return zone_rules


@pytest.fixture
def waiting(edmonton: ZoneRules, make_article: Callable[..., Any]) -> Edition:
    return publish(make_article(), by=None, at=AT, goes_live_at=LIVE_AT)


def test_a_scheduled_edition_keeps_its_wall_time(waiting: Edition, edmonton: ZoneRules) -> None:
    assert waiting.goes_live_agreed == f"2026-12-08T10:00:00-07:00[{EDMONTON}]"
    assert wall_times.keep_editions(AT) == 0
    edmonton.use("2099b", {EDMONTON: SUMMER_TIME_ALL_YEAR})
    before = content_version.current_version()
    assert wall_times.keep_editions(AT) == 1
    waiting.refresh_from_db()
    assert (waiting.goes_live_at, waiting.first_live_at) == (LIVE_AT - HOUR, LIVE_AT - HOUR)
    assert waiting in Edition.objects.live(LIVE_AT - HOUR)
    assert content_version.current_version() != before
    assert wall_times.keep_editions(AT) == 0


def test_the_guards_are_back_after_it(waiting: Edition, edmonton: ZoneRules) -> None:
    edmonton.use("2099b", {EDMONTON: SUMMER_TIME_ALL_YEAR})
    wall_times.keep_editions(AT)
    assert guards.missing(connection) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.update(goes_live_at=LIVE_AT)


def test_when_the_article_was_first_public_stays(
    edmonton: ZoneRules, make_article: Callable[..., Any]
) -> None:
    article = make_article()
    publish(article, by=None, at=AT)
    second = publish(article, by=None, at=AT + HOUR, goes_live_at=LIVE_AT, change_note="More.")
    edmonton.use("2099b", {EDMONTON: SUMMER_TIME_ALL_YEAR})
    assert wall_times.keep_editions(AT + HOUR) == 1
    second.refresh_from_db()
    assert (second.goes_live_at, second.first_live_at) == (LIVE_AT - HOUR, AT)


def test_one_whose_wall_time_has_passed_goes_live_now(
    waiting: Edition, edmonton: ZoneRules
) -> None:
    edmonton.use("2099b", {EDMONTON: SUMMER_TIME_ALL_YEAR})
    at = LIVE_AT - timedelta(minutes=20)
    assert wall_times.keep_editions(at) == 1
    waiting.refresh_from_db()
    assert waiting.goes_live_at == at
    assert wall_times.keep_editions(at + HOUR) == 0


def test_what_does_not_wait_stays(
    waiting: Edition, edmonton: ZoneRules, make_article: Callable[..., Any]
) -> None:
    at_once = publish(make_article(slug="other"), by=None, at=AT)
    cancel(waiting, by=None, at=AT + HOUR)
    edmonton.use("2099b", {EDMONTON: SUMMER_TIME_ALL_YEAR})
    assert at_once.goes_live_agreed == ""
    assert wall_times.keep_editions(AT + HOUR) == 0
    assert wall_times.keep_editions(LIVE_AT + HOUR) == 0


def test_editions_from_before_are_filled_in(waiting: Edition, edmonton: ZoneRules) -> None:
    edmonton.use("2025b", {EDMONTON: WINTER_TIME})  # older than the package: not used
    with guards.stand_aside(connection):
        Edition.objects.update(goes_live_agreed="")
        import_module("articles.migrations.0014_keep_wall_times").fill(apps, None)
    assert wall_times.keep_editions(AT) == 1
    assert Edition.objects.get(pk=waiting.pk).goes_live_at == LIVE_AT - HOUR
    assert list(Edition.objects.exclude(goes_live_agreed="")) == [waiting]
