"""The page “What works”: any period, drawn and in tables, small groups hidden, and as files."""

import csv
import io
from datetime import UTC, date, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from clinic.admin.works import drawing
from clinic.counting import daily, figures
from clinic.counting.period import Period
from clinic.finding import indexing
from clinic.hooks import Report, ReportRow
from clinic.models import DailyCount, EmptySearch
from tests import whole_site

PAGE = "/admin/clinic/dailycount/"
TORONTO = ZoneInfo("America/Toronto")
DAY = timedelta(days=1)


@pytest.fixture
def site(db: None) -> whole_site.WholeSite:
    built = whole_site.build(timezone.now())
    indexing.catch_up(timezone.now())  # which knows the titles
    return built


def table(client: Any, key: str, query: str = "") -> list[list[str]]:
    answer = client.get(f"{PAGE}?csv={key}{query}")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


# -- periods and drawings ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "count", "ends"),
    [
        (date(2027, 3, 1), 1, ("March 1", "March 1")),
        (date(2027, 3, 14), 14, ("March 1", "March 14")),
        (date(2027, 3, 15), 3, ("Week of March 1", "Week of March 15")),
        (date(2028, 2, 29), 12, ("March 2027", "February 2028")),
    ],
)
def test_a_period_is_cut_into_days_weeks_or_months(last, count, ends):
    steps = Period(date(2027, 3, 1), last, TORONTO).steps()
    assert (len(steps), (steps[0].label, steps[-1].label)) == (count, ends)
    assert all(b.first == a.last + DAY for a, b in pairwise(steps))
    assert steps[-1].last == last


def test_weeks_begin_on_monday_and_the_first_is_cut():
    steps = Period(date(2027, 3, 3), date(2027, 3, 31), TORONTO).steps()  # a Wednesday
    assert [step.first.day for step in steps] == [3, 8, 15, 22, 29]


def test_the_days_of_a_period_are_the_clinics():
    period = Period(date(2027, 3, 14), date(2027, 3, 14), TORONTO)  # clocks change
    assert period.ends_at.astimezone(UTC) - period.starts_at.astimezone(UTC) == DAY - DAY / 24


def test_small_numbers_and_small_remainders_are_hidden():
    assert [figures.shown(number) for number in (0, 1, 4, 5, 900)] == [0, None, None, 5, 900]
    assert [figures.share(*pair) for pair in ((5, 10), (4, 10), (7, 10), (10, 10), (0, 0))] == [
        *("50%", None, None, "100%", "")
    ]


def test_columns_and_strips_are_measured_by_the_largest():
    rows = [ReportRow("a", (10, 1)), ReportRow("b", (40, 2)), ReportRow("c", (None, 3))]
    report = Report(1, "x", "X", "", ("A", "B"), rows, "Row", is_over_time=True)
    drawn = drawing.draw(report)
    assert [(one.length, one.top, one.is_most) for one in drawn] == [
        (50, 150, False),
        (200, 0, True),
        (0, 200, False),
    ]
    assert drawn[-1].at + drawn[-1].width < 100
    rows[1] = ReportRow("b", (40, 2), is_rest=True)
    assert [one.is_most for one in drawing.draw(report)] == [True, False, False]
    assert drawing.draw(Report(1, "x", "X", "", ("A",), [], "Row")) == []


# -- the page ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"), [("Editor", 200), ("Manager", 200), ("Author", 403), ("Receptionist", 403)]
)
def test_editors_and_managers_see_it(db, client_as, role, status):
    client = client_as(role)
    assert client.get(PAGE).status_code == status
    assert (PAGE in client.get("/admin/").content.decode()) == (status == 200)
    assert client.post(PAGE).status_code in (403, 405)


def test_the_anonymous_sign_in(client, db):
    assert client.get(PAGE).status_code == 302


def test_only_the_page_can_be_opened(db, client_as):
    daily.add({"view /fees/": 2}, timezone.now())
    row, client = DailyCount.objects.get(), client_as("Manager")
    for address in (f"{row.pk}/change/", f"{row.pk}/history/", "add/", "?csv=nothing"):
        assert client.get(f"{PAGE}{address}").status_code == 404, address


def test_the_usual_period_is_twelve_weeks_and_any_other_may_be_asked_for(site, client_as):
    client, at = client_as("Editor"), timezone.now()
    daily.add({"view /services/dry-needling/": 7}, at)
    daily.add({"view /services/dry-needling/": 30}, at - 100 * DAY)
    assert table(client, "pages") == [["Page", "Views"], ["Dry needling", "7"]]
    query = f"&first={(at - 120 * DAY).date()}&last={at.date()}"
    assert table(client, "pages", query)[1] == ["Dry needling", "37"]
    page = client.get(PAGE).content.decode()
    assert page.count('<rect class="most"') >= 1
    assert '<td data-label="Views">7</td>' in page
    assert 'style="' not in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("first=2027-03-10&last=2027-03-01", "“From” must not be after “To”."),
        ("first=2021-03-10&last=2027-03-01", "Choose days of the last three years, up to today."),
        ("first=2027-03-01&last=2199-03-01", "Choose days of the last three years, up to today."),
        ("first=tomorrow&last=2027-03-01", "Enter a valid date."),
    ],
)
def test_a_period_that_cannot_be_is_explained(db, client_as, query, words):
    answer = client_as("Editor").get(f"{PAGE}?{query}")
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_fewer_than_five_are_hidden_on_the_page_and_in_the_file(site, client_as):
    client = client_as("Editor")
    daily.add({"view /fees/": 4, "view /practitioners/": 3, "sent": 2}, timezone.now())
    assert table(client, "pages")[1:] == [
        ["Fees", "fewer than 5"],
        ["Practitioners", "fewer than 5"],
    ]
    assert table(client, "over-time")[-1][4] == "fewer than 5"
    page = client.get(PAGE).content.decode()
    assert "fewer than 5" in page
    assert '<td data-label="Views">4</td>' not in page


def test_no_cell_of_a_file_is_a_formula(db, client_as):
    EmptySearch.objects.create(words="=1+1", hits=9, last_seen_at=timezone.now())
    assert table(client_as("Editor"), "searches")[1] == ["'=1+1", "9"]


def test_searches_are_those_of_the_period_that_many_made(db, client_as):
    at = timezone.now()
    for words, hits, ago in (("tmj", 9, 0), ("gout", 4, 0), ("lupus", 50, 100)):
        EmptySearch.objects.create(words=words, hits=hits, last_seen_at=at - ago * DAY)
    assert table(client_as("Editor"), "searches")[1:] == [["tmj", "9"]]


def test_it_asks_few_questions_however_much_was_counted(
    site, client_as, django_assert_max_num_queries
):
    client, at = client_as("Editor"), timezone.now()
    client.get("/admin/")  # builds the frame
    daily.add({f"view /articles/gone-{n}/": 9 for n in range(3)}, at)
    daily.add({f"view /page-{n}/": 9 + n for n in range(60)}, at - DAY)
    daily.add({f"view /services/dry-needling/?{n}": 9 for n in range(60)}, at - 3 * DAY)
    with django_assert_max_num_queries(30):
        client.get(PAGE)


# -- articles ------------------------------------------------------------------------------------


def test_an_article_is_counted_under_all_its_addresses(site, client_as):
    from clinic.models import Redirect

    at, article = timezone.now(), site.article
    Redirect.objects.create(kind="article", path="/articles/old-name/", object_id=article.pk)
    daily.add(
        {
            f"view /articles/{article.slug}/": 12,
            "view /articles/old-name/": 8,
            "view /articles/gone/": 50,
            "view /articles/": 60,
            f"helpful /articles/{article.slug}/": 6,
            f"unhelpful /articles/{article.slug}/": 1,
        },
        at,
    )
    assert table(client_as("Editor"), "articles")[1:] == [
        [article.title, "20", "6", "fewer than 5"]
    ]


def test_reviews_and_editions_by_week(site, client_as):
    rows = table(client_as("Editor"), "reviews")
    assert rows[0] == ["Time", "Reviews signed", "Editions published"]
    assert sum(int(row[2]) for row in rows[1:]) >= 1
