"""The first account, colleagues who are invited, and passwords that are lost."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.utils import timezone

from clinic.accounts import roles, staff_accounts
from clinic.accounts.password_reset import ChangeOwnPassword, ChoosePassword
from clinic.admin.accounts import UserAdmin
from clinic.models import Message, User
from tests.at_once import MOST, at_once
from tests.clinic.signing_in import NEW, PASSWORD, can_sign_in, choose, links_mailed, sign_in


@pytest.mark.django_db
def test_the_first_manager_gets_a_password_once() -> None:
    password = staff_accounts.ensure_first_manager()
    assert password
    admin = get_user_model().objects.get()
    assert admin.check_password(password)
    assert admin.username == "admin"
    assert admin.is_staff
    assert not admin.is_superuser
    assert [group.name for group in admin.groups.all()] == ["Manager"]
    assert staff_accounts.ensure_first_manager() is None


@pytest.mark.django_db
def test_a_given_password_is_not_told_again() -> None:
    assert staff_accounts.ensure_first_manager("correct horse battery") is None
    assert get_user_model().objects.get().check_password("correct horse battery")


@pytest.mark.django_db
def test_nobody_is_added_beside_others() -> None:
    get_user_model().objects.create_user("somebody")
    assert staff_accounts.ensure_first_manager() is None
    assert get_user_model().objects.count() == 1


# -- who has no password yet, or lost it ----------------------------------------------------------


def invite(client: Client, email: str = "nuria.soto@larkspur.example", **other: Any) -> Any:
    form = {
        "first_name": "Nuria",
        "last_name": "Soto",
        "email": email,
        "groups": [Group.objects.get(name=roles.EDITOR).pk],
        **other,
    }
    return client.post("/admin/clinic/user/add/", form)


@pytest.mark.django_db
def test_a_colleague_is_invited_and_chooses_a_password(manager_client: Client) -> None:
    page = invite(manager_client)
    nuria = User.objects.get(email="nuria.soto@larkspur.example")
    assert page.headers["Location"] == f"/admin/clinic/user/{nuria.pk}/change/"
    assert nuria.username == "nuria.soto"
    assert nuria.is_staff
    assert [group.name for group in nuria.groups.all()] == [roles.EDITOR]
    panel = manager_client.get(page.headers["Location"]).content.decode()
    assert "Invited" in panel
    assert "The email with the link is waiting to be sent." in panel

    [link] = links_mailed()
    [sent] = mail.outbox
    assert sent.to == ["nuria.soto@larkspur.example"]
    assert "Your username is nuria.soto" in sent.body
    assert link in sent.alternatives[0][0]
    panel = manager_client.get(page.headers["Location"]).content.decode()
    assert "Last email with a link sent:" in panel

    assert "Your password is set" in choose(link).content.decode()
    assert can_sign_in(nuria)
    panel = manager_client.get(page.headers["Location"]).content.decode()
    assert "Active" in panel
    assert "no longer works" in choose(link, PASSWORD).content.decode()
    assert can_sign_in(nuria)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [{"email": ""}, {"email": "nobody"}, {"email": "MARA@larkspur.example"}, {"groups": []}],
)
def test_what_is_wrong_with_an_invitation_is_said(
    wrong: dict[str, Any], manager_client: Client, mara: User
) -> None:
    answer = invite(manager_client, **wrong)
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert not User.objects.filter(first_name="Nuria").exists()
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_user_names_are_made_of_addresses(mara: User) -> None:
    User.objects.create_user("joan")
    User.objects.create_user("joan2")
    assert staff_accounts.free_username("Joan@larkspur.example") == "joan3"
    assert staff_accounts.free_username("o'neil+desk@x.example") == "oneil+desk"
    assert staff_accounts.free_username("“”@x.example") == "staff"


@pytest.mark.django_db(transaction=True)
def test_one_who_is_invited_several_times_at_once_has_one_account(client_as: Any) -> None:
    cookies = client_as(roles.MANAGER).cookies

    def invite_once(_number: int) -> int:
        client = Client()
        client.cookies = cookies
        return invite(client).status_code

    answers = at_once(invite_once)
    assert sorted(answers, key=str) == [200] * (MOST - 1) + [302], answers
    assert get_user_model().objects.filter(email="nuria.soto@larkspur.example").count() == 1


@pytest.mark.django_db
def test_a_second_invitation_ends_the_first(manager_client: Client) -> None:
    invite(manager_client)
    nuria = User.objects.get(first_name="Nuria")
    [first] = links_mailed()
    assert manager_client.get(f"/admin/clinic/user/{nuria.pk}/link/").status_code == 200
    assert links_mailed() == [], "asked first"
    manager_client.post(f"/admin/clinic/user/{nuria.pk}/link/")
    [second] = links_mailed()
    assert "no longer works" in choose(first).content.decode()
    assert "Your password is set" in choose(second).content.decode()


@pytest.mark.django_db
def test_an_invitation_ends_after_three_days(manager_client: Client) -> None:
    invite(manager_client)
    [link] = links_mailed()
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        assert "no longer works" in choose(link).content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=2, hours=23)):
        assert "Your password is set" in choose(link).content.decode()


@pytest.mark.django_db
def test_no_mail_goes_out_once_it_is_not_needed(manager_client: Client) -> None:
    invite(manager_client)
    nuria = User.objects.get(first_name="Nuria")
    nuria.set_password(NEW)
    nuria.save()
    assert links_mailed() == []


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["link", "leave"])
def test_only_managers_look_after_accounts(
    page: str, mara: User, client_as: Callable[[str], Client], manager: User
) -> None:
    path = f"/admin/clinic/user/{mara.pk}/{page}/"
    for role in set(roles.TABLE) - {roles.MANAGER}:
        client = client_as(role)
        assert client.get(path).status_code == client.post(path).status_code == 403
        assert invite(client).status_code == 403
    root = User.objects.create_superuser("root", email="root@larkspur.example")
    client = Client()
    client.force_login(manager, "django.contrib.auth.backends.ModelBackend")
    for other in (root, manager):  # out of reach; oneself
        assert client.post(f"/admin/clinic/user/{other.pk}/{page}/").status_code == 403
    assert not Message.objects.exists()
    assert User.objects.filter(is_active=False).count() == 0


@pytest.mark.django_db
def test_without_an_address_no_link_is_sent(manager_client: Client, author: User) -> None:
    page = manager_client.post(f"/admin/clinic/user/{author.pk}/link/", follow=True)
    assert b"has no email address" in page.content
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_without_an_address_a_manager_sets_the_password(
    manager_client: Client, author: User
) -> None:
    address = f"/admin/clinic/user/{author.pk}/password/"
    page = manager_client.get(address).content.decode()
    assert re.findall(r'<input type="(?:password|radio)" name="(\w+)"', page) == [
        "password1",
        "password2",
    ]
    wrong = manager_client.post(address, {"password1": PASSWORD, "password2": "another"})
    assert "<title>Error: " in wrong.content.decode()
    manager_client.post(address, {"password1": PASSWORD, "password2": PASSWORD})
    author.refresh_from_db()
    assert author.check_password(PASSWORD)


@pytest.mark.django_db
def test_a_forgotten_password(mara: User, client: Client) -> None:
    assert b"/admin/password/forgotten/" in client.get("/admin/login/").content
    answer = client.post("/admin/password/forgotten/", {"email": "Mara@Larkspur.example"})
    [link] = links_mailed()
    assert mail.outbox[0].to == ["mara@larkspur.example"], "as it was written down by the clinic"
    assert can_sign_in(mara, PASSWORD), "until another one is chosen"
    client.post("/admin/password/forgotten/", {"email": mara.email})
    [link] = links_mailed()
    assert "Your password is set" in choose(link).content.decode()
    assert can_sign_in(mara)
    assert not can_sign_in(mara, PASSWORD)
    assert answer.headers["Location"] == "/admin/password/sent/"


@pytest.mark.django_db
def test_the_answer_tells_nobody_whether_there_is_an_account(mara: User) -> None:
    author = User.objects.create_user("gone", email="gone@larkspur.example", is_staff=True)
    User.objects.filter(pk=author.pk).update(is_active=False)
    User.objects.create_user("patient", email="patient@patients.example")
    answers = []
    for email in (
        mara.email,
        "nobody@x.example",
        "gone@larkspur.example",
        "patient@patients.example",
    ):
        answer = Client().post("/admin/password/forgotten/", {"email": email})
        answers.append((answer.status_code, answer.headers["Location"], answer.content))
    assert len(set(answers)) == 1
    assert len(links_mailed()) == 1


@pytest.mark.django_db
def test_links_are_not_mailed_without_end(mara: User, client: Client) -> None:
    answers = {
        client.post("/admin/password/forgotten/", {"email": mara.email}).headers["Location"]
        for _ in range(5)
    }
    assert answers == {"/admin/password/sent/"}
    assert len(links_mailed()) == 3
    for number in range(20):
        client.post("/admin/password/forgotten/", {"email": f"{number}@x.example"})
    User.objects.create_user("ada", email="ada@larkspur.example", is_staff=True)
    client.post("/admin/password/forgotten/", {"email": "ada@larkspur.example"})
    assert links_mailed() == [], "too many from one address"


@pytest.mark.django_db
def test_a_link_lets_nobody_in_who_was_locked_out_or_needs_a_code(
    mara: User, settings: Any, client: Client
) -> None:
    settings.SECOND_FACTOR = "required"
    mara.groups.add(Group.objects.get(name=roles.RECEPTIONIST))
    client.post("/admin/password/forgotten/", {"email": mara.email})
    [link] = links_mailed()
    for _ in range(8):
        can_sign_in(mara, "wrong")
    assert not can_sign_in(mara, PASSWORD), "locked out"
    choose(link)
    given = {"username": mara.username, "password": NEW}
    assert client.post("/admin/login/", given).status_code == 302
    assert client.get("/admin/").headers["Location"].startswith("/admin/second-factor/set-up/")


@pytest.mark.django_db
@pytest.mark.parametrize("view", [ChoosePassword, ChangeOwnPassword])
def test_a_new_password_does_not_reopen_an_account_that_is_closed_at_that_moment(
    view: Any, mara: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_valid = view.form_valid

    def close_first(self: Any, form: Any) -> Any:
        User.objects.filter(pk=mara.pk).update(is_active=False, password="!")
        return form_valid(self, form)

    monkeypatch.setattr(view, "form_valid", close_first)
    if view is ChoosePassword:
        staff_accounts.send_link(mara, by=mara, at=timezone.now())
        assert b"This link no longer works" in choose(links_mailed()[0]).content
    else:
        client = sign_in(mara)
        given = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
        assert client.post("/admin/password_change/", given).status_code == 403
    mara.refresh_from_db()
    assert (mara.is_active, mara.password) == (False, "!")


@pytest.mark.django_db
def test_a_new_name_does_not_reopen_an_account_that_is_closed_at_that_moment(
    mara: User, manager_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_object = UserAdmin.get_object

    def close_after(self: Any, *args: Any, **kwargs: Any) -> Any:
        mara.save()  # open, each time that it is read
        found = get_object(self, *args, **kwargs)
        User.objects.filter(pk=mara.pk).update(is_active=False, password="!")
        return found

    monkeypatch.setattr(UserAdmin, "get_object", close_after)
    given = {"username": mara.username, "first_name": "Mara", "email": mara.email}
    given["groups"] = mara.groups.get().pk
    address = f"/admin/clinic/user/{mara.pk}/change/"
    assert manager_client.post(address, given).status_code == 302
    mara.refresh_from_db()
    assert (mara.first_name, mara.is_active, mara.password) == ("Mara", False, "!")


@pytest.mark.django_db
def test_a_weak_password_is_refused_with_reasons(mara: User, client: Client) -> None:
    client.post("/admin/password/forgotten/", {"email": mara.email})
    [link] = links_mailed()
    page = choose(link, "short")
    assert b"This password is too short" in page.content
    assert can_sign_in(mara, PASSWORD)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["MQ/c0ffee-0123/", "nothing/x-y/", "MQ/set-password/"])
def test_a_forged_link_opens_nothing(path: str, mara: User, client: Client) -> None:
    page = client.get(f"/admin/password/set/{path}")
    assert page.status_code == 200
    assert b"no longer works" in page.content
    assert b"new_password1" not in page.content


@pytest.mark.django_db
def test_nothing_of_a_password_is_shown(manager: User, client: Client) -> None:
    manager.set_password(PASSWORD)
    manager.save()
    client.force_login(manager)
    page = client.get(f"/admin/clinic/user/{manager.pk}/change/").content.decode()
    algorithm, *_rounds, salt, digest = manager.password.split("$")
    assert not [part for part in (algorithm, salt[:6], digest[:6]) if part in page]
    assert "Reset password" in page
