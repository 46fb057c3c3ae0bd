"""What changes an account: the old password is asked for, its owner gets an email, a log has it."""

import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.accounts import roles, second_factor, staff_accounts
from clinic.mail import outbox
from clinic.models import Message, User
from tests.clinic.signing_in import NEW, PASSWORD, can_sign_in, choose, equip, links_mailed

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def mina(manager: User) -> User:
    """A manager with an address and a password."""
    manager.email = "mina@larkspur.example"
    manager.set_password(PASSWORD)
    manager.save()
    return manager


def at_desk(user: User) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def mails_sent() -> list[tuple[str, list[str]]]:
    mail.outbox.clear()
    outbox.run_once(AT)
    return [(each.subject, each.to) for each in mail.outbox]


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name == "clinic.security"]


# -- passwords ------------------------------------------------------------------------------------


def test_a_manager_changes_their_own_password_only_with_the_old_one(mina: User) -> None:
    client = at_desk(mina)
    path = f"/admin/clinic/user/{mina.pk}/password/"
    new = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    for answer in (client.get(path), client.post(path, new)):
        assert answer.headers["Location"] == "/admin/password_change/"
    mina.refresh_from_db()
    assert mina.check_password(PASSWORD)


@pytest.mark.parametrize("role", roles.TABLE)
def test_ones_own_password(role: str, make_user: Any, caplog: Any) -> None:
    user = make_user(role, username="somebody")
    user.email = "somebody@larkspur.example"
    user.set_password(PASSWORD)
    user.save()
    client, other = at_desk(user), at_desk(user)
    form = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert client.get("/admin/password_change/").status_code == 200
    refused = client.post("/admin/password_change/", form)
    assert b"Your old password was entered incorrectly" in refused.content
    assert client.post("/admin/password_change/", form | {"old_password": ""}).status_code == 200
    assert mails_sent() == []
    done = client.post("/admin/password_change/", form | {"old_password": PASSWORD})
    assert done.headers["Location"] == "/admin/password_change/done/"
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert client.get("/admin/").status_code == 200, "goes on"
    assert other.get("/admin/").status_code == 302, "ends"
    assert mails_sent() == [("Your password was changed", ["somebody@larkspur.example"])]
    assert logged(caplog) == [f"account-password-changed: account {user.pk}, by account {user.pk}"]


def test_a_manager_resets_the_password_of_others_by_mail_only(mina: User, mara: User) -> None:
    client = at_desk(mina)
    path = f"/admin/clinic/user/{mara.pk}/password/"
    new = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    for answer in (client.get(path), client.post(path, new)):
        assert answer.headers["Location"] == f"/admin/clinic/user/{mara.pk}/link/"
    none = {"usable_password": "false", "unset-password": "1"}
    client.post(path, none)
    mara.refresh_from_db()
    assert mara.check_password(PASSWORD)
    client.post(f"/admin/clinic/user/{mara.pk}/link/")
    [link] = links_mailed()
    assert mail.outbox[0].to == [mara.email]
    choose(link)
    assert can_sign_in(mara)


def test_a_password_set_for_somebody_without_an_address_is_logged(
    mina: User, author: User, caplog: Any
) -> None:
    path = f"/admin/clinic/user/{author.pk}/password/"
    client = at_desk(mina)
    client.post(path, {"password1": NEW, "password2": "other"})
    assert logged(caplog) == []
    client.post(path, {"password1": NEW, "password2": NEW})
    assert logged(caplog) == [
        f"account-password-changed: account {author.pk}, by account {mina.pk}"
    ]
    assert client.get("/admin/clinic/user/nothing/password/").status_code == 404
    for role in set(roles.TABLE) - {roles.MANAGER}:
        other = User.objects.create_user(role, is_staff=True)
        other.groups.add(Group.objects.get(name=role))
        assert at_desk(other).get(path).status_code == 403


def test_a_password_chosen_by_a_link_is_told(mara: User, caplog: Any) -> None:
    Client().post("/admin/password/forgotten/", {"email": mara.email})
    [link] = links_mailed()
    choose(link)
    assert mails_sent() == [("Your password was changed", [mara.email])]
    assert logged(caplog) == [
        f"account-password-changed: account {mara.pk}, by someone not signed in"
    ]


def test_the_first_password_is_no_change(mina: User, author: User) -> None:
    User.objects.filter(pk=author.pk).update(email="author@larkspur.example")
    at_desk(mina).post(f"/admin/clinic/user/{author.pk}/link/")
    [link] = links_mailed()
    choose(link)
    assert mails_sent() == []


# -- addresses ------------------------------------------------------------------------------------


def change(client: Client, user: User, **new: Any) -> Any:
    form = {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "groups": [group.pk for group in user.groups.all()],
    }
    return client.post(f"/admin/clinic/user/{user.pk}/change/", form | new)


@pytest.mark.parametrize("new", ["thief@x.example", ""])
def test_the_old_address_hears_of_a_new_one(new: str, mina: User, mara: User, caplog: Any) -> None:
    old = mara.email
    assert change(at_desk(mina), mara, email=new).status_code == 302
    mara.refresh_from_db()
    assert mara.email == new
    assert mails_sent() == [("Your email address was changed", [old])]
    body = mail.outbox[0].body
    assert "/admin/" not in body, "a link for a new password would go to the new address"
    assert "thief@x.example" not in body
    assert not Message.objects.exclude(to_address="").exists(), "kept until it is sent only"
    assert not [line for line in logged(caplog) if "@" in line]
    assert f"account {mara.pk} changed (email), by account {mina.pk}" in logged(caplog)


def test_ones_own_new_address_is_told_as_well(mina: User) -> None:
    change(at_desk(mina), mina, email="elsewhere@x.example")
    assert mails_sent() == [("Your email address was changed", ["mina@larkspur.example"])]


@pytest.mark.parametrize("new", [{"email": "MARA@larkspur.example"}, {"first_name": "Mara"}])
def test_other_changes_are_logged_only(
    new: dict[str, str], mina: User, mara: User, caplog: Any
) -> None:
    change(at_desk(mina), mara, **new)
    assert mails_sent() == []
    assert len(logged(caplog)) == 1


def test_roles_invitations_and_closed_accounts_are_logged(
    mina: User, mara: User, caplog: Any
) -> None:
    """By whom, and which roles: who may do what is no secret, and somebody may have to know when
    it changed."""
    client = at_desk(mina)
    [was] = mara.groups.all()
    pks = dict(Group.objects.values_list("name", "pk"))
    change(client, mara, groups=[pks["Author"], pks["Editor"]])
    new = {"email": "joan@larkspur.example", "first_name": "Joan", "last_name": "Ash"}
    client.post("/admin/clinic/user/add/", new | {"groups": [pks["Author"]]})
    joan = User.objects.get(email="joan@larkspur.example")
    client.post(f"/admin/clinic/user/{joan.pk}/link/")
    client.post(f"/admin/clinic/user/{mara.pk}/link/")
    client.post(f"/admin/clinic/user/{joan.pk}/leave/")
    by = f"by account {mina.pk}"
    assert [line for line in logged(caplog) if "changed" not in line] == [
        f"account {mara.pk}: roles Author, Editor, before: {was}, {by}",
        f"account {joan.pk}: invited, {by}",
        f"account {joan.pk}: roles Author, before: none, {by}",
        f"account {joan.pk}: invited, {by}",
        f"account {mara.pk}: password link sent, {by}",
        f"account {joan.pk}: closed, {by}",
    ]


def test_the_address_of_a_mail_that_fails_is_kept_until_it_is_sent(
    mina: User, mara: User, monkeypatch: Any
) -> None:
    def refuse(_mail: Any) -> None:
        raise outbox.Unsendable("No.")

    old = mara.email
    change(at_desk(mina), mara, email="thief@x.example")
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "send", refuse)
        outbox.run_once(AT)
    assert Message.objects.get().to_address == old
    Message.objects.update(leased_until=None)
    assert mails_sent() == [("Your email address was changed", [old])]


# -- the second factor ----------------------------------------------------------------------------


def test_what_is_done_with_a_second_factor_is_told(mara: User, mina: User, caplog: Any) -> None:
    factor, _codes = equip(mara)
    second_factor.renew_recovery_codes(factor, at=AT)
    second_factor.turn_off(factor, at=AT)
    equip(mara)
    assert second_factor.remove(mara, by=mina, at=AT, words="Lost.")
    by = f"account {mara.pk}, by account {mara.pk}"
    assert logged(caplog) == [
        f"account-factor-on: {by}",
        f"account-recovery-codes: {by}",
        f"account-factor-off: {by}",
        f"account-factor-on: {by}",
        f"account-second-factor: account {mara.pk}, by account {mina.pk}",
    ]
    subjects = [subject for subject, to in mails_sent() if to == [mara.email]]
    assert sorted(subjects) == [
        "Two-step sign-in is off",
        "Two-step sign-in is on",
        "Two-step sign-in is on",
        "Two-step sign-in was turned off for your account",
        "You have new recovery codes",
    ]


def test_the_pages_of_the_second_factor_tell(mara: User) -> None:
    _factor, codes = equip(mara)
    client = Client()
    client.post("/admin/login/", {"username": mara.username, "password": PASSWORD})
    client.post("/admin/second-factor/code/", {"code": codes[0]})
    mails_sent()
    client.post("/admin/second-factor/", {"code": codes[1], "renew": "1"})
    assert [subject for subject, _to in mails_sent()] == ["You have new recovery codes"]


def test_a_notice_says_what_happened_and_what_to_do(mara: User) -> None:
    for kind in (
        staff_accounts.PASSWORD_CHANGED,
        staff_accounts.FACTOR_ON,
        staff_accounts.CODES_TRIED,
    ):
        staff_accounts.notify(kind, mara, at=AT)
    mails_sent()
    for each in mail.outbox:
        html = each.alternatives[0][0]
        for part in (each.body, html):
            assert mara.username in part
            assert "/admin/password/forgotten/" in part


# -- the log --------------------------------------------------------------------------------------


def test_the_security_log_goes_to_standard_error() -> None:
    logger = logging.getLogger("clinic.security")
    assert logger.isEnabledFor(logging.WARNING)
    assert logger.propagate


# -- forgotten passwords --------------------------------------------------------------------------


def test_a_forgotten_password_costs_the_same_for_every_address(
    mara: User, make_user: Callable[..., User]
) -> None:
    """The statements themselves are the same, and only the worker asks who it is."""
    User.objects.create_user("twin", email=mara.email, is_staff=True)
    gone = make_user(roles.EDITOR, username="gone")
    User.objects.filter(pk=gone.pk).update(email="gone@larkspur.example", is_active=False)
    Client().post("/admin/password/forgotten/", {"email": "first@x.example"})  # makes a row
    seen = []
    for email in ("nobody@x.example", mara.email, "gone@larkspur.example"):
        with CaptureQueriesContext(connection) as queries:
            Client().post("/admin/password/forgotten/", {"email": email})
        shapes = [query["sql"].split("WHERE")[0].split("VALUES")[0] for query in queries]
        seen.append([re.sub(r'"s\d+_x\d+"', "", shape) for shape in shapes])  # savepoints
    assert seen[0] == seen[1] == seen[2]
    assert not [sql for sql in seen[1] if '"clinic_user"' in sql]
    assert [to for _subject, to in mails_sent()] == [[mara.email], [mara.email]]
    assert not Message.objects.filter(kind=staff_accounts.ASKED).exists(), (
        "nothing is kept of others"
    )
    assert not Message.objects.exclude(to_address="").exists()
