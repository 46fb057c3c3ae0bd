"""Synthetic data: real in shape, the same each time, and never mixed with a real clinic's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F

from articles import demo as texts
from articles.models import Article, Citation, Edition, Reference, Rendering
from articles.publishing import issues_of
from articles.references.styles import ama
from bookings import demo as requests
from bookings.models import Enquiry, Event, Offer, State
from bookings.privacy import retention
from bookings.workflow import duties
from clinic import hooks
from clinic.finding import asking
from clinic.lib.database import guards
from clinic.models import (
    Clinic,
    Location,
    Message,
    Practitioner,
    Service,
    User,
)
from clinic.operations import demo, sample_data
from clinic.site import content_version

pytestmark = pytest.mark.django_db
AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def small_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo clinic of three rows: that the whole one can be loaded is tested elsewhere."""

    def load(at: datetime) -> None:
        Clinic.objects.update(is_demo=True)
        Location.objects.create(name="Millbrook", slug="millbrook")
        Service.objects.create(name="Knees", slug="knees", summary="Knees.")
        Practitioner.objects.create(name="Ines Okafor", slug="ines", role="Physio")

    empty = [demo.is_empty for demo in hooks.demos]
    monkeypatch.setattr(
        hooks, "demos", [hooks.Demo(10, load, lambda: None, lambda: all(e() for e in empty))]
    )


def synthetic_articles() -> Any:
    return Article.objects.filter(slug__startswith="synthetic-")


def test_it_adds_what_was_asked_for() -> None:
    version = content_version.current_version()
    sample_data.fill({"references": 12, "articles": 6, "enquiries": 24}, at=AT)
    assert Clinic.objects.get().is_demo
    assert Reference.objects.count() == 12
    assert synthetic_articles().count() == 6
    assert Enquiry.objects.count() == 24
    assert content_version.current_version() != version

    live = Edition.objects.live(AT).filter(article__in=synthetic_articles())
    assert live.count() == 6
    assert set(live.filter(number=2).values_list("article__slug", flat=True)) == {
        "synthetic-000000",
        "synthetic-000005",
    }
    assert not live.exclude(content_hash__regex="^[0-9a-f]{64}$").exists()
    assert Rendering.objects.filter(edition__in=live, words__gt=150).count() == 6
    assert Citation.objects.filter(edition__in=live).count() > 6
    assert Reference.objects.cited(AT).exists()
    for article in synthetic_articles():
        assert not [issue for issue in issues_of(article, at=AT) if issue.must]
    for edition in live:
        results = asking.answer(edition.title, AT).results
        assert edition.get_absolute_url() in [r.url.partition("#")[0] for r in results]
    for reference in Reference.objects.all():
        assert str(reference.year) in ama.format_reference(reference.csl)


def test_its_enquiries_are_in_every_state_with_their_timelines() -> None:
    sample_data.fill({"enquiries": 24}, at=AT)
    assert {enquiry.state for enquiry in Enquiry.objects.all()} == set(State)
    assert not Enquiry.objects.exclude(events__kind=Event.Kind.RECEIVED).exists()
    assert not Enquiry.objects.filter(events__at__gt=AT).exists()
    waiting = Offer.objects.held().filter(state=Offer.State.OFFERED)
    booked = Offer.objects.held().filter(state=Offer.State.ACCEPTED, starts_at__gt=AT)
    assert waiting.count() == 2 * 2 * 3
    assert booked.count() == 2
    assert User.objects.filter(is_active=True).count() == 0


def test_no_mail_of_theirs_waits_and_the_clock_leaves_them_alone() -> None:
    sample_data.fill({"enquiries": 24}, at=AT)
    assert Message.objects.exists()
    assert not Message.objects.waiting(AT + timedelta(days=1)).exists()
    assert (duties.expire(AT), duties.close_past_visits(AT), retention.purge(AT)) == (0, 0, 0)


def test_more_may_be_added_to_what_was_added() -> None:
    for _ in range(2):
        sample_data.fill({"references": 2, "articles": 2, "enquiries": 13}, at=AT)
    assert Reference.objects.count() == 4
    assert synthetic_articles().count() == 4
    assert Enquiry.objects.count() == 26
    assert Offer.objects.held().exclude(ends_at=F("starts_at") + timedelta(minutes=30)).count() == 0


def test_it_is_the_same_each_time() -> None:
    def drawn() -> tuple[Any, ...]:
        return (
            list(Reference.objects.order_by("key").values_list("key", "csl")),
            list(Edition.objects.order_by("slug", "number").values_list("title", "body")),
            list(Enquiry.objects.order_by("created_at").values_list("name", "created_at")),
        )

    counts = {"references": 3, "articles": 2, "enquiries": 3}
    found = []
    for _ in range(2):
        with transaction.atomic():
            sample_data.fill(counts, at=AT)
            found.append(drawn())
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert all(found[0])


def test_a_real_clinic_is_left_alone_unless_told_otherwise() -> None:
    Service.objects.create(name="Knees", slug="knees", summary="Knees.")
    assert not demo.is_empty()
    with pytest.raises(CommandError, match="not a demo") as refusal:
        call_command("fill", references=2)
    assert refusal.value.returncode == 2
    assert not Reference.objects.exists()
    call_command("fill", references=2, anyway=True)
    assert Reference.objects.count() == 2
    assert not Clinic.objects.get().is_demo
    with pytest.raises(CommandError, match="need a practitioner"):
        call_command("fill", enquiries=1, anyway=True)


@pytest.mark.parametrize("arguments", [[], ["--articles", "0"], ["--articles=-1"], ["--pages=1"]])
def test_what_cannot_be_read_as_numbers_of_things(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("fill", *arguments)
    assert refusal.value.returncode == 2 or "Error" in str(refusal.value)
    assert demo.is_empty()


def test_it_tells_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic.management.commands.fill.SAY_EVERY", 2)
    call_command("fill", references=5)
    told = capsys.readouterr().out.splitlines()
    assert told == [f"references: {n} of 5" for n in (2, 4, 5)]


def test_it_goes_with_the_demo() -> None:
    sample_data.fill({"references": 2, "articles": 2, "enquiries": 13}, at=AT)
    with guards.stand_aside(connection):
        requests.remove()
        texts.remove()
    for rows in (Reference.objects, synthetic_articles(), Enquiry.objects, Event.objects):
        assert not rows.exists()
    assert not User.objects.exists()
