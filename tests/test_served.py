"""The three set-ups of docs/running.md, really running: odd headers, slow senders, logs."""

import os
import shutil
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email import message_from_bytes, policy
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pytest

from tests import served_site
from tests.clinic.lib.test_counting import FIREFOX
from tests.served_site import FRONTS, PATIENCE, RECEIVE_SECONDS, Served

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="servers are tried once, with SQLite"),
]

ODD_HEADERS = [
    *("SCRIPT_NAME: /x", "Script_Name: /x", "SCRIPT-NAME: /x", "PATH_INFO: /", "PATH-INFO: /"),
    *("REMOTE_USER: manager", "REMOTE-USER: manager", "AUTH_TYPE: Basic", "X-Remote-User: manager"),
    *("X_REMOTE_USER: manager", "REMOTE_ADDR: 127.0.0.1", "HTTP_HOST: evil.example"),
    *("X-Forwarded-Host: evil.example", "X_Forwarded_Host: evil.example", "X-Host: evil.example"),
    *("X-Forwarded-Prefix: /x", "X-Forwarded-Path: /x", "X-Script-Name: /x", "SCRIPT_URL: /x/"),
    *("X-Original-URL: /healthz", "X-Rewrite-URL: /healthz", "X-Original-URI: /healthz"),
    *("REDIRECT_URL: /x/", "REQUEST_URI: /healthz", "QUERY_STRING: q=evil", "PATH_TRANSLATED: /x"),
    *("X-Forwarded-Proto: gopher", "X_Forwarded_Proto: http", "X-Forwarded-Protocol: ssl"),
    *("X-Forwarded-Ssl: on", "X-Url-Scheme: http", "Front-End-Https: on", "X-Forwarded-Port: 1"),
    *("Forwarded: host=evil.example;proto=http", "X-Forwarded-For: 127.0.0.1", "X-Real-IP: ::1"),
    *("X-HTTP-Method-Override: POST", "X-Method-Override: DELETE", "REQUEST_METHOD: POST"),
    *("wsgi.url_scheme: https", "wsgi_url_scheme: https", "SERVER_NAME: evil.example"),
    *("Proxy: http://evil.example", "Authorization: Basic bWFuYWdlcjp4", "X-Sendfile: /etc/passwd"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: Any) -> tuple[Path, dict[str, str]]:
    """The folder of the data, and the secrets in it."""
    data = tmp_path_factory.mktemp("site") / "data"
    return data, served_site.prepare(data)


@pytest.fixture(scope="module", params=FRONTS)
def served(request: Any, site: Any, tmp_path_factory: Any) -> Iterator[Served]:
    if not served_site.is_there(request.param):
        pytest.skip(f"{request.param} is not installed: apt-get install {request.param}")
    server = Served(request.param, tmp_path_factory.mktemp(request.param) / "front", site[0])
    try:
        server.start()
        yield server
    finally:
        server.stop()


# -- headers --------------------------------------------------------------------------------------


def test_no_header_opens_the_desk_to_a_password_alone(served: Served, site: Any) -> None:
    """Somebody with the password, but not the second factor, asks for the inbox."""
    cookie = "; ".join(f"{n}={site[1]['session']}" for n in ("sessionid", "__Secure-sessionid"))
    assert "/admin/second-factor/" in served.get("/admin/", f"Cookie: {cookie}")[1]
    opened = []
    for header in ["X-Nothing: 1", *ODD_HEADERS]:
        for path in ("/admin/bookings/enquiry/", "/x/admin/bookings/enquiry/"):
            status, _, body = served.get(path, header, f"Cookie: {cookie}")
            if status not in (301, 302, 400, 404) or "Margaret Ellery" in body:
                opened.append((header, path, status))
    assert opened == []


def test_no_header_changes_a_page_for_everybody(served: Served) -> None:
    # Pages that are not stored yet, asked for as if they were the home page of a site elsewhere.
    moved = {"/services/": "Dry needling", "/practitioners/": "Ines Okafor", "/articles/": "Knees"}
    for path, words in moved.items():
        for name in ("SCRIPT_NAME", "SCRIPT-NAME", "SCRIPT_URL"):
            served.get(path, f"{name}: {path.rstrip('/')}")
        status, _, body = served.get(path)
        assert (status, words in body, f"{path[:-1]}{path}" in body) == (200, True, False), path
    changed = []
    plain = served.get("/services/dry-needling/")[2]
    missing = {served.get(f"/plain-{number}/")[2] for number in range(3)}
    assert len(missing) == 1
    for number, header in enumerate(ODD_HEADERS):
        status, head, body = served.get("/services/dry-needling/", header)
        if body != plain and not (status == 400 and "evil.example" not in head + body):
            changed.append((header, status))
        # Never asked for before, so the header reaches the view.
        status, head, body = served.get(f"/nothing-{number}/", header)
        if status != 400 and ("evil.example" in head or {body} != missing):
            changed.append((header, status))
    assert changed == []
    assert served.get("/services/dry-needling/")[2] == plain


# -- slow senders ---------------------------------------------------------------------------------


def test_a_hundred_trickling_forms_stop_nobody(served: Served) -> None:
    form = ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 5000"]
    head = served.head("POST", "/book/", *form)
    senders = [served.connect() for _ in range(100)]
    for sender in senders:
        sender.sendall(head + b"service=")
    waited = []
    for number in range(18):
        for sender in senders:
            try:
                sender.sendall(b"a")
            except OSError:
                continue  # given up by the other side
        before = time.monotonic()
        path = ("/", "/book/", f"/search/?q={number}")[number % 3]
        assert served.get(path)[0] == 200
        waited.append(time.monotonic() - before)
    # One after another, a hundred would keep eight threads for half a minute.
    assert max(waited) < 20, waited
    # A form that arrives whole is taken meanwhile.
    assert served.post("/book/", "service=dry-needling")[0] in (200, 302, 403)
    if served.front != "nginx":  # nginx holds them itself and sends none on
        until = time.monotonic() + PATIENCE
        while any(map(_is_waited_for, senders)):
            assert time.monotonic() < until, "slow senders are waited for"
            time.sleep(0.1)
    for sender in senders:
        sender.close()


def _is_waited_for(sender: Any) -> bool:
    """Whether the other side has neither answered nor closed."""
    sender.settimeout(0.01)
    try:
        sender.recv(1)
    except TimeoutError:
        return True
    except OSError:
        return False
    return False


def test_slow_headers_and_silent_connections_stop_nobody(served: Served) -> None:
    silent = [served.connect() for _ in range(40)]
    slow = [served.connect() for _ in range(40)]
    for sender in slow:
        sender.sendall(b"POST /book/ HTTP/1.1\r\nHo")
    for path in ("/", "/book/", "/services/"):
        before = time.monotonic()
        assert served.get(path)[0] == 200
        assert time.monotonic() - before < 5
    for sender in [*silent, *slow]:
        sender.close()


def test_a_body_that_is_cut_off_is_no_form(served: Served) -> None:
    form = ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 5000"]
    with served.connect() as sender:
        sender.sendall(served.head("POST", "/book/", *form) + b"service=dry-needling")
        sender.settimeout(RECEIVE_SECONDS + 10)
        try:
            answer = sender.recv(4096)
        except OSError:
            answer = b""
    # nginx closes the connection without an answer.
    assert answer.startswith(b"HTTP/1.1 408") or (served.front == "nginx" and not answer), answer


# -- logs -----------------------------------------------------------------------------------------


def test_private_links_are_in_no_log_and_no_email(served: Served, site: Any) -> None:
    data, secrets = site
    for path in (secrets["request"], secrets["preview"]):
        assert served.get(path)[0] == 200
        assert served.post(path, "do=withdraw")[0] in (403, 405)
        served.post(path, "a=1", "Content-Type: text/plain; charset=rot13")
        served.get(f"{path}?fail")
        served.get(f"{path}?crash")
        served.get(path.replace("/", "%2F").replace("%2F", "/", 1) + "?crash")
        served.get(path, "Transfer-Encoding: odd")
        served.get(f"{path}{'x' * 9000}")
    served.get("/admin/password/set/MQ/CanaryOfAPassword-1/")
    # Until the lines are there: a crash is written last of all.
    for _ in range(600):
        if "crashed" in served.log:
            break
        time.sleep(0.1)
    log = served.log
    assert "/book/r/…/ crashed" in log
    assert "/book/r/…/ failed" in log
    for secret in (secrets["request"].split("/")[3], secrets["preview"].split("/")[2]):
        assert secret not in log
        # Nor a piece of it: masking must not end at a sign that a token may hold.
        assert secret[-12:] not in log
    assert "CanaryOfAPassword" not in log
    emails = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in (data / "mail").glob("*.eml")
    ]
    reports = [mail for mail in emails if "failed" in mail.get_body().get_content()]
    assert reports
    for mail in reports:
        text = str(mail["Subject"]) + mail.get_body().get_content()
        assert secrets["request"].split("/")[3] not in text


@pytest.mark.parametrize("front", ["nginx", "caddy"])
def test_a_proxy_writes_no_private_link_while_the_website_is_down(
    front: str, tmp_path: Path
) -> None:
    if not served_site.is_there(front):
        pytest.skip(f"{front} is not installed: apt-get install {front}")
    server = Served(front, tmp_path / "front", tmp_path)
    server.start_front()
    try:
        for _ in range(300):
            try:
                status = server.get("/book/r/CanaryOfALink-1/")[0]
                break
            except OSError:
                time.sleep(0.1)
        assert status == 502
        cut_off(server, "/book/r/CanaryOfALink-2/")
        if front == "nginx":  # on a full disk, nothing can be kept there
            shutil.rmtree(server.folder / "client_body")
            (server.folder / "client_body").touch()
            assert server.post("/book/r/CanaryOfALink-3/", "x" * 40_000)[0] == 500
        time.sleep(0.3)
        assert "CanaryOfALink" not in server.log
    finally:
        server.stop()


def cut_off(server: Served, path: str) -> None:
    """Ask for this page of a website that ends in the middle of its answer, as in a restart."""

    def answer() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(4096)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with socket.create_server(("127.0.0.1", server.website)) as listener:
        thread = Thread(target=answer)
        thread.start()
        with suppress(OSError):
            server.get(path)
        thread.join()


# -- what is read ---------------------------------------------------------------------------------

PERSON = f"User-Agent: {FIREFOX}"
ROBOT = "User-Agent: Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
NEEDLING = "/services/dry-needling/"
REPLAYED = int(os.environ.get("REPLAYED", "200"))
# What was asked, how often of 100 requests, and what it counts as.
LOG: list[tuple[str, str, list[str], int, str]] = [
    ("GET", "/", [PERSON], 25, "view /"),
    ("GET", "/?utm_source=newsletter", [PERSON], 5, "view /"),
    ("GET", NEEDLING, [PERSON], 20, f"view {NEEDLING}"),
    ("GET", NEEDLING, [PERSON, "If-None-Match: *"], 5, f"view {NEEDLING}"),
    ("GET", "/articles/", [PERSON, "Sec-Fetch-Dest: document"], 5, "view /articles/"),
    ("GET", "/search/?q=stairs", [PERSON], 5, "search "),
    ("GET", "/book/", [PERSON, f"Referer: {{origin}}{NEEDLING}"], 5, f"started {NEEDLING}"),
    ("GET", "/", [ROBOT], 5, ""),
    ("GET", "/", ["Accept: */*"], 5, ""),
    ("HEAD", "/", [PERSON], 5, ""),
    ("GET", "/articles/", [PERSON, "Sec-Purpose: prefetch;prerender"], 5, ""),
    ("GET", "{request}", [PERSON], 5, ""),
    ("GET", "/nothing-here/", [PERSON], 5, ""),
]


def test_a_replayed_log_equals_the_counts_of_two_processes(site: Any, tmp_path: Path) -> None:
    data, secrets = site
    server = Served("bare", tmp_path / "front", data)
    requests = [line for line in LOG for _ in range(line[3] * REPLAYED // 100)]
    Random(17).shuffle(requests)

    def send(line: tuple[str, str, list[str], int, str]) -> int:
        method, path, headers, _share, _counts_as = line
        headers = [header.format(origin=server.origin) for header in headers]
        return server.send(server.head(method, path.format_map(secrets), *headers))[0]

    try:
        server.start()
        with ThreadPoolExecutor(8) as senders:
            statuses = Counter(senders.map(send, requests))
    finally:
        server.stop()  # what was not written yet is written now
    assert set(statuses) == {200, 304, 404}, server.log
    with sqlite3.connect(data / "db.sqlite3") as database:
        found = database.execute("SELECT what, path, number FROM clinic_dailycount").fetchall()
    expected = Counter(line[4] for line in requests if line[4])
    assert {f"{what} {path}": number for what, path, number in found} == expected
