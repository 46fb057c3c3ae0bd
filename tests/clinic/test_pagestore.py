"""The page store: what it keeps, for whom, for how long, and what passes through untouched."""

import gzip
import threading
from datetime import UTC, datetime
from wsgiref.util import setup_testing_defaults

import brotli
import pytest
from django.http import HttpResponse
from hypothesis import given
from hypothesis import strategies as st

from clinic.lib.negotiation import (
    declared_pairs,
    host_is_allowed,
    matches,
    preferred_encodings,
)
from clinic.lib.pagestore import LARGEST_BODY, PageStore, declare

PAGE = b"<p>Needling the deep muscles of the back.</p>" * 20


class Site:
    """An app that counts its calls, a store in front of it, and hands on both clocks."""

    def __init__(self, **options):
        self.calls = []
        self.headers = {"X-Store": "", "Content-Type": "text/html; charset=utf-8"}
        self.status = "200 OK"
        self.body = PAGE
        self.closed = 0
        self.version = "1"
        self.reads = 0
        self.now = 1_000.0
        self.ticks = 0.0
        self.store = PageStore(
            self.app,
            version=self.read_version,
            allowed_hosts=["127.0.0.1", ".clinic.example"],
            clock=lambda: self.now,
            monotonic=lambda: self.ticks,
            **options,
        )

    def read_version(self):
        self.reads += 1
        return self.version

    def app(self, environ, start_response):
        self.calls.append(environ["REQUEST_METHOD"])
        headers = {"Content-Length": str(len(self.body)), **self.headers}
        start_response(self.status, [(n, v) for n, v in headers.items() if v is not None])
        return Body(self, [self.body[:5], self.body[5:]])

    def get(self, path="/", query="", method="GET", host="127.0.0.1", **environ):
        environ = {
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": method,
            "HTTP_HOST": host,
            **environ,
        }
        setup_testing_defaults(environ)
        answer = Answer()
        body = self.store(environ, answer.start)
        answer.body = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return answer


class Body(list):
    def __init__(self, site, chunks):
        super().__init__(chunks)
        self.site = site

    def close(self):
        self.site.closed += 1


class Answer:
    def start(self, status, headers, exc_info=None):
        self.status = int(status[:3])
        self.headers = dict(headers)
        assert len(self.headers) == len(headers), "a header twice"

    @property
    def text(self):
        encoding = self.headers.get("Content-Encoding", "identity")
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}
        return unpack[encoding](self.body)


@pytest.fixture
def site():
    return Site()


def test_a_stored_page_does_not_enter_the_app_again(site):
    first, second = site.get(), site.get()
    assert len(site.calls) == 1
    assert first.body == second.body == PAGE
    assert first.headers == second.headers
    assert site.closed == 1


def test_html_is_public_and_revalidated(site):
    headers = site.get().headers
    assert headers["Cache-Control"] == "public, no-cache"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["ETag"].startswith('"')
    assert headers["Content-Length"] == str(len(PAGE))
    assert "X-Store" not in headers


def test_a_cache_control_of_the_view_is_kept(site):
    site.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    assert site.get().headers["Cache-Control"] == "public, max-age=31536000, immutable"
    site.get()
    assert len(site.calls) == 1


@pytest.mark.parametrize("status", ["200 OK", "301 Moved Permanently", "404 Not Found", "410 Gone"])
def test_these_are_stored(site, status):
    site.status = status
    site.headers["Location"] = "/elsewhere/"
    answers = [site.get(), site.get()]
    assert len(site.calls) == 1
    assert {a.status for a in answers} == {int(status[:3])}
    assert {a.headers["Location"] for a in answers} == {"/elsewhere/"}


@pytest.mark.parametrize("status", ["302 Found", "304 Not Modified", "403 Forbidden", "500 Oh"])
def test_other_statuses_pass(site, status):
    site.status = status
    assert site.get().status == site.get().status == int(status[:3])
    assert len(site.calls) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Store": None},
        {"Set-Cookie": "csrftoken=1"},
        {"Content-Length": None},
        {"Content-Encoding": "gzip"},
        {"Cache-Control": "no-store"},
        {"Cache-Control": "private"},
        {"Vary": "Cookie"},
    ],
)
def test_what_must_not_be_shared_passes_untouched(site, headers):
    site.headers |= headers
    answer = site.get()
    site.get()
    assert len(site.calls) == 2
    assert site.closed == 2
    assert answer.body == PAGE
    assert "X-Store" not in answer.headers
    assert "ETag" not in answer.headers
    for name, value in headers.items():
        if value is not None:
            assert answer.headers[name] == value


def test_a_declared_page_that_varies_is_reported(site, caplog):
    site.headers["Vary"] = "Cookie"
    site.get("/fees/")
    assert "/fees/ varies by Cookie: not stored" in caplog.text


def test_a_stream_is_not_read_ahead(site):
    produced = []

    def stream():
        for number in range(3):
            produced.append(number)
            yield b"x"

    def app(environ, start_response):
        start_response("200 OK", [("X-Store", "")])
        return stream()

    site.store.app = app
    environ = {"HTTP_HOST": "127.0.0.1"}
    setup_testing_defaults(environ)
    body = iter(site.store(environ, Answer().start))
    assert produced == []
    next(body)
    assert produced == [0]


def test_a_large_body_passes(site):
    site.body = b"x" * (LARGEST_BODY + 1)
    assert site.get().body == site.get().body == site.body
    assert len(site.calls) == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS"])
def test_other_methods_pass(site, method):
    site.get()
    answer = site.get(method=method)
    assert site.calls == ["GET", method]
    assert "X-Store" not in answer.headers


def test_a_request_with_authorization_is_neither_stored_nor_answered_from_the_store(site):
    site.get(HTTP_AUTHORIZATION="Basic x")
    site.get()
    assert len(site.calls) == 2
    site.get(HTTP_AUTHORIZATION="Basic x")
    assert len(site.calls) == 3


def test_cookies_of_the_visitor_do_not_matter(site):
    site.get(HTTP_COOKIE="sessionid=staff")
    site.get()
    assert len(site.calls) == 1


def test_head_fills_and_uses_the_same_entry(site):
    head = site.get(method="HEAD")
    assert head.body == b""
    assert head.headers["Content-Length"] == str(len(PAGE))
    assert site.get().body == PAGE
    assert site.get(method="HEAD").headers == head.headers
    assert site.calls == ["GET"]


def test_head_of_a_page_that_is_not_stored_has_no_body(site):
    site.headers["X-Store"] = None
    head = site.get(method="HEAD")
    assert head.body == b""
    assert head.headers["Content-Length"] == str(len(PAGE))
    assert site.closed == 1


def test_an_error_of_the_app_reaches_the_server(site):
    def broken(environ, start_response):
        raise RuntimeError("no database")

    site.store.app = broken
    with pytest.raises(RuntimeError, match="no database"):
        site.get()


# -- keys --------------------------------------------------------------------------------------


def test_only_declared_query_names_make_another_page(site):
    site.headers["X-Store"] = "q page"
    for query in ["", "utm_source=x", "page=2", "page=2&fbclid=1", "q=a&page=2", "page=2&q=a"]:
        site.get(query=query)
    assert len(site.calls) == 3


def test_order_and_repetition_of_one_name_count(site):
    site.headers["X-Store"] = "q"
    for query in ["q=a&q=b", "q=b&q=a", "q=b"]:
        site.get(query=query)
    assert len(site.calls) == 3


def test_paths_hosts_and_schemes_are_apart(site):
    site.get("/a/")
    site.get("/b/")
    site.get("/a/", host="www.clinic.example")
    site.get("/a/", **{"wsgi.url_scheme": "https"})
    assert len(site.calls) == 4


def test_a_missing_page_of_a_list_does_not_hide_the_list(site):
    site.status = "404 Not Found"
    assert site.get("/articles/", "page=99").status == 404
    site.status, site.headers["X-Store"] = "200 OK", "page"
    assert site.get("/articles/").status == 200
    assert site.get("/articles/", "page=2").status == 200
    assert site.get("/articles/", "page=99").status == 404
    assert len(site.calls) == 3


def test_a_query_with_very_many_fields_passes(site):
    site.headers["X-Store"] = "q"
    query = "&".join(f"q={n}" for n in range(60))
    site.get(query=query)
    site.get(query=query)
    assert len(site.calls) == 2


@pytest.mark.parametrize("host", ["", "evil.example", "clinic.example.evil.example", "a b", "[::1"])
def test_hosts_that_are_not_ours_are_never_stored(site, host):
    site.get(host=host)
    site.get(host=host)
    assert len(site.calls) == 2


def test_the_scheme_is_told_by_the_proxy_that_is_trusted():
    site = Site(proxy_header=("HTTP_X_FORWARDED_PROTO", "https"))
    site.get(HTTP_X_FORWARDED_PROTO="https")
    site.get(HTTP_X_FORWARDED_PROTO="http")
    site.get()
    assert len(site.calls) == 2


def test_the_word_of_a_proxy_that_is_not_trusted_does_not_count(site):
    site.get(HTTP_X_FORWARDED_PROTO="https")
    site.get()
    assert len(site.calls) == 1


# -- currency ----------------------------------------------------------------------------------


def test_a_new_version_is_followed_within_a_second(site):
    site.get()
    site.version, site.ticks = "2", 0.9
    site.get()
    assert len(site.calls) == 1
    site.ticks = 1.0
    site.get()
    assert len(site.calls) == 2
    assert site.reads == 2


def test_the_version_is_read_once_a_second(site):
    for _ in range(50):
        site.get()
    assert site.reads == 1


def test_many_threads_read_the_version_once(site):
    barrier = threading.Barrier(8)

    def visit():
        barrier.wait()
        site.get()

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert site.reads == 1


def test_without_a_version_nothing_is_stored_or_served(site):
    site.get()
    site.version, site.ticks = None, 1.0
    answer = site.get()
    site.get()
    assert len(site.calls) == 3
    assert "X-Store" not in answer.headers
    site.version, site.ticks = "1", 2.0
    site.get()
    assert len(site.calls) == 4


def test_a_page_made_while_the_version_changed_is_not_kept(site):
    app = site.app

    def slow(environ, start_response):
        site.version, site.ticks = "2", site.ticks + 1
        site.get("/other/")
        return app(environ, start_response)

    site.store.app = lambda e, s: slow(e, s) if e["PATH_INFO"] == "/slow/" else app(e, s)
    assert site.get("/slow/").body == PAGE
    site.store.app = app
    calls = len(site.calls)
    site.get("/slow/")
    assert len(site.calls) == calls + 1


def test_a_page_ends_at_its_moment(site):
    site.headers["X-Store-Until"] = "1060"
    site.get()
    site.now = 1_059.9
    site.get()
    assert len(site.calls) == 1
    site.now = 1_060.0
    assert "X-Store-Until" not in site.get().headers
    assert len(site.calls) == 2
    site.get()
    assert len(site.calls) == 3, "its moment has passed: not stored"


# -- memory ------------------------------------------------------------------------------------


def test_memory_is_bounded_and_the_oldest_goes_first():
    site = Site(max_bytes=80_000)
    for number in range(40):
        site.get("/kept/")
        site.get(f"/{number}/")
        assert site.store.pages.bytes <= 70_000
    calls = len(site.calls)
    assert calls == 41
    site.get("/kept/")
    assert len(site.calls) == calls
    site.get("/0/")
    assert len(site.calls) == calls + 1


def test_a_scan_for_holes_evicts_no_real_page():
    site = Site(max_bytes=200_000)
    site.get("/real/")
    site.status = "404 Not Found"
    for number in range(200):
        site.get(f"/hole-{number}/")
    assert 0 < site.store.absences.bytes <= 25_000
    calls = len(site.calls)
    assert site.get("/real/").status == 200
    assert len(site.calls) == calls


def test_very_long_addresses_are_not_kept(site):
    site.get("/" + "x" * 3000)
    assert len(site.store.pages) == 0


# -- encodings and conditions ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("", None),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("*", "br"),
        ("*;q=0", None),
        ("identity, *;q=0", None),
        ("BR", "br"),
        ("br;q=bad", None),
    ],
)
def test_the_encoding_is_the_one_asked_for(site, accept, encoding):
    site.get()
    answer = site.get(HTTP_ACCEPT_ENCODING=accept)
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.text == PAGE
    assert len(site.calls) == 1


def test_each_encoding_has_its_own_etag(site):
    tags = {site.get(HTTP_ACCEPT_ENCODING=e).headers["ETag"] for e in ("", "gzip", "br")}
    assert len(tags) == 3


def test_pictures_are_not_compressed(site):
    site.headers["Content-Type"] = "image/png"
    assert "Content-Encoding" not in site.get(HTTP_ACCEPT_ENCODING="br").headers


def test_what_the_visitor_has_is_not_sent_again(site):
    site.headers["Content-Security-Policy"] = "default-src 'self'"
    etag = site.get(HTTP_ACCEPT_ENCODING="br").headers["ETag"]
    again = site.get(HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=etag)
    assert again.status == 304
    assert again.body == b""
    assert again.headers["ETag"] == etag
    assert again.headers["Content-Security-Policy"] == "default-src 'self'"
    assert not {"Content-Type", "Content-Length", "Content-Encoding"} & set(again.headers)
    assert site.get(HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=f'"a", W/{etag}').status == 304
    assert site.get(HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=etag).status == 200


def test_the_etag_follows_the_text(site):
    first = site.get().headers["ETag"]
    site.version, site.ticks, site.body = "2", 1.0, PAGE + b"<p>More.</p>"
    assert site.get(HTTP_IF_NONE_MATCH=first).status == 200


def test_a_missing_page_stays_missing_whatever_the_visitor_has(site):
    site.status = "404 Not Found"
    assert site.get(HTTP_IF_NONE_MATCH="*").status == 404


@pytest.mark.parametrize(
    ("header", "expected"),
    [("", False), ("*", True), ('"a"', True), ('W/"a"', True), ('"b", "a"', True), ('"ab"', False)],
)
def test_matches(header, expected):
    assert matches(header, '"a"') is expected


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:8000", True),
        ("clinic.example", True),
        ("www.clinic.example.", True),
        ("notclinic.example", False),
        ("[::1]:8000", False),
        ("clinic.example/path", False),
        ("clinic.example:port", False),
    ],
)
def test_host_is_allowed(host, allowed):
    assert host_is_allowed(host, ["127.0.0.1", ".clinic.example"]) is allowed


@given(st.text(max_size=200))
def test_no_header_is_an_error(text):
    assert set(preferred_encodings(text)) <= {"br", "gzip", "identity"}
    declared_pairs(text, ["q"])
    host_is_allowed(text.lower(), [".clinic.example"])


# -- what views say ----------------------------------------------------------------------------


def test_declare_names_and_moment():
    response = declare(
        HttpResponse("x"), "q", "page", until=datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    )
    assert response["X-Store"] == "q page"
    assert float(response["X-Store-Until"]) == 1772368200.0


def test_declare_without_names():
    response = declare(HttpResponse("x"))
    assert response["X-Store"] == ""
    assert "X-Store-Until" not in response
