"""The second factor: who needs one, what is closed until it is shown, and setting it up."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinic.accounts import roles, second_factor
from clinic.lib import totp
from clinic.lib.database import rows
from clinic.middleware import SecondFactor as Middleware
from clinic.models import Clinic, RecoveryCode, SecondFactor, User
from clinic.operations.backups import backup
from clinic.site import page_context
from tests.clinic.signing_in import CODE, PASSWORD, SET_UP, equip, is_in, sign_in
from tests.test_endpoints import ROUTES, STAFF, address
from tests.whole_site import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.SECOND_FACTOR = ""


# -- who needs one --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (roles.AUTHOR, False),
        (roles.REVIEWER, False),
        (roles.EDITOR, False),
        (roles.RECEPTIONIST, True),
        (roles.PRACTITIONER, True),
        (roles.MANAGER, True),
    ],
)
def test_every_role_that_sees_enquiries(role: str, expected: bool, make_user: Any) -> None:
    assert second_factor.is_required(make_user(role)) is expected


@pytest.mark.parametrize(
    ("setting", "is_demo", "expected"),
    [
        ("", False, True),
        ("", True, False),
        ("required", True, True),
        ("optional", False, False),
    ],
)
def test_the_setting_and_the_demo(
    setting: str, is_demo: bool, expected: bool, joan: User, settings: Any
) -> None:
    settings.SECOND_FACTOR = setting
    Clinic.objects.update(is_demo=is_demo)
    page_context.forget()
    assert second_factor.is_required(joan) is expected


def test_who_needs_none_signs_in_as_ever(author: User) -> None:
    author.set_password(PASSWORD)
    author.save()
    assert is_in(sign_in(author))


def test_who_need_not_have_one_may_and_is_asked_for_it(author: User) -> None:
    author.set_password(PASSWORD)
    author.save()
    equip(author)
    client = sign_in(author)
    assert client.get("/admin/").headers["Location"] == f"{CODE}?next=/admin/"


# -- between password and code, nothing is open ---------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("has_factor", [False, True], ids=["none set up", "not shown"])
def test_no_address_of_staff_is_open_before_the_second_step(
    has_factor: bool, method: str, manager: User
) -> None:
    site = build(timezone.now())
    if has_factor:
        equip(manager)
    client = Client()
    client.force_login(manager, "django.contrib.auth.backends.ModelBackend")
    leads_to = CODE if has_factor else SET_UP
    open_to_them = {}
    for name in STAFF - Middleware.OPEN:
        path = address(name, site)
        answer = getattr(client, method)(path, headers={"Accept": "application/json"})
        came_for = path if method == "get" else "/admin/"
        if answer.status_code != 302 or answer["Location"] != f"{leads_to}?next={came_for}":
            open_to_them[name] = answer.status_code
    assert open_to_them == {}
    assert set(ROUTES) >= Middleware.OPEN


def test_the_page_between_shows_nothing_of_the_desk(joan: User) -> None:
    build(timezone.now())
    client = sign_in(joan)
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain[-1][0].startswith(SET_UP)
    assert 'id="desk-navigation"' not in page.content.decode()
    equip(joan)
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain[-1][0].startswith(CODE)
    assert 'id="desk-navigation"' not in page.content.decode()


def test_a_role_that_is_given_later_asks_for_it_at_once(author: User, make_user: Any) -> None:
    client = Client()
    client.force_login(author, "django.contrib.auth.backends.ModelBackend")
    assert is_in(client)
    author.groups.add(make_user(roles.RECEPTIONIST).groups.get())
    assert client.get("/admin/").headers["Location"].startswith(SET_UP)


def test_the_end_of_the_demo_asks_for_it_at_once(joan: User) -> None:
    Clinic.objects.update(is_demo=True)
    page_context.forget()
    client = sign_in(joan)
    assert is_in(client)
    Clinic.objects.update(is_demo=False)
    page_context.forget()
    assert client.get("/admin/").headers["Location"].startswith(SET_UP)


# -- setting it up --------------------------------------------------------------------------------


def picture_of(client: Client) -> tuple[str, str]:
    """The signed picture and the secret of a page that was just opened."""
    context = client.get(SET_UP).context
    return context["picture"], context["secret"].replace(" ", "")


def test_it_is_set_up_by_its_first_code(joan: User) -> None:
    client = sign_in(joan)
    picture, secret = picture_of(client)
    code = totp.code(secret, totp.step_at(timezone.now()))
    answer = client.post(
        SET_UP, {"picture": picture, "code": f"{code[:3]} {code[3:]}", "next": "/admin/setup/"}
    )
    codes = re.findall(r"<code>([0-9a-z]{5}-[0-9a-z]{5})</code>", answer.content.decode())
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert 'href="/admin/setup/"' in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert is_in(client)
    factor = SecondFactor.objects.get(user=joan)
    assert not second_factor.accepts(factor, code, at=timezone.now()), "used to set it up"
    assert second_factor.accepts(factor, codes[0], at=timezone.now())


def test_a_wrong_first_code_keeps_the_picture_and_sets_nothing_up(joan: User) -> None:
    client = sign_in(joan)
    picture, secret = picture_of(client)
    wrong = str((int(totp.code(secret, totp.step_at(timezone.now()))) + 1) % 10**6).zfill(6)
    answer = client.post(SET_UP, {"picture": picture, "code": wrong})
    assert b"That code is wrong or has expired" in answer.content
    assert answer.context["secret"].replace(" ", "") == secret
    assert not SecondFactor.objects.exists()
    assert not is_in(client)


def test_a_picture_is_for_one_person_and_one_hour(joan: User, manager: User) -> None:
    other = Client()
    other.force_login(manager, "django.contrib.auth.backends.ModelBackend")
    picture, secret = picture_of(other)
    client = sign_in(joan)
    code = totp.code(secret, totp.step_at(timezone.now()))
    for given in (picture, "", "forged:picture"):
        answer = client.post(SET_UP, {"picture": given, "code": code})
        assert b"This QR code has expired" in answer.content
        assert answer.context["secret"].replace(" ", "") != secret
    mine, secret = picture_of(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        code = totp.code(secret, totp.step_at(timezone.now()))
        answer = client.post(SET_UP, {"picture": mine, "code": code})
        assert b"This QR code has expired" in answer.content
    assert not SecondFactor.objects.exists()


def test_nobody_sets_up_a_second_one_beside_the_first(joan: User) -> None:
    client = sign_in(joan)
    picture, secret = picture_of(client)
    equip(joan)
    code = totp.code(secret, totp.step_at(timezone.now()))
    for answer in (
        client.get(SET_UP),
        client.post(SET_UP, {"picture": picture, "code": code}),
    ):
        assert answer.status_code == 302
    assert second_factor.set_up(joan, secret=secret, code=code, at=timezone.now()) is None
    assert SecondFactor.objects.get(user=joan).secret != secret


def test_what_is_kept_tells_no_code(joan: User) -> None:
    factor, codes = equip(joan)
    stored = ""
    for model in (SecondFactor, RecoveryCode):
        out = io.BytesIO()
        rows.write(model, out)
        stored += out.getvalue().decode()
    assert factor.secret not in stored
    assert not [code for code in codes if code in stored or code.replace("-", "") in stored]
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM clinic_secondfactor")
        assert cursor.fetchone()[0].startswith("gAAAA")  # a Fernet token


def test_a_backup_carries_it() -> None:
    assert {SecondFactor, RecoveryCode} <= set(backup.carried())


# -- by the view, not by the path -----------------------------------------------------------------


def test_a_view_that_asks_who_it_is_hears_nobody_at_any_path(
    joan: User, settings: Any, monkeypatch: Any
) -> None:
    """The session is sent to /admin/ only, but what decides is the view, wherever it is."""
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    from clinic.urls import urlpatterns

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"inbox of {request.user}")

    class Urls:
        pass

    Urls.urlpatterns = [path("elsewhere/", view), *urlpatterns]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = Urls
    client = sign_in(joan)
    answer = client.get("/elsewhere/")
    assert answer.headers["Location"] == f"{SET_UP}?next=/elsewhere/"
    assert b"inbox" not in answer.content


def test_a_script_name_opens_nothing(joan: User) -> None:
    client = sign_in(joan)
    answer = client.get("/x/admin/bookings/enquiry/", SCRIPT_NAME="/x")
    assert answer.status_code == 404
    answer = client.get("/admin/bookings/enquiry/", SCRIPT_NAME="/x")
    assert answer.headers["Location"].startswith(SET_UP)
