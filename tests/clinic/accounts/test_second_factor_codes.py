"""The second factor: its codes, what their owner does with it, and its loss."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from clinic.accounts import roles, second_factor
from clinic.lib import totp
from clinic.mail import outbox
from clinic.models import SecondFactor, Throttle, User
from tests.clinic.signing_in import CODE, SET_UP, equip, is_in, now_code, sign_in

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.SECOND_FACTOR = ""


# -- its codes ------------------------------------------------------------------------------------


def test_the_code_lets_in_and_changes_the_key_of_the_session(joan: User) -> None:
    factor, _ = equip(joan)
    client = sign_in(joan)
    before = client.session.session_key
    answer = client.post(CODE, {"code": now_code(factor), "next": "/admin/bookings/enquiry/"})
    assert answer.headers["Location"] == "/admin/bookings/enquiry/"
    assert client.session.session_key != before
    assert is_in(client)
    assert client.get(CODE).headers["Location"] == "/admin/"


@pytest.mark.parametrize("wanted", ["https://evil.example/admin/", "//evil.example", "/book/", ""])
def test_it_leads_to_nowhere_else(wanted: str, joan: User) -> None:
    factor, _ = equip(joan)
    answer = sign_in(joan).post(CODE, {"code": now_code(factor), "next": wanted})
    assert answer.headers["Location"] == "/admin/"


def test_each_code_of_the_app_works_once(joan: User) -> None:
    factor, _ = equip(joan, at=AT)
    step = totp.step_at(AT)
    newer, older = totp.code(factor.secret, step), totp.code(factor.secret, step - 1)
    assert second_factor.accepts(factor, newer, at=AT)
    assert not second_factor.accepts(factor, newer, at=AT)
    assert not second_factor.accepts(factor, older, at=AT), "older than one that was used"
    later = AT + timedelta(seconds=30)
    assert second_factor.accepts(factor, totp.code(factor.secret, step + 1), at=later)


def test_each_recovery_code_works_once_however_it_is_typed(joan: User) -> None:
    factor, codes = equip(joan)
    typed = f" {codes[0].upper().replace('-', ' ').replace('0', 'O').replace('1', 'l')} "
    assert second_factor.accepts(factor, typed, at=AT)
    assert not second_factor.accepts(factor, codes[0], at=AT)
    assert second_factor.recovery_codes_left(factor) == second_factor.RECOVERY_CODES - 1


def test_a_recovery_code_of_somebody_else_is_none(joan: User, manager: User) -> None:
    factor, _ = equip(joan)
    _, codes = equip(manager)
    assert not second_factor.accepts(factor, codes[0], at=AT)


def test_few_recovery_codes_left_are_told(joan: User) -> None:
    factor, codes = equip(joan)
    keep = factor.recovery_codes.order_by("pk").values_list("pk", flat=True)[:3]
    factor.recovery_codes.exclude(pk__in=list(keep)).update(used_at=AT)
    client = sign_in(joan)
    assert b"recovery" in client.get(f"{CODE}?recovery").content
    page = client.post(f"{CODE}?recovery", {"code": codes[0]}, follow=True)
    assert b"You have 2 recovery codes left" in page.content


@pytest.mark.parametrize("code", ["", "000000", "abcde-fghjk", "\0", "x" * 41])
def test_a_wrong_code_opens_nothing(code: str, joan: User) -> None:
    equip(joan)
    client = sign_in(joan)
    answer = client.post(CODE, {"code": code})
    assert answer.status_code == 200
    assert b"errorlist" in answer.content
    assert not is_in(client)


def test_codes_are_not_guessed(joan: User) -> None:
    """Eight tries in a quarter of an hour, forty in a day; then the right one is refused too."""
    factor, codes = equip(joan)
    tried = 0
    at = AT
    while tried < 40:
        for _ in range(8):
            assert not second_factor.accepts(factor, "no-code", at=at)
            tried += 1
        with pytest.raises(second_factor.TooManyTries):
            second_factor.accepts(factor, codes[0], at=at)
        at += timedelta(minutes=16)
    with pytest.raises(second_factor.TooManyTries):
        second_factor.accepts(factor, codes[0], at=at)
    assert second_factor.accepts(factor, codes[0], at=AT + timedelta(days=1, minutes=1))


def test_too_many_tries_are_said_so(joan: User) -> None:
    factor, _ = equip(joan)
    client = sign_in(joan)
    for _ in range(8):
        client.post(CODE, {"code": "000000"})
    answer = client.post(CODE, {"code": now_code(factor)})
    assert b"Too many wrong codes were entered" in answer.content
    assert not is_in(client)
    other = sign_in(joan)  # another session has no tries of its own
    assert b"Too many wrong codes" in other.post(CODE, {"code": now_code(factor)}).content


# -- one's own ------------------------------------------------------------------------------------


def enter(user: User, factor: SecondFactor) -> Client:
    """Both steps."""
    client = sign_in(user)
    assert client.post(CODE, {"code": now_code(factor)}).status_code == 302
    # The code of the next half minute counts as well, one step ahead.
    return client


def next_code(factor: SecondFactor) -> str:
    return totp.code(factor.secret, totp.step_at(timezone.now()) + 1)


def test_new_recovery_codes_take_the_place_of_the_old(joan: User) -> None:
    factor, old = equip(joan)
    client = enter(joan, factor)
    refused = client.post("/admin/second-factor/", {"code": "000000", "renew": "1"})
    assert b"That code is wrong or has already been used" in refused.content
    page = client.post("/admin/second-factor/", {"code": next_code(factor), "renew": "1"})
    new = re.findall(r"<code>([0-9a-z]{5}-[0-9a-z]{5})</code>", page.content.decode())
    assert len(new) == second_factor.RECOVERY_CODES
    assert not second_factor.accepts(factor, old[0], at=AT)
    assert second_factor.accepts(factor, new[0], at=AT)


def test_another_phone_begins_anew_and_ends_other_sessions(joan: User) -> None:
    factor, codes = equip(joan)
    client = enter(joan, factor)
    other = sign_in(joan)
    other.post(CODE, {"code": codes[1]})
    assert is_in(other)
    answer = client.post("/admin/second-factor/", {"code": codes[0], "move": "1"})
    assert answer.headers["Location"] == SET_UP
    assert client.get("/admin/").headers["Location"].startswith(SET_UP)
    assert other.get("/admin/").headers["Location"].startswith("/admin/login/")


def test_where_it_is_optional_it_can_be_left_off(joan: User, settings: Any) -> None:
    settings.SECOND_FACTOR = "optional"
    factor, codes = equip(joan)
    client = enter(joan, factor)
    client.post("/admin/second-factor/", {"code": codes[0], "move": "1"})
    assert b'class="closelink">Cancel<' in client.get(SET_UP).content
    assert is_in(client)


# -- when it is lost ------------------------------------------------------------------------------


def in_by_force(user: User) -> Client:
    """Somebody who is through both steps."""
    factor, _ = equip(user)
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[second_factor.MARK] = factor.pk
    session.save()
    return client


def told(user: User) -> list[str]:
    """The subjects of what the worker now mails to this person."""
    User.objects.filter(pk=user.pk).update(email="somebody@larkspur.example")
    mail.outbox.clear()
    outbox.run_once(timezone.now())
    return [each.subject for each in mail.outbox]


def test_a_manager_takes_it_away_and_the_history_says_so(joan: User, manager: User) -> None:
    factor, _ = equip(joan)
    joans = enter(joan, factor)
    client = in_by_force(manager)
    page = client.get(f"/admin/clinic/user/{joan.pk}/change/").content.decode()
    path = f"/admin/clinic/user/{joan.pk}/second-factor/"
    assert path in page
    assert client.get(path).status_code == 200
    assert SecondFactor.objects.filter(user=joan).exists(), "asked first"
    client.post(path)
    assert not SecondFactor.objects.filter(user=joan).exists()
    line = LogEntry.objects.get(object_id=str(joan.pk))
    assert line.user == manager
    assert "Two-step sign-in turned off" in line.change_message
    assert told(joan) == [
        "Two-step sign-in is on",
        ("Two-step sign-in was turned off for your account"),
    ]
    # Whoever has the phone, with its open session, is out, and sets up nothing in it.
    assert joans.get(SET_UP).status_code == 302
    assert joans.get("/admin/").headers["Location"].startswith("/admin/login/")
    assert sign_in(joan).get("/admin/").headers["Location"].startswith(SET_UP)


def test_nobody_takes_their_own_away(manager: User) -> None:
    client = in_by_force(manager)
    answer = client.post(f"/admin/clinic/user/{manager.pk}/second-factor/")
    assert answer.status_code == 403
    assert SecondFactor.objects.filter(user=manager).exists()


@pytest.mark.parametrize("role", [roles.EDITOR, roles.RECEPTIONIST])
def test_only_managers_take_it_away(role: str, joan: User, make_user: Any) -> None:
    equip(joan)
    client = in_by_force(make_user(role, username="other"))
    path = f"/admin/clinic/user/{joan.pk}/second-factor/"
    assert client.get(path).status_code == client.post(path).status_code == 403
    assert SecondFactor.objects.filter(user=joan).exists()


def test_that_of_a_superuser_is_out_of_a_managers_reach(manager: User) -> None:
    root = User.objects.create_superuser("root")
    equip(root)
    client = in_by_force(manager)
    assert client.post(f"/admin/clinic/user/{root.pk}/second-factor/").status_code == 403
    assert client.post("/admin/clinic/user/999999/second-factor/").status_code == 404
    assert SecondFactor.objects.filter(user=root).exists()


def test_the_command_for_a_lone_manager(manager: User, capsys: Any) -> None:
    equip(manager)
    call_command("remove_second_factor", manager.username)
    assert "will set up two-step sign-in" in capsys.readouterr().out
    assert not SecondFactor.objects.exists()
    assert told(manager) == [
        "Two-step sign-in is on",
        ("Two-step sign-in was turned off for your account"),
    ]
    assert "on the server" in LogEntry.objects.get().change_message
    for name, code in ((manager.username, 1), ("nobody-of-that-name", 2)):
        with pytest.raises(CommandError) as refusal:
            call_command("remove_second_factor", name)
        assert refusal.value.returncode == code


def test_the_list_of_accounts_tells_who_has_one(joan: User, manager: User) -> None:
    client = in_by_force(manager)
    page = client.get("/admin/clinic/user/")
    assert {user.username: user.has_factor for user in page.context["cl"].result_list} == {
        joan.username: False,
        manager.username: True,
    }


def test_counted_tries_name_nobody(joan: User) -> None:
    factor, _ = equip(joan)
    second_factor.accepts(factor, "000000", at=AT)
    assert not [row for row in Throttle.objects.all() if joan.username in row.key]


def test_staff_pages_ask_one_question_more(
    author: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    factor, _ = equip(author)
    with django_assert_num_queries(1):
        standing = second_factor.standing(author, {second_factor.MARK: factor.pk})
    assert standing == second_factor.Standing.IN
