"""Reading takes no lock for writing: every address is read while somebody else writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from tests.test_endpoints import MODEL_BACKEND, ROUTES, address
from tests.whole_site import WholeSite, build

# Written by reading, on purpose: who looked at a request, and at whose requests.
LOGGED = {"admin:bookings_enquiry_change", "admin:bookings_enquiry_person"}
# Signing in and out is no reading.
SESSIONS = {"admin:login", "admin:logout"}

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" not in connection.vendor, reason="only SQLite has one such lock"),
]


@pytest.fixture
def site(db: None) -> WholeSite:
    return build(timezone.now())


@pytest.fixture
def desk(make_user: Any) -> Client:
    """Somebody in every role, signed in."""
    client = Client()
    roles = Group.objects.values_list("name", flat=True)
    client.force_login(make_user(*roles, username="everybody"), MODEL_BACKEND)
    client.get("/admin/")
    return client


@pytest.fixture
def writer(site: WholeSite, desk: Client) -> Iterator[None]:
    """Another process that writes for as long as the test lasts; nobody here waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
    path = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    connection.close()


def _locked(client: Client, names: set[str], site: WholeSite) -> dict[str, str]:
    """Those of these addresses that cannot be read."""
    refused = {}
    for name in sorted(names):
        try:
            client.get(address(name, site))
        except OperationalError as error:
            refused[name] = str(error)
    return refused


def test_staff_read_while_somebody_writes(site: WholeSite, desk: Client, writer: None) -> None:
    names = {name for name in ROUTES if ROUTES[name].startswith("admin/")} - LOGGED - SESSIONS
    assert len(names) > 100
    assert _locked(desk, names, site) == {}


def test_visitors_read_while_somebody_writes(site: WholeSite, writer: None) -> None:
    names = {name for name in ROUTES if not ROUTES[name].startswith("admin/")}
    assert _locked(Client(), names, site) == {}


def test_a_look_at_a_request_is_never_unlogged(site: WholeSite, desk: Client, writer: None) -> None:
    """Where the line about it cannot be written, nothing is shown."""
    assert _locked(desk, LOGGED, site).keys() == LOGGED
