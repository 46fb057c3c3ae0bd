"""Which article brought requests: counted once, for good, and without a person."""

import re
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from math import inf
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article
from articles.publishing import publish
from bookings import workflow
from bookings.models import CloseReason, Enquiry, Tally
from bookings.privacy import attribution, retention
from bookings.privacy.attribution import Line
from bookings.workflow import undo
from clinic import hooks
from clinic.site import page_context
from tests import whole_site

pytestmark = [pytest.mark.database, pytest.mark.django_db]

REPORT = "/admin/bookings/tally/"
SPRING, SUMMER = date(2027, 1, 1), date(2027, 7, 1)  # quarters; what `at` is in, and a later one
MARCH = date(2027, 3, 1)
TOLD_AT = datetime.fromisoformat("2027-04-30T23:00:00Z")  # 1 May in London: 30 days after March


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Editions 3 and 4 are of one article, 5 of another; 6 is unknown."""
    knee = hooks.Origin("Knees", "/articles/knees/")
    known = {3: knee, 4: knee, 5: hooks.Origin("Backs", "/articles/backs/")}
    monkeypatch.setattr(
        hooks.published,
        "texts",
        lambda editions, at: {pk: known[pk] for pk in editions if pk in known},
    )


@pytest.fixture
def brought(make_enquiry: Any) -> Callable[..., list[Any]]:
    """`brought(3, count=5)`: that many requests by links of edition 3."""

    def make(edition: int, *, count: int = 1, **values: Any) -> list[Any]:
        made = [make_enquiry(**values) for _number in range(count)]
        Enquiry.objects.filter(pk__in=[enquiry.pk for enquiry in made]).update(
            came_from=edition, came_from_place=1
        )
        return made

    return make


def book(
    enquiry: Any, number: int, *, practitioner: Any, location: Any, by: Any, at: datetime
) -> None:
    workflow.offer(
        enquiry,
        practitioner=practitioner,
        location=location,
        starts=[at + timedelta(days=1, hours=number)],
        minutes=45,
        agreed=True,
        by=by,
        at=at,
    )


@pytest.fixture
def booked(
    brought: Any, practitioner: Any, location: Any, receptionist: Any, at: datetime
) -> list[Any]:
    """Ten requests of one article, by two editions; five of them booked."""
    made = brought(3, count=6) + brought(4, count=4)
    for number, enquiry in enumerate(made[:5]):
        book(
            enquiry,
            number,
            practitioner=practitioner,
            location=location,
            by=receptionist,
            at=at,
        )
    return list(made)


KNEES = Line("Knees", "/articles/knees/", 10, 5)


def told_in_the_end() -> list[Line]:
    """What the report says of the first quarter when all of its links are cut."""
    attribution.cut_links(TOLD_AT)
    assert attribution.quarters(TOLD_AT) == [SPRING]
    return attribution.report(SPRING, at=TOLD_AT)


def test_editions_of_an_article_are_one_line(texts: None, booked: Any) -> None:
    assert told_in_the_end() == [KNEES]


def test_links_are_cut_once(texts: None, booked: Any, at: datetime) -> None:
    assert attribution.cut_links(at + attribution.LINKED_FOR - timedelta(seconds=1)) == 0
    assert attribution.cut_links(at + attribution.LINKED_FOR) == 10
    assert not Enquiry.objects.exclude(came_from=None, came_from_place=None).exists()
    assert attribution.cut_links(at + attribution.LINKED_FOR) == 0
    assert told_in_the_end() == [KNEES]


def test_erasing_people_leaves_the_numbers(texts: None, booked: Any) -> None:
    retention.erase([enquiry.pk for enquiry in booked])
    assert not Enquiry.objects.exists()
    assert told_in_the_end() == [KNEES]


def test_a_visit_that_was_undone_was_not_booked(
    texts: None, booked: Any, receptionist: Any, at: datetime
) -> None:
    undo.undo(booked[0], by=receptionist, at=at + timedelta(minutes=1))
    assert told_in_the_end() == [replace(KNEES, accepted=None)]


def test_a_visit_that_was_cancelled_had_been_booked(texts: None, booked: Any, at: datetime) -> None:
    workflow.withdraw(booked[0], at=at)
    assert told_in_the_end() == [KNEES]


def test_what_is_no_request_is_not_counted(
    texts: None, booked: Any, brought: Any, receptionist: Any, at: datetime
) -> None:
    spam, twice, suspected = brought(3, count=3)
    workflow.close(spam, reason=CloseReason.SPAM, by=receptionist, at=at)
    workflow.close(twice, reason=CloseReason.DUPLICATE, by=receptionist, at=at)
    Enquiry.objects.filter(pk=suspected.pk).update(suspected=True)
    assert told_in_the_end() == [KNEES]


def test_small_groups_and_their_order_are_not_told(texts: None, brought: Any) -> None:
    brought(3, count=4)
    brought(5, count=1)
    brought(6, count=5)
    assert told_in_the_end() == [
        Line("Articles that no longer exist", "", 5, None),
        Line("Backs", "/articles/backs/", None, None),
        Line("Knees", "/articles/knees/", None, None),
    ]


def test_months_are_the_clinics(texts: None, brought: Any) -> None:
    """In London, summer time: the last hour of June by UTC is July already."""
    brought(3, count=5, when=datetime.fromisoformat("2027-06-30T23:30:00Z"))
    at = datetime.fromisoformat("2027-11-01T12:00:00Z")
    attribution.cut_links(at)
    assert Tally.objects.get().month == SUMMER
    assert attribution.quarters(at) == [SUMMER]
    assert [line.requests for line in attribution.report(SUMMER, at=at)] == [5]


# -- subtracting ----------------------------------------------------------------------------------


def test_a_quarter_is_told_when_its_last_link_can_be_cut(clinic: Any) -> None:
    Tally.objects.create(edition=3, month=MARCH, requests=9)
    assert attribution.quarters(TOLD_AT - timedelta(seconds=1)) == []
    assert attribution.next_quarter(TOLD_AT - timedelta(seconds=1)) == (SPRING, date(2027, 5, 1))
    assert attribution.quarters(TOLD_AT) == [SPRING]
    assert attribution.next_quarter(TOLD_AT) == (date(2027, 4, 1), date(2027, 7, 31))


def test_a_quarter_waits_for_a_worker_that_is_late(clinic: Any, brought: Any) -> None:
    Tally.objects.create(edition=3, month=date(2026, 12, 1), requests=9)
    brought(3, count=6)
    assert attribution.quarters(TOLD_AT) == [date(2026, 10, 1)]
    attribution.cut_links(TOLD_AT)
    assert attribution.quarters(TOLD_AT) == [SPRING, date(2026, 10, 1)]


def test_a_look_less_an_earlier_look_tells_nobody(
    texts: None, booked: Any, brought: Any, receptionist: Any, practitioner: Any, location: Any
) -> None:
    """Requests come, are answered late, cut and erased: what was once told is told ever after."""
    last_moment = TOLD_AT - attribution.LINKED_FOR - timedelta(seconds=1)
    late = brought(3, count=2, when=last_moment)
    next_day = brought(3, count=6, when=last_moment + timedelta(days=1))
    told: dict[date, set[Any]] = defaultdict(set)
    for days in range(-31, 45):
        day = TOLD_AT + timedelta(days=days)
        if days == -1:
            book(late[0], 9, practitioner=practitioner, location=location, by=receptionist, at=day)
        if days == 9:
            workflow.close(next_day[0], reason=CloseReason.SPAM, by=receptionist, at=day)
            retention.erase([enquiry.pk for enquiry in [*booked, *next_day]])
        attribution.cut_links(day)
        for quarter in attribution.quarters(day):
            told[quarter].add(tuple(attribution.report(quarter, at=day)))
    assert told == {SPRING: {(replace(KNEES, requests=12, accepted=6),)}}


@pytest.mark.parametrize("requests", range(14))
def test_a_column_less_the_other_tells_no_small_group(texts: None, requests: int) -> None:
    for accepted in range(requests + 1):
        Tally.objects.update_or_create(
            edition=3, month=MARCH, defaults={"requests": requests, "accepted": accepted}
        )
        [line] = attribution.report(SPRING, at=TOLD_AT)
        assert line.requests in {None, requests}
        assert line.requests is None or line.requests >= attribution.FEWEST
        if line.accepted is not None:
            assert line.accepted == accepted >= attribution.FEWEST
            assert line.requests - line.accepted >= attribution.FEWEST
    assert line.requests == (requests if requests >= attribution.FEWEST else None)


def test_no_other_span_can_be_asked_for(texts: None, client_as: Any, clinic: Any) -> None:
    """A quarter less two of its months would be the third."""
    quarter = told_quarter()
    for month, requests in enumerate((40, 30, 2)):
        Tally.objects.create(
            edition=3, month=attribution.months_before(quarter, -month), requests=requests
        )
    client = client_as("Editor")
    usual = page_of(client)
    second = attribution.months_before(quarter, -1)
    for query in (
        {"quarter": f"{second:%Y-%m}"},
        {"first": f"{quarter:%Y-%m}", "last": f"{second:%Y-%m}"},
        {"quarter": f"{attribution.month_of(timezone.now()):%Y-%m}"},
        {"quarter": "nonsense"},
    ):
        assert numbers(page_of(client, **query)) == numbers(usual) == ["72", "not shown"]


def test_what_the_database_refuses_of_tallies(db: None) -> None:
    Tally.objects.create(edition=3, month=MARCH)
    with (
        pytest.raises(IntegrityError, match="tally_accepted_are_of_the_requests"),
        transaction.atomic(),
    ):
        Tally.objects.update(accepted=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Tally.objects.create(edition=3, month=MARCH)


@pytest.mark.django_db(transaction=True)
def test_two_workers_count_once(texts: None, booked: Any, at: datetime) -> None:
    start = threading.Barrier(2)
    cut: list[int] = []

    def work() -> None:
        try:
            start.wait(timeout=60)
            cut.append(attribution.cut_links(at + attribution.LINKED_FOR))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
    assert sorted(cut) == [0, 10]
    assert told_in_the_end() == [KNEES]


# -- the page -------------------------------------------------------------------------------------


def page_of(client: Any, **query: str) -> str:
    response = client.get(REPORT, query)
    assert response.status_code == 200
    return str(response.content.decode())


def told_quarter() -> date:
    """One that is told by now."""
    return attribution.months_before(
        attribution.next_quarter(timezone.now())[0], attribution.QUARTER
    )


def numbers(page: str) -> list[str]:
    """What stands in the columns of the table."""
    cells = re.findall(r"<td [^>]*>\s*(?:<span[^>]*>)?\s*([^<]*?)\s*<", page)
    return [" ".join(cell.split()) for cell in cells]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("Editor", 200),
        ("Manager", 200),
        ("Author", 403),
        ("Clinical reviewer", 403),
        ("Receptionist", 403),
        ("Practitioner", 403),
    ],
)
def test_editors_and_managers_see_the_report(
    client_as: Any, clinic: Any, role: str, status: int
) -> None:
    client = client_as(role)
    assert client.get(REPORT).status_code == status
    assert (f'href="{REPORT}"' in client.get("/admin/").content.decode()) == (status == 200)
    assert client.post(REPORT).status_code in {403, 405}


def test_no_row_can_be_opened(client_as: Any, clinic: Any) -> None:
    tally = Tally.objects.create(edition=3, month=MARCH, requests=1)
    client = client_as("Manager")
    for address in (f"{tally.pk}/change/", f"{tally.pk}/history/", "add/"):
        assert client.get(f"{REPORT}{address}").status_code == 404


def test_an_empty_report_says_how_to_fill_it(client_as: Any, clinic: Any) -> None:
    client = client_as("Editor")
    page = page_of(client)
    assert "There is no data yet." in page
    assert "will be available from" in page
    assert "<table" not in page
    assert "<select" not in page
    long_ago = attribution.months_before(told_quarter(), 2 * attribution.QUARTER)
    Tally.objects.create(edition=3, month=long_ago, requests=9)
    assert "No article led to a request in this period." in page_of(client)


def test_numbers_are_drawn_and_written(texts: None, client_as: Any, clinic: Any) -> None:
    month = told_quarter()
    Tally.objects.create(edition=3, month=month, requests=40, accepted=20)
    Tally.objects.create(edition=5, month=month, requests=10, accepted=3)
    page = page_of(client_as("Editor"))
    assert '<rect class="asked" width="100%"' in page
    assert '<rect class="most" width="50%"' in page
    assert '<rect class="asked" width="25%"' in page
    assert page.count('class="most"') == 1
    assert numbers(page) == ["40", "20", "10", "not shown"]


def test_the_page_names_nobody(texts: None, client_as: Any, brought: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(page_context, "FRESH_SECONDS", inf)
    quarter = told_quarter()
    brought(3, count=6, when=datetime.combine(quarter, time(12), UTC))
    client = client_as("Editor")
    assert "Knees" not in page_of(client)
    attribution.cut_links(timezone.now())
    page = page_of(client)
    assert '<a href="/articles/knees/">Knees</a>' in page
    assert "Margaret" not in page
    with CaptureQueriesContext(connection) as few:
        client.get(REPORT)
    for edition in range(7, 40):
        Tally.objects.create(edition=edition, month=quarter, requests=9)
    with CaptureQueriesContext(connection) as many:
        client.get(REPORT)
    assert len(many) == len(few) <= 12


def test_a_quarter_is_chosen(texts: None, client_as: Any, clinic: Any) -> None:
    newest = told_quarter()
    before = attribution.months_before(newest, attribution.QUARTER)
    Tally.objects.create(edition=3, month=before, requests=8)
    Tally.objects.create(edition=5, month=attribution.months_before(newest, -2), requests=9)
    client = client_as("Editor")
    assert "Backs" in page_of(client)
    assert "Knees" not in page_of(client)
    page = page_of(client, quarter=f"{before:%Y-%m}")
    assert "Knees" in page
    assert "Backs" not in page
    assert f'<option value="{before:%Y-%m}" selected>' in page


def test_a_text_is_called_as_it_is_now(db: None) -> None:
    """By the app that publishes: all editions of an article, under the title of the newest."""
    at = timezone.now()
    site = whole_site.build(at)
    title = "Does it still help?"
    Article.objects.filter(pk=site.article.pk).update(title=title)
    newest = publish(Article.objects.get(pk=site.article.pk), by=None, at=at)
    known = hooks.published.texts([site.edition.pk, newest.pk, 999_999], timezone.now())
    address = f"/articles/{site.article.slug}/"
    assert known == dict.fromkeys([site.edition.pk, newest.pk], hooks.Origin(title, address))
