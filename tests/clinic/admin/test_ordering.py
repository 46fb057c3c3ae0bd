"""Lists that readers see in an order: moved row by row, saved at once."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client

from articles.models import Topic
from clinic.admin.ordering import Ordered
from clinic.models import Location, Practitioner, RedFlag, Service
from clinic.site import content_version

LISTED = "/admin/clinic/service/"


@pytest.fixture
def services(db: None) -> list[Service]:
    """Three, two of which have the same number: their names decide."""
    return [
        Service.objects.create(name=name, slug=name.lower(), summary="Words.", order=order)
        for name, order in (("Alpha", 0), ("Beta", 0), ("Gamma", 7))
    ]


def names() -> list[str]:
    return [row.name for row in Service.objects.all()]


def shown(client: Client, address: str = LISTED) -> dict[str, str]:
    """What the buttons of a list send, by their names, with the state that it shows."""
    page = client.get(address).content.decode()
    buttons = re.findall(r'value="([\d:]+)" formaction="move/"[^>]*aria-label="([^"]+)"', page)
    seen = re.search(r'name="order_seen" value="(\w+)"', page)
    return {name: value for value, name in buttons} | {"seen": seen[1] if seen else ""}


def test_a_button_moves_a_row_and_says_where_it_is(
    services: list[Service], client_as: Callable[[str], Client]
) -> None:
    client = client_as("Editor")
    sent = shown(client)
    assert len(sent) == 5  # none up from the first, none down from the last
    version = content_version.current_version()
    response = client.post(
        f"{LISTED}move/", {"move": sent["Move “Gamma” up"], "order_seen": sent["seen"]}, follow=True
    )
    assert names() == ["Alpha", "Gamma", "Beta"]
    assert "“Gamma” is now number 2 of 3." in response.content.decode()
    assert response.redirect_chain[0][0] == f"{LISTED}#move-{services[2].pk}-up"
    assert content_version.current_version() != version
    assert LogEntry.objects.get().object_repr == "Gamma"


def test_a_dragged_row_goes_to_any_place(
    services: list[Service], client_as: Callable[[str], Client]
) -> None:
    client = client_as("Editor")
    for place, order in (
        (2, "Beta Gamma Alpha"),
        (0, "Alpha Beta Gamma"),
        (99, "Beta Gamma Alpha"),
    ):
        sent = {"move": f"{services[0].pk}:{place}", "order_seen": shown(client)["seen"]}
        response = client.post(f"{LISTED}move/", sent)
        assert names() == order.split()
        edge = "down" if place == 0 else "up"
        assert response.url == f"{LISTED}#move-{services[0].pk}-{edge}"


def test_a_list_that_has_changed_moves_nothing(
    services: list[Service], client_as: Callable[[str], Client]
) -> None:
    client = client_as("Editor")
    sent = shown(client)
    move = {"move": sent["Move “Alpha” down"], "order_seen": sent["seen"]}
    services[1].delete()
    refused = client.post(f"{LISTED}move/", move, follow=True)
    assert "nothing was moved" in refused.content.decode()
    assert names() == ["Alpha", "Gamma"]


@pytest.mark.parametrize("move", ["", "x:1", "1", "1:-1", "1:1:1", "99999999999999999999:0", "0:0"])
def test_what_no_button_sends_moves_nothing(
    services: list[Service], client_as: Callable[[str], Client], move: str
) -> None:
    client = client_as("Editor")
    sent = {"move": move, "order_seen": shown(client)["seen"]}
    assert client.post(f"{LISTED}move/", sent).status_code == 302
    assert names() == ["Alpha", "Beta", "Gamma"]


def test_only_who_may_change_moves(
    services: list[Service], client_as: Callable[[str], Client]
) -> None:
    reader, editor = client_as("Receptionist"), client_as("Editor")
    assert shown(reader) == {"seen": shown(editor)["seen"]}
    move = {"move": f"{services[0].pk}:1", "order_seen": shown(reader)["seen"]}
    assert reader.post(f"{LISTED}move/", move).status_code == 403
    assert editor.get(f"{LISTED}move/").status_code == 405
    assert names() == ["Alpha", "Beta", "Gamma"]


@pytest.mark.parametrize("query", ["q=a", "is_public__exact=1", "o=1", "o=-1"])
def test_a_part_of_a_list_has_no_buttons(
    services: list[Service], client_as: Callable[[str], Client], query: str
) -> None:
    assert shown(client_as("Editor"), f"{LISTED}?{query}") == {"seen": ""}


def test_every_list_with_an_order_has_them(make_user: Callable[..., Any], client: Client) -> None:
    ordered = {
        model
        for model in admin.site._registry
        if any(field.name == "order" for field in model._meta.fields)
    }
    assert ordered == {Service, RedFlag, Location, Practitioner, Topic}
    client.force_login(make_user("Editor", "Manager"))
    for model in ordered:
        assert isinstance(admin.site._registry[model], Ordered)
        for name in ("One", "Two"):
            said = (
                {"sentence": name, "level": "tell"}
                if model is RedFlag
                else {"name": name, "slug": name.lower()}
            )
            model.objects.create(**said, order=name == "Two")
        options = model._meta
        address = f"/admin/{options.app_label}/{options.model_name}/"
        sent = shown(client, address)
        move = {"move": sent["Move “One” down"], "order_seen": sent["seen"]}
        assert client.post(f"{address}move/", move).status_code == 302
        assert [str(row) for row in model.objects.all()] == ["Two", "One"]
        form = client.get(f"{address}add/").context["adminform"].form
        assert "order" not in form.fields


def test_what_is_new_comes_last(
    services: list[Service], client_as: Callable[[str], Client]
) -> None:
    form = {"name": "Aardvark", "slug": "aardvark", "summary": "Words.", "is_public": "on"}
    form["booking_way"] = "asked"
    assert client_as("Editor").post(f"{LISTED}add/", form).status_code == 302
    assert names() == ["Alpha", "Beta", "Gamma", "Aardvark"]
