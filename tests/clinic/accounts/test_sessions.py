"""Where an account is signed in: the list, and ending what is elsewhere."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from clinic.accounts import roles, sessions
from clinic.lib.web import browsers
from clinic.models import User
from tests.clinic.signing_in import CODE, PASSWORD, equip, is_in, now_code, sign_in

AT = datetime(2027, 3, 15, 9, 15, tzinfo=UTC)
OWN = "/admin/sessions/"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
DESK = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


def signed_in(user: User, browser: str = DESK) -> Client:
    client = Client(headers={"user-agent": browser})
    given = {"username": user.username, "password": PASSWORD}
    assert client.post("/admin/login/", given).status_code == 302
    return client


def names(client: Client, path: str = OWN) -> list[str]:
    page = client.get(path).content.decode()
    return re.findall(r'name="session" value="(\w+)"', page)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (PHONE, "Safari on iPhone"),
        (DESK, "Edge on Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        ("<script>alert(1)</script> (Android 15; x)", "Android"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_in_words(sent: str, words: str) -> None:
    assert browsers.in_words(sent) == words


def test_the_list_says_where_and_since_when(mara: User, clock: Any) -> None:
    phone = signed_in(mara, PHONE)
    clock.shift(timedelta(hours=1))
    phone.get("/admin/")
    desk = signed_in(mara)
    page = desk.get(OWN).content.decode()
    this, other = page.split("<li>")[-2:]
    assert "Edge on Windows" in this
    assert "This browser" in this
    assert "Safari on iPhone" in other
    assert re.findall(r"\d+:\d\d", other) == ["9:15", "10:15"]
    assert names(desk) == names(desk)
    assert not [key for key in Session.objects.values_list("pk", flat=True) if key in page]
    assert "127.0.0.1" not in str([row.get_decoded() for row in Session.objects.all()])


def test_use_is_written_down_every_few_minutes_only(
    mara: User, clock: Any, django_assert_num_queries: Any
) -> None:
    client = signed_in(mara)
    client.get(OWN)
    before = Session.objects.get().session_data
    clock.shift(sessions.STEP - timedelta(seconds=1))
    client.get("/admin/help/")
    assert Session.objects.get().session_data == before
    clock.shift(timedelta(seconds=1))
    client.get("/admin/help/")
    [seat] = sessions.seats(mara, at=AT + sessions.STEP)
    assert (seat.began_at, seat.used_at) == (AT, AT + sessions.STEP)


def test_one_is_signed_out_elsewhere(mara: User, caplog: Any) -> None:
    phone, desk, third = signed_in(mara, PHONE), signed_in(mara), signed_in(mara)
    [name, _other] = names(desk)
    assert desk.post(OWN, {"session": name}).headers["Location"] == OWN
    assert [is_in(client) for client in (phone, desk, third)].count(True) == 2
    assert is_in(desk)
    page = desk.post(OWN, {"session": name}, follow=True)
    assert "had already ended" in page.content.decode()
    desk.post(OWN, {"all": "1"})
    assert [is_in(client) for client in (phone, desk, third)] == [False, True, False]
    line = f"account {mara.pk}: sessions ended (1), by account {mara.pk}"
    assert [each.getMessage() for each in caplog.records].count(line) == 2


def test_nobody_ends_sessions_of_others(mara: User, joan: User) -> None:
    mine, theirs = signed_in(mara), signed_in(joan)
    assert names(mine) == []
    other = sessions.seats(joan, at=AT)[0].name
    mine.post(OWN, {"session": other})
    assert is_in(theirs)
    for client in (mine, theirs):
        assert client.get(f"/admin/clinic/user/{joan.pk}/sessions/").status_code == 403


def test_a_manager_ends_the_sessions_of_a_colleague(mara: User, manager: User) -> None:
    manager.set_password(PASSWORD)
    manager.save()
    client, theirs, phone = signed_in(manager), signed_in(mara), signed_in(mara, PHONE)
    path = f"/admin/clinic/user/{mara.pk}/sessions/"
    assert f'href="{path}"' in client.get(f"/admin/clinic/user/{mara.pk}/change/").content.decode()
    first, _second = names(client, path)
    client.post(path, {"session": first})
    assert [is_in(theirs), is_in(phone)].count(True) == 1
    client.post(path, {"all": "1"})
    assert not is_in(theirs)
    assert not is_in(phone)
    assert is_in(client)
    assert "is not signed in anywhere" in client.get(path).content.decode()
    assert client.get(f"/admin/clinic/user/{manager.pk}/sessions/").status_code == 403


def test_half_a_sign_in_is_not_listed_but_ends_with_the_others(mara: User) -> None:
    factor, _codes = equip(mara)
    half, whole = sign_in(mara), sign_in(mara)
    whole.post(CODE, {"code": now_code(factor)})
    assert names(whole) == []
    whole.post(OWN, {"session": "0"})
    assert half.get("/admin/").headers["Location"].startswith(CODE)
    for seat in sessions.seats(mara, at=AT):
        assert seat.is_this is False
    sessions.end(mara, by=mara, at=AT, but=whole.session.session_key)
    assert half.get("/admin/").headers["Location"].startswith("/admin/login/")
    assert is_in(whole)


def test_what_an_earlier_password_opened_is_not_listed(mara: User) -> None:
    signed_in(mara)
    mara.set_password("staple of paper clips")
    mara.save()
    assert sessions.seats(mara, at=AT) == []


# -- sessions end by themselves -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "unused", "expected"),
    [
        (roles.RECEPTIONIST, timedelta(hours=2, seconds=-1), True),
        (roles.RECEPTIONIST, timedelta(hours=2), False),
        (roles.EDITOR, timedelta(hours=11, minutes=59), True),
        (roles.EDITOR, timedelta(hours=12), False),
    ],
)
def test_an_unused_session_ends(
    role: str, unused: timedelta, expected: bool, make_user: Any, clock: Any
) -> None:
    user = make_user(role, username="somebody")
    user.set_password(PASSWORD)
    user.save()
    client = signed_in(user)
    clock.shift(unused)
    assert bool(sessions.seats(user, at=AT + unused)) is expected
    assert is_in(client) is expected
    if not expected:
        assert client.get("/admin/help/").headers["Location"].startswith("/admin/login/")


def test_a_session_in_use_lasts_a_day_of_work(joan: User, clock: Any) -> None:
    client = signed_in(joan)
    for _hour in range(11):
        clock.shift(timedelta(hours=1))
        assert is_in(client)
    clock.shift(timedelta(hours=1))
    assert not is_in(client), "whatever was used"


def test_a_page_left_open_does_not_use_the_session(joan: User, clock: Any) -> None:
    """The list of requests asks for its numbers every half minute."""
    client = signed_in(joan)
    clock.shift(timedelta(hours=1, minutes=59))
    client.get("/admin/bookings/enquiry/counts/", headers={"sec-fetch-mode": "cors"})
    clock.shift(timedelta(minutes=2))
    assert not is_in(client)
