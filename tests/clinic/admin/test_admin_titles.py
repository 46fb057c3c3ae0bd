"""What the desk's lists and forms are called: as in the menu, and without Django's own words."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from clinic.models import Practitioner, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client_as: Callable[[str], Client]) -> Client:
    return client_as("Manager")


@pytest.fixture
def ines() -> Practitioner:
    return Practitioner.objects.create(name="Ines Okafor", slug="ines-okafor", role="Therapist")


def titles(page: str) -> tuple[str, str]:
    """Return the title of the window and the heading of the page."""
    found = [re.search(rf"<{tag}>(.*?)</{tag}>", page, re.S) for tag in ("title", "h1")]
    return tuple(match[1].split("|")[-2 if "|" in match[1] else 0].strip() for match in found)  # type: ignore[return-value,index]


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("clinic/practitioner/", "Practitioners"),
        ("clinic/user/", "Accounts"),
        ("clinic/message/", "Email queue"),
        ("clinic/missing/", "Page-not-found log"),
        ("articles/article/?kind__exact=article", "Articles"),
        ("articles/article/?kind__exact=page", "Pages"),
    ],
)
def test_a_list_is_called_as_in_the_menu(manager: Client, address: str, title: str) -> None:
    page = manager.get(f"/admin/{address}").content.decode()
    assert titles(page) == (title, title)


def test_the_email_queue_counts_emails(manager: Client) -> None:
    assert "0 emails" in manager.get("/admin/clinic/message/").content.decode()


def test_forms_are_for_editing(manager: Client, ines: Practitioner) -> None:
    page = manager.get(f"/admin/clinic/practitioner/{ines.pk}/change/").content.decode()
    assert titles(page) == ("Edit practitioner", "Ines Okafor")
    settings = manager.get("/admin/clinic/clinic/1/change/").content.decode()
    assert titles(settings)[0] == "Settings"
    assert re.search(r'Today</a> &rsaquo;\s+<a href="/admin/clinic/clinic/">Settings</a>', settings)


def test_a_row_is_selected_by_its_name(manager: Client, ines: Practitioner) -> None:
    page = manager.get("/admin/clinic/practitioner/").content.decode()
    assert 'aria-label="Select Ines Okafor"' in page
    assert 'data-select-all="Select all on this page"' in page


def test_accounts_are_filtered_by_role(manager: Client) -> None:
    page = manager.get("/admin/clinic/user/").content.decode()
    assert "<summary>Roles:" in page
    assert "<summary>Groups:" not in page
    group = User.objects.get().groups.get()
    assert manager.get(f"/admin/clinic/user/?groups__id__exact={group.pk}").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "password_change/",
        "password_change/done/",
        "clinic/user/{user}/history/",
        "clinic/practitioner/{ines}/delete/",
    ],
)
def test_the_way_back_begins_at_today(manager: Client, ines: Practitioner, address: str) -> None:
    address = address.format(user=User.objects.get().pk, ines=ines.pk)
    page = manager.get(f"/admin/{address}").content.decode()
    assert re.search(r'<a href="/admin/">Today</a>\s*&rsaquo;', page)
    assert ">Home<" not in page


def test_deleting_several_leads_back_to_today(manager: Client, ines: Practitioner) -> None:
    asked = {"action": "delete_selected", "_selected_action": ines.pk}
    page = manager.post("/admin/clinic/practitioner/", asked).content.decode()
    assert re.search(r'<a href="/admin/">Today</a>\s*&rsaquo;', page)
    assert ">Home<" not in page


def test_a_new_password_is_asked_for_again(manager: Client) -> None:
    page = manager.get("/admin/password_change/").content.decode()
    assert "Enter the new password again." in page
    assert "as before" not in page
