"""What watches the site gets a straight answer."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from clinic.lib.database import guards
from clinic.models import KeyFingerprint
from clinic.operations import health_checks, installation_keys


def test_healthz_asks_no_database(rf: RequestFactory) -> None:
    response = health_checks.healthz(rf.get("/healthz"))
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_not_ready_with_other_keys(client: Client) -> None:
    installation_keys.verify()
    KeyFingerprint.objects.filter(name="health").update(fingerprint="0" * 16)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"keys" in response.content
    assert b"0000" not in response.content


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_guards(client: Client) -> None:
    guards.remove(connection)
    try:
        response = client.get("/readyz")
        assert response.status_code == 503
        assert b"guard" in response.content
    finally:
        guards.install(connection)


@pytest.mark.django_db
def test_not_ready_without_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("secret-host refused")

    monkeypatch.setattr(health_checks, "MigrationExecutor", away)
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"The database is not responding.\n")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
