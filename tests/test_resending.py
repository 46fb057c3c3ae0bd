"""A refused token or an ended session costs nobody what they typed."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from bookings.intake import red_flag_gate
from bookings.models import Enquiry
from bookings.patient import private_links
from clinic.models import Clinic, User
from tests.test_endpoints import site
from tests.whole_site import WholeSite

__all__ = ["site"]  # the fixture

MESSAGE = "It began on the stairs, & <it> hurts.\nAt night, too."
OURS = [
    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"},
    {"Origin": "http://testserver"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
]
STRANGERS = [
    {},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://evil.example"},
    {"Origin": "https://testserver"},
    {"Origin": "null"},
    {"Referer": "http://testserver/book/"},
]


@pytest.fixture(autouse=True)
def _hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]


@pytest.fixture
def desk(client_as: Callable[[str], Client]) -> Callable[[str], Client]:
    """A signed-in client whose tokens are checked."""

    def log_in(role: str) -> Client:
        client = client_as(role)
        client.handler.enforce_csrf_checks = True
        client.get("/admin/login/")
        return client

    return log_in


def fields_of(html: str, word: str = "") -> dict[str, list[str]]:
    """What the form that holds this word would send, by name."""
    forms = re.findall(r"<form.*?</form>", html, re.S)
    form = next((form for form in forms if "csrfmiddleware" in form and word in form), "")
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        ticked = attributes.get("type") not in ("radio", "checkbox") or " checked" in tag
        if "name" in attributes and ticked and attributes.get("type") not in ("submit", "file"):
            sent.setdefault(attributes["name"], []).append(unescape(attributes.get("value", "")))
    for name, inner in re.findall(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.findall(r'<option[^>]*?value="([^"]*)"[^>]* selected', inner)
        sent.setdefault(name, []).extend(chosen)
    areas = r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>'
    for name, text in re.findall(areas, form, re.S):
        sent.setdefault(name, []).append(unescape(text))
    return sent


def typed(site: WholeSite) -> dict[str, Any]:
    return {
        "gate": red_flag_gate.new_marker(site.service, at=timezone.now()),
        "service": site.service.slug,
        "name": "Noor Haddad",
        "email": "noor@patients.example",
        "phone": "",
        "contact_by": "email",
        "message": MESSAGE,
        "returning": "no",
        "days": ["0"],
        "parts": ["morning"],
    }


def test_the_cookie_comes_along_from_other_sites(client: Client, db: None) -> None:
    Clinic.objects.update(has_taken_requests=True)  # a form is shown
    assert client.get("/book/").cookies["csrftoken"]["samesite"] == "Lax"


@pytest.mark.parametrize("headers", OURS)
def test_the_booking_form_returns_filled_and_one_press_sends(
    headers: dict[str, str], site: WholeSite
) -> None:
    client = Client(enforce_csrf_checks=True)
    stale = typed(site) | {"csrfmiddlewaretoken": "a" * 64}
    page = client.post("/book/", stale, headers=headers)
    assert page.status_code == 403
    html = page.content.decode()
    assert "has not been sent yet" in html
    assert not Enquiry.objects.filter(name="Noor Haddad").exists()
    again = fields_of(html, "gate")
    assert again["message"] == [MESSAGE]
    assert again["name"] == ["Noor Haddad"]
    answer = client.post("/book/", again, headers=headers)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert Enquiry.objects.get(name="Noor Haddad").message.replace("\r\n", "\n") == MESSAGE


@pytest.mark.parametrize("headers", STRANGERS)
def test_strangers_fill_in_nothing(
    headers: dict[str, str], site: WholeSite, desk: Callable[[str], Client]
) -> None:
    client = desk("Receptionist")
    for path, data in {
        "/book/": typed(site),
        private_links.path(site.enquiry): {"do": "decline", "text": MESSAGE},
        f"/admin/bookings/enquiry/{site.enquiry.pk}/change/": {"do": "note", "note-text": MESSAGE},
    }.items():
        page = client.post(path, data, headers=headers)
        assert page.status_code == 403
        assert "stairs" not in page.content.decode()
        assert "Noor" not in page.content.decode()


def test_the_patients_own_page_returns_filled(site: WholeSite) -> None:
    client, path = Client(enforce_csrf_checks=True), private_links.path(site.enquiry)
    new = {"do": "correct", "name": "M. Ellery-Jones", "phone": "", "email": "mej@patients.example"}
    page = client.post(path, new, headers=OURS[0])
    assert page.status_code == 403
    html = page.content.decode()
    assert "M. Ellery-Jones" in html
    assert "Nothing has been changed yet" in html
    again = fields_of(html, 'name="email"') | {"do": "correct"}
    assert client.post(path, again, headers=OURS[0]).status_code == 302
    assert Enquiry.objects.get(pk=site.enquiry.pk).name == "M. Ellery-Jones"


@pytest.mark.parametrize("verb", ["withdraw", "accept", "decline", "nonsense", ""])
def test_a_refused_token_does_nothing(verb: str, site: WholeSite) -> None:
    client = Client(enforce_csrf_checks=True)
    before = Enquiry.objects.filter(pk=site.enquiry.pk).values().get()
    page = client.post(
        private_links.path(site.enquiry), {"do": verb, "text": MESSAGE}, headers=OURS[0]
    )
    assert page.status_code == 403
    assert "Nothing has been changed yet" in page.content.decode()
    assert Enquiry.objects.filter(pk=site.enquiry.pk).values().get() == before


def test_a_note_of_reception_returns_and_one_press_keeps_it(
    site: WholeSite, desk: Callable[[str], Client]
) -> None:
    client = desk("Receptionist")
    path = f"/admin/bookings/enquiry/{site.enquiry.pk}/change/"
    page = client.post(path, {"do": "note", "note-text": MESSAGE}, headers=OURS[0])
    assert page.status_code == 403
    again = fields_of(page.content.decode(), path)
    assert again["note-text"] == [MESSAGE]
    assert again["do"] == ["note"]
    assert client.post(path, again, headers=OURS[0]).status_code == 302
    assert site.enquiry.events.filter(kind="note").exists()


def test_an_article_returns_and_one_press_saves_it(
    site: WholeSite, desk: Callable[[str], Client]
) -> None:
    client = desk("Editor")
    path = reverse("admin:articles_article_change", args=[site.article.pk])
    sent = fields_of(client.get(path).content.decode(), "article_form")
    assert sent["body"]
    sent["body"], sent["_save"] = [MESSAGE], ["Save"]
    sent["csrfmiddlewaretoken"] = ["a" * 64]
    page = client.post(path, sent, headers=OURS[0])
    assert page.status_code == 403
    again = fields_of(page.content.decode(), path)
    del sent["csrfmiddlewaretoken"]
    assert {name: again[name] for name in sent if sent[name]} == {
        name: values for name, values in sent.items() if values
    }
    client.post(path, again, headers=OURS[0])
    expected = {MESSAGE, MESSAGE.replace("\n", "\r\n")}
    assert Article.objects.get(pk=site.article.pk).body in expected


def test_who_was_signed_out_meanwhile_keeps_the_text(
    site: WholeSite, desk: Callable[[str], Client]
) -> None:
    client = desk("Receptionist")
    path = f"/admin/bookings/enquiry/{site.enquiry.pk}/change/"
    token = fields_of(client.get(path).content.decode())["csrfmiddlewaretoken"]
    session = client.cookies.pop("sessionid")  # in another tab
    sent = {"do": "note", "note-text": MESSAGE, "csrfmiddlewaretoken": token}
    page = client.post(path, sent, headers=OURS[0])
    assert page.status_code == 403
    html = page.content.decode()
    assert "You have been signed out" in html
    assert "Margaret Ellery" not in html
    again = fields_of(html, path)
    assert again["note-text"] == [MESSAGE]
    client.cookies["sessionid"] = session  # signed in again
    assert client.post(path, again, headers=OURS[0]).status_code == 302
    assert site.enquiry.events.filter(kind="note").exists()


def test_a_reply_that_took_longer_than_the_session_is_sent(
    site: WholeSite, desk: Callable[[str], Client]
) -> None:
    """Reception is signed out after two hours: the patient gets the reply all the same."""
    path = f"/admin/bookings/enquiry/{site.enquiry.pk}/change/"
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = desk("Receptionist")
        sent = fields_of(client.get(path).content.decode(), "answer-text")
        clock.shift(timedelta(hours=2))
        sent |= {"do": ["answer"], "answer-text": [MESSAGE]}
        page = client.post(path, sent, headers=OURS[0])
        assert page.status_code == 403
        html = page.content.decode()
        assert "You have been signed out" in html
        assert client.get(path).headers["Location"].startswith("/admin/login/")
        again = fields_of(html, path)
        client.force_login(
            User.objects.get(username="client-receptionist"),
            "django.contrib.auth.backends.ModelBackend",
        )
        answer = client.post(path, again, headers=OURS[0])
        assert answer.status_code == 302, fields_of(answer.content.decode(), "answer-text")
    assert site.enquiry.events.get(kind="answered").text.replace("\r\n", "\n") == MESSAGE


@pytest.mark.parametrize("headers", STRANGERS)
def test_a_stranger_is_asked_to_sign_in(headers: dict[str, str], site: WholeSite) -> None:
    answer = Client().post("/admin/bookings/enquiry/", {"text": MESSAGE}, headers=headers)
    assert answer.status_code == 302


def test_no_password_is_written_into_a_page(db: None) -> None:
    sent = {"username": "admin", "password": "correct horse"}
    page = Client(enforce_csrf_checks=True).post("/admin/login/", sent, headers=OURS[0])
    assert page.status_code == 403
    assert "correct horse" not in page.content.decode()


def test_a_script_gets_the_short_answer(site: WholeSite, desk: Callable[[str], Client]) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    path = "/admin/markdownx/markdownify/"
    page = desk("Editor").post(path, {"content": MESSAGE}, headers=headers)
    assert page.status_code == 403
    assert "stairs" not in page.content.decode()
