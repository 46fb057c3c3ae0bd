"""Pages are put into the menu and moved among the entries that are always there."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from articles.models import Article
from articles.publishing import publish

MENU = "/admin/articles/article/menu/"
FIXED = ["Articles", "Practitioners", "Services", "Contact"]


@pytest.fixture
def pages(make_article: Callable[..., Any]) -> dict[str, Article]:
    """Two public ones between Articles and Practitioners, and one that is not public, last."""
    found = {}
    for title, order in (("About", 25), ("Fees", 25), ("Jobs", 60)):
        found[title] = make_article(
            title=title, slug=title.lower(), kind="page", menu_order=order, author=None, topics=[]
        )
        if title != "Jobs":
            publish(found[title], by=None, at=timezone.now())
    return found


def shown(client: Client) -> list[str]:
    return re.findall(r'<th scope="row">(?:<a[^>]*>)?([^<]+)', client.get(MENU).content.decode())


def public(client: Client) -> list[str]:
    entries = client.get("/").context["menu"]
    return [entry["label"] if isinstance(entry, dict) else entry.label for entry in entries]


def move(client: Client, page: Article, place: int, seen: str = "") -> Any:
    seen = seen or client.get(MENU).context["order_seen"]
    sent = {"move": f"{page.pk}:{place}", "order_seen": seen}
    return client.post(f"{MENU}move/", sent, follow=True)


def test_the_menu_is_shown_as_readers_see_it(
    pages: dict[str, Article], client_as: Callable[[str], Client], client: Client
) -> None:
    editor = client_as("Editor")
    assert shown(editor) == ["Articles", "About", "Fees", *FIXED[1:], "Jobs"]
    assert public(client) == ["Articles", "About", "Fees", *FIXED[1:]]
    page = editor.get(MENU).content.decode()
    assert "Page, not public yet" in page
    assert page.count("Always there") == 4
    assert (
        f'href="{MENU}"' in editor.get("/admin/articles/article/?kind__exact=page").content.decode()
    )


@pytest.mark.parametrize("place", range(7))
def test_a_page_goes_to_any_place(
    place: int, pages: dict[str, Article], client_as: Callable[[str], Client], client: Client
) -> None:
    editor = client_as("Editor")
    for title in ("Fees", "About", "Jobs"):
        order = [name for name in shown(editor) if name != title]
        order.insert(place, title)
        said = move(editor, pages[title], place).content.decode()
        assert f"“{title}” is now number {place + 1} of 7." in said
        assert shown(editor) == order
        assert public(client) == [name for name in order if name != "Jobs"]
        assert LogEntry.objects.first().object_repr == title


def test_a_menu_that_has_changed_moves_nothing(
    pages: dict[str, Article], client_as: Callable[[str], Client]
) -> None:
    editor = client_as("Editor")
    seen = editor.get(MENU).context["order_seen"]
    move(editor, pages["Jobs"], 0)
    order = shown(editor)
    page = move(editor, pages["Fees"], 5, seen)
    assert "nothing was moved" in page.content.decode()
    assert shown(editor) == order
    for nonsense in ("", "x", "-1:2", f"{pages['Fees'].pk}:x"):
        sent = {"move": nonsense, "order_seen": editor.get(MENU).context["order_seen"]}
        editor.post(f"{MENU}move/", sent)
        assert shown(editor) == order


def test_a_page_joins_the_menu_at_its_end_and_leaves_it(
    pages: dict[str, Article], client_as: Callable[[str], Client], make_article: Callable[..., Any]
) -> None:
    editor = client_as("Editor")
    page = make_article(title="Parking", slug="parking", kind="page", topics=[])
    address = f"/admin/articles/article/{page.pk}/change/"
    form = editor.get(address).context["adminform"].form
    sent = {name: form[name].value() or "" for name in form.fields if form[name].value()}
    sent |= {"questions-TOTAL_FORMS": "0", "questions-INITIAL_FORMS": "0"}
    sent.pop("opened_revision", None)
    assert editor.post(address, sent | {"in_menu": "on"}).status_code == 302
    assert shown(editor)[-1] == "Parking"
    number = Article.objects.get(pk=page.pk).menu_order
    assert editor.post(address, sent | {"in_menu": "on"}).status_code == 302  # it keeps its place
    assert Article.objects.get(pk=page.pk).menu_order == number
    answer = editor.post(address, sent | {"in_menu": "on", "kind": "article"})
    assert "Only pages can be in the menu." in answer.content.decode()
    assert editor.post(address, sent).status_code == 302
    assert "Parking" not in shown(editor)


def test_only_who_may_publish_changes_the_order(
    pages: dict[str, Article], client_as: Callable[[str], Client], client: Client
) -> None:
    assert client.get(MENU).status_code == 302
    for role in ("Author", "Receptionist"):
        other = client_as(role)
        assert other.get(MENU).status_code == 403
        assert other.post(f"{MENU}move/").status_code == 403
    assert client_as("Editor").get(f"{MENU}move/").status_code == 405
