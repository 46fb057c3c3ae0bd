"""The desk's forms name the state that they showed: a stale one undoes nobody's work."""

import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from articles.models import Topic
from bookings.models import AnswerTemplate
from clinic.admin import account_actions, stale
from clinic.admin.stale import NamesState
from clinic.models import (
    Announcement,
    Closure,
    Location,
    Message,
    Practitioner,
    Redirect,
    SecondFactor,
    Service,
    User,
)

pytestmark = pytest.mark.django_db


class Fields(HTMLParser):
    """What the largest form of a page would send."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = [{}]
        self.select = self.textarea = ""
        self.feed(html)

    @property
    def sent(self) -> dict[str, list[str]]:
        return max(self.forms, key=len)

    def _add(self, name: str, value: str) -> None:
        self.forms[-1].setdefault(name, []).append(value)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        kind = given.get("type") or "text"
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and name and kind not in {"submit", "file", "button"}:
            if kind not in {"checkbox", "radio"} or "checked" in given:
                self._add(name, value or ("on" if kind == "checkbox" else ""))
        elif tag == "select":
            self.select = name
        elif tag == "option" and "selected" in given:
            self._add(self.select, value)
        elif tag == "textarea":
            self.textarea = name
            self._add(name, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.textarea = ""

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.forms[-1][self.textarea][-1] += data


def _form(client: Client, address: str) -> dict[str, list[str]]:
    response = client.get(address)
    assert response.status_code == 200, address
    sent = Fields(response.content.decode()).sent
    # The first line break of a textarea is the page's.
    return {name: [value.removeprefix("\n") for value in sent[name]] for name in sent}


@pytest.fixture
def mine(client_as: Callable[[str], Client]) -> Client:
    return client_as("Manager")


@pytest.fixture
def colleague(make_user: Any) -> Client:
    client = Client()
    user = make_user("Manager", "Editor", username="rosa")
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def things(db: None) -> dict[str, Any]:
    """One of each kind that the desk edits by a form of the admin."""
    at = timezone.now()
    location = Location.objects.create(
        name="Millbrook", slug="millbrook", street="14 Mill Lane", city="Millbrook"
    )
    location.periods.create(weekday=0, opens="08:00", closes="18:00")
    service = Service.objects.create(name="Needling", slug="needling", summary="A thin needle.")
    service.locations.add(location)
    person = Practitioner.objects.create(name="Ines Okafor", slug="ines", role="Physiotherapist")
    person.credentials.create(kind="degree", name="State licence")
    account = User.objects.create_user("joan", first_name="Joan", is_staff=True)
    return {
        "location": location,
        "service": service,
        "practitioner": person,
        "user": account,
        "clinic": None,
        "closure": Closure.objects.create(reason="Easter", starts_on=at, ends_on=at),
        "announcement": Announcement.objects.create(
            text="Closed.", starts_at=at, ends_at=at + timedelta(days=1)
        ),
        "redirect": Redirect.objects.create(path="/old/", to_path="/services/", created_at=at),
        "answertemplate": AnswerTemplate.objects.create(title="Letter", text="Bring it."),
        "topic": Topic.objects.create(name="Knee", slug="knee", hint="Knees", order=1),
    }


APPS = {"answertemplate": "bookings", "topic": "articles"}
# For each kind two fields: what a colleague changes, and what I do, with the values.
CHANGES = {
    "location": ({"city": "Sandford"}, {"street": "1 New Road"}),
    "service": ({"summary": "A new summary."}, {"price_text": "80 per visit"}),
    "practitioner": ({"role": "Spine specialist"}, {"languages": "English, Igbo"}),
    "user": ({"first_name": "Joanna"}, {"last_name": "Reed"}),
    "clinic": ({"headline": "Move again"}, {"legal_name": "Larkspur Ltd"}),
    "closure": ({"reason": "Spring"}, {"ends_on": "2099-01-01"}),
    "announcement": ({"text": "Open again."}, {"url": "/services/"}),
    "redirect": ({"to_path": "/articles/"}, {"path": "/older/"}),
    "answertemplate": ({"text": "Bring the letter."}, {"title": "The letter"}),
    "topic": ({"hint": "Kneecaps"}, {"introduction": "About knees."}),
}


def _address(kind: str, thing: Any) -> str:
    return f"/admin/{APPS.get(kind, 'clinic')}/{kind}/{thing.pk if thing else 1}/change/"


@pytest.mark.parametrize("kind", CHANGES)
def test_a_stale_form_is_refused_with_what_changed(
    kind: str, things: dict[str, Any], mine: Client, colleague: Client
) -> None:
    client, other = mine, colleague
    if kind == "topic":
        mine.force_login(
            User.objects.get(username="rosa"), "django.contrib.auth.backends.ModelBackend"
        )
    address = _address(kind, things[kind])
    theirs, my_change = CHANGES[kind]
    shown = _form(client, address)
    again = {name: f"{value} " for name, value in my_change.items()}
    assert other.post(address, _form(other, address) | theirs).status_code == 302
    refused = client.post(address, shown | again)
    assert refused.status_code == 200
    text = refused.content.decode()
    assert "Someone else changed this after you opened it." in text
    assert " by rosa." in text
    for value in theirs.values():
        assert f"saved now: {value}" in text
    # What they saved stands, and what I typed is in the form, which now names the new state.
    kept = _form(other, address)
    assert {name: [value] for name, value in theirs.items()}.items() <= kept.items()
    sent = Fields(text).sent
    for name, value in again.items():
        assert value.strip() in sent[name][0]
    knowing = {name: [each.removeprefix("\n") for each in sent[name]] for name in sent}
    assert client.post(address, knowing).status_code == 302


def test_related_rows_count_too(things: dict[str, Any], mine: Client, colleague: Client) -> None:
    address = _address("location", things["location"])
    shown = _form(mine, address)
    others = _form(colleague, address) | {"periods-0-closes": ["12:00"]}
    assert colleague.post(address, others).status_code == 302
    refused = mine.post(address, shown | {"city": "Sandford"})
    assert "the list has changed" in refused.content.decode()
    assert things["location"].periods.get().closes.hour == 12


def test_what_did_not_change_is_no_hindrance(
    things: dict[str, Any], mine: Client, colleague: Client
) -> None:
    """Signing in, opening a form, and rows of other things."""
    address = _address("user", things["user"])
    shown = _form(mine, address)
    User.objects.filter(pk=things["user"].pk).update(last_login=timezone.now())
    colleague.get(address)
    assert mine.post(address, shown | {"last_name": "Reed"}).status_code == 302


def test_a_mistake_does_not_hide_what_changed(
    things: dict[str, Any], mine: Client, colleague: Client
) -> None:
    address = _address("service", things["service"])
    shown = _form(mine, address)
    wrong = mine.post(address, shown | {"slug": "not a slug"})
    sent = Fields(wrong.content.decode()).sent
    assert sent["seen"] == shown["seen"]
    assert colleague.post(address, shown | {"summary": "Theirs."}).status_code == 302
    refused = mine.post(address, shown | {"seen": sent["seen"], "name": "Dry needling"})
    assert "saved now: Theirs." in refused.content.decode()


@pytest.mark.parametrize("kind", ["service", "practitioner", "closure", "answertemplate"])
def test_nothing_is_deleted_that_changed_since(
    kind: str, things: dict[str, Any], mine: Client, colleague: Client
) -> None:
    address = _address(kind, things[kind])
    delete = address.replace("/change/", "/delete/")
    asked = _form(mine, delete)
    assert colleague.post(address, _form(colleague, address) | CHANGES[kind][0]).status_code == 302
    refused = mine.post(delete, asked, follow=True)
    assert "so nothing was done" in refused.content.decode()
    assert type(things[kind]).objects.filter(pk=things[kind].pk).exists()
    assert mine.post(delete, _form(mine, delete)).status_code == 302
    assert not type(things[kind]).objects.filter(pk=things[kind].pk).exists()


def test_a_selection_is_deleted_as_it_was_shown(
    things: dict[str, Any], mine: Client, colleague: Client
) -> None:
    listed = "/admin/clinic/service/"
    action = {"action": "delete_selected", "_selected_action": [str(things["service"].pk)]}
    page = mine.post(listed, action).content.decode()
    asked = Fields(page).sent
    address = _address("service", things["service"])
    assert colleague.post(address, _form(colleague, address) | {"name": "Kept"}).status_code == 302
    refused = mine.post(listed, asked)
    assert "so nothing was deleted" in refused.content.decode()
    assert Service.objects.filter(name="Kept").exists()
    assert mine.post(listed, Fields(refused.content.decode()).sent).status_code == 302
    assert not Service.objects.exists()


def test_every_form_that_saves_names_the_state() -> None:
    """Those that only show need not; requests have their timeline (tests/bookings)."""
    own = {"Enquiry"}
    looked_at = {"Message", "Missing", "EmptySearch", "Edition", "Tally", "DailyCount", "Group"}
    looked_at |= {"SecurityEvent"}
    looked_at |= {"AccessAttempt", "AccessLog", "AccessFailureLog"}  # failures to sign in
    without = {
        model.__name__
        for model, model_admin in admin.site._registry.items()
        if not isinstance(model_admin, NamesState)
    }
    assert without <= own | looked_at


def test_a_value_that_cannot_be_read_is_stale(things: dict[str, Any], mine: Client) -> None:
    address = _address("service", things["service"])
    for seen in ("", "x", "name:", ":::", "name:1 name:2"):
        refused = mine.post(address, _form(mine, address) | {"seen": seen, "name": "New"})
        assert refused.status_code == 200
        assert re.search("Someone else changed this", refused.content.decode())


# -- accounts: the pages that ask -----------------------------------------------------------------

ACCOUNT_VERBS = ("link", "leave", "second-factor")


def _factor(user: User) -> None:
    SecondFactor.objects.create(user=user, secret="x", last_step=1, made_at=timezone.now())


def _by_colleague(change: str, user: User, client: Client) -> None:
    page = f"/admin/clinic/user/{user.pk}/"
    match change:
        case "address":
            form = _form(client, f"{page}change/") | {"email": "other@larkspur.example"}
            assert client.post(f"{page}change/", form).status_code == 302
        case "roles":
            roles = [str(Group.objects.get(name="Author").pk)]
            form = _form(client, f"{page}change/") | {"groups": roles}
            assert client.post(f"{page}change/", form).status_code == 302
        case "leave":
            assert client.post(f"{page}leave/", _form(client, f"{page}leave/")).status_code == 302
        case "second-factor":
            assert client.post(f"{page}second-factor/").status_code == 302
        case "new factor":
            SecondFactor.objects.filter(user=user).delete()
            _factor(user)


@pytest.mark.parametrize("change", ["address", "roles", "leave", "second-factor", "new factor"])
@pytest.mark.parametrize("verb", ACCOUNT_VERBS)
def test_nothing_is_done_to_an_account_that_changed_since(
    verb: str, change: str, mine: Client, colleague: Client
) -> None:
    user = User.objects.create_user(
        "joan", email="joan@larkspur.example", password="a long password", is_staff=True
    )
    _factor(user)
    page = f"/admin/clinic/user/{user.pk}/{verb}/"
    asked = _form(mine, page)
    _by_colleague(change, user, colleague)
    user.refresh_from_db()
    before = (stale.digest(user), list(SecondFactor.objects.values_list("pk")))
    mails = Message.objects.count()
    refused = mine.post(page, asked, follow=True)
    assert "so nothing was done" in refused.content.decode()
    user.refresh_from_db()
    assert (stale.digest(user), list(SecondFactor.objects.values_list("pk"))) == before
    assert Message.objects.count() == mails
    # Asked again, it names the account as it is.
    assert Fields(refused.content.decode()).sent["seen"] != asked["seen"]


def test_a_change_between_the_look_and_the_act_is_noticed(
    things: dict[str, Any], mine: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague is done after the view has read the row, before anything has its lock."""
    user = User.objects.create_user(
        "ada", email="ada@larkspur.example", password="a long password", is_staff=True
    )
    _factor(user)
    numbers = iter(range(100))

    def colleague(row: Any) -> Any:
        name = {"email": f"ada{next(numbers)}@larkspur.example"}
        values = name if isinstance(row, User) else {"name": f"Theirs {next(numbers)}"}
        type(row)._base_manager.filter(pk=row.pk).update(**values)
        return row

    found = account_actions.colleague_for
    for verb in ACCOUNT_VERBS:
        page = f"/admin/clinic/user/{user.pk}/{verb}/"
        asked = _form(mine, page)
        with monkeypatch.context() as patch:
            patch.setattr(account_actions, "colleague_for", lambda *a: colleague(found(*a)))
            refused = mine.post(page, asked)
        refused = mine.get(page) if refused.status_code == 302 else refused
        assert "so nothing was done" in refused.content.decode(), verb
        user.refresh_from_db()
        assert user.is_active
        assert user.has_usable_password()
        assert SecondFactor.objects.filter(user=user).exists()
        assert not Message.objects.filter(object_id=user.pk, kind__startswith="account").exists()

    service = things["service"]
    page = f"/admin/clinic/service/{service.pk}/delete/"
    asked = _form(mine, page)
    model_admin = admin.site.get_model_admin(type(service))
    read = model_admin.get_object
    with monkeypatch.context() as patch:
        patch.setattr(model_admin, "get_object", lambda *a, **k: colleague(read(*a, **k)))
        refused = mine.post(page, asked, follow=True)
    assert "so nothing was done" in refused.content.decode()
    assert type(service).objects.filter(pk=service.pk).exists()
