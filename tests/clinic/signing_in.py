"""What people do at the door of the staff pages: passwords, links that were mailed, codes."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone

from clinic.accounts import second_factor
from clinic.lib import totp
from clinic.mail import outbox
from clinic.models import SecondFactor, User

PASSWORD, NEW = "correct horse battery", "staple of paper clips"
CODE, SET_UP = "/admin/second-factor/code/", "/admin/second-factor/set-up/"


def links_mailed() -> list[str]:
    """The paths in the mails that the worker sends now, oldest first."""
    mail.outbox.clear()
    outbox.run_once(timezone.now())
    return [re.findall(rf"{settings.SITE_URL}(/admin/\S+)", each.body)[0] for each in mail.outbox]


def choose(path: str, password: str = NEW) -> Any:
    """Follow a link in a browser of its own and choose; the page that comes after."""
    client = Client()
    form = client.get(path, follow=True)
    if not form.redirect_chain:
        return form
    given = {"new_password1": password, "new_password2": password}
    return client.post(form.redirect_chain[-1][0], given, follow=True)


def can_sign_in(user: User, password: str = NEW) -> bool:
    given = {"username": user.username, "password": password}
    return Client().post("/admin/login/", given).status_code == 302


def equip(user: User, *, at: datetime | None = None) -> tuple[SecondFactor, list[str]]:
    """A second factor that was set up five minutes before, and its recovery codes."""
    before = (at or timezone.now()) - timedelta(minutes=5)
    secret = totp.new_secret()
    code = totp.code(secret, totp.step_at(before))
    done = second_factor.set_up(user, secret=secret, code=code, at=before)
    assert done
    return done


def now_code(factor: SecondFactor) -> str:
    return totp.code(factor.secret, totp.step_at(timezone.now()))


def sign_in(user: User) -> Client:
    """The first step: the password."""
    client = Client()
    given = {"username": user.username, "password": PASSWORD}
    assert client.post("/admin/login/", given).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200
