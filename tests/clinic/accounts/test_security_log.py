"""The security log that managers read, and the email about a sign-in in a new browser."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client

from bookings.models import Enquiry
from clinic.accounts import roles, security_log
from clinic.mail import outbox
from clinic.models import SecurityEvent, User
from clinic.operations import leftovers
from tests.clinic.signing_in import CODE, NEW, PASSWORD, equip, now_code, sign_in
from tests.whole_site import build

AT = datetime(2027, 3, 15, 14, 10, tzinfo=UTC)
LOG = "/admin/clinic/securityevent/"
PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1) Version/18.1 Safari/604.1"}
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


def lines() -> list[tuple[str, str]]:
    return list(SecurityEvent.objects.order_by("id").values_list("kind", "note"))


def mails() -> list[Any]:
    mail.outbox.clear()
    outbox.run_once(AT)
    return [each.subject for each in mail.outbox]


# -- the log --------------------------------------------------------------------------------------


def test_what_happens_to_an_account_is_in_it(mina: User, mara: User) -> None:
    client = sign_in(mina)
    pks = dict(Group.objects.values_list("name", "pk"))
    [was] = mara.groups.values_list("name", flat=True)
    form = {"username": mara.username, "first_name": "", "last_name": "", "email": mara.email}
    client.post(f"/admin/clinic/user/{mara.pk}/change/", form | {"groups": [pks["Author"]]})
    client.post(f"/admin/clinic/user/{mara.pk}/link/")
    own = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    client.post("/admin/password_change/", own)
    equip(mara)
    sign_in(mara)
    client.post(f"/admin/clinic/user/{mara.pk}/sessions/", {"all": "1"})
    client.post(f"/admin/clinic/user/{mara.pk}/second-factor/")
    client.post(f"/admin/clinic/user/{mara.pk}/leave/")
    assert [line for line in lines() if line != ("account", "Changed")] == [
        ("signed-in", "Unknown browser"),
        ("roles", f"Author (before: {was})"),
        ("account", "Password link sent"),
        ("password", "Changed"),
        ("factor", "Turned on"),
        ("sessions", "1 session"),
        ("factor", "Turned off because it was lost"),
        ("account", "Closed"),
    ]
    last = SecurityEvent.objects.latest("id")
    assert (last.account, last.by, last.at) == (mara, mina, AT)


def test_who_exports_and_erases_is_in_it_but_not_whose_data(mina: User) -> None:
    site = build(AT)
    client = sign_in(mina)
    path = f"/admin/bookings/enquiry/{site.enquiry.pk}"
    client.post("/admin/bookings/enquiry/export/")
    chosen = re.findall(
        r'name="chosen" value="([^"]+)"', client.get(f"{path}/person/").content.decode()
    )
    assert client.post(f"{path}/person/", {"chosen": chosen}).status_code == 200
    client.post(f"{path}/erase-person/", {"chosen": chosen, "number": site.enquiry.number})
    assert not Enquiry.objects.filter(pk=site.enquiry.pk).exists()
    assert lines()[1:] == [
        ("exported", "All requests"),
        ("exported", "1 request"),
        ("erased", "1 request"),
    ]


def test_failed_sign_ins_are_counted_by_the_hour(mara: User, clock: Any) -> None:
    factor, _codes = equip(mara)
    for name in (mara.username, "nobody-at-all", "nobody-at-all"):
        Client().post("/admin/login/", {"username": name, "password": "wrong"})
    client = sign_in(mara)
    client.post(CODE, {"code": "000000"})
    clock.shift(timedelta(hours=1))
    Client().post("/admin/login/", {"username": mara.username, "password": "wrong"})
    failed = SecurityEvent.objects.filter(kind="failed").order_by("at")
    hours = [AT.replace(minute=0), AT.replace(hour=15, minute=0)]
    assert list(failed.values_list("at", "number", "account", "note")) == [
        (hours[0], 4, None, ""),
        (hours[1], 1, None, ""),
    ]
    assert factor.user == mara


@pytest.mark.parametrize("role", roles.TABLE)
def test_managers_read_it_and_nobody_changes_it(role: str, make_user: Any, mara: User) -> None:
    client = Client()
    client.force_login(
        make_user(role, username="somebody"), "django.contrib.auth.backends.ModelBackend"
    )
    security_log.write("roles", "x", at=AT, account=mara, note="Editor")
    security_log.count_failure(at=AT)
    event = SecurityEvent.objects.get(kind="roles")
    page = client.get(LOG)
    if role != roles.MANAGER:
        assert page.status_code == 403
        return
    html = page.content.decode()
    assert "Editor" in html
    assert "1 failed sign-in" in html
    filtered = client.get(f"{LOG}?kind__exact=roles&account__id__exact={mara.pk}").content.decode()
    assert "1 failed sign-in" not in filtered
    assert "Editor" in filtered
    for verb in ("delete/", "change/"):
        client.post(f"{LOG}{event.pk}/{verb}", {"post": "yes", "note": "Nothing"})
    assert client.get(f"{LOG}add/").status_code == 403
    event.refresh_from_db()
    assert event.note == "Editor"


def test_it_is_kept_for_180_days(mara: User) -> None:
    security_log.write("roles", "x", at=AT, account=mara)
    leftovers.forget(AT + security_log.KEPT)
    assert SecurityEvent.objects.exists()
    leftovers.forget(AT + security_log.KEPT + timedelta(seconds=1))
    assert not SecurityEvent.objects.exists()


# -- a new browser --------------------------------------------------------------------------------


def test_the_owner_hears_of_a_sign_in_in_a_new_browser(mara: User) -> None:
    at_desk = Client()
    given = {"username": mara.username, "password": PASSWORD}
    at_desk.post("/admin/login/", given)
    assert mails() == [], "the first sign-in of an account"
    at_desk.post("/admin/logout/")
    at_desk.post("/admin/login/", given)
    assert mails() == [], "known"
    Client(headers=PHONE).post("/admin/login/", given)
    assert mails() == ["New sign-in to your account"]
    sent: Any = mail.outbox[0]
    assert sent.to == [mara.email]
    for text in (sent.body, sent.alternatives[0][0]):
        assert mara.username in text
        assert "Mar 15, 2027" in text
        assert "Safari on iPhone" in text
        assert "/admin/password/forgotten/" in text
        assert "127.0.0.1" not in text.replace("http://127.0.0.1", "")


def test_with_two_steps_it_is_the_second_that_signs_in(mara: User, clock: Any) -> None:
    factor, _codes = equip(mara)
    User.objects.update(last_login=AT - timedelta(days=1))
    client = sign_in(mara)
    mails()
    assert lines() == [("factor", "Turned on")]
    client.post(CODE, {"code": now_code(factor)})
    assert mails() == ["New sign-in to your account"]
    assert lines()[1:] == [("signed-in", "Unknown browser")]
