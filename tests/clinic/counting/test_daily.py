"""Numbers by day, added up by any number of processes; and what adds to them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from clinic.counting import daily
from clinic.models import DailyCount
from tests import whole_site

AT = datetime(2027, 3, 10, 15, 30, tzinfo=UTC)


def rows() -> list[tuple[str, str, str, int]]:
    found = DailyCount.objects.order_by("day", "what", "path")
    return [(f"{row.day:%m-%d}", row.what, row.path, row.number) for row in found]


@pytest.mark.django_db
def test_numbers_are_added_to_those_of_the_day():
    daily.add({"view /fees/": 2, "search": 1}, AT)
    daily.add({"view /fees/": 3}, AT)
    daily.add({"view /fees/": 1}, AT + timedelta(days=1))
    assert rows() == [
        ("03-10", "search", "", 1),
        ("03-10", "view", "/fees/", 5),
        ("03-11", "view", "/fees/", 1),
    ]


@pytest.mark.django_db
def test_the_day_is_the_clinics():
    from clinic.models import Clinic
    from clinic.site import page_context

    Clinic.objects.update(time_zone="America/Vancouver")
    page_context.forget()
    daily.add({"search": 1}, datetime(2027, 3, 11, 6, 59, tzinfo=UTC))
    assert rows() == [("03-10", "search", "", 1)]


@pytest.mark.django_db
def test_an_address_that_is_too_long_stops_nothing():
    daily.add({f"view /{'x' * 400}/": 1, "search": 1}, AT)
    assert rows() == [("03-10", "search", "", 1)]


@pytest.mark.django_db
def test_what_is_older_than_three_years_is_forgotten():
    for days in (0, 1097, 1099):
        daily.add({"search": 1}, AT - timedelta(days=days))
    daily.forget_old(AT)
    assert [row.day for row in DailyCount.objects.all()] == [
        (AT - timedelta(days=days)).date() for days in (0, 1097)
    ]


# -- what counts as what -------------------------------------------------------------------------


@pytest.fixture
def site(db: None) -> whole_site.WholeSite:
    return whole_site.build(timezone.now())


@pytest.mark.parametrize(
    ("path", "counts_as"),
    [
        ("/", "view /"),
        ("/articles/?page=1&q=knee", "view /articles/"),
        ("/services/dry-needling/", "view /services/dry-needling/"),
        ("/search/?q=stairs", "search"),
        ("/search/", "view /search/"),
        ("/search/suggestions/?q=stairs", None),
        ("/nothing/", None),
        ("/sitemap.xml", None),
        ("/healthz", None),
    ],
)
def test_pages_say_what_they_count_as_without_a_query(site, client, path, counts_as):
    assert client.get(path).headers.get("X-Count") == counts_as


def test_private_links_and_the_desk_count_as_nothing(site, client, admin_client):
    from articles.editor.previews import share_token
    from bookings.patient import private_links

    for path in (private_links.path(site.enquiry), f"/preview/{share_token(site.article)}/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers.get("X-Count")) == (200, None)
    assert "X-Count" not in admin_client.get("/admin/").headers


@pytest.mark.parametrize(
    ("came_from", "counts_as"),
    [
        ("", "started"),
        ("http://testserver/services/dry-needling/?q=pain", "started /services/dry-needling/"),
        ("http://testserver/search/?q=my+painful+knee", "started /search/"),
        ("http://testserver/book/r/CanaryOfALink/", "started"),
        ("http://testserver/made-up-by-somebody/", "started"),
        ("https://elsewhere.example/services/dry-needling/", "started"),
        ("http://[", "started"),
        ("http://testserver/book/", None),
    ],
)
def test_a_started_request_counts_by_the_page_it_came_from(site, client, came_from, counts_as):
    answer = client.get("/book/", headers={"referer": came_from})
    assert answer.headers.get("X-Count") == counts_as


def test_the_link_of_an_article_names_it_even_without_a_referrer(site, client):
    edition = site.article.editions.latest("number")
    answer = client.get(f"/book/?from={edition.pk}-0")
    assert answer.headers["X-Count"] == f"started {edition.get_absolute_url()}"
    assert client.get("/book/?from=999999-0").headers["X-Count"] == "started"
