"""Addresses that last."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic.models import Redirect, Service
from clinic.site import page_context, redirects

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)


@pytest.fixture
def needling(db: None) -> Service:
    return Service.objects.create(name="Needling", slug="dry-needling", summary="Thin needles.")


def test_a_past_address_leads_to_where_the_thing_is_now(needling: Service) -> None:
    redirects.remember("service", needling.pk, old="needling", new="dry-needling")
    assert redirects.where_now("/services/needling/", AT) == "/services/dry-needling/"
    assert redirects.past_holder("service", "needling") == needling.pk
    needling.slug = "needles"
    needling.save()
    page_context.forget()
    redirects.remember("service", needling.pk, old="dry-needling", new="needles")
    assert redirects.where_now("/services/needling/", AT) == "/services/needles/"


def test_a_past_address_of_something_hidden_leads_nowhere(needling: Service) -> None:
    redirects.remember("service", needling.pk, old="needling", new="dry-needling")
    Service.objects.update(is_public=False)
    assert redirects.where_now("/services/needling/", AT) is None


def test_an_address_taken_back_is_no_past_one(needling: Service) -> None:
    redirects.remember("service", needling.pk, old="a", new="b")
    redirects.remember("service", needling.pk, old="b", new="a")
    assert list(Redirect.objects.values_list("path", flat=True)) == ["/services/b/"]


def test_a_past_slug_is_not_given_to_another_thing(needling: Service) -> None:
    redirects.remember("service", needling.pk, old="needling", new="dry-needling")
    redirects.check_free("service", "needling", needling.pk)
    redirects.check_free("location", "needling", 1)
    for other in (needling.pk + 1, None):
        with pytest.raises(ValidationError, match="address of something else"):
            redirects.check_free("service", "needling", other)


@pytest.mark.django_db
def test_a_redirect_that_staff_made_leads_to_its_path() -> None:
    Redirect.objects.create(path="/old/", to_path="/fees/")
    assert redirects.where_now("/old/", AT) == "/fees/"
    assert redirects.where_now("/unknown/", AT) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"path": "/a/"},
        {"path": "/a/", "kind": "service"},
        {"path": "/a/", "kind": "service", "object_id": 1, "to_path": "/b/"},
        {"path": "a/", "to_path": "/b/"},
        {"path": "//a/", "to_path": "/b/"},
        {"path": "/a/", "to_path": "//elsewhere.example/"},
        {"path": "/a/", "to_path": "https://elsewhere.example/"},
    ],
)
def test_the_database_holds_the_rules(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Redirect.objects.create(**fields)
