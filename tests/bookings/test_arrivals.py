"""Which article brought requests: counted once, for good, and without a person."""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article
from articles.publishing import publish
from bookings import arrivals, retention, undo, workflow
from bookings.arrivals import Line
from bookings.models import CloseReason, Enquiry, Tally
from clinic import registry
from tests import whole_site

pytestmark = pytest.mark.django_db

REPORT = "/admin/bookings/tally/"
MARCH = date(2027, 3, 1)


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Editions 3 and 4 are of one article, 5 of another; 6 is unknown."""
    knee = registry.Origin("Knees", "/articles/knees/")
    known = {3: knee, 4: knee, 5: registry.Origin("Backs", "/articles/backs/")}
    monkeypatch.setattr(
        registry.published,
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
    """Seven requests of one article, by two editions; five of them booked."""
    made = brought(3, count=4) + brought(4, count=3)
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


KNEES = Line("Knees", "/articles/knees/", 7, 5)


def test_editions_of_an_article_are_one_line(texts: None, booked: Any, at: datetime) -> None:
    assert arrivals.report(MARCH, MARCH, at=at) == [KNEES]


def test_the_report_is_the_same_after_the_links_are_cut(
    texts: None, booked: Any, at: datetime
) -> None:
    assert arrivals.cut_links(at + arrivals.LINKED_FOR - timedelta(seconds=1)) == 0
    assert arrivals.cut_links(at + arrivals.LINKED_FOR) == 7
    assert not Enquiry.objects.exclude(came_from=None, came_from_place=None).exists()
    assert arrivals.report(MARCH, MARCH, at=at) == [KNEES]
    assert arrivals.cut_links(at + arrivals.LINKED_FOR) == 0
    assert arrivals.report(MARCH, MARCH, at=at) == [KNEES]


def test_erasing_people_leaves_the_numbers(texts: None, booked: Any, at: datetime) -> None:
    retention.erase([enquiry.pk for enquiry in booked])
    assert not Enquiry.objects.exists()
    assert arrivals.report(MARCH, MARCH, at=at) == [KNEES]


def test_a_visit_that_was_undone_was_not_booked(
    texts: None, booked: Any, receptionist: Any, at: datetime
) -> None:
    undo.undo(booked[0], by=receptionist, at=at + timedelta(minutes=1))
    [line] = arrivals.report(MARCH, MARCH, at=at)
    assert (line.requests, line.accepted) == (7, None)


def test_a_visit_that_was_cancelled_had_been_booked(texts: None, booked: Any, at: datetime) -> None:
    workflow.withdraw(booked[0], at=at)
    assert arrivals.report(MARCH, MARCH, at=at) == [KNEES]


def test_what_is_no_request_is_not_counted(
    texts: None, booked: Any, brought: Any, receptionist: Any, at: datetime
) -> None:
    spam, twice, suspected = brought(3, count=3)
    workflow.close(spam, reason=CloseReason.SPAM, by=receptionist, at=at)
    workflow.close(twice, reason=CloseReason.DUPLICATE, by=receptionist, at=at)
    Enquiry.objects.filter(pk=suspected.pk).update(suspected=True)
    assert arrivals.report(MARCH, MARCH, at=at) == [KNEES]
    arrivals.cut_links(at + arrivals.LINKED_FOR)
    assert arrivals.report(MARCH, MARCH, at=at) == [KNEES]


def test_small_groups_and_their_order_are_not_told(texts: None, brought: Any, at: datetime) -> None:
    brought(3, count=4)
    brought(5, count=1)
    brought(6, count=5)
    assert arrivals.report(MARCH, MARCH, at=at) == [
        Line("Texts that are no longer here", "", 5, None),
        Line("Backs", "/articles/backs/", None, None),
        Line("Knees", "/articles/knees/", None, None),
    ]


def test_months_are_the_clinics(texts: None, brought: Any) -> None:
    """In London, summer time: the last hour of June by UTC is July already."""
    brought(3, count=5, when=datetime.fromisoformat("2027-06-30T23:30:00Z"))
    at = datetime.fromisoformat("2027-07-10T12:00:00Z")
    june, july = date(2027, 6, 1), date(2027, 7, 1)
    assert arrivals.report(june, june, at=at) == []
    assert [line.requests for line in arrivals.report(july, july, at=at)] == [5]
    arrivals.cut_links(at + arrivals.LINKED_FOR)
    assert Tally.objects.get().month == july
    assert [line.requests for line in arrivals.report(june, july, at=at)] == [5]


def test_a_year_can_be_chosen_or_as_long_as_there_are_numbers(clinic: Any, at: datetime) -> None:
    assert arrivals.months(at)[0] == MARCH
    assert arrivals.months(at)[-1] == date(2026, 4, 1)
    Tally.objects.create(edition=3, month=date(2025, 12, 1), requests=1)
    assert arrivals.months(at)[-1] == date(2025, 12, 1)
    assert len(arrivals.months(at)) == 16


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
            start.wait(timeout=30)
            cut.append(arrivals.cut_links(at + arrivals.LINKED_FOR))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert sorted(cut) == [0, 7]
    assert arrivals.report(MARCH, MARCH, at=at) == [KNEES]


# -- the page -------------------------------------------------------------------------------------


def page_of(client: Any, **query: str) -> str:
    response = client.get(REPORT, query)
    assert response.status_code == 200
    return str(response.content.decode())


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
    page = page_of(client_as("Editor"))
    assert "No article has brought a request" in page
    assert "<table" not in page


def test_numbers_are_drawn_and_written(texts: None, client_as: Any, clinic: Any) -> None:
    month = arrivals.month_of(timezone.now())
    Tally.objects.create(edition=3, month=month, requests=40, accepted=20)
    Tally.objects.create(edition=5, month=month, requests=10, accepted=3)
    page = page_of(client_as("Editor"))
    assert '<rect class="asked" width="100%"' in page
    assert '<rect class="most" width="50%"' in page
    assert '<rect class="asked" width="25%"' in page
    assert page.count('class="most"') == 1
    assert "fewer than 5" in page
    assert ">3<" not in page


def test_the_page_names_nobody(
    texts: None, client_as: Any, brought: Any, django_assert_max_num_queries: Any
) -> None:
    brought(3, count=6, when=timezone.now())
    client = client_as("Editor")
    page = page_of(client)
    assert '<a href="/articles/knees/">Knees</a>' in page
    assert "Margaret" not in page
    with CaptureQueriesContext(connection) as few:
        client.get(REPORT)
    for edition in range(7, 40):
        Tally.objects.create(edition=edition, month=arrivals.month_of(timezone.now()), requests=9)
    with CaptureQueriesContext(connection) as many:
        client.get(REPORT)
    assert len(many) == len(few) <= 12


def test_months_are_chosen(texts: None, client_as: Any, clinic: Any) -> None:
    this = arrivals.month_of(timezone.now())
    before = arrivals.months_before(this, 3)
    Tally.objects.create(edition=3, month=before, requests=8)
    client = client_as("Editor")
    assert "Knees" in page_of(client)
    assert "Knees" not in page_of(client, first=f"{this:%Y-%m}", last=f"{this:%Y-%m}")
    assert "Knees" in page_of(client, first=f"{this:%Y-%m}", last=f"{before:%Y-%m}")
    assert "Knees" in page_of(client, first="nonsense", last="1999-01")


def test_a_text_is_called_as_it_is_now(db: None) -> None:
    """By the app that publishes: all editions of an article, under the title of the newest."""
    at = timezone.now()
    site = whole_site.build(at)
    title = "Does it still help?"
    Article.objects.filter(pk=site.article.pk).update(title=title)
    newest = publish(Article.objects.get(pk=site.article.pk), by=None, at=at)
    known = registry.published.texts([site.edition.pk, newest.pk, 999_999], timezone.now())
    address = f"/articles/{site.article.slug}/"
    assert known == dict.fromkeys([site.edition.pk, newest.pk], registry.Origin(title, address))
