"""The password is asked for again before what a stranger at an unlocked computer must not do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client

from bookings.models import Enquiry, Event
from clinic import hooks
from clinic.accounts import confirm_views
from clinic.models import User
from tests.clinic.signing_in import CODE, NEW, PASSWORD, SET_UP, equip, now_code, sign_in
from tests.test_endpoints import ROUTES, address
from tests.test_resending import fields_of
from tests.whole_site import WholeSite, build

AT = datetime(2027, 3, 15, 14, 0, tzinfo=UTC)
QUESTION = "Confirm that it is you"
EXPORT = "/admin/bookings/enquiry/export/"
GUARDED = {
    "admin:auth_user_password_change",
    "admin:bookings_enquiry_delete",
    "admin:bookings_enquiry_erase_person",
    "admin:bookings_enquiry_export",
    "admin:bookings_enquiry_person",
    "admin:bookings_roster_calendar",
    "admin:clinic_user_add",
    "admin:clinic_user_change",
    "admin:clinic_user_delete",
    "admin:clinic_user_leave",
    "admin:clinic_user_remove_second_factor",
    "admin:clinic_user_send_link",
    "admin:second_factor_set_up",
}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def mina(manager: User) -> User:
    manager.set_password(PASSWORD)
    manager.save()
    return manager


@pytest.fixture
def late(mina: User, clock: Any) -> Client:
    """Signed in ten minutes ago."""
    client = sign_in(mina)
    clock.shift(confirm_views.LASTS)
    return client


def asks(answer: Any) -> bool:
    return answer.status_code == 403 and QUESTION in answer.content.decode()


def test_what_is_guarded() -> None:
    """Written by hand: whoever adds a page that gives data away adds it here."""
    assert set(hooks.confirmed_first) == GUARDED
    assert set(ROUTES) >= GUARDED


def test_everything_guarded_asks_after_a_while(mina: User, clock: Any) -> None:
    site = build(AT)
    client = sign_in(mina)
    paths = {name: address(name, site) for name in GUARDED}
    assert [name for name, path in paths.items() if asks(client.get(path))] == []
    clock.shift(confirm_views.LASTS - timedelta(seconds=1))
    assert not asks(client.get("/admin/clinic/user/add/"))
    clock.shift(timedelta(seconds=1))
    calendar = paths.pop("admin:bookings_roster_calendar")
    assert not asks(client.get(calendar)), "until it makes the address of a feed"
    assert asks(client.post(calendar, {"do": "make"}))
    open_to_them = [
        (name, method)
        for name, path in paths.items()
        for method in ("get", "post", "head")
        if getattr(client, method)(path).status_code != 403
    ]
    assert open_to_them == []
    assert all(asks(client.post(path)) for path in paths.values())
    assert not Event.objects.filter(kind=Event.Kind.EXPORTED).exists()


def test_the_page_opens_after_the_password(late: Client) -> None:
    path = "/admin/clinic/user/add/?source=list"
    sent = fields_of(late.get(path).content.decode(), "confirm-password")
    assert asks(late.post(path, sent)), "without a password"
    answer = late.post(path, sent | {"confirm-password": PASSWORD})
    assert answer.headers["Location"] == path
    assert late.get(path).status_code == 200
    assert late.post(EXPORT).status_code == 200, "for ten minutes"


def test_one_press_exports(late: Client) -> None:
    sent = fields_of(late.post(EXPORT).content.decode(), "confirm-password")
    answer = late.post(EXPORT, sent | {"confirm-password": PASSWORD})
    assert answer.headers["Content-Type"].startswith("text/csv")


def test_changes_of_an_account_that_come_late_are_kept(late: Client, mara: User) -> None:
    path = f"/admin/clinic/user/{mara.pk}/change/"
    pks = dict(Group.objects.values_list("name", "pk"))
    new = {
        "username": mara.username,
        "first_name": "Mara &\n<i>",
        "last_name": "Quist",
        "email": mara.email,
        "groups": [pks["Author"], pks["Manager"]],
    }
    html = late.post(path, new).content.decode()
    assert set(mara.groups.values_list("name", flat=True)) != {"Author", "Manager"}
    wrong = fields_of(html, "confirm-password") | {"confirm-password": "wrong"}
    page = late.post(path, wrong)
    assert "That password is wrong." in page.content.decode()
    right = fields_of(page.content.decode(), "confirm-password") | {"confirm-password": PASSWORD}
    assert late.post(path, right).status_code == 302
    mara.refresh_from_db()
    assert set(mara.groups.values_list("name", flat=True)) == {"Author", "Manager"}
    assert mara.last_name == "Quist"


def test_nothing_is_erased_before(late: Client) -> None:
    site: WholeSite = build(AT)
    path = f"/admin/bookings/enquiry/{site.enquiry.pk}/delete/"
    assert asks(late.post(path, {"post": "yes"}))
    assert Enquiry.objects.filter(pk=site.enquiry.pk).exists()


def test_a_new_password_is_not_written_into_the_page(late: Client, author: User) -> None:
    path = f"/admin/clinic/user/{author.pk}/password/"
    html = late.post(path, {"password1": NEW, "password2": NEW}).content.decode()
    assert NEW not in html
    sent = fields_of(html, "confirm-password") | {"confirm-password": PASSWORD}
    assert late.post(path, sent).headers["Location"] == path


def test_guesses_are_limited(late: Client) -> None:
    sent = {"confirm-password": "wrong", confirm_views.AGAIN: "1"}
    for _try in range(8):
        assert "That password is wrong." in late.post(EXPORT, sent).content.decode()
    page = late.post(EXPORT, sent | {"confirm-password": PASSWORD})
    assert "There were too many wrong attempts" in page.content.decode()
    assert asks(late.post(EXPORT))


def test_two_steps_are_asked_for_twice(mina: User, clock: Any) -> None:
    factor, _codes = equip(mina)
    client = sign_in(mina)
    client.post(CODE, {"code": now_code(factor)})
    assert not asks(client.post(EXPORT))
    clock.shift(confirm_views.LASTS)
    sent = {"confirm-password": PASSWORD}
    assert "Enter the code." in client.post(EXPORT, sent).content.decode()
    wrong = client.post(EXPORT, sent | {"confirm-code": "000000"})
    assert "That code is wrong" in wrong.content.decode()
    assert asks(client.post(EXPORT, {"confirm-password": "x", "confirm-code": now_code(factor)}))
    right = client.post(EXPORT, sent | {"confirm-code": now_code(factor)})
    assert right.headers["Content-Type"].startswith("text/csv"), "a wrong password used no code up"


def test_setting_up_two_steps_asks_only_those_who_are_in(
    late: Client, mina: User, settings: Any
) -> None:
    assert asks(late.get(SET_UP))
    settings.SECOND_FACTOR = "required"
    assert late.get(SET_UP).status_code == 200, "the next step of signing in"


def test_others_are_sent_to_sign_in_or_refused(author: User, clock: Any) -> None:
    assert Client().post(EXPORT).headers["Location"].startswith("/admin/login/")
    author.set_password(PASSWORD)
    author.save()
    client = sign_in(author)
    assert client.post(EXPORT).status_code == 403
    clock.shift(confirm_views.LASTS)
    sent = {"confirm-password": PASSWORD}
    answer = client.post(EXPORT, sent)
    assert answer.status_code == 403
    assert not asks(answer)
