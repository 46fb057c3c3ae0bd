"""Whatever is sent to an address of the site, the answer is never an error of ours (500).

The addresses come from the URL configuration, the inputs from a seeded generator. A test client
raises what a view raises, so a failure names its place. EXAMPLES=thorough sends four times as many.
"""

import io
import os
import random
from typing import Any
from urllib.parse import quote, urlencode
from wsgiref.util import setup_testing_defaults

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse
from django.utils import timezone

from bookings.intake import red_flag_gate
from bookings.patient import private_links
from clinic.lib.web.gateway import Gateway
from clinic.models import Clinic
from clinic.site import page_context
from tests.clinic.heavy_pictures import png
from tests.test_endpoints import OWN_ACCOUNT, ROUTES, STAFF, address, site
from tests.whole_site import WholeSite

pytestmark = [pytest.mark.database, pytest.mark.long]

__all__ = ["site"]  # the fixture

THOROUGH = os.environ.get("EXAMPLES") == "thorough"
ROUNDS = 28 if THOROUGH else 7  # requests to each public address and method
STAFF_ROUNDS = 4 if THOROUGH else 1
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"

CHARSETS = ["rot13", "utf-16", "utf-7", "idna", "punycode", "latin-1", "zlib", "undefined"]
CHARSETS += ["utf-32", "unicode_escape", "mbcs", "base64", "x" * 300, "", "utf-8"]
TEXTS = ["", "1", "-1", "0", "9" * 5000, "9" * 25, str(2**63), "١٢", "²", "1e400", "nan", "a\0b"]
TEXTS += ["9999-12-31", "0001-01-01", "9999-12-31T23:59", "0001-01-01T00:00", "2027-02-30", "23:59"]
TEXTS += ["x" * 70_000, "(" * 3000, "[" * 3000, "> " * 3000, "{" * 3000, "../" * 50, "%00", "%ff"]
TEXTS += ["a@b.example", "+16135550199", "dry-needling", "not-sure", "🙂" * 300, "\u202e", "\ud800"]
TEXTS += ["a" * 300 + "@b.example", "٣@٣", "{{ x }}", "' OR 1=1 --", "on", "yes", "no", "email"]
NAME_WORDS = """service practitioner location from asked lines passed place emergency today seen
    emergency today gate website name email phone
    message days parts another do offer text q page part kind tab said sent done code comment
    read p feed o e next username password new_password1 id__exact _popup csrfmiddlewaretoken
    title slug body starts_on ends_on starts_at_0 starts_at_1 first_on last_on start_0
    goes_live_at_0 content csl fields revision article of keep number confirmed all _save action
    _selected_action"""
NAMES = NAME_WORDS.split()
HEADER_WORDS = """Accept Accept-Encoding Accept-Language If-None-Match If-Modified-Since Range
    Cookie X-Forwarded-For X-Forwarded-Proto Origin Referer User-Agent Host X-Requested-With
    Sec-Fetch-Site Authorization X-CSRFToken Content-Encoding"""
HEADERS = HEADER_WORDS.split()
HEADER_VALUES = ["", "*/*", "text/*;q=nan", "a;charset*=rot13''x", "gzip;q=1e999", "W/", '"', ",,,"]
HEADER_VALUES += ["sessionid=%00", "sessionid=\xff; csrftoken=x", "csrftoken=" + "a" * 32, "::1"]
HEADER_VALUES += ["Thu, 99 Nul 99999 99:99:99 GMT", "http://[", "null", "bytes=0-", "same-origin"]
VERBS = ["accept", "decline", "correct", "withdraw", "renew", "note", "code", "comment"]
ZERO = "a\0b"
ENDS = ["\0", "\xff/", "9" * 5000, "%"]  # of a path


class Asker:
    """Makes requests out of a seed, and sends them through the gateway as a server would."""

    def __init__(self, seed: str, site: WholeSite, cookies: str = "") -> None:
        self.random = random.Random(seed)
        self.site, self.cookies = site, cookies
        self.app = Gateway(_django)
        self.values = [*TEXTS, red_flag_gate.new_marker(site.service, at=timezone.now())]
        self.sent = ""

    def pairs(self, *, most: int = 8) -> list[tuple[str, str]]:
        choose = self.random.choice
        pairs = [(choose(NAMES), choose(self.values)) for _ in range(self.random.randint(0, most))]
        if self.random.random() < 0.5:  # so that what a form asks for is tried, too
            pairs += [("do", choose(VERBS)), ("offer", choose(self.values))]
        return pairs

    def body(self) -> tuple[str, bytes]:
        """A content type, and what goes with it or not."""
        choose = self.random.choice
        kind = self.random.randint(0, 5)
        charset = choose(CHARSETS)
        if kind == 0:
            return f"{FORM}; charset={charset}", _encoded(self.pairs())
        if kind == 1:
            disposition = choose(["name", "name*", "NAME"])
            name, value = choose(NAMES), choose(self.values)
            part = f'Content-Disposition: form-data; {disposition}="{name}"'
            part += choose(["", f"; filename*={charset}''%41", '; filename="a"', "; filename=\xff"])
            part += f"\r\nContent-Type: text/plain; charset={charset}"
            part += choose(["", "\r\nContent-Transfer-Encoding: base64"])
            whole = f"--b\r\n{part}\r\n\r\n{value}\r\n--b--\r\n"
            return choose([PARTS, PARTS + f"; charset={charset}"]), _bytes(whole)
        if kind == 2:
            return choose(["application/json", "text/plain", "", ";;;"]), _bytes("[" * 3000)
        if kind == 3:
            return FORM, self.random.randbytes(200)
        if kind == 4:
            return f"{FORM}; charset*={charset}''%41", b"a=1"
        return FORM, _encoded(self.pairs(most=20))

    def ask(self, method: str, path: str) -> int:
        """Send one request; returns its status. Raises what a view raises."""
        choose = self.random.choice
        content_type, body = self.body() if method == "POST" else ("", b"")
        query = choose([_encoded(self.pairs()), b"", self.random.randbytes(20)]).decode("latin-1")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": choose(["127.0.0.1", "::1", "::ffff:127.0.0.1"]),
            "wsgi.input": io.BytesIO(body),
        }
        for _ in range(self.random.randint(0, 3)):
            header = choose(HEADERS).upper().replace("-", "_")
            environ[f"HTTP_{header}"] = choose(HEADER_VALUES)
        if self.cookies:
            environ["HTTP_COOKIE"] = self.cookies
        environ.setdefault("HTTP_HOST", "127.0.0.1")
        self.sent = f"{method} {path}?{query[:300]} {content_type} {body[:600]!r} {environ}"[:3000]
        setup_testing_defaults(environ)
        status = ""

        def start(given: str, headers: Any, exc_info: Any = None) -> Any:
            nonlocal status
            status = given

        answer = self.app(environ, start)
        for _ in answer:
            pass
        if hasattr(answer, "close"):
            answer.close()
        return int(status[:3])


def _django(environ: Any, start_response: Any) -> list[bytes]:
    """Django without its check of CSRF tokens, which would stop most forms."""
    response = ClientHandler(enforce_csrf_checks=False)(environ)
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return []


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _encoded(pairs: list[tuple[str, str]]) -> bytes:
    safe = [(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs]
    return urlencode(safe).encode()


@pytest.fixture(autouse=True)
def _no_locks(settings: Any, monkeypatch: Any) -> None:
    """So that many requests in a row still reach the views."""
    monkeypatch.setattr("clinic.lib.throttle.allow", lambda *_args, **_more: True)


@pytest.mark.sized
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT"])
def test_strangers_cause_no_error(method: str, site: WholeSite, caplog: Any) -> None:
    names = sorted(set(ROUTES) - STAFF | (OWN_ACCOUNT & set(ROUTES)))
    asker, failed = Asker(f"strangers {method}", site), {}
    for name in names:
        path = address(name, site)
        for number in range(ROUNDS if method in ("GET", "POST") else 2):
            where = path if number % 5 else path + asker.random.choice(ENDS)
            if asker.ask(method, where) >= 500 and name != "readyz":
                failed.setdefault(name, asker.sent)
    assert failed == {}, "\n".join(failed.values()) + caplog.text[-3000:]


@pytest.mark.sized
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_staff_cause_no_error(method: str, site: WholeSite, make_user: Any, caplog: Any) -> None:
    client = Client()
    user = make_user("Manager", "Editor", "Receptionist", "Author", username="all")
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    cookies = f"sessionid={client.session.session_key}"
    asker, failed = Asker(f"staff {method}", site, cookies), {}
    for name in sorted(STAFF - OWN_ACCOUNT):
        for _ in range(STAFF_ROUNDS):
            if asker.ask(method, address(name, site)) >= 500:
                failed.setdefault(name, asker.sent)
    assert failed == {}, "\n".join(failed.values()) + caplog.text[-3000:]


@pytest.mark.parametrize("kind", [FORM, PARTS])
def test_a_form_in_another_encoding(kind: str, site: WholeSite) -> None:
    client, wrong = Client(), []
    for charset in [*CHARSETS[:-1], "UTF-8"]:
        given = f"{kind}; charset={charset}"
        for path in ("/book/", private_links.path(site.enquiry), "/admin/login/"):
            answer = client.generic("POST", path, b"service=dry-needling", content_type=given)
            expected = {200, 302, 303, 400, 422} if charset == "UTF-8" else {415}
            if answer.status_code not in expected:
                wrong.append((charset, path, answer.status_code))
    assert wrong == []


@pytest.mark.sized
@pytest.mark.parametrize("path", ["/book/", "/admin/login/"])
def test_odd_headers_of_a_form_whose_token_is_refused(path: str, site: WholeSite) -> None:
    client, wrong = Client(enforce_csrf_checks=True, raise_request_exception=False), []
    for number, header in enumerate(HEADERS):
        for value in HEADER_VALUES if THOROUGH else HEADER_VALUES[number % 4 :: 4]:
            answer = client.post(path, {"service": "dry-needling"}, headers={header: value})
            if answer.status_code >= 500:
                wrong.append((header, value))
    assert wrong == []


def test_an_offer_that_is_no_number(site: WholeSite) -> None:
    offers = ["9" * 5000, "9" * 19, "-1", "١", "²", "1.0", "\0", ""]
    given = [{"do": "accept", "offer": offer} for offer in offers]
    path = private_links.path(site.enquiry)
    assert [Client().post(path, each).status_code for each in given] == [409] * len(offers)


@pytest.mark.parametrize("cookie", ['sessionid="abcdefghijkl\\000"', 'csrftoken="\\000"'])
def test_a_zero_byte_in_a_cookie_is_no_session(cookie: str, db: None) -> None:
    answer = Client().get("/admin/", headers={"Cookie": cookie})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/admin/")


def test_zero_bytes_from_staff(make_user: Any) -> None:
    client = Client()
    client.force_login(make_user("Editor"), "django.contrib.auth.backends.ModelBackend")
    fields = {"fields": '{"body": "a\\u0000b\\ud83d"}'}
    kept = client.post("/admin/articles/article/working-copy/", fields)
    assert kept.json()["fields"] == {"body": "ab"}
    picture = {"image": SimpleUploadedFile("x.png", png(20, 20, colours=2, depth=8)), "alt": "a\0b"}
    assert client.post("/admin/markdownx/upload/", picture).json()["alt"] == "ab"
    sessions = ContentType.objects.get(app_label="sessions").pk
    assert client.get(f"/admin/r/{sessions}/a%00/").status_code == 404


def test_a_zero_byte_is_no_text(site: WholeSite) -> None:
    for path in ("/book/?service=%00", "/search/?q=%00", "/" + quote("a\0b") + "/"):
        assert Client().get(path).status_code in (200, 404), path


EDGES = ["9999-12-31", "0001-01-01", "2200-01-01"]


@pytest.mark.parametrize("day", EDGES)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_staff_may_mistype_a_year(day: str, zone: str, site: WholeSite, client_as: Any) -> None:
    Clinic.objects.update(time_zone=zone)
    page_context.forget()
    desk = client_as("Manager")
    asked = {"practitioner": site.author.pk, "first_on": day, "last_on": day, "text": "We are ill."}
    assert desk.post(reverse("admin:bookings_enquiry_write"), asked).status_code == 422
    notice = {"text": "Closed", "starts_at_0": day, "starts_at_1": "00:00"}
    notice |= {"ends_at_0": day, "ends_at_1": "23:59"}
    for path, given in {
        reverse("admin:clinic_announcement_add"): notice,
        reverse("admin:clinic_closure_add"): {"starts_on": day, "ends_on": day, "reason": "x"},
    }.items():
        answer = desk.post(path, given)
        assert answer.status_code == 200
        assert "Enter a year from 1900 to 2199" in answer.content.decode()


def test_deep_nesting_is_no_working_copy(site: WholeSite, client_as: Any) -> None:
    author = client_as("Editor")
    path = reverse("admin:articles_article_working_copy")
    for fields in ("[" * 100_000, '{"a":' * 100_000):
        answer = author.post(
            path, {"article": site.article.pk, "fields": fields, "revision": "9" * 99}
        )
        assert 400 <= answer.status_code < 500


def test_deep_nesting_is_no_reference(site: WholeSite, client_as: Any) -> None:
    editor = client_as("Editor")
    path = reverse("admin:articles_reference_change", args=[site.references["chys2023"].pk])
    answer = editor.post(path, {"key": "chys2023", "csl": "[" * 100_000})
    assert answer.status_code == 200
    assert "csl" in answer.context["adminform"].form.errors
