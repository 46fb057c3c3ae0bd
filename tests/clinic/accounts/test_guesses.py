"""Guessing passwords and codes: limits for those who guess, none that closes an account."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from clinic.accounts import known_devices
from clinic.lib.web import network
from clinic.mail import outbox
from clinic.models import SecondFactor, Throttle, User
from tests.clinic.signing_in import (
    CODE,
    NEW,
    PASSWORD,
    equip,
    now_code,
)

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
LOGIN = "/admin/login/"
OFFICE, THIEF = "198.51.100.7", "203.0.113.66"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def give_password(
    name: str, password: str = "wrong", *, source: str = THIEF, client: Client | None = None
) -> int:
    """The status of the answer: 302 in, 200 wrong, 429 too many tries."""
    given = {"username": name, "password": password}
    headers = {"X-Forwarded-For": source}
    return (client or Client()).post(LOGIN, given, headers=headers).status_code


def give_code(client: Client, code: str, *, source: str = THIEF) -> bool:
    headers = {"X-Forwarded-For": source}
    return client.post(CODE, {"code": code}, headers=headers).status_code == 302


def mails_sent() -> list[tuple[str, list[str]]]:
    mail.outbox.clear()
    outbox.run_once(AT)
    return [(each.subject, each.to) for each in mail.outbox]


# -- where a request comes from -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::1", "203.0.113.9", "203.0.113.9"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("::ffff:203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("fe80::1%eth0", "", "fe80::/64"),
    ],
)
def test_the_network_of_a_request(remote: str, forwarded: str, expected: str) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)
    assert network.sender(request) == expected


# -- passwords ------------------------------------------------------------------------------------


def test_wrong_passwords_from_many_networks_close_no_account(mara: User) -> None:
    for number in range(1, 31):
        assert give_password(mara.username, source=f"203.0.113.{number}") == 200
    assert give_password(mara.username, PASSWORD, source=OFFICE) == 302


def test_those_of_one_network_behind_the_proxy_stop_only_that_network(mara: User) -> None:
    tries = [give_password(mara.username) for _ in range(9)]
    assert tries == [200] * 8 + [429]
    assert give_password(mara.username, PASSWORD) == 429
    assert give_password(mara.username, PASSWORD, source=OFFICE) == 302


def test_an_address_made_up_by_the_sender_is_no_other_network(mara: User) -> None:
    tries = [
        give_password(mara.username, source=f"192.0.2.{number}, {THIEF}") for number in range(9)
    ]
    assert tries[-1] == 429


def test_one_network_cannot_try_a_few_at_many_accounts(mara: User) -> None:
    tries = [give_password(f"name-{number}") for number in range(41)]
    assert tries == [200] * 40 + [429]
    assert give_password(mara.username, PASSWORD, source=OFFICE) == 302


def test_the_limits_of_a_day(mara: User, clock: Any) -> None:
    tries = []
    for _ in range(6):
        tries += [give_password(mara.username) for _ in range(8)]
        clock.shift(timedelta(minutes=16))
    assert tries == [200] * 40 + [429] * 8
    clock.shift(timedelta(days=1))
    assert give_password(mara.username, PASSWORD) == 302


def test_the_right_password_forgets_the_wrong_ones(mara: User) -> None:
    for _ in range(6):
        tries = [give_password(mara.username, source=OFFICE) for _ in range(7)]
        assert tries == [200] * 7
        assert give_password(mara.username, PASSWORD, source=OFFICE) == 302, "signs in again"
        Throttle.objects.filter(hits__gte=35).update(hits=1)  # those of the whole network stay
    for _ in range(20):
        assert give_password(mara.username, PASSWORD, source="198.51.100.8") == 302


def test_ones_own_account_buys_no_tries_at_others(mara: User) -> None:
    for number in range(40):
        assert give_password(f"name-{number}") == 200
    assert give_password(mara.username, PASSWORD) == 429


# -- devices that are known -----------------------------------------------------------------------


def test_a_known_device_gets_in_whoever_tries_from_the_same_network(mara: User) -> None:
    browser = Client()
    assert give_password(mara.username, PASSWORD, source=OFFICE, client=browser) == 302
    browser.post("/admin/logout/")
    for _ in range(9):
        give_password(mara.username, source=OFFICE)
    assert give_password(mara.username, PASSWORD, source=OFFICE) == 429, "a stranger's browser"
    assert give_password(mara.username, PASSWORD, source=OFFICE, client=browser) == 302


def test_a_known_device_has_tries_of_its_own_and_no_more(mara: User) -> None:
    browser = Client()
    give_password(mara.username, PASSWORD, client=browser)
    browser.post("/admin/logout/")
    tries = [
        give_password(mara.username, source=f"203.0.113.{number}", client=browser)
        for number in range(9)
    ]
    assert tries == [200] * 8 + [429], "another network does not renew them"


def test_the_cookie_of_a_device(mara: User) -> None:
    browser = Client()
    give_password(mara.username, PASSWORD, client=browser)
    cookie = browser.cookies[known_devices.COOKIE]
    assert cookie["httponly"] is True
    assert (cookie["path"], cookie["samesite"]) == ("/admin/", "Lax")
    assert cookie["max-age"] == known_devices.LASTS
    assert mara.username not in cookie.value
    assert known_devices.COOKIE not in Client().get("/").cookies


def device_for(user: User, cookie: str) -> str:
    request = RequestFactory().get("/")
    request.COOKIES[known_devices.COOKIE] = cookie
    return known_devices.known(request, user)


def test_a_cookie_is_worth_nothing_when_forged_for_another_or_too_old(
    mara: User, joan: User, clock: Any
) -> None:
    browser = Client()
    give_password(mara.username, PASSWORD, client=browser)
    value = browser.cookies[known_devices.COOKIE].value
    assert device_for(mara, value)
    for forged in ("", "x", value[:-2] + "aa", value.replace(value[:4], "eyJ9", 1)):
        assert device_for(mara, forged) == ""
    assert device_for(joan, value) == ""
    clock.shift(timedelta(seconds=known_devices.LASTS + 1))
    assert device_for(mara, value) == ""


def test_a_new_password_or_factor_ends_what_a_device_was_known_for(mara: User) -> None:
    browser = Client()
    give_password(mara.username, PASSWORD, client=browser)
    value = browser.cookies[known_devices.COOKIE].value
    equip(mara)
    assert device_for(mara, value) == ""
    SecondFactor.objects.all().delete()
    assert device_for(mara, value)
    mara.set_password(NEW)
    mara.save()
    assert device_for(mara, value) == ""


def test_one_browser_is_known_for_several_accounts(mara: User, joan: User) -> None:
    browser = Client()
    for user in (mara, joan):
        give_password(user.username, PASSWORD, client=browser)
        browser.post("/admin/logout/")
    value = browser.cookies[known_devices.COOKIE].value
    assert device_for(mara, value) == device_for(joan, value) != ""


def test_the_password_alone_makes_no_device_known(joan: User, settings: Any) -> None:
    settings.SECOND_FACTOR = "required"
    thief = Client()
    assert give_password(joan.username, PASSWORD, client=thief) == 302
    assert known_devices.COOKIE not in thief.cookies, "a factor is to be set up"
    factor, _ = equip(joan)
    thief = Client()
    assert give_password(joan.username, PASSWORD, client=thief) == 302
    assert known_devices.COOKIE not in thief.cookies, "a code is asked for"
    assert give_code(thief, now_code(factor))
    assert known_devices.COOKIE in thief.cookies


# -- the owner is told ----------------------------------------------------------------------------


def test_the_owner_hears_of_wrong_passwords_once_a_day(mara: User, clock: Any) -> None:
    for number in range(10):
        give_password(mara.username, source=f"203.0.113.{number}")
    assert mails_sent() == []
    for number in range(10, 30):
        give_password(mara.username, source=f"203.0.113.{number}")
    assert mails_sent() == [("Failed attempts to sign in to your account", [mara.email])]
    assert THIEF not in mail.outbox[0].body
    clock.shift(timedelta(days=1, seconds=1))
    for number in range(12):
        give_password(mara.username, source=f"203.0.113.{number}")
    mail.outbox.clear()
    outbox.run_once(AT + timedelta(days=2))
    assert len(mail.outbox) == 1


def test_nobody_is_told_of_names_that_are_nobodys_or_gone(mara: User) -> None:
    User.objects.filter(pk=mara.pk).update(is_active=False)
    for name in ("nobody", mara.username):
        for number in range(12):
            give_password(name, source=f"203.0.113.{number}")
    assert mails_sent() == []


def test_a_wrong_password_costs_the_same_for_every_name(mara: User) -> None:
    costs = []
    for name in (mara.username, "nobody-of-that-name"):
        for _ in range(3):  # the first makes the rows
            with CaptureQueriesContext(connection) as queries:
                assert give_password(name) == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_owners_own_typing_errors_are_no_news(mara: User, clock: Any) -> None:
    browser = Client()
    give_password(mara.username, PASSWORD, client=browser)
    browser.post("/admin/logout/")
    for _ in range(2):
        for _ in range(8):
            give_password(mara.username, client=browser)
        clock.shift(timedelta(minutes=16))
    assert mails_sent() == []
