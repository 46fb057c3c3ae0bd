"""What the address of a list on the desk may ask of the database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import F
from django.test import Client

from articles.models import Article
from clinic.admin.lists import MOST_WORDS
from tests.test_endpoints import site
from tests.whole_site import WholeSite

pytestmark = pytest.mark.database

__all__ = ["site"]  # the fixture

OWN_PAGES = {"clinic", "dailycount", "enquiry", "tally"}  # no list of Django's
PEOPLE = ["Editor", "Receptionist", "Manager"]


@pytest.mark.parametrize("comparison", ["regex", "iregex", "startswith", "year", "contains", "in"])
def test_a_list_takes_no_comparison_but_those_of_its_filters(comparison: str, rf: Any) -> None:
    request = rf.get("/admin/")
    for model, model_admin in admin.site._registry.items():
        for field in model._meta.get_fields():
            assert not model_admin.lookup_allowed(f"{field.name}__{comparison}", "1", request)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("Author", "articles/article/?body__regex=("),
        ("Author", "articles/reference/?csl__a__regex=("),
        ("Author", "articles/edition/?kind__regex=("),
        ("Receptionist", "clinic/message/?to_address=pat@patients.example"),
    ],
)
def test_a_field_that_has_no_filter_is_not_asked(
    role: str, address: str, client_as: Callable[[str], Client]
) -> None:
    assert client_as(role).get(f"/admin/{address}").status_code == 400


def test_every_filter_beside_a_list_may_be_chosen(site: WholeSite, rf: Any, make_user: Any) -> None:
    request = rf.get("/admin/")
    request.user = make_user(*PEOPLE)
    chosen = 0
    for model, model_admin in admin.site._registry.items():
        if model._meta.model_name in OWN_PAGES:
            continue
        for spec in model_admin.get_changelist_instance(request).filter_specs:
            for name in spec.expected_parameters():
                assert model_admin.lookup_allowed(name, "1", request), name
                chosen += 1
    assert chosen > 20


@pytest.mark.django_db
def test_a_list_is_searched_for_a_few_words(rf: Any, client_as: Callable[[str], Client]) -> None:
    article = admin.site._registry[Article]
    found, _distinct = article.get_search_results(
        rf.get("/"), Article.objects.order_by(F("pk")), "knee " * 1000
    )
    asked = str(found.query).count("LIKE")
    assert asked == MOST_WORDS * len(article.get_search_fields(rf.get("/")))
    address = "/admin/autocomplete/?app_label=articles&model_name=article&field_name=author&term="
    assert client_as("Author").get(address + "a+" * 1500).status_code == 200
