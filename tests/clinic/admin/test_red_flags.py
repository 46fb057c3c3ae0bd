"""The pages on which editors change what patients are asked first."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinic.models import RedFlag, Service, Version
from clinic.models.service import Level
from clinic.site import content_version
from tests import red_flags

pytestmark = pytest.mark.django_db

LIST = "/admin/clinic/redflag/"
ASKED = f"{LIST}asked/"
NOON = datetime(2028, 2, 29, 12, tzinfo=UTC)
SENT = {"sentence": "You faint", "level": "today", "is_public": "on", "places": ["head"]}


@pytest.fixture
def needling(db: None) -> Service:
    return Service.objects.create(name="Dry needling", slug="dry-needling", summary="A needle.")


def _form(flag: RedFlag) -> str:
    return reverse("admin:clinic_redflag_change", args=[flag.pk])


@pytest.mark.parametrize(
    ("role", "reads", "writes", "deletes"),
    [
        ("Manager", 200, 302, 302),
        ("Editor", 200, 302, 403),
        ("Author", 200, 403, 403),
        ("Clinical reviewer", 200, 403, 403),
        ("Receptionist", 200, 403, 403),
        ("Practitioner", 403, 403, 403),
    ],
)
def test_who_may_do_what_as_with_services(
    role: str,
    reads: int,
    writes: int,
    deletes: int,
    client_as: Callable[[str], Client],
    needling: Service,
) -> None:
    [flag] = red_flags.add(needling, "You have a fever")
    client = client_as(role)
    for address in (LIST, ASKED, _form(flag), f"{_form(flag)[:-7]}history/"):
        assert client.get(address).status_code == reads, address
    assert client.post(_form(flag), SENT | {"services": [needling.pk]}).status_code == writes
    assert client.post(f"{LIST}add/", SENT | {"sentence": "You fall"}).status_code == writes
    assert client.post(f"{_form(flag)[:-7]}delete/", {"post": "yes"}).status_code == deletes


def test_strangers_sign_in_first(client: Client, needling: Service) -> None:
    for address in (LIST, ASKED):
        assert client.get(address).status_code == 302


@time_machine.travel(NOON, tick=False)
def test_a_change_is_public_at_once_and_kept(
    client_as: Callable[[str], Client], client: Client, needling: Service
) -> None:
    [flag] = red_flags.add(needling, "You have a fever")
    before = content_version.current_version()
    editor = client_as("Editor")
    editor.post(_form(flag), SENT | {"services": [needling.pk], "reviewed_on": "2028-02-28"})
    assert content_version.current_version() != before
    page = client.get("/services/dry-needling/").content.decode()
    assert "You faint" in page
    assert "You have a fever" not in page
    versions = Version.objects.filter(kind="clinic.redflag", object_id=flag.pk)
    said = [row.content["fields"]["sentence"] for row in versions.order_by("number")]
    assert said == ["You have a fever", "You faint"]
    editor.post(f"{_form(flag)[:-7]}history/1/", {"seen": _seen(editor, flag)})
    flag.refresh_from_db()
    assert (flag.sentence, flag.level, flag.places) == ("You have a fever", "emergency", [])
    assert list(flag.services.all()) == [needling]


def _seen(client: Client, flag: RedFlag) -> str:
    seen: str = client.get(f"{_form(flag)[:-7]}history/1/").context["seen"]
    return seen


def test_a_new_one_comes_last_with_the_service_it_was_added_for(
    client_as: Callable[[str], Client], needling: Service
) -> None:
    red_flags.add(needling, "You have a fever")
    editor = client_as("Editor")
    service = editor.get(reverse("admin:clinic_service_change", args=[needling.pk]))
    add = f"{LIST}add/?services={needling.pk}"
    assert f'href="{add}"' in service.content.decode()
    assert "You have a fever" in service.content.decode()
    form = editor.get(add).context["adminform"].form
    assert [str(value) for value in form["services"].value()] == [str(needling.pk)]
    editor.post(f"{LIST}add/", SENT | {"services": [needling.pk]})
    assert [flag.sentence for flag in RedFlag.objects.all()] == ["You have a fever", "You faint"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sentence": "you have A fever"}, "There is a red flag with this sentence."),
        ({"sentence": "\u200b"}, "This field is required."),
        ({"level": "later"}, "later is not one of the available choices"),
        ({"places": ["nose"]}, "nose is not one of the available choices"),
        ({"source_url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"reviewed_on": "0028-02-29"}, "reviewed_on"),
    ],
)
def test_each_error_says_what_is_wrong_and_loses_nothing(
    wrong: dict[str, Any], words: str, client_as: Callable[[str], Client], needling: Service
) -> None:
    red_flags.add(needling, "You have a fever")
    response = client_as("Editor").post(f"{LIST}add/", SENT | {"source": "A guideline"} | wrong)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert 'value="A guideline"' in response.content.decode()
    assert RedFlag.objects.count() == 1


def test_a_service_that_has_none_left_is_named(
    client_as: Callable[[str], Client], needling: Service
) -> None:
    first, second = red_flags.add(needling, "You have a fever", "You faint")
    manager = client_as("Manager")
    warning = "Dry needling has no red flags now"
    page = manager.post(_form(second), SENT, follow=True)  # taken from the service
    assert warning not in page.content.decode()
    page = manager.post(
        _form(first),
        {"sentence": "Fever", "level": "today", "services": [needling.pk]},
        follow=True,
    )  # hidden
    assert warning in page.content.decode()
    red_flags.add(needling, "Chest pain")
    last = RedFlag.objects.get(sentence="Chest pain")
    page = manager.post(f"{_form(last)[:-7]}delete/", {"post": "yes"}, follow=True)
    assert warning in page.content.decode()


@time_machine.travel(NOON, tick=False)
def test_the_list_is_filtered_by_what_an_editor_looks_for(
    client_as: Callable[[str], Client], needling: Service
) -> None:
    red_flags.add(needling, "Every part")
    red_flags.add(needling, "A knee", level="today", places=["knee", "hip"])
    [old] = red_flags.add(None, "An old one", level="tell", places=["hip"])
    RedFlag.objects.exclude(pk=old.pk).update(reviewed_on=date(2028, 2, 1))
    RedFlag.objects.filter(pk=old.pk).update(reviewed_on=date(2027, 2, 28))
    client = client_as("Editor")

    def found(query: str) -> list[str]:
        rows = client.get(f"{LIST}?{query}").context["cl"].result_list
        return [row.sentence for row in rows]

    assert found("place=knee") == ["A knee"]
    assert found("place=hip") == ["A knee", "An old one"]
    assert found("place=every") == ["Every part"]
    assert found("review=due") == ["An old one"]
    assert found("level__exact=tell") == ["An old one"]
    assert found(f"services__id__exact={needling.pk}") == ["Every part", "A knee"]
    assert found("q=knee") == ["A knee"]


def test_the_list_asks_the_database_the_same_for_one_as_for_many(
    client_as: Callable[[str], Client], needling: Service, django_assert_max_num_queries: Any
) -> None:
    red_flags.add(needling, *(f"Sign {number}" for number in range(40)), places=["knee"])
    client = client_as("Editor")
    client.get(LIST)
    with django_assert_max_num_queries(16):
        client.get(LIST)


def test_what_patients_are_asked_is_shown_page_by_page(
    client_as: Callable[[str], Client], needling: Service
) -> None:
    for level in Level.values:
        red_flags.add(needling, *(f"{level} {n}" for n in range(5)), level=level, places=["knee"])
    client = client_as("Receptionist")
    assert "Page 1" not in client.get(ASKED).content.decode()
    for of in ("service-dry-needling", "place-knee", "place-leg", "place-anywhere"):
        page = client.get(ASKED, {"of": of}).content.decode()
        assert page.count("Page ") == 3, of
        assert page.index("emergency 4") < page.index("today 0") < page.index("tell 0")
    nothing = client.get(ASKED, {"of": "place-head"}).content.decode()
    assert "the request form follows at once" in nothing
    assert client.get(ASKED, {"of": "service-no-such"}).status_code == 200
