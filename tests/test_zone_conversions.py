"""Moments become days and hours in Python alone: a database has time zone data of its own."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Edition
from clinic.models import Clinic
from tests.whole_site import build

pytestmark = pytest.mark.database

ROOT = Path(__file__).parents[1]
OURS = ("articles", "bookings", "clinic")
SOURCES = sorted(path for folder in OURS for path in (ROOT / folder).rglob("*.py"))
LOOKUP = re.compile(
    r"\w+__(date|time|year|iso_year|quarter|month|week|day|week_day|iso_week_day|hour|minute|second)"
    r"(__\w+)?"
)
FUNCTION = re.compile(r"(Trunc|Extract)(?!ator)\w*|date_hierarchy|datetimes")
SQL = re.compile(r"AT TIME ZONE|\bdate_trunc\b|\bdate_part\b|::date\b", re.I)
IN_QUERIES = re.compile(r"AT TIME ZONE|django_(date|time)", re.I)


def conversions(source: str) -> list[str]:
    """What a source asks the database to convert between moments and wall time."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.keyword(arg=str(name)) | ast.Constant(value=str(name)):
                if LOOKUP.fullmatch(name.removeprefix("-")) or SQL.search(name):
                    found.append(name)
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                if FUNCTION.fullmatch(name):
                    found.append(name)
    return found


@pytest.mark.parametrize(
    "source",
    [
        "rows.filter(at__date=day)",
        "rows.filter(event__at__month__gte=3)",
        "rows.values('at__hour')",
        "rows.order_by('-at__week_day')",
        "from django.db.models.functions import TruncMonth",
        "functions.ExtractWeekDay('at')",
        "rows.datetimes('at', 'month')",
        "class A:\n    date_hierarchy = 'at'",
        "cursor.execute('SELECT at AT TIME ZONE zone')",
    ],
)
def test_the_scanner_sees_a_conversion(source: str) -> None:
    assert conversions(source)


def test_the_scanner_lets_other_names_pass() -> None:
    assert not conversions("rows.filter(at__gte=start, offers__ends_at=end, day='month')")
    assert not conversions("from django.utils.text import Truncator")


def test_no_source_asks_for_one() -> None:
    assert len(SOURCES) > 200
    found = {path.name: names for path in SOURCES if (names := conversions(path.read_text()))}
    assert found == {}


def test_no_list_of_the_staff_asks_for_one(db: None) -> None:
    build(datetime(2027, 3, 1, 10, 0, tzinfo=UTC))
    client = Client()
    client.force_login(_superuser(), backend="django.contrib.auth.backends.ModelBackend")
    with CaptureQueriesContext(connection) as queries:
        for model in admin.site._registry:
            if model._meta.app_label not in OURS:
                continue  # the lists of django-axes, which only a superuser sees
            label = f"{model._meta.app_label}/{model._meta.model_name}"
            assert client.get(f"/admin/{label}/").status_code in (200, 302), label
    assert len(queries) > 30
    assert [each["sql"] for each in queries if IN_QUERIES.search(each["sql"])] == []


def test_a_year_of_editions_is_that_of_the_clinic(db: None, client_as: Any) -> None:
    build(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    Clinic.objects.update(time_zone="Pacific/Auckland")
    client = client_as("Editor")
    there = {
        year: client.get(f"/admin/articles/edition/?year={year}").context["cl"].result_count
        for year in (2026, 2027)
    }
    assert there[2027] > 0
    before = Edition.objects.filter(goes_live_at__lt=datetime(2026, 12, 31, 11, tzinfo=UTC))
    assert there[2026] == before.count()


@pytest.mark.parametrize("year", ["2026x", "0", "9999", "-1"])
def test_a_year_that_is_none(db: None, client_as: Any, year: str) -> None:
    build(datetime(2027, 3, 1, 10, 0, tzinfo=UTC))
    response = client_as("Editor").get(f"/admin/articles/edition/?year={year}")
    assert response.status_code == 200


def _superuser() -> Any:
    from clinic.models import User

    return User.objects.create_superuser("root")
