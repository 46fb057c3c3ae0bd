"""Codes of the second step are not guessed, and a thief does not lock the owner out."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from clinic.accounts import guess_limits, second_factor
from clinic.models import SecondFactor, Throttle, User
from tests.clinic.accounts.test_guesses import (
    AT,
    OFFICE,
    THIEF,
    give_code,
    give_password,
    mails_sent,
)
from tests.clinic.signing_in import (
    NEW,
    PASSWORD,
    choose,
    equip,
    is_in,
    links_mailed,
    now_code,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def joans(joan: User) -> tuple[User, SecondFactor, list[str]]:
    User.objects.filter(pk=joan.pk).update(email="joan@larkspur.example")
    joan.refresh_from_db()
    return joan, *equip(joan)


def with_password(user: User, *, source: str = THIEF) -> Client:
    client = Client()
    assert give_password(user.username, PASSWORD, source=source, client=client) == 302
    return client


def enter(user: User, factor: SecondFactor) -> Client:
    client = with_password(user, source=OFFICE)
    assert give_code(client, now_code(factor), source=OFFICE)
    return client


def test_a_thief_with_the_password_does_not_lock_the_owner_out(joans: Any, clock: Any) -> None:
    joan, factor, _codes = joans
    browser = enter(joan, factor)
    browser.post("/admin/logout/")
    for number in range(12):
        thief = with_password(joan, source=f"203.0.113.{number}")
        for _ in range(8):
            give_code(thief, "000000", source=f"203.0.113.{number}")
    clock.shift(timedelta(seconds=30))
    thief = with_password(joan)
    assert not give_code(thief, now_code(factor)), "codes of an app: too many from strangers"
    assert give_password(joan.username, PASSWORD, source=OFFICE, client=browser) == 302
    assert give_code(browser, now_code(factor), source=OFFICE), "the owner's device"
    assert is_in(browser)


def test_a_recovery_code_lets_the_owner_in_on_a_new_device(joans: Any) -> None:
    joan, factor, codes = joans
    for number in range(12):
        thief = with_password(joan, source=f"203.0.113.{number}")
        for _ in range(8):
            give_code(thief, "000000", source=f"203.0.113.{number}")
    browser = with_password(joan, source=OFFICE)
    assert not give_code(browser, now_code(factor), source=OFFICE)
    assert give_code(browser, codes[0], source=OFFICE)


def test_codes_are_not_guessed_from_many_networks(joans: Any) -> None:
    """Sixty in a day, whatever the network: one chance in five thousand."""
    _joan, factor, _codes = joans
    looked_at = []
    for quarter in range(6):
        for number in range(30):
            who = guess_limits.Asker(network=f"203.0.113.{number}")
            at = AT + quarter * timedelta(minutes=16)
            with contextlib.suppress(guess_limits.TooManyTries):
                assert not second_factor.accepts(factor, "000000", at=at, by=who)
                looked_at.append(quarter)
    assert [looked_at.count(quarter) for quarter in range(6)] == [20, 20, 20, 0, 0, 0]


def test_the_owner_hears_that_the_password_is_known(joans: Any) -> None:
    joan, _factor, _codes = joans
    mails_sent()
    thief = with_password(joan)
    for _ in range(8):
        give_code(thief, "000000")
    assert mails_sent() == [("Someone may know your password", [joan.email])]


def test_a_new_password_ends_the_tries_of_a_thief(joans: Any, clock: Any) -> None:
    joan, factor, _codes = joans
    mails_sent()
    for number in range(12):
        thief = with_password(joan, source=f"203.0.113.{number}")
        for _ in range(8):
            give_code(thief, "000000", source=f"203.0.113.{number}")
    mails_sent()
    Client().post("/admin/password/forgotten/", {"email": joan.email})
    [link] = links_mailed()
    choose(link)
    assert thief.get("/admin/").headers["Location"].startswith("/admin/login/")
    browser = Client()
    assert give_password(joan.username, NEW, source=OFFICE, client=browser) == 302
    clock.shift(timedelta(seconds=30))
    assert give_code(browser, now_code(factor), source=OFFICE)


def test_a_thief_who_signs_in_does_not_end_the_owners_link(joans: Any) -> None:
    joan, _factor, _codes = joans
    mails_sent()
    Client().post("/admin/password/forgotten/", {"email": joan.email})
    [link] = links_mailed()
    with time_machine.travel(AT + timedelta(minutes=1), tick=False):
        with_password(joan)
        assert "Your password is set" in choose(link).content.decode()
        assert "no longer works" in choose(link, PASSWORD).content.decode()


def test_what_is_counted_names_nobody(joans: Any) -> None:
    joan, _factor, _codes = joans
    give_password(joan.username)
    keys = " ".join(Throttle.objects.values_list("key", flat=True))
    assert keys
    assert not [word for word in (joan.username, THIEF) if word in keys]


def test_every_password_is_tried_by_a_form_that_counts(mara: User) -> None:
    """Those that Django has not count before they call it themselves."""
    from pathlib import Path

    from django.conf import settings

    callers = {
        path.name
        for app in ("clinic", "articles", "bookings")
        for path in Path(settings.BASE_DIR, app).rglob("*.py")
        if "authenticate(" in path.read_text() or "check_password(" in path.read_text()
    }
    assert callers == {"confirm_views.py"}


def test_the_old_password_is_not_guessed_at_an_open_desk(mara: User) -> None:
    client = Client()
    client.force_login(mara)
    wrong = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    answers = [client.post("/admin/password_change/", wrong) for _ in range(9)]
    assert b"Too many wrong passwords" in answers[-1].content
    right = {**wrong, "old_password": PASSWORD}
    assert b"Too many wrong passwords" in client.post("/admin/password_change/", right).content
    mara.refresh_from_db()
    assert mara.check_password(PASSWORD)
