"""Who may open what: every address of the site, by person, to read (GET) and to change (POST).

`access.txt` holds the answers, written by hand: a row per address, a column per person. An address
without a row fails, and so do a row without an address and another answer. Forms are sent empty:
what counts is who is let in. No other method reaches a view: tests/clinic/lib/test_gateway.py.
"""

from collections.abc import Iterator
from datetime import time, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client
from django.utils import timezone

from articles.models import Article, ReferenceUpload, SiteImport
from bookings.models import Roster
from clinic import hooks
from clinic.admin_site import StaffAdminSite
from clinic.models import Practitioner, User
from clinic.site import versions
from tests.clinic.every_model import fill_empty_models
from tests.test_endpoints import BY_LINK, MODEL_BACKEND, ROUTES, STAFF, address, site
from tests.whole_site import WholeSite

__all__ = ["site"]  # the fixture

TABLE = Path(__file__).parent / "access.txt"
# An empty form says nothing there: each of many changes has a right of its own.
FORMS = {"admin:bookings_enquiry_change": {"do": "note"}}
# By the head of their column.
ROLES = {
    "none": [],
    "author": ["Author"],
    "review": ["Clinical reviewer"],
    "editor": ["Editor"],
    "desk": ["Receptionist"],
    "treats": ["Practitioner"],
    "manager": ["Manager"],
    "own": ["Author", "Practitioner"],
}
PEOPLE = ["visitor", "account", *ROLES]
# Browsers send the session to the desk alone; elsewhere nobody is anybody, even if it comes.
OUTSIDE = ["visitor", "manager"]
WORDS = {200: "ok", 302: "to", 303: "to", 403: "no", 405: "-"}


def table() -> Iterator[tuple[str, dict[str, str]]]:
    """The rows: an address, and what it answers to each person."""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, *cells = line.split()
            row = dict(zip(PEOPLE if name in STAFF else OUTSIDE, cells, strict=True))
            yield name, {person: cell for person, cell in row.items() if cell != "."}


@pytest.fixture
def people(site: WholeSite, make_user: Any, settings: Any, monkeypatch: Any) -> dict[str, Client]:
    """A client of each person, on a site with a row of everything.

    Sessions are in cookies, an account and its rights are looked up once, and no page is drawn: of
    four thousand requests, each costs a few milliseconds.
    """
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    monkeypatch.setattr("clinic.lib.throttle.allow", lambda *_args, **_more: True)
    monkeypatch.setattr(Template, "render", lambda *_args, **_more: "")
    monkeypatch.setattr(StaffAdminSite, "each_context", lambda *_args: {})  # the navigation
    make_user(username="colleague")  # the first account, which the addresses of accounts name
    users = {name: make_user(*roles, username=name) for name, roles in ROLES.items()}
    users["account"] = User.objects.create_user("patient")
    known: dict[Any, Any] = {str(user.pk): user for user in users.values()}
    monkeypatch.setattr(
        "django.contrib.auth.middleware.auth.get_user",
        lambda request: known.get(request.session.get(SESSION_KEY), AnonymousUser()),
    )
    clients = {}
    for name in PEOPLE:
        clients[name] = Client(raise_request_exception=False)
        if name in users:
            clients[name].force_login(users[name], MODEL_BACKEND)
    fill(site, users["own"])
    return clients


def fill(site: WholeSite, own: User) -> None:
    """Make what addresses name: a row of every model, and a draft, which is first in its list."""
    at = timezone.now()
    Practitioner.objects.filter(pk=site.author.pk).update(user=own)
    roster = Roster.objects.create(practitioner=site.author)
    roster.hours.create(weekday=0, starts=time(9), ends=time(17), location=site.location)
    SiteImport.objects.create(name="old.xml", created_at=at)
    ReferenceUpload.objects.create(
        name="a.bib", content=b"@misc{a, title={A}}", by=own, created_at=at
    )
    for label in hooks.kept:
        for row in apps.get_model(label)._default_manager.all()[:1]:
            versions.record(row, by=None, at=at)
    site.article.invitations.create(practitioner=site.reviewer, invited_at=at)
    fill_empty_models()
    Article.objects.update(updated_at=at - timedelta(days=1))
    Article.objects.create(title="A draft", slug="a-draft", body="x", author=site.author)


def answers(client: Client, path: str, form: dict[str, str] | None = None) -> str:
    """What GET and what POST answer, in a word if it is the same; what they change is undone."""
    cookies, found = SimpleCookie(client.cookies), []
    for method, given in {"get": None, "post": form}.items():
        before = transaction.savepoint()
        answer = getattr(client, method)(path, given)
        transaction.savepoint_rollback(before)
        client.cookies = SimpleCookie(cookies)
        asks_to_sign_in = answer.status_code == 302 and "/admin/login/?" in answer["Location"]
        known = WORDS.get(answer.status_code, str(answer.status_code))
        found.append("in" if asks_to_sign_in else known)
    return found[0] if found[0] == found[1] else "/".join(found)


@pytest.mark.long
def test_every_address_and_person(people: dict[str, Client], site: WholeSite) -> None:
    rows = dict(table())
    assert sorted(set(ROUTES) - set(rows)) == [], "addresses without a row"
    assert sorted(set(rows) - set(ROUTES)) == [], "rows without an address"
    wrong = []
    for name, row in rows.items():
        path, form = address(name, site), FORMS.get(name)
        found = {person: answers(people[person], path, form) for person in row}
        if found != row:
            wrong.append(" ".join([name, *found.values()]))
    assert wrong == [], "rows as they would be:\n" + "\n".join(wrong)


def test_a_secret_in_an_address_opens_nothing_else(site: WholeSite, client: Client) -> None:
    paths = [address(name, site) for name in sorted(BY_LINK)]
    secrets = {path: path.split("/")[-2 if path.endswith("/") else 3] for path in paths}
    secrets = {path: secret.removesuffix(".ics") for path, secret in secrets.items()}
    for path, own in secrets.items():
        assert client.get(path).status_code == 200, path
        for secret in {*secrets.values(), own[:-1], f"{own}A", own.swapcase()} - {own}:
            assert client.get(path.replace(own, secret)).status_code == 404, (path, secret)


def test_no_address_has_two_rows() -> None:
    names = [name for name, _row in table()]
    assert len(names) == len(set(names))
